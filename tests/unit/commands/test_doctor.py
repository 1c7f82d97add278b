"""`interlock doctor` on a repository on the local GitHub."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

import github_sandbox
from interlock import calling_files, cli, wiring

NAME = "acme/models"


@dataclass
class Place:
    hub: github_sandbox.Sandbox
    bare: Path
    url: str

    def commit(self, policy: str = "version: 1\n", **changes: str) -> None:
        """Push the five files with changes, and a policy."""
        repository = wiring.repository(self.bare)
        files = {name: text.encode() for name, text in calling_files.texts().items()}
        files = {f".github/workflows/{name}": data for name, data in files.items()}
        files |= {path.replace("__", "/"): text.encode() for path, text in changes.items()}
        files[".github/interlock.yml"] = policy.encode()
        head = repository.find_ref("refs/heads/main")
        commit = repository.commit(head, files, message="Adopt")
        assert repository.push(commit, "refs/heads/main", expected=head)

    def run(self, login: str = "octocat", **other: str) -> tuple[int, dict[str, str]]:
        """The exit code, and the mark of each check; `other` are other settings."""
        code, checks = self.checks(login, **other)
        return code, {each["name"]: each["mark"] for each in checks}

    def allowed(self, login: str = "octocat") -> tuple[str, str]:
        """The line about the workflows that may be called."""
        clone = self.bare.parents[3] / "clone"
        if clone.exists():
            subprocess.run(["git", "-C", str(clone), "pull", "--quiet"], check=True)
        _, checks = self.checks(login, topic="github")
        (line,) = (each for each in checks if each["name"] == "allowed workflows")
        return line["mark"], line["sentence"]

    def checks(
        self, login: str = "octocat", topic: str = "provenance", **other: str
    ) -> tuple[int, list[dict[str, str]]]:
        token = self.hub.create_token(login=login)
        clone = self.bare.parents[3] / "clone"
        if not clone.exists():
            command = ["git", "clone", "--quiet", self.hub.git_url(NAME, token), str(clone)]
            subprocess.run(command, check=True)
        environment = {
            "GITHUB_REPOSITORY": NAME,
            "GITHUB_TOKEN": token,
            "GITHUB_API_URL": f"{self.url}/api",
            **other,
        }
        arguments = ["doctor", "--only", topic, "--repo", str(clone), "--json"]
        done = CliRunner().invoke(cli.group, arguments, env=environment, standalone_mode=False)
        assert done.exception is None, done.exception
        return int(done.return_value), json.loads(done.stdout)["checks"]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    hub = github_sandbox.Sandbox(tmp_path / "hub")
    bare = hub.create_repository(NAME)
    hub.create_user("octocat", repository=NAME, permission="admin")
    hub.create_user("hubot", repository=NAME, permission="write")
    try:
        with hub.serve() as url:
            yield Place(hub, bare, url)
    finally:
        hub.close()


def test_doctor__of_a_repository_that_is_set_up(place: Place) -> None:
    place.commit()
    place.hub.protect_branch(NAME, "interlock-ledger")
    code, marks = place.run()
    assert code == 0
    assert len(marks) == 9
    assert set(marks.values()) == {"ok"}


def test_doctor__what_is_wrong_and_what_is_unknown(place: Place) -> None:
    place.commit(
        "version: 1\nprovenance: none\n", **{".github__workflows__models-monitor.yml": "a: 1"}
    )
    code, marks = place.run()
    assert code == 1
    assert marks["provenance"] == marks["models-monitor.yml"] == "wrong"
    assert marks["rules of interlock-ledger"] == "wrong"
    assert marks["bypass of interlock-ledger"] == "unknown"


def test_doctor__who_may_bypass_the_rules_is_for_an_administrator(place: Place) -> None:
    place.commit()
    team = {"actor_id": 7, "actor_type": "Team", "bypass_mode": "always"}
    place.hub.protect_branch(NAME, "interlock-ledger", bypass_actors=[team])
    assert place.run()[1]["bypass of interlock-ledger"] == "wrong"
    assert place.run("hubot")[1]["bypass of interlock-ledger"] == "unknown"


@pytest.mark.parametrize(
    "other", [{"GITHUB_TOKEN": "ghp_none"}, {"GITHUB_API_URL": "http://127.0.0.1:9/api"}]
)
def test_doctor__github_does_not_answer(place: Place, other: dict[str, str]) -> None:
    """The other checks are there, and what was not read is unknown."""
    place.commit()
    code, marks = place.run(**other)
    unknown = {name for name, mark in marks.items() if mark == "unknown"}
    assert unknown == {"rules of interlock-ledger", "bypass of interlock-ledger"}
    assert marks["models-promote.yml"] == "ok"
    assert code == 0


def test_doctor__origin_cannot_be_fetched(place: Place) -> None:
    place.commit()
    place.run()
    place.bare.rename(place.bare.with_name("moved.git"))
    _, marks = place.run()
    assert marks["main at origin"] == marks["records of interlock-ledger"] == "unknown"
    assert marks["models-promote.yml"] == "ok"


def test_doctor__reads_the_default_branch_of_origin(place: Place) -> None:
    """Also if it has another name than in the time of the clone."""
    place.commit()
    place.run()
    for arguments in (
        ["branch", "-m", "main", "trunk"],
        ["symbolic-ref", "HEAD", "refs/heads/trunk"],
    ):
        subprocess.run(["git", "-C", str(place.bare), *arguments], check=True)
    code, marks = place.run()
    assert marks["models-promote.yml"] == "wrong"  # it starts on a push to main
    assert marks["models-command.yml"] == "ok"
    assert code == 1


def test_doctor__records_that_do_not_count(place: Place) -> None:
    place.commit()
    repository = wiring.repository(place.bare)
    files = {"evidence/digits/aaaa.json": b"{}"}
    commit = repository.commit(None, files, message="By hand")
    assert repository.push(commit, "refs/heads/interlock-ledger", expected=None)
    assert place.run()[1]["records of interlock-ledger"] == "wrong"


@pytest.mark.parametrize("by_ruleset", [True, False])
def test_doctor__the_required_check_and_the_token(place: Place, by_ruleset: bool) -> None:
    place.commit()
    place.hub.require_check(NAME, by_ruleset=by_ruleset)
    code, checks = place.checks(topic="github")
    lines = {each["name"]: each for each in checks}
    assert lines["default branch"]["mark"] == lines["token"]["mark"] == "ok"
    assert "any App" in lines["required check"]["sentence"]
    assert code == 1


def test_doctor__the_settings_of_actions(place: Place) -> None:
    place.commit()
    assert place.allowed() == ("ok", "Actions may call acme/interlock")
    place.hub.set_actions(NAME, enabled=False)
    assert place.allowed() == ("wrong", "GitHub Actions are off")
    policy = "version: 1\ninterlock: {repository: octo-org/interlock, refs: [refs/tags/v1]}\n"
    place.commit(policy)
    place.hub.set_actions(NAME, enabled=True, allowed_actions="selected")
    assert place.allowed() == ("wrong", "Actions may not call octo-org/interlock")
    runners = [{"labels": ["self-hosted"], "is_online": True}]
    place.hub.set_actions(NAME, patterns_allowed=["octo-org/interlock/*"], runners=runners)
    assert place.allowed() == ("ok", "Actions may call octo-org/interlock")
    place.hub.create_user("reader", repository=NAME, permission="read")
    assert place.allowed("reader")[0] == "unknown"


def test_doctor__github_that_cannot_be_read(place: Place) -> None:
    place.commit()
    code, checks = place.checks(topic="github", GITHUB_TOKEN="ghp_none")
    assert [each["mark"] for each in checks] == ["unknown"]
    assert code == 0
