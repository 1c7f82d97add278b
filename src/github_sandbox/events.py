"""Events with the payload of GitHub's webhooks."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from github_sandbox.state import Json

_ALWAYS_RUN = ("workflow_dispatch", "repository_dispatch")
# Their runs use the merge commit of a pull request.
OF_CHANGE = ("pull_request", "pull_request_review", "pull_request_review_comment")
_DEPENDABOT = "dependabot[bot]"


@dataclass(frozen=True, slots=True)
class Event:
    """One event of one repository; `action` is "" for events without one (push)."""

    name: str
    action: str
    payload: Json
    repository: str
    actor_is_bot: bool

    @property
    def starts_workflows(self) -> bool:
        """True if GitHub starts workflows for it.

        An event caused by the token of a workflow starts none, except a dispatch. A pull request
        with conflicts has no merge commit, so it starts none.
        """
        if self.name in _ALWAYS_RUN:
            return True
        if self.name == "pull_request" and self.action not in ("closed", "labeled", "unlabeled"):
            return not self.actor_is_bot and self.payload["pull_request"]["mergeable"] is not False
        return not self.actor_is_bot

    @property
    def is_restricted(self) -> bool:
        """True if GitHub gives its runs a read-only token, no secrets and no ID token.

        These are changes of forks, also of deleted ones, and changes and pushes of Dependabot.
        """
        if self.name in OF_CHANGE:
            head = self.payload["pull_request"]["head"]["repo"]
            if head is None or head["full_name"] != self.repository:
                return True
        sender = self.payload.get("sender") or {}
        return self.name in (*OF_CHANGE, "push") and sender.get("login") == _DEPENDABOT


Listener = Callable[[Event], None]


def write_event(folder: Path, event: Event, *, number: int) -> Path:
    """Write the payload to NNNNNN-<name>.json in one step."""
    path = folder / f"{number:06d}-{event.name}.json"
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(event.payload, indent=2) + "\n")
    draft.replace(path)
    return path
