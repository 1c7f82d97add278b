"""The tokens of each job: one of GitHub, and one to request ID tokens if it has `id-token: write`.

They are variables of act (`vars`). The rewritten workflow reads each of them in its own job only,
so no other job has it in its environment. The entries of a matrix and several calls of one file
share the tokens of a job, because act has one set of variables for all of them.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

import github_sandbox
from github_sandbox.access import SCOPES
from tests.act import grants
from tests.act.grants import GrantedJob

BOT = "github-actions"
_TOKEN = re.compile(r"\bgithub\.token\b")
_URL = "ID_TOKEN_URL"


@dataclass(frozen=True, slots=True)
class RunTokens:
    """The variables of act for one run, and the jobs that may request ID tokens until its end."""

    variables: Mapping[str, str]
    jobs: tuple[github_sandbox.JobAccess, ...]


def variable(called: str, job: str) -> str:
    """Return the name of the variable with a job's token; act makes upper case of it."""
    return "TOKEN_" + re.sub(r"\W", "_", f"{Path(called).stem or 'caller'}__{job}").upper()


def rewrite_file(file: Path, *, called: str) -> None:
    """Rewrite a workflow file so that each job uses its own tokens."""
    document = yaml.safe_load(file.read_text(encoding="utf-8"))
    text = yaml.safe_dump(rewrite(document, called=called), sort_keys=False)
    # act does not support `$/`; and PyYAML reads `on:` as true.
    text = re.sub(r"(uses: )\$/(\S+)", r"\1acme/interlock/\2@v1", text)
    file.write_text(re.sub(r"^true:", "on:", text, flags=re.MULTILINE), encoding="utf-8")


def rewrite(document: Mapping[str, Any], *, called: str) -> dict[str, Any]:
    """Return a workflow in which each job uses its own tokens; `called` is its file, if any."""
    default = document.get("permissions")
    jobs = {
        name: job if "uses" in job else _rewrite_job(job, variable(called, name), default)
        for name, job in document["jobs"].items()
    }
    return {**document, "jobs": jobs}


def _rewrite_job(job: Mapping[str, Any], name: str, default: Any) -> dict[str, Any]:
    own: dict[str, Any] = _replace(job, name)
    declared = grants.levels(job.get("permissions", default), grants.EVERYTHING)
    if declared[grants.ID_TOKEN] != "write":
        return own
    # Without a permission of the caller they are empty here; on GitHub, they are not set.
    access = github_sandbox.JobAccess(url=_read(_URL), token=_read(f"ID_{name}"))
    return {**own, "env": {**access.variables, **own.get("env", {})}}


def _read(name: str) -> str:
    return f"${{{{ vars.{name} }}}}"


def _replace(value: Any, name: str) -> Any:
    if isinstance(value, str):
        return _TOKEN.sub(f"vars.{name}", value)
    if isinstance(value, Mapping):
        return {key: _replace(each, name) for key, each in value.items()}
    if isinstance(value, list):
        return [_replace(each, name) for each in value]
    return value


def create(
    hub: github_sandbox.Sandbox,
    source: Path,
    workflow: Path,
    *,
    event: github_sandbox.Event,
    run: github_sandbox.WorkflowJob,
    commit: str = "",
) -> RunTokens:
    """Create the tokens of every job that a workflow can start; `commit` is that of `v1`.

    Raises BadInput for a workflow that GitHub refuses.
    """
    restricted = {**dict.fromkeys(SCOPES, "read"), grants.ID_TOKEN: "none"}
    ceiling = restricted if event.is_restricted else grants.EVERYTHING
    variables, accesses = {}, []
    for job in grants.jobs(source, workflow):
        name, scopes = variable(job.called, job.name), grants.least(job.scopes, ceiling)
        token_scopes = {scope: scopes[scope] for scope in SCOPES}
        variables[name] = hub.create_token(BOT, scopes=token_scopes, bot=True)
        if scopes[grants.ID_TOKEN] == "write":
            access = hub.open_job(event, _describe(job, run, commit=commit))
            variables |= {_URL: access.url, f"ID_{name}": access.token}
            accesses.append(access)
    return RunTokens(variables, tuple(accesses))


def _describe(
    job: GrantedJob, run: github_sandbox.WorkflowJob, *, commit: str
) -> github_sandbox.WorkflowJob:
    if not job.called:
        return run
    ref, sha = ("refs/tags/v1", commit) if job.ref == "v1" else (job.ref, job.ref)
    reference = f"acme/interlock/{job.called}@{ref}"
    return dataclasses.replace(run, job_workflow_ref=reference, job_workflow_sha=sha)
