"""A scene with real Git and a real MLflow; each case gets a copy and is asked what it holds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from interlock.adapters import git
from interlock.adapters.ledger import GitLedger
from interlock.adapters.mlflow import client
from interlock.adapters.mlflow.registry import MlflowRegistry
from interlock.adapters.mlflow.runs import MlflowRuns
from tests import crashing
from tests.fakes.scene import IDENTITY, Scene, run

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Case:
    """A copy of a story: its own origin, clones and MLflow."""

    scene: Scene

    @property
    def database(self) -> Path:
        return self.scene.folder / "mlflow.db"

    def clone(self, name: str) -> Path:
        folder = self.scene.folder / name
        if not folder.exists():
            run(self.scene.folder, "clone", "--quiet", "--bare", "origin.git", name)
            run(folder, "remote", "set-url", "origin", str(self.scene.folder / "origin.git"))
        return folder

    def job(self, revision: str | None, *, clone: str, crash: tuple[str, int] | None = None) -> Any:
        """What promote_program does: promote a revision, reconcile where there is none."""
        return {
            "clone": str(self.clone(clone)),
            "revision": revision,
            "mlflow": str(self.database),
            "github": str(self.scene.folder / "github"),
            "crash": crash,
        }

    def state(self) -> dict[str, Any]:
        """Everything outside: the ledger's tree and history, versions, aliases, deployments."""
        origin = git.open_repository(self.scene.folder / "origin.git")
        registry = MlflowRegistry(f"sqlite:///{self.database}")
        github = self.scene.folder / "github"
        files = sorted(github.glob("*.json")) if github.exists() else []
        return {
            "tree": dict(GitLedger(origin)._tree.entries),  # type: ignore[union-attr]
            "log": origin.log("refs/heads/interlock-ledger"),
            "versions": registry.versions("digits"),
            "staging": registry.find_alias("digits", "staging"),
            "production": registry.find_alias("digits", "production"),
            "deployments": {file.name: file.read_text() for file in files},
        }


def tell(folder: Path, contents: list[float]) -> tuple[Case, list[str]]:
    """Put parameters on main one after the other, each trained, and judged against everything."""
    scene = Scene(folder).create()
    commits = [scene.commit(c) for c in contents]
    uri = f"sqlite:///{folder}/mlflow.db"
    client.prepare(uri)
    runs = MlflowRuns(uri)
    ledger = GitLedger(scene.repository, pause=lambda _: None)
    prints = list(dict.fromkeys(scene.fingerprint(commit) for commit in commits))
    run_ids: dict[str, str] = {}
    for commit in commits:
        candidate = scene.train(commit)
        if candidate.fingerprint not in run_ids:
            files = {"model": scene.runs.root / candidate.run_id / "model"}
            recorded = runs.record_candidate(candidate, files=files)
            run_ids[candidate.fingerprint] = recorded.run_id
            scene.judge(
                commit,
                ledger,
                champions=[None, *prints],
                run_id=recorded.run_id,
            )
    return Case(scene), commits


def carry_out(rounds: list[list[Any]]) -> list[list[dict[str, Any]]]:
    """Run rounds of jobs in processes of their own; what became of each."""
    answers = crashing.carry_out("tests.integration.promote_program", rounds, extra=IDENTITY)
    for answer in (each for answered in answers for each in answered):
        assert answer.get("outcome") != "failed", answer["sentence"]
    return answers
