"""The facts that a retraining decision uses, and the possible decisions.

Times are whole seconds since 1970 in UTC; windows are named by their end, ISO 8601.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from interlock.domain.model.monitor_rules import Retrain
from interlock.domain.model.policy import RetrainPolicy
from interlock.domain.monitoring.monitoring_records import (
    Cause,
    DriftReport,
    PerformanceReport,
    RetrainingRequest,
    WindowVerdict,
)
from interlock.domain.promotion.hold import Hold
from interlock.domain.promotion.promotion import Promotion

BRANCHES = "interlock/retrain/"
LABELS = ("interlock", "retraining")
CLEARLY_WORSE = 1.5
"""A snoozed cause counts again when its severity has grown by this factor."""


def branch(model: str) -> str:
    return BRANCHES + model


class Trigger(StrEnum):
    """The kind of a retraining reason."""

    DATA_DRIFT = "data_drift"
    PERFORMANCE_LOSS = "performance_loss"
    SCHEDULE = "schedule"
    UPSTREAM_MODEL = "upstream_model"
    USER_REQUEST = "user_request"


@dataclass(frozen=True, slots=True)
class RetrainingReason:
    """The reason to retrain a model. `window_end` is "" when the reason is not live data."""

    trigger: Trigger
    cause: Cause
    severity: float
    window_end: str
    sentence: str


@dataclass(frozen=True, slots=True)
class HiddenMark:
    """The fields in the hidden comment of a pull request or an issue of Interlock."""

    cause: Cause
    window_end: str
    severity: float
    reference: str


class RetrainingPullState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    MERGED = "merged"


@dataclass(frozen=True, slots=True)
class RetrainingPull:
    """A pull request from the retraining branch. `mark` is None if its text is not Interlock's.

    `conflicts`: it cannot be merged as it is. `closed_at` is 0 while it is open.
    """

    number: int
    state: RetrainingPullState
    mark: HiddenMark | None = None
    has_user_commits: bool = False
    conflicts: bool = False
    closed_at: int = 0


@dataclass(frozen=True, slots=True)
class UpstreamChange:
    """A change at `at` of a model or a data pointer in the manifest's `after`."""

    name: str
    at: int
    sentence: str


@dataclass(frozen=True, slots=True)
class RetrainingFacts:
    """All facts about one model; `user_reason` is the reason of a user request, "" without one.

    `drift` has the newest window and the newest one of the champion; `windows` are the verdicts of
    the last windows, only if the newest one is broken.

    `pulls` are the branch's pull requests, oldest first. `branch_has_user_commits`: commits of
    users that belong to no open pull request. `open_for_others` counts the open retraining pull
    requests of the other models, `recent_requests` the requests of the last hour for all models.
    """

    model: str
    now: int
    rule: Retrain
    policy: RetrainPolicy
    champion: Promotion | None = None
    hold: Hold | None = None
    drift: tuple[DriftReport, ...] = ()
    windows: tuple[WindowVerdict, ...] = ()
    performance: tuple[PerformanceReport, ...] = ()
    requests: tuple[RetrainingRequest, ...] = ()
    pulls: tuple[RetrainingPull, ...] = ()
    upstreams: tuple[UpstreamChange, ...] = ()
    branch_has_user_commits: bool = False
    open_for_others: int = 0
    recent_requests: int = 0
    user_reason: str = ""


@dataclass(frozen=True, slots=True)
class OpenPull:
    """`begun_at`: time of a request in the ledger with interrupted effects, "" without one."""

    reason: RetrainingReason
    begun_at: str = ""


@dataclass(frozen=True, slots=True)
class UpdatePull:
    reason: RetrainingReason
    pull: int
    begun_at: str = ""


@dataclass(frozen=True, slots=True)
class FinishPull:
    """The pull request is open, but the steps after that were interrupted."""

    reason: RetrainingReason
    pull: int
    begun_at: str


@dataclass(frozen=True, slots=True)
class CommentOnPull:
    """Only write a comment; `mark` is its subject."""

    pull: int
    mark: HiddenMark
    sentence: str


@dataclass(frozen=True, slots=True)
class ClosePull:
    pull: int
    mark: HiddenMark
    sentence: str


@dataclass(frozen=True, slots=True)
class NoAction:
    sentence: str


Decision = OpenPull | UpdatePull | FinishPull | CommentOnPull | ClosePull | NoAction
