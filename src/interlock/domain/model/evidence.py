"""The record of a trained model: artifacts by digest, its run, its metrics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from interlock.domain.model.checkpoint import Saved
from interlock.domain.model.gpus import GpuUse
from interlock.domain.model.lineage import Lineage
from interlock.domain.model.policy import Rate
from interlock.domain.model.stage_runs import StageRun
from interlock.domain.provenance.attestation import Attestation

KEPT = "kept/"
"""In front of a path of the repository it is the artifact of a run with that file."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file or a folder of the run; a folder's digest is that of its sorted listing of files."""

    path: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class PlotFile:
    """A file that the pipeline declares as a plot, by its path in the repository: an artifact of
    the run, or the reason why it is missing."""

    path: str
    artifact: Artifact | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class RunFacts:
    """The place and duration of a training; empty strings and None are unknown. `python` and
    `packages` are those of `program`, which is the start of the target's command (`uv run python`).

    `resumed_from` is the step of the checkpoint that it continued from, if any; `attempts` is the
    number of starts on this machine. The seconds are of the last attempt.
    """

    seconds: float
    peak_memory_bytes: int | None = None
    python: str = ""
    platform: str = ""
    cpu: str = ""
    gpu: str = ""
    driver: str = ""
    packages: Mapping[str, str] = field(default_factory=dict)
    cost: float | None = None
    currency: str = ""
    gpu_use: GpuUse | None = None
    resumed_from: int | None = None
    attempts: int = 1
    program: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """The result of a training job: a trained model, not yet evaluated.

    `model` and `predictions` are artifacts of run `run_id`; if the manifest names no predictions,
    the metrics are evaluated alone. `metrics` are the numbers in the metrics files of the pipeline;
    `params` its parameters, dotted key to JSON text; `lock` maps the path of each dvc.lock to the
    entries of the stages that ran; `kept` are the files that its
    stages leave in Git, by their path in the repository. The small ones are artifacts of the run,
    below KEPT. `stages` are all stages of the model in their order, those that ran and those that
    did not, as the training job observed them; `data` maps each file that the training fetched to
    its SHA-256. `is_hermetic`: its tree had only the inputs of the fingerprint. Older records have
    none of the three.
    """

    name: str
    fingerprint: str
    revision: str
    run_id: str
    lineage: Lineage
    model: Artifact
    predictions: Artifact | None
    files: tuple[Artifact, ...]
    facts: RunFacts
    metrics: Mapping[str, float] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    lock: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    log_tail: str = ""
    plots: tuple[PlotFile, ...] = ()
    kept: tuple[Artifact, ...] = ()
    stages: tuple[StageRun, ...] = ()
    data: Mapping[str, str] = field(default_factory=dict)
    is_hermetic: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """A training without a candidate, the reason, and the end of its log.

    `interrupted`: a user or the runner stopped it. `machine`: its machine ended it (a full disk, no
    memory left). In both cases another try may succeed. `checkpoints` are those from which the next
    try can continue, as this try reported them.
    """

    name: str
    fingerprint: str
    revision: str
    run_id: str
    reason: str
    log_tail: str
    seconds: float
    interrupted: bool = False
    machine: str = ""
    checkpoints: tuple[Saved, ...] = ()

    @property
    def is_repeatable(self) -> bool:
        """True if the same inputs would fail again: only then the inputs are the cause."""
        return not self.interrupted and not self.machine

    @property
    def sentence(self) -> str:
        if self.is_repeatable:
            return f"training failed: {self.reason}"
        why = f"{self.machine}: {self.reason}" if self.machine else self.reason
        return f"training was ended from outside ({why}), which says nothing of the model: train it"


@dataclass(frozen=True, slots=True)
class Rows:
    """The evaluated rows: how many, and the digest of their ids and targets in order of id."""

    count: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Origin:
    """The commit that a candidate was trained at, with its attestation. `merge` is the commit of
    the attestation's token if that is the merge commit of a pull request; GitHub deletes it
    later."""

    commit: str
    merge: str | None
    attestation: Attestation


@dataclass(frozen=True, slots=True)
class Evidence:
    """A candidate and its scores. `scores` maps a metric to its value over all rows; `pictures`
    maps a plot's name to its path on the branch of pictures; `positive` is the positive class that
    scores are of, empty if there was none or it was not recorded. `origin` is None
    without required provenance, `rows` without predictions."""

    candidate: Candidate
    rows: Rows | None
    scores: Mapping[str, float]
    pictures: Mapping[str, str] = field(default_factory=dict)
    positive: str = ""
    origin: Origin | None = None


def score(evidence: Evidence, metric: str, *, positive: str, declared: str | None) -> float | None:
    """Return a metric over all rows for a comparison, None without one.

    `positive` is the positive class of the other number, empty without one; `declared` that of the
    manifest. A score of another class does not count. A score of an unknown class counts only
    without `declared`: the conventions (0/1, booleans) never changed.
    """
    is_same = positive == evidence.positive or (not evidence.positive and declared is None)
    return evidence.scores.get(metric) if not positive or is_same else None


def price(
    seconds: float, *, labels: Iterable[str], rates: Mapping[str, Rate]
) -> tuple[float | None, str]:
    """Return the cost of a run and its currency; (None, "") if no label has a rate.

    A runner has one price: that of the first label with a rate.
    """
    rate = next((rates[label] for label in labels if label in rates), None)
    return (None, "") if rate is None else (rate.amount * seconds / 3600, rate.currency)
