"""A GitHub on loopback: REST API, real Git, events, and a page to look at."""

from github_sandbox.errors import SandboxError
from github_sandbox.events import Event
from github_sandbox.faults import Fault, RandomFaults
from github_sandbox.sandbox import Sandbox

__all__ = ["Event", "Fault", "RandomFaults", "Sandbox", "SandboxError"]
