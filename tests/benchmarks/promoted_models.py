"""A repository whose models are all promoted: in Git, in MLflow, and on a GitHub on loopback."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import github_sandbox
from interlock import documents
from interlock.adapters.github import PyGithubAdapter
from interlock.adapters.ledger import GitLedger
from interlock.adapters.mlflow import client
from interlock.adapters.mlflow.registry import MlflowRegistry
from interlock.adapters.mlflow.runs import MlflowRuns
from interlock.domain.promotion import promotion
from interlock.domain.promotion.promotion import Phase, Promotion, PromotionKind
from interlock.ledger import lookup
from interlock.ports.github import Deployment
from tests.benchmarks.large_scene import LargeScene
from tests.fakes.scene import run

REPOSITORY = "acme/models"
ENVIRONMENTS = ("staging", "production")


@dataclass(frozen=True, slots=True)
class PromotedModels:
    """`uri` is MLflow's SQLite file; `environment` has the settings of GitHub."""

    scene: LargeScene
    hub: github_sandbox.Sandbox
    uri: str
    environment: Mapping[str, str]

    def settings(self, uri: str) -> dict[str, str]:
        """Return the environment of a verb, with MLflow at `uri`."""
        return {**os.environ, **self.environment, "MLFLOW_TRACKING_URI": uri}


@contextmanager
def promoted(folder: Path, *, count: int) -> Iterator[PromotedModels]:
    """Promote `count` models, each at a commit of its own, and serve GitHub."""
    hub = github_sandbox.Sandbox(folder / "hub")
    hub.create_repository(REPOSITORY)
    hub.create_user("octocat", repository=REPOSITORY, permission="write")
    token = hub.create_token("octocat")
    scene = LargeScene(folder / "scene")
    scene.folder.mkdir()
    names = [f"model-{number:03d}" for number in range(count)]
    scene.create(*names)
    commits = {name: scene.commit(1.0, model=name, push=False) for name in names}
    run(scene.checkout, "push", "--quiet", "origin", "main")
    uri = f"sqlite:///{folder}/mlflow.db"
    with hub.serve() as url:
        run(scene.checkout, "push", "--quiet", hub.git_url(REPOSITORY, token), "main")
        api = f"{url}/api"
        github = PyGithubAdapter(api_url=api, repository=REPOSITORY, token=token)
        _promote_all(scene, uri, github, commits)
        environment = {
            "GITHUB_API_URL": api,
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_TOKEN": token,
        }
        yield PromotedModels(scene, hub, uri, environment)
    hub.close()


def _promote_all(
    scene: LargeScene, uri: str, github: PyGithubAdapter, commits: Mapping[str, str]
) -> None:
    client.prepare(uri)
    runs, registry, ledger = MlflowRuns(uri), MlflowRegistry(uri), GitLedger(scene.repository)
    acts: list[Promotion] = []
    for name, commit in commits.items():
        trained = scene.train(commit, model=name)
        files = {"model": scene.runs.root / trained.run_id / "model"}
        candidate = runs.record_candidate(trained, files=files)
        scene.judge(commit, scene.records, model=name, run_id=candidate.run_id)
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
            environments=ENVIRONMENTS,
            at="2030-01-01T00:00:00+00:00",
        )
        version = registry.register(intent).number
        acts.append(dataclasses.replace(intent, phase=Phase.DONE, version=version))
        for environment in ENVIRONMENTS:
            registry.set_alias(name, environment, version=version)
            key = promotion.deployment_key(intent, environment)
            description = f"{name} version {version}"
            github.upsert_deployment(Deployment(key, commit, environment, description))
    scene.add_records(ledger)
    begun = [dataclasses.replace(act, phase=Phase.INTENT, version=None) for act in acts]
    for records in (begun, acts):
        documented = {lookup.path_of(act): documents.dump(act) for act in records}
        ledger.append(documented, message="Promote all models")
