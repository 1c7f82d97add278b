"""Whether an event that the sandbox writes fits GitHub's schema of that event; makes none."""

from __future__ import annotations

import json
from typing import Any

import jsonschema

from tests.contract import github_events
from tests.contract.openapi_tape import RecordedEvent


def complaints(event: RecordedEvent) -> list[str]:
    """Say where a payload is not as GitHub's schema of its event and action has it."""
    payload = json.loads(event.payload)
    if event.action != payload.get("action", ""):
        return [f"its action is {payload.get('action')!r}"]
    if event.name == "schedule":
        # It starts workflows and is no webhook: GitHub describes nothing of it but the cron line.
        return [] if list(payload) == ["schedule"] else ["a tick says which schedule, and no more"]
    try:
        validator = github_events.validator(event.name, event.action)
    except StopIteration:
        return ["GitHub has no such event"]
    return [_sentence(error) for error in validator.iter_errors(_as_of_the_schemas(payload))]


def _as_of_the_schemas(payload: dict[str, Any]) -> dict[str, Any]:
    """A team's `type` is newer than the schemas, which allow nothing that they do not name; the
    description of the REST API demands it."""
    value = (payload.get("pull_request") or {}).get("requested_teams", [])
    for team in [*value, payload.get("requested_team", {})]:
        team.pop("type", None)
    return payload


def _sentence(error: jsonschema.ValidationError) -> str:
    return f"{'/'.join(map(str, error.absolute_path))}: {error.message[:400]}"
