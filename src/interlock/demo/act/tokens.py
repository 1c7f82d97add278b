"""What each job's token may: GitHub's rule of permissions, which act does not know.

Every job of every workflow file gets a token of its own with the scopes that the job declares and
its caller grants, and none beside: who asks for more is refused by the sandbox.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

import github_sandbox
from github_sandbox.access import SCOPES

BOT = "github-actions"
_TOKEN = re.compile(r"\bgithub\.token\b")
_OURS = re.compile(r"^acme/interlock/(\.github/workflows/[\w-]+\.yml)@v1$")
Scopes = Mapping[str, str]


def variable(workflow: str, job: str) -> str:
    """Name of the variable that holds a job's token."""
    return "TOKEN_" + re.sub(r"\W", "_", f"{Path(workflow).stem}__{job}")


def rewrite(document: Mapping[str, Any], *, workflow: str) -> dict[str, Any]:
    """Return a workflow in which each job speaks of its own token."""
    jobs = {name: _replace(job, variable(workflow, name)) for name, job in document["jobs"].items()}
    return {**document, "jobs": jobs}


def _replace(value: Any, name: str) -> Any:
    if isinstance(value, str):
        return _TOKEN.sub(f"env.{name}", value)
    if isinstance(value, Mapping):
        return {key: _replace(each, name) for key, each in value.items()}
    if isinstance(value, list):
        return [_replace(each, name) for each in value]
    return value


def create(
    hub: github_sandbox.Sandbox, source: Path, workflow: Path, *, event: github_sandbox.Event
) -> dict[str, str]:
    """Return a token for every job that a workflow can start, by the variable that holds it."""
    ceiling = dict.fromkeys(SCOPES, "read" if _is_from_fork(event) else "write")
    return {
        name: hub.create_token(BOT, scopes=scopes, bot=True)
        for name, scopes in _granted(source, workflow, ceiling)
    }


def _granted(source: Path, workflow: Path, ceiling: Scopes) -> Iterator[tuple[str, Scopes]]:
    document = yaml.safe_load(workflow.read_text(encoding="utf-8"))
    default = document.get("permissions")
    for name, job in document["jobs"].items():
        scopes = least(job.get("permissions", default), ceiling)
        called = _OURS.match(str(job.get("uses", "")))
        if called:
            yield from _granted(source, source / called[1], scopes)
        else:
            yield variable(workflow.name, name), scopes


def least(asked: Any, ceiling: Scopes) -> Scopes:
    """Return what a job has: what it asks for, as far as its caller has it; nothing said is all."""
    if asked is None:
        return ceiling
    if not isinstance(asked, Mapping):
        asked = dict.fromkeys(SCOPES, str(asked).removesuffix("-all"))
    order = ("none", "read", "write")
    wanted = {name.replace("-", "_"): level for name, level in asked.items()}
    return {
        scope: min(wanted.get(scope, "none"), ceiling.get(scope, "none"), key=order.index)
        for scope in SCOPES
    }


def _is_from_fork(event: github_sandbox.Event) -> bool:
    head = (event.payload.get("pull_request") or {}).get("head", {"repo": {"full_name": ""}})
    own = event.payload.get("repository", {}).get("full_name")
    of_change = event.name.startswith("pull_request")
    return of_change and (head["repo"] or {}).get("full_name") != own
