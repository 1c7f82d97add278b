"""`evaluate`: candidates of a revision, or files; each has its own module."""
