"""The demo: twelve steps with real Git, DVC and MLflow, and a local GitHub server."""
