"""Which nouns are records, and which noun a file of the ledger holds, held against its path."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from interlock import documents, errors
from interlock.domain.access.command_record import CommandRecord
from interlock.domain.evaluation.acceptance import Acceptance
from interlock.domain.evaluation.verdict import Verdict
from interlock.domain.model.evidence import Attempt, Evidence
from interlock.domain.model.git_outputs import KeptFiles
from interlock.domain.monitoring.monitoring_records import (
    DriftReport,
    DriftSummary,
    PerformanceReport,
    ReferenceProfile,
    RetrainingRequest,
)
from interlock.domain.promotion import ledger_audit as sound
from interlock.domain.promotion.hold import Hold
from interlock.domain.promotion.promotion import Promotion
from interlock.domain.promotion.reconciliation import Repair
from interlock.ledger import paths
from interlock.ports.ledger import Ledger

_Noun = TypeVar("_Noun")


def path_of(noun: object) -> str:
    """Where a record lies; raises CannotReadDocument for what is not kept in the ledger."""
    home = _HOMES.get(type(noun))
    if home is None:
        raise errors.CannotReadDocument(f"the ledger keeps no {type(noun).__name__}")
    return home(noun)


def find(ledger: Ledger, path: str, kind: type[_Noun]) -> _Noun | None:
    """Return the record at a path, None where there is none.

    A record says of itself whose it is and which one; raises LedgerBroken where that is not what
    its path says, and where it cannot be read.
    """
    document = ledger.read(path)
    return None if document is None else _read(path, document, kind)


def read(ledger: Ledger, path: str, kind: type[_Noun]) -> _Noun:
    """Return the record at a path that the ledger lists; raises as `find`."""
    return _read(path, ledger.read(path), kind)


def every(ledger: Ledger, found: Iterable[str], kind: type[_Noun]) -> tuple[_Noun, ...]:
    """Return the records at paths that the ledger lists, in their order; raises as `read`."""
    return tuple(read(ledger, path, kind) for path in found)


def _read(path: str, document: object, kind: type[_Noun]) -> _Noun:
    try:
        noun = documents.load(document, kind, where=path)
    except errors.CannotReadDocument as error:
        raise errors.LedgerBroken(error.message, hint=error.hint) from error
    if (elsewhere := _misplaced(path, noun)) is not None:
        raise errors.LedgerBroken(
            f"{path}: {elsewhere}", hint="interlock ledger verify names the commit"
        )
    return noun


def _misplaced(path: str, noun: object) -> str | None:
    """Say where a record belongs that lies elsewhere; None where it lies where it belongs."""
    try:
        home = path_of(noun)
    except (ValueError, errors.CannotResolve) as error:
        return f"its content belongs nowhere: {str(error).splitlines()[0]}"
    return None if home == path else f"its content belongs at {home}"


_HOMES: dict[type, Callable[[Any], str]] = {
    Evidence: lambda noun: paths.evidence_path(noun.candidate.name, noun.candidate.fingerprint),
    KeptFiles: lambda noun: paths.kept_path(noun.model, noun.fingerprint),
    Verdict: lambda noun: paths.verdict_path(noun.model, noun.fingerprint, noun.key),
    Attempt: paths.attempt_path,
    Acceptance: paths.acceptance_path,
    Promotion: paths.promotion_path,
    Hold: paths.hold_path,
    Repair: paths.repair_path,
    DriftReport: paths.drift_path,
    DriftSummary: paths.drift_path,
    PerformanceReport: paths.performance_path,
    ReferenceProfile: lambda noun: paths.profile_path(noun.model, noun.reference, noun.rules),
    RetrainingRequest: paths.retraining_path,
    CommandRecord: lambda noun: paths.command_path(noun.pull, noun.source, noun.id),
}
_KINDS: dict[str, type] = {
    documents.SCHEMAS[kind]: kind for kind in _HOMES if kind is not DriftSummary
}


def read_record(path: str, data: bytes) -> sound.LedgerFile:
    """Return the record that a file of the ledger holds, or with its problem; never raises."""
    try:
        document = documents.parse(data, where=path)
        if not isinstance(document, dict) or "previous" not in document:
            return sound.LedgerFile(
                path, problem="it does not say which commit it was written over"
            )
        kind = _kind(str(document.get("schema")))
        if kind is None:
            return sound.LedgerFile(path, problem=f"unknown schema {document.get('schema')!r}")
        noun: object = documents.load(document, kind, where=path)
    except errors.InterlockError as error:
        return sound.LedgerFile(path, problem=f"it cannot be read: {str(error).splitlines()[0]}")
    if (elsewhere := _misplaced(path, noun)) is not None:
        return sound.LedgerFile(path, problem=elsewhere)
    return sound.LedgerFile(path, noun=noun, previous=document["previous"])


def _kind(schema: str) -> type | None:
    """The noun of a schema of this major version, whatever its minor."""
    return _KINDS.get(re.sub(r"(/v\d+)\.\d+$", r"\1", schema))
