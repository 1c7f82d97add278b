"""Checks a run's document and measures its files before a token is requested for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

from interlock import errors
from interlock.commands.attest.context import AttestOptions
from interlock.commands.attest.event_commits import EventCommits
from interlock.domain.basics.refusal import Refusal
from interlock.domain.model import lineage, run_files
from interlock.domain.model.evidence import Attempt, Candidate
from interlock.domain.model.run_files import RunFile
from interlock.domain.model.stage_runs import OWN_CACHE
from interlock.ports.runs import Runs
from interlock.services import run_measurement, temporary_folders

_Record = TypeVar("_Record", Candidate, Attempt)


def read(runs: Runs, fingerprint: str, options: AttestOptions) -> Candidate | Attempt:
    """Return the candidate of the named run, or its failed training.

    Raises Refused for another document, and CannotReachRegistry if it cannot be fetched.
    """
    names = {"model": options.model, "fingerprint": fingerprint}
    trained = runs.read_candidate(options.run, **names)
    for candidate in trained.records:
        return _require(candidate, trained.digests, options)
    failed = runs.read_attempt(options.run, **names)
    for attempt in failed.records:
        return _require(attempt, failed.digests, options)
    (bad,) = trained.bad
    kind = errors.CannotReachRegistry if bad.is_out_of_reach else errors.Refused
    raise kind(f"run {bad.run_id} cannot be attested: {bad.reason}")


def _require(record: _Record, digests: Mapping[str, str], options: AttestOptions) -> _Record:
    actual = digests[record.run_id]
    if actual != options.digest:
        raise errors.Refused(
            f"the document of run {record.run_id} has the SHA-256 {actual}, and the training job "
            f"left {options.digest}",
            hint="the run or its document was replaced: look at the users who can write to MLflow",
        )
    return record


def measure(
    candidate: Candidate | Attempt, commits: EventCommits, runs: Runs
) -> tuple[RunFile, ...]:
    """Return all files of the run, as its document has them; a failed training has none. Raises
    Refused otherwise."""
    objection = next(_check(candidate, commits), None)
    if objection is not None:
        raise errors.Refused(
            f"run {candidate.run_id} cannot be attested: {objection}",
            hint="attest a run in the job of its own commit; with a key, name that commit: --rev",
        )
    if isinstance(candidate, Attempt):
        return ()
    with temporary_folders.folder("attest") as folder:
        files = run_measurement.measure(candidate, runs, folder=folder)
    refusal = run_files.check(candidate, files)
    if refusal is not None:
        raise errors.Refused(
            f"run {candidate.run_id} was changed after the training: {refusal}",
            hint="look at the users who can write to MLflow, and train it again",
        )
    return files


def _check(candidate: Candidate | Attempt, commits: EventCommits) -> Iterator[Refusal]:
    if candidate.revision != commits.commit:
        yield Refusal(
            f"it was trained at {candidate.revision}, and {commits.commit[:12]} is to be attested"
        )
    if isinstance(candidate, Attempt):
        return
    if lineage.fingerprint(candidate.lineage) != candidate.fingerprint:
        yield Refusal("its inputs are not those of its fingerprint")
    if not candidate.is_hermetic or any(each.source == OWN_CACHE for each in candidate.stages):
        yield Refusal("it was not trained in a tree of exactly its inputs")
