"""The only door to MLflow: runs and the registry over one client; no policy may enter."""
