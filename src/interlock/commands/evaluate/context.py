"""The context, the options and the results of an evaluation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from interlock import errors
from interlock.domain.evaluation.verdict import Outcome, Verdict
from interlock.domain.model.candidates import Choice
from interlock.domain.model.policy import Policy
from interlock.domain.model.snapshot import Snapshot
from interlock.ports.git import Repository, Tree
from interlock.ports.github import GitHub
from interlock.ports.ledger import Ledger
from interlock.ports.pictures import Pictures
from interlock.ports.plots import Plots
from interlock.ports.runs import Runs
from interlock.ports.scoring import Scoring
from interlock.services.attested_runs import AttestedRuns


@dataclass(frozen=True, slots=True)
class EvaluateOptions:
    """Empty `models`: all models with a training run. The gates are those of the revision; relaxed
    gates in comparison with `base` are reported. The policy is the current one of `branch`, the
    default branch. `pull` is the pull request; nothing is evaluated when it is closed."""

    revision: str
    models: tuple[str, ...] = ()
    base: str | None = None
    pull: int | None = None
    branch: str = "main"


@dataclass(frozen=True, slots=True)
class EvaluateContext:
    """`runs`, `scoring` and `plots` take seconds to open, so they are opened only for a new
    verdict; without `plots` and `pictures` nothing is drawn. `github` finds the pull request.
    `attested` returns the rules for candidates of the revision, None if a policy requires no
    attestation."""

    repository: Repository
    read: Callable[[Tree], Snapshot]
    ledger: Ledger
    runs: Callable[[], Runs]
    scoring: Callable[[], Scoring]
    plots: Callable[[], Plots] | None = None
    pictures: Pictures | None = None
    github: Callable[[], GitHub] | None = None
    attested: Callable[[Policy], AttestedRuns | None] = lambda _: None


@dataclass(frozen=True, slots=True)
class ModelVerdict:
    """A verdict; not `is_new` when it is from the ledger.

    `choice` has the runs of the fingerprint, and the reasons why some do not count.
    """

    model: str
    verdict: Verdict
    is_new: bool
    choice: Choice = field(default_factory=Choice)

    @property
    def exit_code(self) -> int:
        return errors.EXIT_DONE if self.verdict.outcome is Outcome.PASS else errors.EXIT_NO


@dataclass(frozen=True, slots=True)
class NoVerdict:
    """The reason why there is no verdict. `log_tail` is the end of the log of a failed training.
    `exit_code` is the exit code of the command, if no other model has a worse one."""

    model: str
    fingerprint: str | None
    reason: str
    log_tail: str = ""
    exit_code: int = errors.EXIT_NO
    choice: Choice = field(default_factory=Choice)


@dataclass(frozen=True, slots=True)
class EvaluateResult:
    """One result per model, in order of name; `passed_over` are models without a training run.

    `is_late`: the pull request is closed, and nothing was evaluated. `warnings` are about metrics
    and pictures that could not be stored elsewhere; they change no verdict.
    """

    revision: str
    results: tuple[ModelVerdict | NoVerdict, ...]
    passed_over: tuple[str, ...] = ()
    is_late: bool = False
    warnings: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """The worst exit code of the models; without a verdict nothing has passed."""
        codes = [result.exit_code for result in self.results]
        return errors.worst(codes) if codes else errors.EXIT_NO

    @property
    def is_passed(self) -> bool:
        """True if there is at least one verdict and all verdicts passed."""
        return self.exit_code == errors.EXIT_DONE
