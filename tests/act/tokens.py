"""The permissions of each job's token, by GitHub's rules, which act does not apply.

Every job gets its own token with the scopes that the job declares and its caller grants. The
sandbox refuses every other request.
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
    """Return the name of the variable with a job's token."""
    return "TOKEN_" + re.sub(r"\W", "_", f"{Path(workflow).stem}__{job}")


def rewrite(document: Mapping[str, Any], *, workflow: str) -> dict[str, Any]:
    """Return a workflow in which each job uses its own token."""
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
    """Create a token for every job that a workflow can start; return them by variable."""
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


def least(declared: Any, ceiling: Scopes) -> Scopes:
    """Return a job's scopes: declared and granted by its caller; no declaration means all."""
    if declared is None:
        return ceiling
    if not isinstance(declared, Mapping):
        declared = dict.fromkeys(SCOPES, str(declared).removesuffix("-all"))
    order = ("none", "read", "write")
    wanted = {name.replace("-", "_"): level for name, level in declared.items()}
    return {
        scope: min(wanted.get(scope, "none"), ceiling.get(scope, "none"), key=order.index)
        for scope in SCOPES
    }


def _is_from_fork(event: github_sandbox.Event) -> bool:
    head = (event.payload.get("pull_request") or {}).get("head", {"repo": {"full_name": ""}})
    own = event.payload.get("repository", {}).get("full_name")
    of_change = event.name.startswith("pull_request")
    return of_change and (head["repo"] or {}).get("full_name") != own
