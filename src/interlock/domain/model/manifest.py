"""The declaration of a model, already checked; without YAML and files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from interlock.domain.model.column_map import ColumnMap
    from interlock.domain.model.monitor_rules import Monitor

RECENT = "recent"
"""The slice of labelled rows of the champion's live data; not a column of a file."""
LABEL = "label"
"""The slice of a multilabel task whose values are its labels; not a column of a file."""


class Task(StrEnum):
    BINARY = "binary"
    MULTICLASS = "multiclass"
    REGRESSION = "regression"
    MULTILABEL = "multilabel"
    """Each row has a set of labels."""
    SCORED = "scored"
    """Rows have scores of any kind, of which the manifest's own metrics are aggregates."""

    @property
    def has_classes(self) -> bool:
        return self in (Task.BINARY, Task.MULTICLASS)


class Better(StrEnum):
    """The better direction of a metric."""

    GREATER = "greater"
    SMALLER = "smaller"


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The DVC stage that makes the model; `file` is relative to the repository."""

    file: str
    target: str


@dataclass(frozen=True, slots=True)
class PredictionsOutput:
    """The predictions file, and its own names of the columns, which are not in the fingerprint;
    None: id, target, prediction and score_<class>."""

    path: str
    columns: ColumnMap | None = None

    @property
    def columns_text(self) -> str:
        columns = self.columns
        return "id, target, prediction" if columns is None or columns.is_plain else columns.text


@dataclass(frozen=True, slots=True)
class Outputs:
    """Outputs of the target and of its upstream stages; paths are relative to the repository,
    without a final slash. Without `predictions` only the pipeline's own metrics are gated."""

    model: str
    predictions: PredictionsOutput | None = None

    @property
    def paths(self) -> tuple[str, ...]:
        return (self.model,) if self.predictions is None else (self.model, self.predictions.path)


class Launcher(StrEnum):
    TORCHRUN = "torchrun"


@dataclass(frozen=True, slots=True)
class Training:
    """How the target's program is started: as `gpus` processes, each with one GPU, if there are
    any. It is part of the fingerprint, because the processes share the batches."""

    launcher: Launcher
    gpus: int


@dataclass(frozen=True, slots=True)
class Runner:
    """The requirements of the training job; `gpu_memory_gb` must be free on each GPU, in powers of
    ten. They are not part of the fingerprint."""

    labels: tuple[str, ...] = ("self-hosted",)
    gpus: int = 0
    timeout_minutes: int = 60
    gpu_memory_gb: float | None = None


class RowsRule(StrEnum):
    """The rows of a candidate's evaluation, compared with the champion's; fewer is an error."""

    SAME = "same"
    GROWING = "growing"


class Aggregate(StrEnum):
    """How a metric of the manifest is computed from columns of the rows file."""

    MEAN = "mean"
    SUM = "sum"
    RATIO = "ratio"
    QUANTILE = "quantile"
    RMSE = "rmse"
    RATE = "rate"


@dataclass(frozen=True, slots=True)
class RowMetric:
    """A metric of the manifest: an aggregate over the rows of one column, of two for a ratio (the
    sum of the first by that of the second). `share` is the share of rows below a quantile."""

    name: str
    aggregate: Aggregate
    columns: tuple[str, ...]
    better: Better
    share: float | None = None

    @property
    def text(self) -> str:
        """The definition as text, for example `ratio of errors by words`."""
        share = "" if self.share is None else f" {self.share:g}"
        return f"{self.aggregate}{share} of {' by '.join(self.columns)}"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How predictions are scored: the primary metric, the slice columns, the bootstrap's seed.

    `rows` sets the rows of the candidate: exactly those of the champion, or those and more.
    `positive` is the positive class of a binary task, None if it is not declared: 0/1, -1/1 and
    booleans have one by convention. `metrics` are the manifest's own. With `group`, the rows of one
    value of that column are resampled together.
    """

    primary: str
    slices: tuple[str, ...] = ()
    seed: int = 0
    rows: RowsRule = RowsRule.SAME
    positive: str | None = None
    metrics: tuple[RowMetric, ...] = ()
    group: str | None = None


@dataclass(frozen=True, slots=True)
class GateRule:
    """One rule. Exactly one of `min`, `max`, `max_drop`, `max_rise` is set.

    `max_drop` and `max_rise` compare with the champion; `confidence` is that of the paired
    bootstrap interval. With `slice` the rule must pass for every value of that column. `better` is
    the direction of a metric of the pipeline's own. `line` is the line of the rule in the manifest
    (1-based, 0 without a file).
    """

    metric: str
    min: float | None = None
    max: float | None = None
    max_drop: float | None = None
    max_rise: float | None = None
    against: str | None = None
    confidence: float = 0.95
    slice: str | None = None
    line: int = 0
    better: Better | None = None


@dataclass(frozen=True, slots=True)
class Promote:
    """The environments of the model, in order; the last environment's model is the champion."""

    environments: tuple[str, ...]
    registry_name: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """One model. `path` is the manifest's own, relative to the repository; `context` are patterns
    of further files that its programs use. `task` is None only without predictions.

    `lines` maps a dotted field ("gates.0") to its 1-based line, for annotations.
    """

    path: str
    model: str
    owner: str
    objective: str
    task: Task | None
    pipeline: Pipeline
    outputs: Outputs
    environment: tuple[str, ...]
    runner: Runner
    evaluation: Evaluation
    gates: tuple[GateRule, ...]
    promote: Promote
    context: tuple[str, ...] = ()
    training: Training | None = None
    monitor: Monitor | None = None
    lines: Mapping[str, int] = field(default_factory=dict, compare=False, hash=False)
