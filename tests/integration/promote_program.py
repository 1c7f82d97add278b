"""Promotes or reconciles in processes that can be made to die, over real Git and a real MLflow.

Started once with rounds of jobs as JSON on standard input; the jobs of a round run at once, each in
a fork, because importing MLflow anew for every one of them would take seconds. A job is
{"clone", "revision", "mlflow", "github", "crash": [when, n]}; without a revision it reconciles. It
dies `when` ("before" or "after") its n-th effect. What each printed or failed with goes to standard
output as JSON.
"""

from __future__ import annotations

import json
import tempfile
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
from interlock.domain.promotion.reconciliation import RepairStatus
from interlock.ports.git import Repository
from interlock.ports.github import Deployment, GitHub
from tests import crashing

EFFECTS = frozenset(
    {
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
)


class FileGitHub:
    """Deployments in a folder, one file each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def pulls_of_commit(self, sha: str) -> tuple[()]:
        return ()

    def deployments(self, commits: Collection[str]) -> tuple[Deployment, ...]:
        known = []
        for file in sorted(self.folder.glob("*.json")):
            sha, environment, description, state = json.loads(file.read_text())
            if sha in commits:
                key = file.stem.replace("~", ":")
                known.append(Deployment(key, sha, environment, description, state))
        return tuple(known)

    def upsert_deployment(self, deployment: Deployment) -> None:
        text = json.dumps(
            [deployment.sha, deployment.environment, deployment.description, deployment.state]
        )
        with tempfile.NamedTemporaryFile("w", dir=self.folder, delete=False) as file:
            file.write(text)
        Path(file.name).rename(self.folder / f"{deployment.key.replace(':', '~')}.json")


NOW = "2030-01-01T12:00:00+00:00"


def work(job: dict[str, Any]) -> dict[str, Any]:
    counted = crashing.Counted(EFFECTS, crash=job.get("crash"))
    uri = f"sqlite:///{job['mlflow']}"
    connection = client.connect(uri, deadline_seconds=60)
    with connection.reaching("open"):
        connection._client = counted.wrap(connection._client)
    repository = cast(Repository, counted.wrap(git.open_repository(Path(job["clone"]))))
    context = promote.PromotionContext(
        repository=repository,
        ledger=GitLedger(repository),
        runs=MlflowRuns(uri),
        registry=MlflowRegistry(uri),
        github=cast(GitHub, counted.wrap(FileGitHub(Path(job["github"])))),
    )
    if job["revision"] is None:
        return _reconcile(context) | {"effects": counted.count}
    (result,) = promote.run(context, promote.PromoteOptions(revision=job["revision"], now=NOW))
    return {
        "outcome": result.outcome,
        "version": result.version,
        "sentence": result.sentence,
        "effects": counted.count,
    }


def _reconcile(context: promote.PromotionContext) -> dict[str, Any]:
    (model,) = reconcile.run(context, reconcile.ReconcileOptions(now=NOW)).models
    bad = [c.sentence for c in model.differences if c.status is not RepairStatus.REPAIRED]
    return {
        "outcome": model.status,
        "sentence": "; ".join(bad),
        "differences": [c.difference.resource for c in model.differences],
    }


if __name__ == "__main__":
    crashing.serve(work)
