"""Git: a bare repository and its values; no pull requests and no HTTP."""

from github_sandbox.git.objects import SHA, ZERO, Commit, Entry, File, Person
from github_sandbox.git.process import GitFailed, environment
from github_sandbox.git.repository import GitRepository

__all__ = [
    "SHA",
    "ZERO",
    "Commit",
    "Entry",
    "File",
    "GitFailed",
    "GitRepository",
    "Person",
    "environment",
]
