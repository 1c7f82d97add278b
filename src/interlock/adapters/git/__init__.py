"""Runs Git through the git program; no other package of the product starts it."""

from interlock.adapters.git.repository import GitRepository, open_repository

__all__ = ["GitRepository", "open_repository"]
