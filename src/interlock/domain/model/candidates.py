"""Choose the run that is the candidate of a fingerprint, and classify the others; reads no run.

The first evidence in the ledger names it, for good: users with write access to the run store can
set the time and content of a run, but cannot add anything before a commit of the ledger.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from interlock.domain.model.evidence import Artifact, Candidate, Evidence, Origin

_Record = TypeVar("_Record")
_MOST_REPORTED = 5
_TOO_MANY = (
    "more runs are of these inputs than can be read, and no evidence says which of them counts: "
    "look at who made them, then delete the wrong ones (mlflow runs delete --run-id RUN)"
)


@dataclass(frozen=True, slots=True)
class Bad:
    """A run that names the fingerprint and does not count, with the reason. `is_out_of_reach`: its
    document could not be fetched, and may be valid at another time."""

    run_id: str
    reason: str
    is_out_of_reach: bool = False

    @property
    def sentence(self) -> str:
        return f"run {self.run_id} does not count: {self.reason}"


@dataclass(frozen=True, slots=True)
class CompleteRuns(Generic[_Record]):
    """The complete runs of a fingerprint, in the order of the run store's own times.

    `repeats` are the ids of runs that were recorded as repeats of another run. `digests` has the
    SHA-256 of the document of each record, by run. `is_cut`: there may be more runs than were read.
    With `origins`, by run, the records are only those with a valid attestation, the oldest
    attestation first; None if none is required.
    """

    records: tuple[_Record, ...] = ()
    bad: tuple[Bad, ...] = ()
    repeats: frozenset[str] = frozenset()
    digests: Mapping[str, str] = field(default_factory=dict)
    is_cut: bool = False
    origins: Mapping[str, Origin] | None = None

    def without(self: CompleteRuns[Candidate], bad: Bad) -> CompleteRuns[Candidate]:
        """Return the runs without one that does not contain the artifact that it records."""
        others = tuple(each for each in self.records if each.run_id != bad.run_id)
        return replace(self, records=others, bad=(*self.bad, bad))


@dataclass(frozen=True, slots=True)
class Repeat:
    """A run of the same inputs that is not the candidate; `of` is the run that is."""

    run_id: str
    of: str
    is_same: bool
    """True if it records the same model and predictions."""

    @property
    def sentence(self) -> str:
        bytes_ = "the same bytes" if self.is_same else "other bytes"
        return f"run {self.run_id} is a repeat of run {self.of}, which counts: {bytes_}"


@dataclass(frozen=True, slots=True)
class Choice:
    """`candidates` record the same artifact, or have attestations, so that any of them can replace
    a damaged one: the first with its artifact is the candidate, and `document` the SHA-256 of its
    document if its run was read. With an `objection` none of them may be used."""

    candidates: tuple[Candidate, ...] = ()
    repeats: tuple[Repeat, ...] = ()
    bad: tuple[Bad, ...] = ()
    objection: str = ""
    document: str = ""

    @property
    def candidate(self) -> Candidate | None:
        return next(iter(self.candidates), None)

    @property
    def warnings(self) -> tuple[str, ...]:
        """One sentence for each run, limited to a readable number."""
        sentences = [each.sentence for each in self.bad] + [each.sentence for each in self.repeats]
        more = len(sentences) - _MOST_REPORTED
        return tuple(sentences[:_MOST_REPORTED]) + (
            (f"and {more} more such runs",) if more > 0 else ()
        )


def choose(runs: CompleteRuns[Candidate], evidence: Evidence | None) -> Choice:
    """Return the candidate that evidence names; without evidence, the candidate of all original
    runs, if they have the same artifact.

    If they differ, nothing shows which one is right, because a run's times are set by its writer.
    If all runs are repeats, the original was deleted, and they count as originals.
    """
    if evidence is not None:
        return _judged(runs, evidence)
    if runs.origins is not None:
        return _attested(runs)
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
    document = runs.digests.get(first.run_id, "")
    return Choice(tuple(originals), repeats, runs.bad, document=document)


def _attested(runs: CompleteRuns[Candidate]) -> Choice:
    """Return the runs with an attestation; the others never count, and hide none of them."""
    if not runs.records:
        return Choice(bad=runs.bad, objection=_TOO_MANY if runs.is_cut else "")
    first = runs.records[0]
    document = runs.digests.get(first.run_id, "")
    return Choice(runs.records, _repeats(runs, first), runs.bad, document=document)


def is_same(one: Candidate, other: Candidate) -> bool:
    """True if two runs record the same model and predictions; without predictions the same
    metrics, because these are evaluated then."""
    return _evaluated(one) == _evaluated(other)


def _evaluated(one: Candidate) -> tuple[object, ...]:
    known = one.predictions
    return (one.model.sha256, dict(one.metrics) if known is None else known.sha256)


def changed(*, run_id: str, artifact: str, recorded: str, actual: str, is_judged: bool) -> str:
    """Explain that a run has another artifact than the recorded one (both as SHA-256)."""
    what = "evidence in the ledger" if is_judged else "the training"
    return (
        f"{artifact} of run {run_id} is not what {what} recorded: SHA-256 {actual}, recorded as "
        f"{recorded}. The run was changed or damaged, and nothing is judged by it"
    )


def _judged(runs: CompleteRuns[Candidate], evidence: Evidence) -> Choice:
    """Return the run of the evidence. The evidence stays valid even if the run store has lost the
    run."""
    known = evidence.candidate
    repeats = _repeats(runs, known)
    now = next((each for each in runs.records if each.run_id == known.run_id), known)
    pairs: tuple[tuple[Artifact | None, Artifact | None], ...] = (
        (known.model, now.model),
        (known.predictions, now.predictions),
    )
    for was, is_ in pairs:
        if was is not None and (is_ is None or was.sha256 != is_.sha256):
            message = changed(
                run_id=known.run_id,
                artifact=was.path,
                recorded=was.sha256,
                actual="missing" if is_ is None else is_.sha256,
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
