"""What it costs to see that all is in order: `python -m tests.benchmarks.reconcile`.

Real Git, a real MLflow on SQLite, a GitHub on loopback; each model was promoted at a commit of its
own to two environments. Prints seconds, and the calls of MLflow and GitHub, for a pass in
order and for one that finds an alias of every tenth model moved.
"""

from __future__ import annotations

import argparse
import dataclasses
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import github_sandbox
from interlock import documents
from interlock.adapters.git import open_repository
from interlock.adapters.github import PyGithubAdapter
from interlock.adapters.ledger import GitLedger
from interlock.adapters.mlflow import client
from interlock.adapters.mlflow.registry import MlflowRegistry
from interlock.adapters.mlflow.runs import MlflowRuns
from interlock.commands import reconcile
from interlock.domain.promotion import promotion
from interlock.domain.promotion.promotion import Phase, Promotion, PromotionKind
from interlock.domain.promotion.reconciliation import SyncStatus
from interlock.ledger import lookup
from interlock.ports.github import Deployment
from tests.fakes.scene import Scene, run

_REPOSITORY = "acme/models"
_ENVIRONMENTS = ("staging", "production")


class Counted:
    """Hands everything on, and counts what is called by name."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.calls: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._inner, name)
        if not callable(attribute):
            return attribute

        def call(*arguments: Any, **named: Any) -> Any:
            self.calls[name] += 1
            return attribute(*arguments, **named)

        return call


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--models", type=int, default=100)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        hub = github_sandbox.Sandbox(Path(folder, "hub"))
        hub.create_repository(_REPOSITORY)
        hub.create_user("octocat", repository=_REPOSITORY, permission="write")
        token = hub.create_token("octocat")
        with hub.serve() as url:
            _measure(Path(folder), hub, url, token, count=wanted.models)
        hub.close()


def _measure(
    folder: Path, hub: github_sandbox.Sandbox, url: str, token: str, *, count: int
) -> None:
    names = [f"model-{number:03d}" for number in range(count)]
    scene = Scene(folder / "scene")
    scene.folder.mkdir()
    scene.create(*names)
    commits = {name: scene.commit(1.0, model=name, push=False) for name in names}
    run(scene.checkout, "push", "--quiet", "origin", "main")
    run(scene.checkout, "push", "--quiet", hub.git_url(_REPOSITORY, token), "main")
    uri = f"sqlite:///{folder}/mlflow.db"
    github = PyGithubAdapter(api_url=f"{url}/api", repository=_REPOSITORY, token=token)
    began = time.perf_counter()
    _promote_all(scene, uri, github, commits)
    print(f"{count} models promoted in {time.perf_counter() - began:.0f} s", flush=True)
    connection = client.connect(uri, deadline_seconds=60)
    with connection.reaching("open it"):
        counted = connection._client = Counted(connection._client)

    def look(title: str, **options: Any) -> set[SyncStatus]:
        counted.calls.clear()
        hub.reset_counts()
        context = reconcile.PromotionContext(
            repository=open_repository(scene.checkout),
            ledger=GitLedger(open_repository(scene.checkout)),
            runs=MlflowRuns(uri, deadline_seconds=60),
            registry=MlflowRegistry(uri, deadline_seconds=60),
            github=PyGithubAdapter(api_url=f"{url}/api", repository=_REPOSITORY, token=token),
        )
        began = time.perf_counter()
        settings = reconcile.ReconcileOptions(now="2030-01-02T00:00:00+00:00", **options)
        answer = reconcile.run(context, settings)
        seconds = time.perf_counter() - began
        registry_calls, github_calls = counted.calls.total(), len(hub.requests)
        print(
            f"{title}: {seconds:.2f} s, {registry_calls} calls of MLflow, {github_calls} of GitHub",
            flush=True,
        )
        return {model.status for model in answer.models}

    _pass(look, counted, names)


def _pass(look: Callable[..., set[SyncStatus]], mlflow: Counted, names: list[str]) -> None:
    for _ in range(2):
        assert look("in sync", with_artifacts=False) == {SyncStatus.IN_SYNC}
        assert look("in sync, bytes compared") == {SyncStatus.IN_SYNC}
    for name in names[::10]:
        mlflow.delete_registered_model_alias(name, "production")
    assert look("every tenth without its alias") == {
        SyncStatus.IN_SYNC,
        SyncStatus.REPAIRED,
    }
    assert look("in sync again") == {SyncStatus.IN_SYNC}


def _promote_all(scene: Scene, uri: str, github: PyGithubAdapter, commits: dict[str, str]) -> None:
    client.prepare(uri)
    runs, registry = MlflowRuns(uri), MlflowRegistry(uri)
    ledger = GitLedger(scene.repository)
    records: dict[str, dict[str, Any]] = {}
    for name, commit in commits.items():
        trained = scene.train(commit, model=name)
        files = {"model": scene.runs.root / trained.run_id / "model"}
        candidate = runs.record_candidate(trained, files=files)
        intent = Promotion(
            model=name,
            kind=PromotionKind.PROMOTION,
            phase=Phase.INTENT,
            fingerprint=candidate.fingerprint,
            revision=commit,
            position=scene.repository.position(commit),
            run_id=candidate.run_id,
            sha256=candidate.model.sha256,
            registry_name=name,
            environments=_ENVIRONMENTS,
            at="2030-01-01T00:00:00+00:00",
        )
        version = registry.register(intent).number
        done = dataclasses.replace(intent, phase=Phase.DONE, version=version)
        for environment in _ENVIRONMENTS:
            registry.set_alias(name, environment, version=version)
            key = promotion.deployment_key(intent, environment)
            description = f"{name} version {version}"
            github.upsert_deployment(Deployment(key, commit, environment, description))
        records |= {lookup.path_of(act): documents.dump(act) for act in (intent, done)}
    ledger.append(records, message="Promote all")


if __name__ == "__main__":
    main()
