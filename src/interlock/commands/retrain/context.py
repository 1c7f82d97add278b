"""What `retrain` is asked, what it uses and what it answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from interlock import errors
from interlock.domain.model.snapshot import ModelAt
from interlock.domain.monitoring.monitoring_records import Cause
from interlock.domain.retraining import issue_decision
from interlock.domain.retraining.refresh_result import Handover
from interlock.domain.retraining.retraining_facts import Decision, RetrainingFacts
from interlock.ports.git import Repository
from interlock.ports.github import GitHub, Pull
from interlock.ports.ledger import Ledger
from interlock.ports.refreshing import Refreshing
from interlock.services import snapshots
from interlock.services.best_effort import Attempts


@dataclass(frozen=True, slots=True)
class RetrainContext:
    """`say` hears every line of a refresh, `home` is the user's own checkout.

    `handed` is what another run refreshed: nothing is refreshed here then. Without `fetches`, the
    clone is what is known of origin: nothing is fetched.
    """

    repository: Repository
    ledger: Ledger
    github: GitHub
    refreshing: Refreshing
    reader: snapshots.Reader
    say: Callable[[str], None]
    handed: Handover | None = None
    fetches: bool = True

    @property
    def home(self) -> Path:
        return self.repository.root


@dataclass(frozen=True, slots=True)
class RetrainOptions:
    """`now` is ISO 8601; `reason` a person's, "" where the clock asks; `dispatch` names a workflow
    to be started for what was pushed, "" for none. `pictures` is the URL below which the ledger's
    files are shown, "" shows none."""

    revision: str = "main"
    branch: str = "main"
    now: str = ""
    models: tuple[str, ...] = ()
    reason: str = ""
    dispatch: str = ""
    pictures: str = ""
    dry_run: bool = False


class RetrainOutcome(StrEnum):
    """What became of a model's retraining; in a dry run, what would."""

    OPEN = "open"
    UPDATE = "update"
    FINISH = "finish"
    COMMENT = "comment"
    CLOSE = "close"
    NOTHING = "nothing"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class RetrainResult:
    """`pull` and `issue` are numbers on GitHub, None where there is none; `exit_code` is that of
    what went wrong, EXIT_DONE where nothing did."""

    model: str
    decision: RetrainOutcome
    cause: Cause
    pull: int | None
    issue: int | None
    sentence: str
    exit_code: int = errors.EXIT_DONE


@dataclass(frozen=True, slots=True)
class RetrainSubject:
    """One model at main's tip, and all that was seen of it.

    `head` is where the branch is, None where it is not; `pulls` are the branch's.
    """

    model: ModelAt
    tip: str
    situation: RetrainingFacts
    decision: Decision
    feed: issue_decision.Decision
    head: str | None
    pulls: tuple[Pull, ...]

    @property
    def name(self) -> str:
        return self.situation.model


@dataclass(frozen=True, slots=True)
class RetrainJob:
    """One model to be acted upon: by whom, for whom, what was seen of it, and what is good to have
    beside the one thing that was decided."""

    world: RetrainContext
    request: RetrainOptions
    subject: RetrainSubject
    attempts: Attempts
