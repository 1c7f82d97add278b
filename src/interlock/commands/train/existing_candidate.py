"""Which candidate a fingerprint has already; nothing is trained or recorded here."""

from __future__ import annotations

from interlock import errors
from interlock.commands.train.context import TrainContext, TrainingSubject
from interlock.domain.model import candidates
from interlock.domain.model.candidates import Choice, CompleteRuns
from interlock.domain.model.evidence import Candidate
from interlock.ledger import lookup
from interlock.ports.ledger import Ledger


def find(subject: TrainingSubject, context: TrainContext) -> Choice:
    """The ledger's word comes first: it is append-only, and MLflow can lose its runs. An attempt
    that failed is no word at all: what was trained before is what left a candidate.

    Raises LedgerBroken, CannotReachRegistry.
    """
    if context.ledger is not None:
        _refresh(context.ledger, context)
        known = lookup.find_evidence(
            context.ledger, model=subject.name, fingerprint=subject.fingerprint
        )
        if known is not None:
            return candidates.choose(CompleteRuns(), known)
    runs = context.runs.find_candidates(model=subject.name, fingerprint=subject.fingerprint)
    return candidates.choose(runs, None)


def require(choice: Choice, subject: TrainingSubject) -> None:
    """Raise what keeps a choice from being an answer: candidates that contradict one another, and
    one that is there and cannot be read at the moment."""
    if choice.objection:
        raise errors.Refused(f"{subject.name}: {choice.objection}")
    lost = next((each for each in choice.bad if each.is_out_of_reach), None)
    if choice.candidate is None and lost is not None:
        raise errors.CannotReachRegistry(
            f"{subject.name} may be trained already: {lost.sentence}",
            hint="run this again, or train all the same with --force",
        )


def first_by_now(subject: TrainingSubject, context: TrainContext) -> str:
    """The run that counts by the time that a training has ended, "" for none."""
    choice, _ = _find_again(subject, context)
    return choice.candidate.run_id if choice.candidate else ""


def find_first(
    recorded: Candidate, subject: TrainingSubject, context: TrainContext
) -> tuple[Candidate | None, tuple[str, ...]]:
    """Return the candidate that a training just recorded repeats, None where it is the candidate
    itself; and what is not known."""
    choice, unknown = _find_again(subject, context)
    if choice.objection:
        return None, (choice.objection,)
    is_own = choice.candidate is None or choice.candidate.run_id == recorded.run_id
    return (None if is_own else choice.candidate), unknown


def _find_again(subject: TrainingSubject, context: TrainContext) -> tuple[Choice, tuple[str, ...]]:
    """Look once more after hours of training, and tell what could not be seen, instead of an error:
    what was trained is recorded all the same, and the first evidence decides."""
    try:
        return find(subject, context), ()
    except errors.InterlockError as error:
        said = f"whether somebody else trained it meanwhile is not known: {error.message}"
        return Choice(), (said,)


def _refresh(ledger: Ledger, context: TrainContext) -> None:
    """See what others trained. Without origin what this clone has seen still holds, for nothing
    is ever taken out of the ledger, and MLflow is asked for the rest."""
    try:
        ledger.refresh()
    except errors.CannotReachGit as error:
        context.tell(f"warning: the ledger may be out of date, MLflow decides: {error.message}")
