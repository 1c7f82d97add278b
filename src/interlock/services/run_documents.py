"""Reads the document of a run without trust in its content: a record, or the reason why it is not
valid; fetches nothing."""

from __future__ import annotations

from typing import TypeVar

from interlock import documents, errors
from interlock.domain.basics import digests
from interlock.domain.basics.refusal import Refusal
from interlock.domain.model import run_claims
from interlock.domain.model.candidates import Bad
from interlock.domain.model.evidence import Attempt, Candidate
from interlock.domain.provenance import attestation as attestations
from interlock.domain.provenance.attestation import Attestation

ATTESTATION = "attestation.json"
"""The artifact with the attestation of a run."""


def missing(artifact: str) -> str:
    return f"it has no {artifact}"


_Record = TypeVar("_Record", Candidate, Attempt)


def name(kind: type[Candidate] | type[Attempt]) -> str:
    """The name of the artifact with the record: candidate.json or attempt.json."""
    return f"{kind.__name__.lower()}.json"


def read(
    data: bytes, kind: type[_Record], *, model: str, fingerprint: str, run_id: str
) -> _Record | Bad:
    """Return the requested record of a run, or the reason why it does not count."""
    if len(data) > run_claims.MOST_BYTES:
        return too_large(len(data), name(kind), run_id=run_id)
    where = name(kind)
    try:
        record = documents.load(documents.parse(data, where=where), kind, where=where)
    except errors.CannotReadDocument as error:
        return Bad(run_id, error.message)
    refusal = run_claims.check_record(record, model=model, fingerprint=fingerprint, run_id=run_id)
    return Bad(run_id, refusal.reason) if refusal else record


def write(record: Candidate | Attempt) -> bytes:
    """Return the document; raises Refused for one that no reader would accept."""
    data = documents.text(documents.dump(record)).encode("utf-8")
    if len(data) > run_claims.MOST_BYTES:
        raise errors.Refused(
            f"the record of {record.name} cannot be written: "
            f"{too_large(len(data), name(type(record)), run_id=record.run_id).reason}",
            hint="declare folders instead of many files, or narrow `context:` of its manifest",
        )
    return data


def read_attestation(data: bytes | Bad) -> Attestation | Refusal:
    """Return the attestation in a run's file, or the reason why it does not count."""
    return Refusal(data.reason) if isinstance(data, Bad) else attestations.read(data)


def digest(record: Candidate | Attempt) -> str:
    """Return the SHA-256 of the document that this version writes."""
    return digests.of_chunks([write(record)])


def require_inside(artifact: str, *, run_id: str) -> None:
    """Raise Refused for the path of an artifact that may lead out of its run."""
    if run_claims.leaves(artifact):
        raise errors.Refused(f"{artifact!r} is not a path inside run {run_id}")


def too_large(size_bytes: int, file: str, *, run_id: str) -> Bad:
    return Bad(
        run_id, f"{file} has {size_bytes:,} bytes, and {run_claims.MOST_BYTES:,} are the most"
    )
