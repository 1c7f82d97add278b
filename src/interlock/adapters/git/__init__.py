"""Git, through the git program; the only room that starts it for the product."""

from interlock.adapters.git.repository import GitRepository, open_repository

__all__ = ["GitRepository", "open_repository"]
