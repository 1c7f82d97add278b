"""The context, options and results of `retrain`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from interlock import errors
from interlock.domain.model.snapshot import ModelAt
from interlock.domain.monitoring.monitoring_records import Cause
from interlock.domain.retraining import issue_decision
from interlock.domain.retraining.refresh_results import RefreshResults
from interlock.domain.retraining.retraining_facts import Decision, RetrainingFacts
from interlock.ports.git import Repository
from interlock.ports.github import GitHub, Pull
from interlock.ports.ledger import Ledger
from interlock.ports.pictures import Pictures
from interlock.ports.refreshing import Refreshing
from interlock.services import snapshots
from interlock.services.best_effort import Attempts


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrainContext:
    """`say` prints each line of a refresh. `prepare` are shell commands that create the environment
    of its programs; they get the address of MLflow.

    `refreshed` has the refreshes of another job: nothing is refreshed here then.
    """

    repository: Repository
    ledger: Ledger
    pictures: Pictures
    github: GitHub
    refreshing: Refreshing
    reader: snapshots.Reader
    say: Callable[[str], None]
    prepare: str = ""
    tracking_uri: str = ""
    refreshed: RefreshResults | None = None

    @property
    def home(self) -> Path:
        """The user's own checkout."""
        return self.repository.root


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrainOptions:
    """`now` is ISO 8601; `reason` is that of a user request, "" without one; `dispatch` is a
    workflow to start for the pushed branch, "" for none. `pictures` is the URL prefix of their
    branch, "" shows no pictures."""

    revision: str = "main"
    branch: str = "main"
    now: str = ""
    models: tuple[str, ...] = ()
    reason: str = ""
    dispatch: str = ""
    pictures: str = ""
    dry_run: bool = False


class RetrainOutcome(StrEnum):
    """The action for one model; in a dry run, the planned action."""

    OPEN = "open"
    UPDATE = "update"
    FINISH = "finish"
    COMMENT = "comment"
    CLOSE = "close"
    NOTHING = "nothing"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class RetrainResult:
    """`pull` and `issue` are numbers on GitHub, or None; `exit_code` is that of an error,
    EXIT_DONE without one."""

    model: str
    decision: RetrainOutcome
    cause: Cause
    sentence: str
    pull: int | None = None
    issue: int | None = None
    exit_code: int = errors.EXIT_DONE


@dataclass(frozen=True, slots=True)
class RetrainSubject:
    """One model at the tip of main, with the facts and the decisions about it.

    `head` is the commit of the retraining branch, None without a branch; `pulls` are the pull
    requests from it.
    """

    model: ModelAt
    tip: str
    facts: RetrainingFacts
    decision: Decision
    data_issue: issue_decision.Decision
    head: str | None
    pulls: tuple[Pull, ...]

    @property
    def name(self) -> str:
        return self.facts.model


@dataclass(frozen=True, slots=True)
class RetrainJob:
    """The work on one model; `attempts` collects optional effects that failed."""

    context: RetrainContext
    options: RetrainOptions
    subject: RetrainSubject
    attempts: Attempts
