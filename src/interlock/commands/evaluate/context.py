"""What is asked of judging, what it needs of the context, and what it answers; nothing happens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from interlock import errors
from interlock.domain.evaluation.verdict import Outcome, Verdict
from interlock.domain.model.candidates import Choice
from interlock.domain.model.snapshot import Snapshot
from interlock.ports.git import Repository, Tree
from interlock.ports.github import GitHub
from interlock.ports.ledger import Ledger
from interlock.ports.plots import Plots
from interlock.ports.runs import Runs
from interlock.ports.scoring import Scoring


@dataclass(frozen=True, slots=True)
class EvaluateOptions:
    """`models` empty asks for all of which anything is known. Gates are the revision's own, held
    against those of `base`, so that a change cannot loosen them unnoticed; the policy is that of
    `branch`, the default one, as it is today. `pull` is the pull request that asks: of a closed one
    nothing is judged any more."""

    revision: str
    models: tuple[str, ...] = ()
    base: str | None = None
    pull: int | None = None
    branch: str = "main"


@dataclass(frozen=True, slots=True)
class EvaluateContext:
    """What judging needs of the world. The last three are opened when there is something to
    judge anew, which costs seconds; no pictures are drawn without `plots`. `github` is asked about
    a request's pull request alone."""

    repository: Repository
    read: Callable[[Tree], Snapshot]
    ledger: Ledger
    runs: Callable[[], Runs]
    scoring: Callable[[], Scoring]
    plots: Callable[[], Plots] | None = None
    github: Callable[[], GitHub] | None = None


@dataclass(frozen=True, slots=True)
class ModelVerdict:
    """A verdict; `is_new` says that it was reached now, else it was found in the ledger.

    `choice` holds the runs of the fingerprint that were looked at, and why some do not count.
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
    """No verdict, and why; `log_tail` is the last that a failed training said. `exit_code` is what
    the verb ends with where nothing is worse."""

    model: str
    fingerprint: str | None
    reason: str
    log_tail: str = ""
    exit_code: int = errors.EXIT_NO
    choice: Choice = field(default_factory=Choice)


@dataclass(frozen=True, slots=True)
class EvaluateResult:
    """One result a model, in order of name; `passed_over` are models of which nothing is known.

    `is_late`: the pull request that asked is closed, and nothing was judged. `warnings` say what
    could not be shown elsewhere; they change no verdict.
    """

    revision: str
    results: tuple[ModelVerdict | NoVerdict, ...]
    passed_over: tuple[str, ...] = ()
    is_late: bool = False
    warnings: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """The worst of the models' own; where nothing was judged, nothing has passed."""
        codes = [result.exit_code for result in self.results]
        return errors.worst(codes) if codes else errors.EXIT_NO

    @property
    def is_passed(self) -> bool:
        """Whether something was judged and all of it passed."""
        return self.exit_code == errors.EXIT_DONE
