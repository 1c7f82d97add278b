"""A GitHub on loopback: REST API, real Git, events, and a page to look at; imports only errors."""

from interlock.sandbox.events import Event
from interlock.sandbox.faults import Fault, Storm
from interlock.sandbox.hub import Sandbox

__all__ = ["Event", "Fault", "Sandbox", "Storm"]
