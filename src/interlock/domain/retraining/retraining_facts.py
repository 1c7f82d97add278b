"""What a decision about a retraining rests on, and what it comes to; nothing is decided here.

Moments are whole seconds since 1970 in UTC; windows are named by their end, ISO 8601.
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
)
from interlock.domain.promotion.hold import Hold
from interlock.domain.promotion.promotion import Promotion

BRANCHES = "interlock/retrain/"
LABELS = ("interlock", "retraining")
CLEARLY_WORSE = 1.5
"""How many times as severe something has to be than what a person has waved off."""


def branch(model: str) -> str:
    return BRANCHES + model


class Trigger(StrEnum):
    """What asks for it."""

    DRIFT = "drift"
    SCHEDULE = "schedule"
    UPSTREAM = "upstream"
    ASKED = "asked"


@dataclass(frozen=True, slots=True)
class RetrainingReason:
    """Why a model should be trained anew. `window_end` is "" where no window asked for it."""

    trigger: Trigger
    cause: Cause
    severity: float
    window_end: str
    sentence: str


@dataclass(frozen=True, slots=True)
class HiddenMark:
    """What a pull request or an issue of ours says of itself, out of sight."""

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
    """A pull request from the branch. `mark` is None where its text is not (any more) ours.

    `is_touched`: people's commits are on it. `conflicts`: it cannot be merged as it is.
    `closed_at` is 0 while it is open.
    """

    number: int
    state: RetrainingPullState
    mark: HiddenMark | None = None
    is_touched: bool = False
    conflicts: bool = False
    closed_at: int = 0


@dataclass(frozen=True, slots=True)
class UpstreamChange:
    """Something that the model names and that moved on at `at`."""

    name: str
    at: int
    sentence: str


@dataclass(frozen=True, slots=True)
class RetrainingFacts:
    """All that counts for one model; `asked` is a person's reason, "" where nobody asked.

    `proposals` are the branch's, oldest first. `is_branch_taken`: people's commits are on the
    branch, and no pull request is open that they belong to. `open_elsewhere` counts the other
    models' open retrainings, `recent` the requests of the last hour, those of all models.
    """

    model: str
    now: int
    rule: Retrain
    policy: RetrainPolicy
    champion: Promotion | None = None
    hold: Hold | None = None
    drift: tuple[DriftReport, ...] = ()
    performance: tuple[PerformanceReport, ...] = ()
    requests: tuple[RetrainingRequest, ...] = ()
    proposals: tuple[RetrainingPull, ...] = ()
    upstreams: tuple[UpstreamChange, ...] = ()
    is_branch_taken: bool = False
    open_elsewhere: int = 0
    recent: int = 0
    asked: str = ""


@dataclass(frozen=True, slots=True)
class OpenPull:
    """`begun_at`: the request is in the ledger since then, and its effects were cut off."""

    need: RetrainingReason
    begun_at: str = ""


@dataclass(frozen=True, slots=True)
class UpdatePull:
    need: RetrainingReason
    pull: int
    begun_at: str = ""


@dataclass(frozen=True, slots=True)
class FinishPull:
    """The pull request is there; what follows on its opening was cut off."""

    need: RetrainingReason
    pull: int
    begun_at: str


@dataclass(frozen=True, slots=True)
class CommentOnPull:
    """A comment and nothing else; `mark` is what it is about."""

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
    reason: str


Decision = OpenPull | UpdatePull | FinishPull | CommentOnPull | ClosePull | NoAction
