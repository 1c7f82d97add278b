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

    def run(self, login: str = "octocat") -> tuple[int, dict[str, str]]:
        """The exit code, and the mark of each check."""
        token = self.hub.create_token(login=login)
        clone = self.bare.parents[3] / "clone"
        if not clone.exists():
            command = ["git", "clone", "--quiet", self.hub.git_url(NAME, token), str(clone)]
            subprocess.run(command, check=True)
        environment = {
            "GITHUB_REPOSITORY": NAME,
            "GITHUB_TOKEN": token,
            "GITHUB_API_URL": f"{self.url}/api",
        }
        arguments = ["doctor", "--repo", str(clone), "--json"]
        done = CliRunner().invoke(cli.group, arguments, env=environment, standalone_mode=False)
        assert done.exception is None, done.exception
        checks = json.loads(done.stdout)["checks"]
        return int(done.return_value), {each["name"]: each["mark"] for each in checks}


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
    assert len(marks) == 8
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
