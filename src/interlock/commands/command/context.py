"""The context and options of `command`."""

from __future__ import annotations

from dataclasses import dataclass, field

from interlock.domain.access.event import Event
from interlock.ports.git import Repository
from interlock.ports.github import GitHub
from interlock.ports.ledger import Ledger
from interlock.services import snapshots
from interlock.services.best_effort import Attempts


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandContext:
    """`attempts` collects a reaction that failed: it is optional."""

    repository: Repository
    ledger: Ledger
    github: GitHub
    reader: snapshots.Reader = field(default_factory=snapshots.Reader)
    attempts: Attempts = field(default_factory=Attempts)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandOptions:
    """`now` is ISO 8601; `run_url` is the URL of the workflow run, "" without one; `branch` is the
    default branch, and its models and policy count."""

    event: Event
    now: str
    run_url: str = ""
    branch: str = "main"
