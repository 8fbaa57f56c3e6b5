"""Makes Grades: compare holds an outcome against the key, diagnose names the mistake, judge gives points."""
