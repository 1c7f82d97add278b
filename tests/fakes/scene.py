"""A small repository whose models are trained and judged by decree: what promotion starts from."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from interlock import documents, errors
from interlock.adapters import git
from interlock.domain.evaluation import gates
from interlock.domain.evaluation.acceptance import Acceptance
from interlock.domain.evaluation.verdict import Finding, Outcome, Verdict
from interlock.domain.model.evidence import Artifact, Candidate, Evidence, Rows, RunFacts
from interlock.domain.model.policy import Policy
from interlock.domain.model.snapshot import ModelAt
from interlock.domain.promotion import relation_to_champion
from interlock.ledger import lookup
from interlock.ports.ledger import Ledger
from interlock.services import artifacts, snapshots

MANIFEST = """\
model: {model}
owner: "@acme/vision"
objective: Read handwritten digits on forms.
task: multiclass
pipeline: {{target: train}}
outputs: {{model: model/, predictions: predictions.csv}}
environment: []
runner: {{labels: [self-hosted], gpus: 0, timeout_minutes: 10}}
evaluate: {{primary: f1_macro, seed: 7}}
gates:
  - {{metric: f1_macro, min: {floor}}}
promote: {{environments: [staging, production], registry_name: {model}}}
"""
PIPELINE = """\
stages:
  train:
    cmd: python train.py
    deps: [train.py]
    params: [train.c]
    outs: [model, predictions.csv]
"""
# One identity and one time: the same story has the same commit ids, whoever tells it.
IDENTITY = {
    f"GIT_{role}_{part}": value
    for role in ("AUTHOR", "COMMITTER")
    for part, value in (
        ("NAME", "octocat"),
        ("EMAIL", "octocat@example.com"),
        ("DATE", "2030-01-01T00:00:00Z"),
    )
}


@dataclass
class Scene:
    """A checkout with a bare origin; what is on main there was committed here."""

    folder: Path
    runs: FolderRuns = field(init=False)

    def __post_init__(self) -> None:
        self.runs = FolderRuns(self.folder / "runs")

    @property
    def checkout(self) -> Path:
        return self.folder / "checkout"

    @property
    def repository(self) -> git.GitRepository:
        return git.open_repository(self.checkout)

    def create(self, *models: str) -> Scene:
        run(self.folder, "init", "--quiet", "--bare", "--initial-branch=main", "origin.git")
        run(self.folder, "clone", "--quiet", "origin.git", "checkout")
        run(self.checkout, "checkout", "--quiet", "-B", "main")
        # Relative, so that a copy of the whole folder is a scene of its own.
        run(self.checkout, "remote", "set-url", "origin", "../origin.git")
        for model in models or ("digits",):
            self.write(f"model-manifests/{model}/dvc.yaml", PIPELINE)
            self.write(f"model-manifests/{model}/train.py", "print()\n")
            self.declare(model)
        return self

    def copy(self, folder: Path) -> Scene:
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return Scene(folder)

    def declare(self, model: str = "digits", *, floor: float = 0.9) -> None:
        text = MANIFEST.format(model=model, floor=floor)
        self.write(f"model-manifests/{model}/model.yaml", text)

    def write(self, path: str, text: str) -> None:
        (self.checkout / path).parent.mkdir(parents=True, exist_ok=True)
        (self.checkout / path).write_text(text, "utf-8")

    def commit(self, c: float, *, model: str = "digits", push: bool = True) -> str:
        """Put a parameter (and whatever else was written) on main; its commit id."""
        self.write(f"model-manifests/{model}/params.yaml", f"train: {{c: {c}}}\n")
        run(self.checkout, "add", ".")
        run(self.checkout, "commit", "--quiet", "--allow-empty", "-m", f"{model}: c is {c}")
        if push:
            run(self.checkout, "push", "--quiet", "origin", "main")
        return run(self.checkout, "rev-parse", "HEAD")

    def model(self, revision: str, *, model: str = "digits") -> ModelAt:
        return snapshots.read_model(self.repository.tree(revision), model)

    def fingerprint(self, revision: str, *, model: str = "digits") -> str:
        return str(self.model(revision, model=model).fingerprint)

    def train(self, revision: str, *, model: str = "digits") -> Candidate:
        """The candidate of a revision: made once per fingerprint, in a run named after it."""
        model_at = self.model(revision, model=model)
        assert model_at.lineage is not None
        fingerprint = str(model_at.fingerprint)
        run_id = fingerprint[:32]
        folder = self.runs.root / run_id / "model"
        if not folder.exists():
            folder.mkdir(parents=True)
            (folder / "weights.bin").write_bytes(hashlib.sha256(fingerprint.encode()).digest())
        return Candidate(
            name=model,
            fingerprint=fingerprint,
            revision=revision,
            run_id=run_id,
            lineage=model_at.lineage,
            model=artifacts.measure(folder, name="model"),
            predictions=Artifact("predictions.csv", "0" * 64, 1),
            files=(),
            facts=RunFacts(seconds=1.0),
        )

    def judge(
        self,
        revision: str,
        ledger: Ledger,
        *,
        model: str = "digits",
        outcome: Outcome = Outcome.PASS,
        champions: Sequence[str | None] | None = None,
        run_id: str = "",
    ) -> Verdict:
        """Write evidence, and a verdict against what is served, or against each of `champions`
        whether or not the same bytes were served before."""
        candidate = self.train(revision, model=model)
        candidate = dataclasses.replace(candidate, run_id=run_id or candidate.run_id)
        ledger.refresh()
        stands = relation_to_champion.find(
            lookup.promotions(ledger, model=model), fingerprint=candidate.fingerprint
        )
        evidence = Evidence(candidate, Rows(2, "1" * 64), {"f1_macro": 0.95})
        known = lookup.find_evidence(ledger, model=model, fingerprint=candidate.fingerprint)
        ways = [(stands.champion, stands.is_rollback)]
        if champions is not None:
            ways = [(champion, rollback) for champion in champions for rollback in (True, False)]
        verdicts = [self._verdict(candidate, *way, outcome) for way in ways]
        records = {lookup.path_of(n): documents.dump(n) for n in (known or evidence, *verdicts)}
        ledger.append(records, message=f"Evidence of {model} at {revision[:12]}")
        return verdicts[-1]

    def _verdict(
        self, candidate: Candidate, champion: str | None, rollback: bool, outcome: Outcome
    ) -> Verdict:
        model_at = self.model(candidate.revision, model=candidate.name)
        (rule,) = model_at.manifest.gates
        return Verdict(
            key=gates.key(
                fingerprint=candidate.fingerprint,
                manifest=model_at.manifest,
                policy=Policy(),
                champion=champion,
                rollback=rollback,
            ),
            model=candidate.name,
            fingerprint=candidate.fingerprint,
            revision=candidate.revision,
            outcome=outcome,
            sentence=f"1 gate: {outcome}",
            findings=(Finding(rule, outcome, 0.95, ">= 0.9", f"f1_macro is {outcome}"),),
            comparisons=(),
            champion=champion,
        )

    def accept(self, verdict: Verdict, ledger: Ledger) -> Acceptance:
        acceptance = Acceptance(
            key=verdict.key,
            model=verdict.model,
            fingerprint=verdict.fingerprint,
            revision=verdict.revision,
            by="octocat",
            reason="the interval is wide and its middle is fine",
            at="2030-01-01T00:00:00+00:00",
        )
        ledger.append(
            {lookup.path_of(acceptance): documents.dump(acceptance)}, message="Acceptance"
        )
        return acceptance


@dataclass
class FolderRuns:
    """Runs as folders: only what promotion asks of them."""

    root: Path
    fetched: list[str] = field(default_factory=list)

    def fetch(self, run_id: str, artifact: str, *, to: Path) -> Path:
        self.fetched.append(run_id)
        target = to / artifact
        if not (self.root / run_id / artifact).exists():
            raise errors.CannotReachRegistry(f"run {run_id} has no artifact {artifact}")
        shutil.copytree(self.root / run_id / artifact, target)
        return target


def run(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **IDENTITY},
    )
    return done.stdout.strip()


def acts(ledger: Ledger, *, model: str = "digits") -> list[tuple[int, str, str]]:
    """What the ledger says happened: position, kind and phase of every record."""
    ledger.refresh()
    records = lookup.promotions(ledger, model=model)
    return [(p.position, p.kind.value, p.phase.value) for p in records]
