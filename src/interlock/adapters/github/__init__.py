"""GitHub's REST API, through PyGithub; the only room that speaks to it."""

from interlock.adapters.github.adapter import PyGithubAdapter
from interlock.adapters.github.retry import RetryPolicy

__all__ = ["PyGithubAdapter", "RetryPolicy"]
