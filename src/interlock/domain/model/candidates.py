"""Choose the run that is the candidate of a fingerprint, and classify the others; reads no run.

The first evidence in the ledger names it, for good: users with write access to the run store can
set the time and content of a run, but cannot add anything before a commit of the ledger.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from interlock.domain.model.evidence import Candidate, Evidence

_Record = TypeVar("_Record")
_MOST_REPORTED = 5
_TOO_MANY = (
    "more runs are of these inputs than can be read, and no evidence says which of them counts: "
    "look at who made them, then delete the wrong ones (mlflow runs delete --run-id RUN)"
)


@dataclass(frozen=True, slots=True)
class Bad:
    """A run that names the fingerprint and is not counted, and why. `is_out_of_reach`: its document
    could not be fetched, and may be found good at another time."""

    run_id: str
    reason: str
    is_out_of_reach: bool = False

    @property
    def sentence(self) -> str:
        return f"run {self.run_id} is passed over: {self.reason}"


@dataclass(frozen=True, slots=True)
class CompleteRuns(Generic[_Record]):
    """The complete runs of a fingerprint, in the order of the run store's own times.

    `repeats` are the ids of those that were recorded after another one, as such. `is_cut`: there
    may be more runs than were read.
    """

    records: tuple[_Record, ...] = ()
    bad: tuple[Bad, ...] = ()
    repeats: frozenset[str] = frozenset()
    is_cut: bool = False

    def without(self: CompleteRuns[Candidate], bad: Bad) -> CompleteRuns[Candidate]:
        """Return the runs without one that does not contain the bytes that it claims."""
        others = tuple(each for each in self.records if each.run_id != bad.run_id)
        return replace(self, records=others, bad=(*self.bad, bad))


@dataclass(frozen=True, slots=True)
class Repeat:
    """A run of the same inputs that is not the candidate; `of` is the run that is."""

    run_id: str
    of: str
    is_same: bool
    """Whether it claims the same bytes, of the model and of the predictions."""

    @property
    def sentence(self) -> str:
        bytes_ = "the same bytes" if self.is_same else "other bytes"
        return f"run {self.run_id} is a repeat of run {self.of}, which counts: {bytes_}"


@dataclass(frozen=True, slots=True)
class Choice:
    """`candidates` claim the same bytes, so that any of them will do where one is damaged: the
    first that serves those bytes is the candidate. With an `objection` none of them may be used."""

    candidates: tuple[Candidate, ...] = ()
    repeats: tuple[Repeat, ...] = ()
    bad: tuple[Bad, ...] = ()
    objection: str = ""

    @property
    def candidate(self) -> Candidate | None:
        return next(iter(self.candidates), None)

    @property
    def warnings(self) -> tuple[str, ...]:
        """A sentence a run, not more than a person reads."""
        sentences = [each.sentence for each in self.bad] + [each.sentence for each in self.repeats]
        more = len(sentences) - _MOST_REPORTED
        return tuple(sentences[:_MOST_REPORTED]) + (
            (f"and {more} more such runs",) if more > 0 else ()
        )


def choose(runs: CompleteRuns[Candidate], evidence: Evidence | None) -> Choice:
    """Return the candidate that evidence names; without evidence the one whose bytes all original
    runs agree on.

    Where they do not agree nothing tells which is right: times are the writer's own. Where all are
    repeats, the original was deleted, and they are originals themselves.
    """
    if evidence is not None:
        return _judged(runs, evidence)
    marked = [each for each in runs.records if each.run_id not in runs.repeats]
    originals = marked or list(runs.records)
    if not originals:
        return Choice(bad=runs.bad)
    first = originals[0]
    repeats = _repeats(runs, first)
    if runs.is_cut:
        return Choice(repeats=repeats, bad=runs.bad, objection=_TOO_MANY)
    others = [each.run_id for each in originals if not is_same(each, first)]
    if others:
        return Choice(repeats=repeats, bad=runs.bad, objection=_disagreement(first, others))
    return Choice(tuple(originals), repeats, runs.bad)


def is_same(one: Candidate, other: Candidate) -> bool:
    """Whether two runs claim the same bytes."""
    return (one.model.sha256, one.predictions.sha256) == (
        other.model.sha256,
        other.predictions.sha256,
    )


def changed(*, run_id: str, artifact: str, recorded: str, actual: str, is_judged: bool) -> str:
    """Say that a run gives other bytes than were recorded of an artifact (both as SHA-256)."""
    what = "evidence in the ledger" if is_judged else "the training"
    return (
        f"{artifact} of run {run_id} is not what {what} recorded: SHA-256 {actual}, recorded as "
        f"{recorded}. The run was changed or damaged, and nothing is judged by it"
    )


def _judged(runs: CompleteRuns[Candidate], evidence: Evidence) -> Choice:
    """Evidence outlives its run, so that one that the store has lost is still the candidate."""
    known = evidence.candidate
    repeats = _repeats(runs, known)
    now = next((each for each in runs.records if each.run_id == known.run_id), known)
    pairs = ((known.model, now.model), (known.predictions, now.predictions))
    for was, is_ in pairs:
        if was.sha256 != is_.sha256:
            message = changed(
                run_id=known.run_id,
                artifact=was.path,
                recorded=was.sha256,
                actual=is_.sha256,
                is_judged=True,
            )
            return Choice(repeats=repeats, bad=runs.bad, objection=message)
    return Choice((known,), repeats, runs.bad)


def _repeats(runs: CompleteRuns[Candidate], first: Candidate) -> tuple[Repeat, ...]:
    return tuple(
        Repeat(each.run_id, first.run_id, is_same(each, first))
        for each in runs.records
        if each.run_id != first.run_id
    )


def _disagreement(first: Candidate, others: list[str]) -> str:
    names = ", ".join(others[:_MOST_REPORTED]) + (", …" if len(others) > _MOST_REPORTED else "")
    return (
        f"runs {first.run_id} and {names} are of the same inputs and have other bytes, and no "
        "evidence says which of them counts: look at who made them, then delete the wrong one "
        "(mlflow runs delete --run-id RUN)"
    )
