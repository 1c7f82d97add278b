"""The example models, run as their owners run them: with Python, DVC and Git, never with us."""
