"""Makes Submissions from what lies on disk."""
