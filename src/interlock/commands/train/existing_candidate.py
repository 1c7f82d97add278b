"""Finds the candidate that a fingerprint already has."""

from __future__ import annotations

from interlock import errors
from interlock.commands.train.context import TrainContext, TrainingSubject
from interlock.domain.model import candidates
from interlock.domain.model.candidates import Choice, CompleteRuns
from interlock.domain.model.evidence import Candidate
from interlock.ledger import lookup
from interlock.ports.ledger import Ledger


def find(subject: TrainingSubject, context: TrainContext) -> Choice:
    """Find the candidate in the ledger, else in MLflow: the ledger is append-only, and MLflow can
    lose runs. A failed attempt does not count, and neither does a run without a required
    attestation.

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
    attested = context.attested(subject.tree.revision)
    return candidates.choose(attested.select(runs, context.runs) if attested else runs, None)


def require(choice: Choice, subject: TrainingSubject, context: TrainContext) -> None:
    """Raise an error for contradictory candidates, and for a candidate that cannot be read now."""
    if choice.objection:
        raise errors.Refused(f"{subject.name}: {choice.objection}")
    lost = next((each for each in choice.bad if each.is_out_of_reach), None)
    if context.attested(subject.tree.revision) is not None:
        return  # a run without an attestation blocks nothing
    if choice.candidate is None and lost is not None:
        raise errors.CannotReachRegistry(
            f"{subject.name} may be trained already: {lost.sentence}",
            hint="run this again, or train anyway with --force",
        )


def first_by_now(subject: TrainingSubject, context: TrainContext) -> str:
    """Return the run that counts at the end of a training, "" for none."""
    choice, _ = _find_again(subject, context)
    return choice.candidate.run_id if choice.candidate else ""


def find_first(
    recorded: Candidate, subject: TrainingSubject, context: TrainContext
) -> tuple[Candidate | None, tuple[str, ...]]:
    """Return the earlier candidate with the same fingerprint, None when `recorded` is the first;
    and warnings."""
    choice, unknown = _find_again(subject, context)
    if choice.objection:
        return None, (choice.objection,)
    is_own = choice.candidate is None or choice.candidate.run_id == recorded.run_id
    return (None if is_own else choice.candidate), unknown


def _find_again(subject: TrainingSubject, context: TrainContext) -> tuple[Choice, tuple[str, ...]]:
    """Look again after hours of training. A failure is a warning, not an error: the candidate is
    recorded anyway, and the first evidence counts."""
    try:
        return find(subject, context), ()
    except errors.InterlockError as error:
        warning = f"another training of the same inputs may exist: {error.message}"
        return Choice(), (warning,)


def _refresh(ledger: Ledger, context: TrainContext) -> None:
    """Fetch the ledger. Without origin the local copy is used: records are never removed, and
    MLflow has the newer runs."""
    try:
        ledger.refresh()
    except errors.CannotReachGit as error:
        context.tell(f"warning: the ledger may be out of date, so MLflow decides: {error.message}")
