"""`interlock report` of a pull request that changes every model, against a GitHub on loopback."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

import github_sandbox
from interlock.adapters.ledger import GitLedger
from tests.benchmarks import measuring, table
from tests.benchmarks.large_scene import LargeScene
from tests.benchmarks.table import Row
from tests.fakes.scene import run

_REPOSITORY = "acme/models"
_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class PullRequest:
    """Pull request 1: a checkout of its branch, and the settings of GitHub."""

    checkout: Path
    head: str
    environment: Mapping[str, str]


@contextmanager
def served(folder: Path, *, count: int) -> Iterator[PullRequest]:
    """Serve a pull request that changes `count` models, all trained and evaluated."""
    hub = github_sandbox.Sandbox(folder / "hub")
    hub.create_repository(_REPOSITORY)
    hub.create_user("octocat", repository=_REPOSITORY, permission="write")
    token = hub.create_token("octocat")
    names = [f"model-{number:03d}" for number in range(count)]
    scene = LargeScene(folder / "scene")
    scene.folder.mkdir()
    scene.create(*names)
    with hub.serve() as url:
        remote = hub.git_url(_REPOSITORY, token)
        run(scene.checkout, "remote", "set-url", "origin", remote)
        _change(scene, names, c=1.0)
        run(scene.checkout, "push", "--quiet", "origin", "main")
        run(scene.checkout, "switch", "--quiet", "--create", "better")
        head = _change(scene, names, c=2.0)
        run(scene.checkout, "push", "--quiet", "origin", "better")
        for name in names:
            scene.judge(head, scene.records, model=name)
        scene.add_records(GitLedger(scene.repository))
        _open_pull(f"{url}/api/repos/{_REPOSITORY}", token)
        settings = {
            "GITHUB_API_URL": f"{url}/api",
            "GITHUB_REPOSITORY": _REPOSITORY,
            "GITHUB_TOKEN": token,
        }
        yield PullRequest(scene.checkout, head, {**os.environ, **settings})
    hub.close()


def _change(scene: LargeScene, names: list[str], *, c: float) -> str:
    for name in names:
        scene.write(f"model-manifests/{name}/params.yaml", f"train: {{c: {c}}}\n")
    return scene.commit(c, model=names[0], push=False)


def _open_pull(url: str, token: str) -> None:
    answer = httpx.post(
        f"{url}/pulls",
        json={"title": "Better", "head": "better", "base": "main"},
        headers={"Authorization": f"Bearer {token}"},
    )
    answer.raise_for_status()


def rows(small: bool) -> Iterator[Row]:
    count = 20 if small else 300
    interlock = [sys.executable, "-m", "interlock"]
    report = [*interlock, "report", "--pull", "1"]
    plan = [*interlock, "plan", "--base", "origin/main", "--head", "HEAD"]
    with tempfile.TemporaryDirectory() as folder, served(Path(folder), count=count) as pull:
        at, environment = pull.checkout, pull.environment
        measuring.measure(report, folder=at, environment=environment)  # writes the comment
        ours, peer = measuring.in_turns(report, plan, folder=at, environment=environment)
    yield Row(
        name=f"report, {count} models",
        ours=ours.seconds,
        peer=peer.seconds,
        peer_name="interlock plan",
        limit=_SECONDS,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--small", action="store_true")
    print(table.text(rows(parser.parse_args().small)))
