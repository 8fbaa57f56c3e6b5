"""Makes the files that an LMS takes back: marks in the teacher's own export, feedback under the LMS's own names."""
