"""Compares the data of a candidate with that of all evidence of its model."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from interlock import errors
from interlock.domain.basics.refusal import Refusal
from interlock.domain.model import data_digests
from interlock.domain.model.evidence import Candidate
from interlock.ledger import lookup
from interlock.ports.ledger import Ledger


def check(candidate: Candidate, ledger: Ledger) -> Refusal | None:
    """Refuse data with the MD5 and without the SHA-256 of earlier data."""
    if not candidate.data:  # of an earlier version, or there is none
        return None
    return data_digests.check(candidate, _earlier(candidate.name, ledger))


def _earlier(model: str, ledger: Ledger) -> Iterator[Candidate]:
    """Yield the candidates of readable records; `interlock ledger verify` reports the others."""
    paths = lookup.evidence_paths(ledger, model=model)
    with suppress(errors.InterlockError):
        ledger.read_many(paths)  # a partial clone fetches them in one request
    for path in paths:
        with suppress(errors.InterlockError):
            yield lookup.read_evidence(ledger, path).candidate
