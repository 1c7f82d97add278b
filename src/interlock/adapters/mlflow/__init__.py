"""The only module that imports MLflow: runs and the registry over one client."""
