"""A local GitHub for tests and demos: REST API, Git over HTTP, events and pages."""

from github_sandbox.errors import SandboxError
from github_sandbox.events import Event
from github_sandbox.faults import Fault, RandomFaults
from github_sandbox.oidc import JobAccess, WorkflowJob
from github_sandbox.sandbox import Sandbox
from github_sandbox.starter import RunningSandbox, start

__all__ = [
    "Event",
    "Fault",
    "JobAccess",
    "RandomFaults",
    "RunningSandbox",
    "Sandbox",
    "SandboxError",
    "WorkflowJob",
    "start",
]
