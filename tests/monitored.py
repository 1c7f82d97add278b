"""A served model whose live data comes day by day: real Git, real files, promoted by decree."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import polars as pl

from interlock import documents
from interlock.adapters import git as vendor
from interlock.adapters.label_join import FileLabelling
from interlock.adapters.live import FileLive
from interlock.adapters.profiling import FileProfiling
from interlock.adapters.scoring import FileScoring
from interlock.commands import monitor
from interlock.domain.basics import timestamps
from interlock.domain.evaluation import gates
from interlock.domain.evaluation.verdict import Finding, Outcome, Verdict
from interlock.domain.model.evidence import Candidate, Evidence, Rows, RunFacts
from interlock.domain.model.policy import Policy
from interlock.domain.monitoring.monitoring_records import DriftReport, PerformanceReport
from interlock.domain.promotion.promotion import Phase
from interlock.ledger import lookup
from interlock.ports.ledger import Ledger
from interlock.ports.pictures import Pictures
from interlock.services import artifacts, snapshots
from tests import promotions
from tests.fakes.ledger import FakeLedger
from tests.fakes.pictures import FakePictures
from tests.fakes.runs import FakeRuns

MANIFEST = """\
model: {model}
owner: "@acme/vision"
objective: Read handwritten digits on forms.
task: multiclass
pipeline: {{target: train}}
outputs: {{model: model/, predictions: predictions.parquet}}
environment: []
runner: {{labels: [self-hosted], gpus: 0, timeout_minutes: 10}}
evaluate: {{primary: accuracy, seed: 7}}
gates:
  - {{metric: accuracy, min: 0.6}}
promote: {{environments: [staging, production], registry_name: {model}}}
"""
WATCH = """\
monitor:
  live: ../../live/date=*/*.parquet
  time: date
  window: {every: 1d, min_rows: 200}
"""
LABELS = """\
  checks:
    performance: {labels: ../../labels/*.parquet, metric: accuracy, max_drop: 0.05, wait: 3d}
"""
PIPELINE = """\
stages:
  train:
    cmd: python train.py
    deps: [train.py]
    params: [c]
    outs: [model, predictions.parquet]
"""
_Port = TypeVar("_Port")
ROWS = 800
FIRST_DAY = 17_836 * timestamps.DAY_SECONDS
"""2018-11-01: the first day that is looked at ends then."""


def rows(
    count: int = ROWS, *, seed: int = 0, shift: float = 0.0, right: float = 0.9, unit: float = 1.0
) -> pl.DataFrame:
    """Forms to be read: age in years, hand of two, what the model said, and what is true.

    `shift` is in standard deviations of age; `right` is how often the model is.
    """
    chance = random.Random(seed)
    ages = [chance.gauss(40 + 10 * shift, 10) * unit for _ in range(count)]
    truth = [chance.choice("abc") for _ in range(count)]
    values = [each if chance.random() < right else chance.choice("abc") for each in truth]
    return pl.DataFrame(
        {
            "id": [f"{seed}-{row}" for row in range(count)],
            "target": truth,
            "prediction": values,
            "age": ages,
            "hand": [chance.choice(("left", "right")) for _ in range(count)],
        }
    )


@dataclass
class MonitoredShop:
    """`day` 1 is the first; a day's window is over when the next begins."""

    folder: Path
    ledger: Ledger = field(default_factory=FakeLedger)
    pictures: Pictures = field(default_factory=FakePictures)
    runs: FakeRuns = field(init=False)
    opened: list[str] = field(default_factory=list)
    manifest: str = MANIFEST
    evaluated: pl.DataFrame = field(default_factory=lambda: rows(2000, seed=99))
    """The rows of the champion's evaluation, and its scores on them."""
    scores: dict[str, float] = field(default_factory=lambda: {"accuracy": 0.93})

    def __post_init__(self) -> None:
        self.runs = FakeRuns(self.folder / "runs")

    @property
    def checkout(self) -> Path:
        return self.folder / "checkout"

    def begin(
        self, *sections: str, model: str = "digits", metrics: dict[str, float] | None = None
    ) -> MonitoredShop:
        """Have a model declared and served whose evaluated rows are as `rows` has them."""
        self.lay_out(*sections, model=model)
        self.serve(model=model, metrics=metrics or {})
        return self

    def lay_out(self, *sections: str, model: str = "digits") -> None:
        if not self.checkout.exists():
            self.git("init", "--quiet", "--initial-branch=main", ".", at=self.checkout)
        self.declare(*(sections or (WATCH,)), model=model)

    def declare(self, *sections: str, model: str = "digits", c: int = 1) -> None:
        home = f"model-manifests/{model}"
        self.write(f"{home}/model.yaml", self.manifest.format(model=model) + "".join(sections))
        self.write(f"{home}/dvc.yaml", PIPELINE)
        self.write(f"{home}/train.py", "print()\n")
        self.write(f"{home}/params.yaml", f"c: {c}\n")
        self.write(".gitignore", "live/\nlabels/\n")
        self.git("add", ".")
        self.git("commit", "--quiet", "--allow-empty", "-m", "Declare it")

    def serve(
        self, *, model: str = "digits", version: int = 1, metrics: dict[str, float] | None = None
    ) -> Candidate:
        """Train and promote what main says, by decree."""
        revision = self.git("rev-parse", "HEAD")
        at = snapshots.read_model(self.repository.tree(revision), model)
        assert at.lineage is not None
        work = self.folder / "work" / f"{model}-{version}"
        (work / "model").mkdir(parents=True)
        (work / "model" / "weights.bin").write_bytes(b"0" * 1000)
        predictions = work / "predictions.parquet"
        self.evaluated.write_parquet(predictions)
        candidate = Candidate(
            name=model,
            fingerprint=str(at.fingerprint),
            revision=revision,
            run_id="",
            lineage=at.lineage,
            model=artifacts.measure(work / "model", name="model"),
            predictions=artifacts.measure(predictions, name="predictions.parquet"),
            files=(),
            facts=RunFacts(seconds=3.0),
            metrics=metrics or {},
        )
        files = {"model": work / "model", "predictions.parquet": predictions}
        candidate = self.runs.record_candidate(candidate, files=files)
        self._promote(candidate, version=version)
        return candidate

    def _promote(self, candidate: Candidate, *, version: int) -> None:
        promotion = promotions.of_candidate(candidate, version=version, at="2018-10-31T00:00:00Z")
        evidence = Evidence(candidate, Rows(2000, "1" * 64), self.scores)
        intent = replace(promotion, phase=Phase.INTENT, version=None)
        for noun in (evidence, self._verdict(candidate), intent, promotion):
            self.ledger.append({lookup.path_of(noun): documents.dump(noun)}, message="Promote")

    def _verdict(self, candidate: Candidate) -> Verdict:
        at = snapshots.read_model(self.repository.tree(candidate.revision), candidate.name)
        (rule,) = at.manifest.gates
        key = gates.key(
            fingerprint=candidate.fingerprint,
            manifest=at.manifest,
            policy=Policy(),
            champion=None,
            rollback=False,
        )
        finding = Finding(rule, Outcome.PASS, 0.93, ">= 0.6", "accuracy is 0.93")
        return Verdict(
            key=key,
            model=candidate.name,
            fingerprint=candidate.fingerprint,
            revision=candidate.revision,
            outcome=Outcome.PASS,
            sentence="1 gate: pass",
            findings=(finding,),
            comparisons=(),
            champion=None,
        )

    def day(self, number: int, frame: pl.DataFrame | None = None, *, part: str = "part") -> None:
        """Have live rows served on a day: features and answers, no truth."""
        result = rows(seed=number) if frame is None else frame
        folder = self.checkout / f"live/date={timestamps.write(start(number))[:10]}"
        folder.mkdir(parents=True, exist_ok=True)
        result.drop("target", strict=False).write_parquet(folder / f"{part}.parquet")

    def label(self, number: int, frame: pl.DataFrame | None = None) -> None:
        """Have the truth of a day's rows come."""
        result = rows(seed=number) if frame is None else frame
        folder = self.checkout / "labels"
        folder.mkdir(exist_ok=True)
        result.select("id", "target").write_parquet(folder / f"{number}.parquet")

    def watch(self, number: int, *models: str, hour: int = 1) -> monitor.MonitorResult:
        """Run the verb on the day after day `number`."""
        now = start(number + 1) + hour * 3600
        return monitor.run(
            self.world(), monitor.MonitorOptions(revision="HEAD", now=now, models=models)
        )

    def world(self) -> monitor.MonitorContext:
        return monitor.MonitorContext(
            repository=self.repository,
            read=snapshots.read,
            ledger=self.ledger,
            pictures=self.pictures,
            runs=self._opening("runs", lambda: self.runs),
            live=self._opening("live", lambda: FileLive(self.checkout, open_dvc=lambda _: None)),
            profiling=self._opening("profiling", FileProfiling),
            scoring=self._opening("scoring", FileScoring),
            labelling=self._opening("labelling", FileLabelling),
            timer=lambda: 0.0,
        )

    def reports(self, model: str = "digits") -> tuple[DriftReport, ...]:
        self.ledger.refresh()
        windows = lookup.drift_windows(self.ledger, model=model)
        paths = (windows.find(end) or "" for end in windows.after(0))
        return tuple(lookup.drift_report(self.ledger, path) for path in paths)

    def performance(self, model: str = "digits") -> tuple[PerformanceReport, ...]:
        self.ledger.refresh()
        windows = lookup.performance_windows(self.ledger, model=model)
        paths = (windows.find(end) or "" for end in windows.after(0))
        return tuple(lookup.performance_report(self.ledger, path) for path in paths)

    @property
    def repository(self) -> vendor.GitRepository:
        return vendor.open_repository(self.checkout)

    def _opening(self, name: str, opened: Callable[[], _Port]) -> Callable[[], _Port]:
        def open_it() -> _Port:
            self.opened.append(name)
            return opened()

        return open_it

    def write(self, path: str, text: str) -> None:
        (self.checkout / path).parent.mkdir(parents=True, exist_ok=True)
        (self.checkout / path).write_text(text, "utf-8")

    def git(self, *arguments: str, at: Path | None = None) -> str:
        folder = at or self.checkout
        folder.mkdir(exist_ok=True)
        who = ("-c", "user.name=octocat", "-c", "user.email=octocat@example.com")
        done = subprocess.run(
            ["git", *who, *arguments], cwd=folder, check=True, capture_output=True
        )
        return done.stdout.decode().strip()


def start(number: int) -> int:
    """When a day begins, in seconds."""
    return FIRST_DAY + (number - 1) * timestamps.DAY_SECONDS
