"""Lists the records of the ledger that do not count, here or in the jobs of GitHub Actions."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from interlock import errors
from interlock.commands.ledger import LedgerContext
from interlock.domain.promotion import ledger_paths
from interlock.domain.provenance.verified_ledger import VerifiedLedger

_VERIFIED = "it has no valid attestation"


@dataclass(frozen=True, slots=True)
class UncountedRecord:
    """A file at the path of a record, and the reason why no record counts there."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class UncountedRecords:
    """The files of a name that do not count. With `is_only_in_jobs` this command reads them, and
    no job of GitHub Actions does: there the policy requires provenance."""

    records: tuple[UncountedRecord, ...]
    is_only_in_jobs: bool


def find(context: LedgerContext, *, name: str) -> UncountedRecords:
    """Return what does not count of a model, or at a path. Tokens of GitHub that only a job checks
    are assumed to be valid."""
    state = context.ledger.verified
    is_only_in_jobs = state is None
    if is_only_in_jobs and context.ledger.head is not None:
        # `verify` reports a broken history, and a job refuses it.
        with contextlib.suppress(errors.LedgerBroken):
            state = context.assume_in_job(context.ledger.head)
    records = tuple(_records(state, name)) if state else ()
    return UncountedRecords(records, is_only_in_jobs)


def _records(state: VerifiedLedger, name: str) -> Iterator[UncountedRecord]:
    reasons = {each.path: each.reason for each in state.ignored}
    nothing = (path for path, blob in state.exceptions.items() if blob is None)
    for path in sorted(filter(ledger_paths.is_record, nothing)):
        if name in (path, path.split("/")[1]):
            yield UncountedRecord(path, reasons.get(path, _VERIFIED))
