"""Chooses manifests for the DVC pipelines of a repository that does not use Interlock yet."""
