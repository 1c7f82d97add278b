"""GitHub's rules that act does not apply: started workflows and permissions of tokens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

import github_sandbox
from github_sandbox import access
from github_sandbox.access import SCOPES
from interlock.demo.project import SCHEDULES
from tests.act import tokens, triggers
from tests.act.triggers import WorkflowRun

ROOT = Path(__file__).parents[2]
OWN, FORK = {"full_name": "acme/models"}, {"full_name": "mallory/models"}
CALLER = """\
name: models
on:
  pull_request:
permissions: {}
jobs:
  models:
    permissions: {contents: write, pull-requests: write}
    uses: acme/interlock/.github/workflows/called.yml@v1
"""
CALLED = """\
on: {workflow_call: {}}
permissions: {}
jobs:
  plan:
    permissions: {contents: read}
    steps: []
  report:
    permissions: {contents: write, pull-requests: write, checks: write}
    steps: [{run: x, with: {token: "${{ steps.app.outputs.token || github.token }}"}}]
  gate:
    permissions: {}
    steps: []
"""


def event(name: str, action: str = "", **payload: Any) -> github_sandbox.Event:
    fields = {"repository": OWN, "sender": {"login": "octocat"}, **payload}
    return github_sandbox.Event(name, action, fields, "acme/models", actor_is_bot=False)


def changed(repository: dict[str, str] | None) -> github_sandbox.Event:
    head = {"repo": repository, "sha": "a" * 40, "ref": "better"}
    return event("pull_request", "opened", pull_request={"number": 1, "head": head})


@pytest.fixture
def adopted(tmp_path: Path) -> Path:
    """An adopter's workflow file, and beside it the one that it calls."""
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    (folder / "called.yml").write_text(CALLED)
    (folder / "models.yml").write_text(CALLER)
    return folder / "models.yml"


def granted(adopted: Path, started_by: github_sandbox.Event) -> dict[str, dict[str, str]]:
    """The scopes of each job's token, without "none", read from the local GitHub."""
    root = adopted.parents[2]
    hub = github_sandbox.Sandbox(root / "hub")
    try:
        made = tokens.create(hub, root, adopted, event=started_by)
        actors = {n: access.identify(hub.instance.store, f"Bearer {t}") for n, t in made.items()}
    finally:
        hub.close()
    return {n: {s: g for s, g in a.scopes.items() if g != "none"} for n, a in actors.items()}


def test_tokens__have_the_scopes_that_the_job_declares_and_its_caller_grants(adopted: Path) -> None:
    assert granted(adopted, changed(OWN)) == {
        "TOKEN_called__plan": {"contents": "read"},
        "TOKEN_called__report": {"contents": "write", "pull_requests": "write"},
        "TOKEN_called__gate": {},
    }


@pytest.mark.parametrize("repository", [FORK, None])
def test_tokens__of_a_fork_can_only_read(adopted: Path, repository: dict[str, str] | None) -> None:
    scopes_by_job = granted(adopted, changed(repository))
    assert scopes_by_job["TOKEN_called__report"] == {"contents": "read", "pull_requests": "read"}
    assert {level for scopes in scopes_by_job.values() for level in scopes.values()} == {"read"}


@pytest.mark.parametrize(
    ("declared", "level"), [(None, "write"), ("read-all", "read"), ({}, "none")]
)
def test_least__of_permissions_without_single_scopes(declared: Any, level: str) -> None:
    ceiling = dict.fromkeys(SCOPES, "write")
    assert tokens.least(declared, ceiling) == dict.fromkeys(SCOPES, level)


def test_rewrite__gives_each_job_its_own_token_and_changes_nothing_else() -> None:
    before = yaml.safe_load(CALLED)
    after = tokens.rewrite(before, workflow="called.yml")
    text = yaml.safe_dump(after)
    assert "env.TOKEN_called__report }}" in text
    assert "github.token" not in text
    assert yaml.safe_load(text.replace("env.TOKEN_called__report", "github.token")) == before


@pytest.mark.parametrize(
    ("started_by", "names"),
    [
        (changed(OWN), ["models.yml", "pull-request.yml"]),
        (event("pull_request", "closed", pull_request={}), []),
        (event("pull_request", "edited", pull_request={}), ["pull-request.yml"]),
        (event("push", ref="refs/heads/main"), ["promote.yml", "reconcile.yml"]),
        (event("schedule", schedule="47 5 * * *"), ["monitor.yml"]),
        (event("schedule", schedule="17 * * * *"), ["reconcile.yml"]),
        (event("schedule", schedule="0 0 * * *"), []),
        (event("workflow_dispatch", workflow=".github/workflows/monitor.yml"), ["monitor.yml"]),
        (event("workflow_dispatch", workflow=".github/workflows/command.yml"), []),
        (event("push", ref="refs/heads/better"), []),
        (event("issue_comment", "created"), ["command.yml"]),
        (event("issue_comment", "edited"), []),
        (event("workflow_run", "completed", workflow={"name": "models"}), ["command.yml"]),
        (event("workflow_run", "completed", workflow={"name": "ci"}), []),
        (event("deployment", "created"), []),
    ],
)
def test_started__are_the_workflows_of_the_event(
    adopted: Path, started_by: github_sandbox.Event, names: list[str]
) -> None:
    folder = adopted.parent
    (folder / "called.yml").unlink()
    for own in ("pull-request", "promote", "command", "monitor", "reconcile"):
        text = (ROOT / ".github" / "workflows" / f"{own}.yml").read_text(encoding="utf-8")
        (folder / f"{own}.yml").write_text(text)
    assert [file.name for file in triggers.started(folder, started_by)] == names


def test_schedules__of_the_demo_are_those_of_the_workflows() -> None:
    for workflow, cron in SCHEDULES.items():
        text = (ROOT / ".github" / "workflows" / f"{workflow}.yml").read_text(encoding="utf-8")
        assert f'- cron: "{cron}"' in text


def test_ended__has_the_commit_and_its_repository(adopted: Path) -> None:
    run = WorkflowRun(adopted, "pull_request", succeeded=False, output="")
    ended = triggers.ended(run, changed(FORK)).payload["workflow_run"]
    assert (ended["name"], ended["event"], ended["conclusion"]) == (
        "models",
        "pull_request",
        "failure",
    )
    assert (ended["head_sha"], ended["head_repository"]) == ("a" * 40, FORK)
