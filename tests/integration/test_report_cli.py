"""`interlock report` as a job runs it, against a GitHub on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import jsonschema
import pytest
from click.testing import CliRunner, Result

import github_sandbox
from interlock import errors
from interlock.adapters.ledger import GitLedger
from interlock.cli import report as cli
from interlock.domain.evaluation.verdict import Outcome
from tests.fakes.scene import Scene, run
from tests.github_pulls import REPOSITORY

SCHEMA = Path(cli.__file__).parents[1] / "schemas" / "report.v1.json"


class World:
    """Version nothing is served; pull request 1 adds a parameter; its checkout is at hand."""

    def __init__(self, folder: Path, hub: github_sandbox.Sandbox, url: str) -> None:
        self.folder, self.hub, self.url = folder, hub, url
        self.token = hub.create_token("octocat")
        self.scene = Scene(folder).create("digits")
        self.checkout = self.scene.checkout
        run(self.checkout, "remote", "set-url", "origin", hub.git_url(REPOSITORY, self.token))
        self.scene.commit(1.0)
        run(self.checkout, "switch", "--quiet", "--create", "better")
        self.head = self.scene.commit(2.0, push=False)
        run(self.checkout, "push", "--quiet", "origin", "better")
        self.environment = {
            "GITHUB_API_URL": f"{url}/api",
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_TOKEN": self.token,
            "INTERLOCK_GITHUB_LOGIN": "",
            "GITHUB_STEP_SUMMARY": "",
        }

    def judge(self) -> None:
        ledger = GitLedger(self.scene.repository)
        ledger.refresh()
        self.scene.judge(self.head, ledger, outcome=Outcome.PASS)

    def report(self, *arguments: str, **environment: str) -> Result:
        words = ["--repo", str(self.checkout), *arguments]
        return CliRunner().invoke(cli.command, words, env={**self.environment, **environment})


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    hub = github_sandbox.Sandbox(tmp_path / "hub")
    hub.create_repository(REPOSITORY)
    hub.create_user("octocat", repository=REPOSITORY, permission="write")
    (tmp_path / "work").mkdir()
    with hub.serve() as url:
        made = World(tmp_path / "work", hub, url)
        open_pull(made)
        yield made
    hub.close()


def open_pull(world: World) -> None:
    answer = httpx.post(
        f"{world.url}/api/repos/{REPOSITORY}/pulls",
        json={"title": "Better", "head": "better", "base": "main"},
        headers={"Authorization": f"Bearer {world.token}"},
    )
    answer.raise_for_status()


def test_report__writes_comment_check_page_and_lock_and_prints_one_document(world: World) -> None:
    world.judge()
    page = world.folder / "summary.md"
    page.write_text("what was there\n")
    done = world.report("--pull", "1", "--json", GITHUB_STEP_SUMMARY=str(page))
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    jsonschema.validate(document, json.loads(SCHEMA.read_text()))
    assert document["conclusion"] == "success"
    assert document["comment_url"].startswith(world.url)
    assert [m["stage"] for m in document["models"]] == ["evaluated"]
    assert page.read_text().startswith("what was there\n✅ **digits** passes")
    world.hub.reset_counts()
    assert world.report("--pull", "1").exit_code == 0
    assert [r for r in world.hub.requests if "/api" in r[1] and r[0] != "GET"] == []


def test_report__names_what_the_plan_of_the_run_has_no_training_job_for(world: World) -> None:
    for words, expected in (((), "training"), (("--waiting", "other digits"), "queued")):
        document = json.loads(world.report("--pull", "1", "--json", *words).stdout)
        assert ([m["stage"] for m in document["models"]], document["conclusion"]) == (
            [expected],
            None,
        )


def test_group_of_a_merge_queue__has_the_check_alone(world: World) -> None:
    world.judge()
    base = run(world.checkout, "rev-parse", "origin/main")
    tree = f"{world.head}^{{tree}}"
    group = run(world.checkout, "commit-tree", tree, "-p", base, "-m", "Merge pull request #1")
    run(world.checkout, "push", "--quiet", "origin", f"{group}:refs/heads/queue/main/pr-1")
    world.hub.reset_counts()
    done = world.report("--commit", group, "--base", base, "--json")
    assert done.exit_code == 0, done.output
    (document,) = json.loads(done.stdout)["reports"]
    jsonschema.validate(document, json.loads(SCHEMA.read_text()))
    assert (document["pull"], document["conclusion"]) == (None, "success")
    assert (document["checked_commits"], document["comment_url"]) == ([group], "")
    writes = [(m, path) for m, path, _ in world.hub.requests if m in ("POST", "PATCH", "PUT")]
    assert [path for m, path in writes if "/api/" in path] == [
        f"/api/repos/{REPOSITORY}/check-runs"
    ]


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--pull", "1", "--commit", "a" * 40),
        ("--pull", "1", "--base", "main"),
        ("--base", "main"),
    ],
)
def test_report__without_a_pull_request_explains_how_to_name_one(
    world: World, words: tuple[str, ...]
) -> None:
    done = world.report(*words)
    assert isinstance(done.exception, errors.BadInput)
    assert "--commit SHA --base REV" in done.exception.hint


def test_token__that_ends_on_the_way_leaves_the_report_on_the_page(world: World) -> None:
    world.judge()
    page = world.folder / "summary.md"
    world.hub.faults.add(github_sandbox.Fault("", r"/(check-runs|issues)", "unauthorized", times=9))
    done = world.report("--pull", "1", "--json", GITHUB_STEP_SUMMARY=str(page))
    assert isinstance(done.exception, errors.CannotReachGitHub)
    assert done.exception.exit_code == errors.EXIT_OUTSIDE
    assert page.read_text().startswith("✅ **digits** passes")
    document = json.loads(done.stdout)
    assert (document["comment_url"], document["check_url"]) == ("", "")


def test_dry_run__prints_the_comment_and_writes_nothing(world: World) -> None:
    world.judge()
    before = len(world.hub.requests)
    done = world.report("--pull", "1", "--dry-run")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("✅ **digits** passes")
    assert {method for method, path, _ in world.hub.requests[before:] if "/api" in path} == {"GET"}


def test_plan_file__is_read_instead_of_planning_again(world: World) -> None:
    plan = world.folder / "plan.json"
    document = {"schema": "interlock/plan/v1", "base": None, "head": world.head}
    plan.write_text(json.dumps({**document, "models": []}))
    done = world.report("--pull", "1", "--plan", str(plan), "--dry-run")
    assert done.stdout.startswith("✅ No model is affected")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("{", "is not JSON"), ("[]", "interlock/plan/v1"), ('{"schema": "interlock/plan/v2"}', "v2")],
)
def test_plan_file__that_is_not_a_plan_is_an_error_of_the_user(
    world: World, text: str, sentence: str
) -> None:
    plan = world.folder / "plan.json"
    plan.write_text(text)
    done = world.report("--pull", "1", "--plan", str(plan))
    assert isinstance(done.exception, errors.CannotReadDocument)
    assert sentence in str(done.exception)


def test_unknown_pull_request__is_reported(world: World) -> None:
    done = world.report("--pull", "99")
    assert isinstance(done.exception, errors.CannotResolve)
    assert "acme/models has no pull request 99" in str(done.exception)


def test_missing_token__names_its_variable(world: World) -> None:
    done = world.report("--pull", "1", GITHUB_TOKEN="")
    assert isinstance(done.exception, errors.MissingSetting)
    assert "GITHUB_TOKEN" in str(done.exception)


def test_clone_without_the_head__fetches_it(world: World) -> None:
    narrow = world.folder / "narrow"
    url = world.hub.git_url(REPOSITORY, world.token)
    run(world.folder, "clone", "--quiet", "--single-branch", "--branch", "main", url, str(narrow))
    done = world.report("--repo", str(narrow), "--pull", "1", "--dry-run")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("⏳ **digits** is being trained")
