"""The permissions of every job that a workflow can start, by GitHub's rules.

https://docs.github.com/actions/reference/workflows-and-actions/reusing-workflow-configurations
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from github_sandbox.access import SCOPES
from interlock import errors

_OURS = re.compile(r"^acme/interlock/(\.github/workflows/[\w-]+\.yml)@(v1|[0-9a-f]{40})$")
_LEVELS = ("none", "read", "write")
ID_TOKEN = "id_token"
_ALL = (*SCOPES, ID_TOKEN)
EVERYTHING: Mapping[str, str] = dict.fromkeys(_ALL, "write")
Scopes = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantedJob:
    """A job and its permissions; `called` is its file in acme/interlock, or "" (the caller), and
    `ref` the version of the file."""

    called: str
    ref: str
    name: str
    scopes: Scopes


def version(source: Path, ref: str) -> Path:
    """Return the folder of a version of acme/interlock: `v1`, or a commit below it."""
    return source if ref == "v1" else source / "versions" / ref


def jobs(source: Path, workflow: Path) -> list[GrantedJob]:
    """Return the jobs of a workflow and of all files of acme/interlock that it calls, at any depth.

    Raises BadInput for a workflow that GitHub refuses, or that calls a job with two permissions.
    """
    # Only a declaration gives `id-token`: without one, a workflow has all other permissions.
    inherited = {**EVERYTHING, ID_TOKEN: "none"}
    every: dict[tuple[str, str], GrantedJob] = {}
    for job in _walk(source, workflow, called=("", ""), inherited=inherited, most=EVERYTHING):
        known = every.setdefault((job.called, job.name), job)
        if known != job:
            what = "permissions" if known.ref == job.ref else "versions"
            raise errors.BadInput(f"{job.called} is called with two {what} for {job.name}")
    return list(every.values())


def _walk(
    source: Path, workflow: Path, *, called: tuple[str, str], inherited: Scopes, most: Scopes
) -> Iterator[GrantedJob]:
    document = yaml.safe_load(workflow.read_text(encoding="utf-8"))
    for name, job in document["jobs"].items():
        scopes = levels(job.get("permissions", document.get("permissions")), inherited)
        _check(scopes, most, f"{workflow.name}: the job {name}")
        ours = _OURS.match(str(job.get("uses", "")))
        if ours:
            path, ref = ours.groups()
            file = version(source, ref) / path
            yield from _walk(source, file, called=(path, ref), inherited=scopes, most=scopes)
        elif "uses" not in job:
            path, ref = called
            yield GrantedJob(called=path, ref=ref, name=name, scopes=scopes)


def levels(declared: Any, inherited: Scopes) -> Scopes:
    """Return the level of each scope; without a declaration, they are inherited."""
    if declared is None:
        return inherited
    if not isinstance(declared, Mapping):
        return dict.fromkeys(_ALL, str(declared).removesuffix("-all"))
    wanted = {name.replace("-", "_"): level for name, level in declared.items()}
    return {scope: wanted.get(scope, "none") for scope in _ALL}


def least(one: Scopes, other: Scopes) -> Scopes:
    """Return the lower level of each scope."""
    return {scope: min(one[scope], other[scope], key=_LEVELS.index) for scope in _ALL}


def _check(scopes: Scopes, most: Scopes, job: str) -> None:
    """GitHub starts no job of a workflow whose called job requests more than its caller has."""
    for scope in _ALL:
        if _LEVELS.index(scopes[scope]) > _LEVELS.index(most[scope]):
            raise errors.BadInput(
                f"{job} is requesting '{scope}: {scopes[scope]}',"
                f" but is only allowed '{scope}: {most[scope]}'",
                hint="grant it in the calling job",
            )
