"""A student's side: check."""
