"""Promotes or reconciles in processes that can be made to die, over real Git and a real MLflow.

Started once with rounds of jobs as JSON on standard input; the jobs of a round run at once, each in
a fork, because importing MLflow anew for every one of them would take seconds. A job is
{"clone", "revision", "mlflow", "github", "crash": [when, n]}; without a revision it reconciles. It
dies `when` ("before" or "after") its n-th effect. What each printed or failed with goes to standard
output as JSON.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import traceback
from collections.abc import Collection
from pathlib import Path
from typing import Any, cast

# Before the forks, so that no job pays for them: a second each.
import mlflow.store.model_registry.sqlalchemy_store
import mlflow.store.tracking.sqlalchemy_store
import mlflow.tracking  # noqa: F401

from interlock.adapters import git
from interlock.adapters.ledger import GitLedger
from interlock.adapters.mlflow import client
from interlock.adapters.mlflow.registry import MlflowRegistry
from interlock.adapters.mlflow.runs import MlflowRuns
from interlock.commands import promote, reconcile
from interlock.domain.reconciliation import Status
from interlock.ports.git import Repository
from interlock.ports.github import Deployment, GitHub

EFFECTS = {
    "push",
    "create_registered_model",
    "create_model_version",
    "delete_model_version",
    "set_registered_model_alias",
    "delete_registered_model_alias",
    "set_model_version_tag",
    "delete_model_version_tag",
    "set_registered_model_tag",
    "delete_registered_model_tag",
    "upsert_deployment",
}
KILLED = 137


class Counted:
    """Counts effects, across everything that it wraps, and dies at one of them."""

    def __init__(self, crash: list[Any] | None) -> None:
        self.when: str = crash[0] if crash else "never"
        self.number: int = crash[1] if crash else 0
        self.count = 0

    def wrap(self, inner: Any) -> Any:
        counted = self

        class Wrapped:
            def __getattr__(self, name: str) -> Any:
                found = getattr(inner, name)
                return found if name not in EFFECTS else counted.act(found)

        return Wrapped()

    def act(self, effect: Any) -> Any:
        def run(*arguments: Any, **named: Any) -> Any:
            self.count += 1
            self.die("before")
            result = effect(*arguments, **named)
            self.die("after")
            return result

        return run

    def die(self, when: str) -> None:
        if (self.when, self.number) == (when, self.count):
            os._exit(KILLED)


class FileGitHub:
    """Deployments in a folder, one file each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def pulls_of_commit(self, sha: str) -> tuple[()]:
        return ()

    def deployments(self, commits: Collection[str]) -> tuple[Deployment, ...]:
        found = []
        for file in sorted(self.folder.glob("*.json")):
            sha, environment, description, state = json.loads(file.read_text())
            if sha in commits:
                key = file.stem.replace("~", ":")
                found.append(Deployment(key, sha, environment, description, state))
        return tuple(found)

    def upsert_deployment(self, deployment: Deployment) -> None:
        found = json.dumps(
            [deployment.sha, deployment.environment, deployment.description, deployment.state]
        )
        with tempfile.NamedTemporaryFile("w", dir=self.folder, delete=False) as file:
            file.write(found)
        Path(file.name).rename(self.folder / f"{deployment.key.replace(':', '~')}.json")


def work(job: dict[str, Any]) -> dict[str, Any]:
    counted = Counted(job.get("crash"))
    uri = f"sqlite:///{job['mlflow']}"
    connection = client.connect(uri, deadline_seconds=60)
    with connection.reaching("open"):
        connection._client = counted.wrap(connection._client)
    repository = cast(Repository, counted.wrap(git.open_repository(Path(job["clone"]))))
    world: dict[str, Any] = {
        "repository": repository,
        "ledger": GitLedger(repository),
        "runs": MlflowRuns(uri),
        "registry": MlflowRegistry(uri),
        "github": cast(GitHub, counted.wrap(FileGitHub(Path(job["github"])))),
        "now": "2030-01-01T12:00:00+00:00",
    }
    if job["revision"] is None:
        return _reconcile(world) | {"effects": counted.count}
    (result,) = promote.run(**world, revision=job["revision"])
    return {
        "outcome": result.outcome,
        "version": result.version,
        "sentence": result.sentence,
        "effects": counted.count,
    }


def _reconcile(world: dict[str, Any]) -> dict[str, Any]:
    (model,) = reconcile.run(**world).models
    bad = [c.sentence for c in model.corrections if c.status is not Status.DONE]
    return {
        "outcome": model.state,
        "sentence": "; ".join(bad),
        "found": [c.correction.what for c in model.corrections],
    }


def fork(job: dict[str, Any], answer: Path) -> int:
    child = os.fork()
    if child:
        return child
    try:
        said = work(job)
    except BaseException:  # noqa: BLE001 - told to whoever waits
        said = {"outcome": "failed", "sentence": traceback.format_exc()}
    answer.write_text(json.dumps(said))
    os._exit(0)


def main() -> None:
    rounds = json.load(sys.stdin)
    answers = []
    with tempfile.TemporaryDirectory() as folder:
        for number, jobs in enumerate(rounds):
            files = [Path(folder, f"{number}-{index}.json") for index in range(len(jobs))]
            children = [fork(job, file) for job, file in zip(jobs, files, strict=True)]
            codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
            answers.append(
                [
                    {"code": code} | (json.loads(file.read_text()) if file.exists() else {})
                    for code, file in zip(codes, files, strict=True)
                ]
            )
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
