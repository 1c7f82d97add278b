"""Find the workflow files that an event starts: `on:` as GitHub reads it.

https://docs.github.com/actions/reference/workflow-syntax-for-github-actions#on
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

import github_sandbox

_DEFAULT_TYPES = {"pull_request": ("opened", "synchronize", "reopened")}


@dataclass(frozen=True, slots=True)
class WorkflowRun:
    """One run of one workflow file; `succeeded` if every job succeeded."""

    workflow: Path
    event: str
    succeeded: bool
    output: str


def started(folder: Path, event: github_sandbox.Event) -> tuple[Path, ...]:
    """Return the workflow files of a folder that an event starts, sorted by name."""
    files = sorted([*folder.glob("*.yml"), *folder.glob("*.yaml")])
    workflow = event.payload.get("workflow") if event.name == "workflow_dispatch" else None
    named = [file for file in files if workflow in (None, f".github/workflows/{file.name}")]
    return tuple(file for file in named if _starts(_read(file), event))


def _read(file: Path) -> Mapping[str, Any]:
    document = yaml.safe_load(file.read_text(encoding="utf-8"))
    # YAML 1.1 reads the key `on` as true.
    events = document.get(True, document.get("on", {}))
    if isinstance(events, str):
        return {events: None}
    if isinstance(events, list):
        return dict.fromkeys(events)
    return dict(events)


def _starts(events: Mapping[str, Any], event: github_sandbox.Event) -> bool:
    if event.name not in events:
        return False
    if event.name == "schedule":
        return any(each["cron"] == event.payload["schedule"] for each in events["schedule"])
    filters = events[event.name] or {}
    types = filters.get("types", _DEFAULT_TYPES.get(event.name))
    if types is not None and event.action not in types:
        return False
    if (
        event.name == "workflow_run"
        and event.payload["workflow"]["name"] not in filters["workflows"]
    ):
        return False
    branches = filters.get("branches")
    return branches is None or event.payload.get("ref") in {f"refs/heads/{b}" for b in branches}


def ended(run: WorkflowRun, event: github_sandbox.Event) -> github_sandbox.Event:
    """Return GitHub's event for the end of a run, with the fields that the workflows read.

    https://docs.github.com/webhooks/webhook-events-and-payloads#workflow_run
    """
    pull = event.payload.get("pull_request") or {}
    head = pull.get("head") or {"sha": event.payload.get("after", "0" * 40), "ref": "main"}
    repository, sender = (event.payload.get(name, {}) for name in ("repository", "sender"))
    name = yaml.safe_load(run.workflow.read_text(encoding="utf-8"))["name"]
    about = {
        "id": 1,
        "name": name,
        "event": run.event,
        "status": "completed",
        "conclusion": "success" if run.succeeded else "failure",
        "head_sha": head["sha"],
        "head_branch": head["ref"],
        "head_repository": head.get("repo", repository),
        "actor": sender,
    }
    payload = {
        "action": "completed",
        "workflow": {"name": name},
        "workflow_run": about,
        "repository": repository,
        "sender": sender,
    }
    return github_sandbox.Event("workflow_run", "completed", payload, event.repository, False)
