"""Grade exercises on multidimensional derivatives: confined, proven, and with the name of the mistake."""

__version__ = "0.1.0"
