"""Interlock: GitOps for machine learning on GitHub."""
