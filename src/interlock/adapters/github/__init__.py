"""Uses GitHub's REST API, through PyGithub; no other package does."""

from interlock.adapters.github.adapter import PyGithubAdapter
from interlock.adapters.github.retry import RetryPolicy

__all__ = ["PyGithubAdapter", "RetryPolicy"]
