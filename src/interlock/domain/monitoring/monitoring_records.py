"""What was seen of a served model's live data, and what was asked for; records, decided elsewhere.

Times are ISO 8601 in UTC; a window holds the rows from `start` until just before `end`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from interlock.domain.basics.interval import Interval
from interlock.domain.drift.profile import Profile
from interlock.domain.drift.status import DriftStatus
from interlock.domain.model.evidence import Artifact
from interlock.domain.monitoring.windows import FileTimeRange


class Cause(StrEnum):
    """What fits the evidence of a window best."""

    BROKEN_PIPELINE = "broken_pipeline"
    COVARIATE_SHIFT = "covariate_shift"
    LABEL_SHIFT = "label_shift"
    CONCEPT_DRIFT = "concept_drift"
    SEASONALITY = "seasonality"
    NONE = "none"


class Remedy(StrEnum):
    RETRAIN = "retrain"
    FIX_DATA = "fix_data"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """`severity` is the sum of effect sizes, each weighted by the column's importance: it is only
    held against another of the same cause. `columns` come most telling first."""

    cause: Cause
    remedy: Remedy
    severity: float
    columns: tuple[str, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class Share:
    """Of one bin or category: how much of the reference and of the live rows it holds, 0 to 1."""

    label: str
    reference: float
    live: float


@dataclass(frozen=True, slots=True)
class ColumnReport:
    """One column in one window; `importance` is None where the model told none."""

    name: str
    kind: str
    verdict: DriftStatus
    sentence: str
    statistics: Mapping[str, float] = field(default_factory=dict)
    importance: float | None = None
    shares: tuple[Share, ...] = ()


@dataclass(frozen=True, slots=True)
class DriftReport:
    """One window of one model against what its champion (`reference`, a fingerprint; `version`,
    the registry's) knew. `problems` are what kept rows or columns from being looked at, and
    `unread` those of them that are files: `rows` and `columns` are then of what could be read.
    `compared` says how many columns were, and why others were not. `files` need not be looked at
    again while their state stays. `revision` counts how often the window was evaluated before."""

    model: str
    start: str
    end: str
    rows: int
    verdict: DriftStatus
    reference: str
    reference_rows: int
    diagnosis: Diagnosis
    at: str
    columns: tuple[ColumnReport, ...] = ()
    version: int | None = None
    problems: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    compared: str = ""
    files: tuple[FileTimeRange, ...] = ()
    revision: int = 0


@dataclass(frozen=True, slots=True)
class DriftSummary:
    """A DriftReport without its columns, which are most of it: read where many are read."""

    model: str
    end: str
    verdict: DriftStatus
    reference: str
    at: str
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Performance:
    """A metric on live rows whose labels came, beside the champion's evaluated rows.

    `difference` is live minus reference, in the metric's own unit, and `interval` that of it.
    """

    metric: str
    reference: float | None
    live: float | None
    difference: float | None
    interval: Interval | None
    rows: int
    verdict: DriftStatus
    sentence: str


@dataclass(frozen=True, slots=True)
class PerformanceReport:
    """Performance of the champion in one window, on the labels that had arrived by `at`.

    `labelled_rows` is an artifact of the champion's run `run_id` with these rows (id, target,
    prediction, scores); candidates are compared on them. It is None if no row has a label.
    """

    model: str
    start: str
    end: str
    reference: str
    performance: Performance
    diagnosis: Diagnosis
    at: str
    run_id: str = ""
    labelled_rows: Artifact | None = None


@dataclass(frozen=True, slots=True)
class ReferenceProfile:
    """What a champion's reference was reduced to, once: later windows are held against it.

    `reference` is the champion's fingerprint, `rules` a digest of what decides which data and
    which columns were read.
    """

    model: str
    reference: str
    rules: str
    profile: Profile


class RetrainingStep(StrEnum):
    """What became of a retraining pull request."""

    OPENED = "opened"
    UPDATED = "updated"
    COMMENTED = "commented"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class RetrainingRequest:
    """A pull request that asks for a retraining, and why; `pull` is None until it has a number."""

    model: str
    cause: Cause
    window_end: str
    reference: str
    severity: float
    branch: str
    step: RetrainingStep
    at: str
    sentence: str
    pull: int | None = None


RECENT_WINDOWS = 7
"""So many windows at most are what a candidate is held against besides the evaluated rows."""


def labelled_rows(
    reports: Iterable[PerformanceReport], *, reference: str
) -> tuple[tuple[str, Artifact], ...]:
    """Return run and artifact of the newest windows of a champion whose labels came, oldest first;
    of a window that was reported with ever more labels, the last report's."""
    mine = [r for r in reports if r.reference == reference and r.labelled_rows is not None]
    fullest: dict[str, PerformanceReport] = {}
    for report in sorted(mine, key=lambda r: (r.end, r.performance.rows)):
        fullest[report.end] = report
    newest = list(fullest.values())[-RECENT_WINDOWS:]
    return tuple((r.run_id, r.labelled_rows) for r in newest if r.labelled_rows is not None)
