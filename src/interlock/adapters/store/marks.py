"""The mark of a complete run: the SHA-256 of its document, its start, and the run it repeats."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from interlock import documents, errors
from interlock.domain.model.candidates import Bad
from interlock.domain.model.evidence import Attempt, Candidate

MOST_BYTES = 4096


@dataclass(frozen=True, slots=True)
class CompleteMark:
    """`started` is in nanoseconds since 1970; `repeats` is a run, "" for an original."""

    sha256: str
    started: int
    repeats: str = ""


def folder(kind: type[Candidate] | type[Attempt], model: str, fingerprint: str) -> str:
    """Return the folder of the marks of a fingerprint."""
    return f"complete/{model}/{fingerprint}/{kind.__name__.lower()}"


def path(record: Candidate | Attempt) -> str:
    """Return the path of the mark of a run."""
    return f"{folder(type(record), record.name, record.fingerprint)}/{record.run_id}.json"


def write(mark: CompleteMark) -> bytes:
    return documents.text(asdict(mark)).encode("ascii")


def read(data: bytes, run_id: str) -> CompleteMark | Bad:
    """Return the mark, which anybody with access to the store may have written, or its fault."""
    where = "its mark of completeness"
    try:
        value = documents.parse(data, where=where)
    except errors.CannotReadDocument as error:
        return Bad(run_id, error.message)
    match value:
        case {"sha256": str(sha256), "started": int(started), "repeats": str(repeats)}:
            return CompleteMark(sha256, started, repeats)
    return Bad(run_id, f"{where} is not valid")
