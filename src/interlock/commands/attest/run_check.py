"""Checks a run's document and measures its files before a token is requested for them."""

from __future__ import annotations

from collections.abc import Iterator

from interlock import errors
from interlock.commands.attest.context import AttestOptions
from interlock.commands.attest.event_commits import EventCommits
from interlock.domain.basics.refusal import Refusal
from interlock.domain.model import lineage, run_files
from interlock.domain.model.candidates import CompleteRuns
from interlock.domain.model.evidence import Candidate
from interlock.domain.model.run_files import RunFile
from interlock.domain.model.stage_runs import OWN_CACHE
from interlock.ports.runs import Runs
from interlock.services import run_measurement, temporary_folders


def read(complete: CompleteRuns[Candidate], options: AttestOptions) -> Candidate:
    """Return the candidate of the named run. Raises Refused for another document, and
    CannotReachRegistry if it cannot be fetched."""
    for bad in complete.bad:
        kind = errors.CannotReachRegistry if bad.is_out_of_reach else errors.Refused
        raise kind(f"run {bad.run_id} cannot be attested: {bad.reason}")
    (candidate,) = complete.records
    actual = complete.digests[candidate.run_id]
    if actual != options.digest:
        raise errors.Refused(
            f"candidate.json of run {candidate.run_id} has the SHA-256 {actual}, and the training "
            f"job left {options.digest}",
            hint="somebody replaced the run or its document: look at who writes to MLflow",
        )
    return candidate


def measure(candidate: Candidate, commits: EventCommits, runs: Runs) -> tuple[RunFile, ...]:
    """Return all files of the run, as its document has them. Raises Refused otherwise."""
    objection = next(_check(candidate, commits), None)
    if objection is not None:
        raise errors.Refused(f"run {candidate.run_id} cannot be attested: {objection}")
    with temporary_folders.folder("attest") as folder:
        files = run_measurement.measure(candidate, runs, folder=folder)
    refusal = run_files.check(candidate, files)
    if refusal is not None:
        raise errors.Refused(
            f"run {candidate.run_id} was changed after the training: {refusal}",
            hint="somebody changed the run: look at who writes to MLflow",
        )
    return files


def _check(candidate: Candidate, commits: EventCommits) -> Iterator[Refusal]:
    if candidate.revision != commits.commit:
        yield Refusal(
            f"it was trained at {candidate.revision[:12]}, and the event is of "
            f"{commits.commit[:12]}"
        )
    if lineage.fingerprint(candidate.lineage) != candidate.fingerprint:
        yield Refusal("its inputs are not those of its fingerprint")
    if not candidate.is_hermetic or any(each.source == OWN_CACHE for each in candidate.stages):
        yield Refusal("it was not trained in a tree of exactly its inputs")
