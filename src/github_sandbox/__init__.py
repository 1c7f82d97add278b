"""A GitHub on loopback: REST API, real Git, events, and a page to look at."""

from github_sandbox.accounts_and_repositories import Sandbox
from github_sandbox.errors import SandboxError
from github_sandbox.events import Event
from github_sandbox.faults import Fault, Storm

__all__ = ["Event", "Fault", "Sandbox", "SandboxError", "Storm"]
