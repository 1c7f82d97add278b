"""Uses GitHub's REST API, through PyGithub; no other package does."""

from interlock.services import later_modules

# PyGithub signs tokens of GitHub Apps with one, and encrypts secrets with the other.
with later_modules.postponed("jwt", "nacl"):
    from interlock.adapters.github.adapter import PyGithubAdapter
    from interlock.adapters.github.retry import RetryPolicy

__all__ = ["PyGithubAdapter", "RetryPolicy"]
