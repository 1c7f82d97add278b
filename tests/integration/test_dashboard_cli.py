"""`interlock dashboard` as a job runs it, against a GitHub on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import github_sandbox
from interlock import documents, errors
from interlock.adapters.ledger import GitLedger
from interlock.cli import dashboard as cli
from interlock.ledger import lookup
from tests import dashboard_cases, drift_cases
from tests.docs import documents as printed
from tests.fakes.scene import Scene, run
from tests.github_pulls import REPOSITORY


class World:
    """One production model that has drifted, with its checkout."""

    def __init__(self, folder: Path, hub: github_sandbox.Sandbox, url: str) -> None:
        self.hub, self.url = hub, url
        token = hub.create_token("octocat")
        self.scene = Scene(folder).create("digits")
        run(self.scene.checkout, "remote", "set-url", "origin", hub.git_url(REPOSITORY, token))
        commit = self.scene.commit(1.0)
        fingerprint = self.scene.fingerprint(commit)
        served = replace(dashboard_cases.promotion(), fingerprint=fingerprint, revision=commit)
        windows = [replace(r, reference=fingerprint) for r in drift_cases.drifting()]
        records = {lookup.path_of(n): documents.dump(n) for n in (served, *windows)}
        GitLedger(self.scene.repository).append(records, message="Four days")
        self.environment = {
            "GITHUB_API_URL": f"{url}/api",
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_TOKEN": token,
            "INTERLOCK_GITHUB_LOGIN": "",
        }

    def show(self, *arguments: str, **environment: str) -> Result:
        words = ["--repo", str(self.scene.checkout), *arguments]
        return CliRunner().invoke(cli.command, words, env={**self.environment, **environment})

    def writes(self) -> list[tuple[str, str]]:
        every = [(method, path) for method, path, _ in self.hub.requests if "/api/" in path]
        return [(method, path) for method, path in every if method != "GET"]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    hub = github_sandbox.Sandbox(tmp_path / "hub")
    hub.create_repository(REPOSITORY)
    hub.create_user("octocat", repository=REPOSITORY, permission="write")
    (tmp_path / "work").mkdir()
    with hub.serve() as url:
        yield World(tmp_path / "work", hub, url)
    hub.close()


def test_dashboard__is_written_once(world: World) -> None:
    done = world.show()
    assert done.exit_code == 0, done.output
    headline, sentence, url = done.stdout.splitlines()
    assert headline == "1 of 1 model needs attention: digits."
    assert sentence.startswith("digits: the inputs have shifted (covariate shift)")
    assert url.startswith(world.url)
    assert len(world.writes()) >= 1
    world.hub.reset_counts()
    again = json.loads(world.show("--json").stdout)
    printed.check(again)
    assert again["url"] == url
    assert world.writes() == []


def test_dry_run__needs_no_github(world: World) -> None:
    world.hub.reset_counts()
    done = world.show("--dry-run", GITHUB_TOKEN="")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("❌ **1 of 1 model needs attention: digits.**\n")
    assert [r for r in world.hub.requests if "/api/" in r[1]] == []


def test_dashboard__without_a_token(world: World) -> None:
    done = world.show(GITHUB_TOKEN="")
    assert isinstance(done.exception, errors.MissingSetting)
