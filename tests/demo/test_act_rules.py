"""GitHub's rules that act does not apply: started workflows and permissions of tokens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
import yaml

import github_sandbox
from github_sandbox import WorkflowJob, access
from github_sandbox.access import SCOPES
from interlock import errors
from interlock.demo.project import SCHEDULES
from tests.act import grants, tokens, triggers
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
    permissions: {contents: write, pull-requests: write, id-token: write}
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
    permissions: {contents: write, pull-requests: write}
    steps: [{run: x, with: {token: "${{ steps.app.outputs.token || github.token }}"}}]
  gate:
    permissions: {}
    steps: []
  candidates:
    strategy: {matrix: {model: [digits, diabetes]}}
    permissions: {contents: read, id-token: write}
    uses: acme/interlock/.github/workflows/nested.yml@v1
"""
NESTED = """\
on: {workflow_call: {}}
jobs:
  train:
    permissions: {contents: read}
    steps: []
  attest:
    permissions: {contents: read, id-token: write}
    env: {A: b}
    steps: [{run: x}]
"""


def event(name: str, action: str = "", **payload: Any) -> github_sandbox.Event:
    fields = {"repository": OWN, "sender": {"login": "octocat"}, **payload}
    return github_sandbox.Event(name, action, fields, "acme/models", actor_is_bot=False)


def changed(repository: dict[str, str] | None) -> github_sandbox.Event:
    head = {"repo": repository, "sha": "a" * 40, "ref": "better"}
    pull = {"number": 1, "head": head, "base": {"ref": "main"}, "merge_commit_sha": "b" * 40}
    return event("pull_request", "opened", pull_request=pull)


@pytest.fixture
def adopted(tmp_path: Path) -> Path:
    """An adopter's workflow file, and beside it the files that it calls."""
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    (folder / "nested.yml").write_text(NESTED)
    (folder / "called.yml").write_text(CALLED)
    (folder / "models.yml").write_text(CALLER)
    return folder / "models.yml"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[github_sandbox.Sandbox]:
    made = github_sandbox.Sandbox(tmp_path / "hub")
    made.create_repository("acme/models")
    with made.serve():
        yield made
    made.close()


def create(
    hub: github_sandbox.Sandbox, adopted: Path, started_by: github_sandbox.Event
) -> dict[str, str]:
    run = WorkflowJob(workflow_path=".github/workflows/models.yml", run_id=7, run_attempt=2)
    source = adopted.parents[2]
    made = tokens.create(hub, source, adopted, event=started_by, run=run, commit="c" * 40)
    return dict(made.variables)


def granted(hub: github_sandbox.Sandbox, made: dict[str, str]) -> dict[str, dict[str, str]]:
    """The scopes of each job's token, without "none", read from the local GitHub."""
    own = {name: token for name, token in made.items() if name.startswith("TOKEN_")}
    actors = {n: access.identify(hub.instance.store, f"Bearer {t}") for n, t in own.items()}
    return {n: {s: g for s, g in a.scopes.items() if g != "none"} for n, a in actors.items()}


def test_tokens__have_the_scopes_that_the_job_declares_and_its_caller_grants(
    hub: github_sandbox.Sandbox, adopted: Path
) -> None:
    made = create(hub, adopted, changed(OWN))
    assert granted(hub, made) == {
        "TOKEN_CALLED__PLAN": {"contents": "read"},
        "TOKEN_CALLED__REPORT": {"contents": "write", "pull_requests": "write"},
        "TOKEN_CALLED__GATE": {},
        "TOKEN_NESTED__TRAIN": {"contents": "read"},
        "TOKEN_NESTED__ATTEST": {"contents": "read"},
    }
    assert len(set(made.values())) == len(made)


def test_id_token__is_for_the_job_with_the_permission_and_names_its_file(
    hub: github_sandbox.Sandbox, adopted: Path
) -> None:
    made = create(hub, adopted, changed(OWN))
    (name,) = [name for name in made if name.startswith("ID_TOKEN_") and name != "ID_TOKEN_URL"]
    assert name == "ID_TOKEN_NESTED__ATTEST"
    headers = {"Authorization": f"bearer {made[name]}"}
    token = httpx.get(f"{made['ID_TOKEN_URL']}&audience=x", headers=headers).json()["value"]
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["workflow_ref"] == "acme/models/.github/workflows/models.yml@refs/pull/1/merge"
    nested = "acme/interlock/.github/workflows/nested.yml@refs/tags/v1"
    assert (claims["job_workflow_ref"], claims["job_workflow_sha"]) == (nested, "c" * 40)
    assert (claims["run_id"], claims["run_attempt"]) == ("7", "2")


@pytest.mark.parametrize("repository", [FORK, None])
def test_tokens__of_a_fork_can_only_read(
    hub: github_sandbox.Sandbox, adopted: Path, repository: dict[str, str] | None
) -> None:
    made = create(hub, adopted, changed(repository))
    scopes_by_job = granted(hub, made)
    assert scopes_by_job["TOKEN_CALLED__REPORT"] == {"contents": "read", "pull_requests": "read"}
    assert {level for scopes in scopes_by_job.values() for level in scopes.values()} == {"read"}
    assert not [name for name in made if name.startswith("ID_")]


@pytest.mark.parametrize(
    ("file", "enough", "less"),
    [
        ("models.yml", "id-token: write", "id-token: none"),
        ("models.yml", "permissions: {contents", "permissions: {packages"),
        ("called.yml", "{contents: read, id-token: write}", "{contents: read}"),
        ("called.yml", "{contents: read, id-token: write}", "read-all"),
    ],
)
def test_call__with_less_than_the_called_job_requests_is_refused(
    hub: github_sandbox.Sandbox, adopted: Path, file: str, enough: str, less: str
) -> None:
    """GitHub starts no job of such a workflow, at any depth."""
    calling = adopted.parent / file
    text = calling.read_text()
    assert enough in text
    calling.write_text(text.replace(enough, less))
    with pytest.raises(errors.BadInput, match="is only allowed"):
        create(hub, adopted, changed(OWN))


def test_calls__of_one_job_with_two_permissions_are_refused(
    hub: github_sandbox.Sandbox, adopted: Path
) -> None:
    """They would share one token, which is wrong for one of them."""
    more = "  more:\n    permissions: {}\n    uses: acme/interlock/.github/workflows/deep.yml@v1\n"
    (adopted.parent / "deep.yml").write_text("jobs: {deep: {steps: []}}")
    called = adopted.parent / "called.yml"
    called.write_text(CALLED + more)
    create(hub, adopted, changed(OWN))
    called.write_text(
        CALLED + more + more.replace("more:", "again:").replace("{}", "{contents: read}")
    )
    with pytest.raises(errors.BadInput, match="two permissions for deep"):
        create(hub, adopted, changed(OWN))


@pytest.mark.parametrize(
    ("declared", "level"), [(None, "write"), ("read-all", "read"), ({}, "none")]
)
def test_levels__of_permissions_without_single_scopes(declared: Any, level: str) -> None:
    every = (*SCOPES, "id_token")
    assert grants.levels(declared, grants.EVERYTHING) == dict.fromkeys(every, level)


def test_workflow__without_a_declaration_has_no_id_token(adopted: Path) -> None:
    adopted.write_text("jobs: {own: {steps: []}, all: {permissions: write-all, steps: []}}")
    own, everything = grants.jobs(adopted.parents[2], adopted)
    assert (own.scopes["id_token"], own.scopes["contents"]) == ("none", "write")
    assert everything.scopes == grants.EVERYTHING


def test_rewrite__gives_each_job_its_own_token_and_changes_nothing_else() -> None:
    before = yaml.safe_load(CALLED)
    after = tokens.rewrite(before, called=".github/workflows/called.yml")
    text = yaml.safe_dump(after)
    assert "vars.TOKEN_CALLED__REPORT }}" in text
    assert "github.token" not in text
    assert yaml.safe_load(text.replace("vars.TOKEN_CALLED__REPORT", "github.token")) == before


def test_rewrite__gives_access_to_id_tokens_only_to_jobs_that_declare_it() -> None:
    before = yaml.safe_load(NESTED)
    after = tokens.rewrite(before, called=".github/workflows/nested.yml")
    assert after["jobs"]["attest"]["env"] == {
        "ACTIONS_ID_TOKEN_REQUEST_URL": "${{ vars.ID_TOKEN_URL }}",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "${{ vars.ID_TOKEN_NESTED__ATTEST }}",
        "A": "b",
    }
    assert after["jobs"]["train"] == before["jobs"]["train"]


def test_variables__of_a_calling_file_differ_from_those_of_a_called_file() -> None:
    """A change may call its own job as a job of ours."""
    names = [tokens.variable(called, "attest") for called in ("", ".github/workflows/x.yml")]
    assert names == ["TOKEN_CALLER__ATTEST", "TOKEN_X__ATTEST"]


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
    for called in ("called.yml", "nested.yml"):
        (folder / called).unlink()
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
