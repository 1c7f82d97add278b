"""The records of monitoring and retraining.

Times are ISO 8601 in UTC; a window includes `start` and excludes `end`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from interlock.domain.basics.interval import Interval
from interlock.domain.drift.profile import Profile
from interlock.domain.drift.status import DriftStatus
from interlock.domain.model.evidence import Artifact
from interlock.domain.monitoring.known_files import KnownFiles
from interlock.domain.monitoring.windows import FileTimeRange


class Cause(StrEnum):
    """The most likely cause of a change."""

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
    """`severity` is the sum of effect sizes, each weighted by the column's importance: compare it
    only within one cause. `columns` are sorted by their part of it."""

    cause: Cause
    remedy: Remedy
    severity: float
    columns: tuple[str, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class Share:
    """The shares of reference and live rows in one bin or category, 0 to 1."""

    label: str
    reference: float
    live: float


@dataclass(frozen=True, slots=True)
class ColumnReport:
    """One column in one window; `importance` is None if the pipeline reports none."""

    name: str
    kind: str
    verdict: DriftStatus
    sentence: str
    statistics: Mapping[str, float] = field(default_factory=dict)
    importance: float | None = None
    shares: tuple[Share, ...] = ()

    @property
    def effect(self) -> float | None:
        """The larger share of rows: moved, or newly missing or present; None if unknown."""
        names = ("effect", "missing_rise")
        shares = [abs(self.statistics[name]) for name in names if name in self.statistics]
        return max(shares, default=None)


@dataclass(frozen=True, slots=True)
class WindowVerdict:
    """The verdict of a DriftReport, with those of its fields that identify it."""

    end: str
    verdict: DriftStatus
    reference: str
    revision: int = 0


@dataclass(frozen=True, slots=True)
class DriftReport:
    """One window compared with the reference data of the champion: `reference` is its fingerprint,
    `version` the one in the registry.

    `problems` explain why rows or columns were not compared, `unread` those that are unreadable
    files: `rows` and `columns` then describe the other files. `compared` is the number of compared
    columns and why others were not. `files` are not read again while their state stays the same;
    `known_files` has them together with those of windows before, None without a list.
    `revision` counts the earlier evaluations of the window. `earlier` are the verdicts of the
    windows before, oldest first: a reader of the last windows needs one record. No window that
    ended by `labelled_until` waits for labels; None if that is unknown.
    """

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
    known_files: KnownFiles | None = None
    revision: int = 0
    earlier: tuple[WindowVerdict, ...] = ()
    labelled_until: str | None = None

    @property
    def own_verdict(self) -> WindowVerdict:
        return WindowVerdict(self.end, self.verdict, self.reference, self.revision)


@dataclass(frozen=True, slots=True)
class Performance:
    """A metric on labelled live rows, compared with the champion's score.

    `difference` is live minus reference in the unit of the metric, `interval` its interval.
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
    """The profile of a champion's reference data, computed once: windows are compared with it.

    `reference` is the champion's fingerprint, `rules` a digest of the settings that select data
    and columns.
    """

    model: str
    reference: str
    rules: str
    profile: Profile


class RetrainingStep(StrEnum):
    """A step in the life of a retraining pull request."""

    OPENED = "opened"
    UPDATED = "updated"
    COMMENTED = "commented"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class RetrainingRequest:
    """A retraining pull request and its cause; `pull` is None until it has a number."""

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
"""Labelled windows on which a candidate is compared, in addition to the evaluated rows."""


def labelled_rows(newest_first: Iterable[PerformanceReport]) -> tuple[tuple[str, Artifact], ...]:
    """Return run and artifact of the newest windows of a champion with labelled rows, oldest
    first; older reports are not taken from the iterator."""
    rows = ((r.run_id, r.labelled_rows) for r in newest_first if r.labelled_rows is not None)
    return tuple(itertools.islice(rows, RECENT_WINDOWS))[::-1]
