"""Makes Outcomes: the only rooms where student code runs. `runner` is the door; the rest is behind it."""
