"""What happened, in the shape of a webhook; who listens is not known here."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from github_sandbox.state import Json

_ALWAYS_RUN = ("workflow_dispatch", "repository_dispatch")


@dataclass(frozen=True, slots=True)
class Event:
    """One event of one repository; `action` is "" for events that have none (push)."""

    name: str
    action: str
    payload: Json
    repository: str
    actor_is_bot: bool

    @property
    def starts_workflows(self) -> bool:
        """Whether GitHub would start workflows for it.

        What a workflow's own token did starts none, dispatches excepted; a pull request that
        conflicts has no merge commit to run on.
        """
        if self.name in _ALWAYS_RUN:
            return True
        if self.name == "pull_request" and self.action not in ("closed", "labeled", "unlabeled"):
            return not self.actor_is_bot and self.payload["pull_request"]["mergeable"] is not False
        return not self.actor_is_bot


Listener = Callable[[Event], None]


def write_event(folder: Path, event: Event, *, number: int) -> Path:
    """Write the payload to NNNNNN-<name>.json, whole or not at all."""
    path = folder / f"{number:06d}-{event.name}.json"
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(event.payload, indent=2) + "\n")
    draft.replace(path)
    return path
