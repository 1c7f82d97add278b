"""Which nouns are records, and what a file of the ledger holds; nothing is looked for here."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from interlock import documents, errors
from interlock.book import paths
from interlock.domain import ledger as sound
from interlock.domain.acceptance import Acceptance
from interlock.domain.asked import Asked
from interlock.domain.evidence import Attempt, Evidence
from interlock.domain.git_outputs import KeptFiles
from interlock.domain.hold import Hold
from interlock.domain.promotion import Promotion
from interlock.domain.reconciliation import Repair
from interlock.domain.verdict import Verdict
from interlock.domain.watch import (
    DriftReport,
    PerformanceReport,
    ReferenceProfile,
    RetrainingRequest,
)


def path_of(noun: object) -> str:
    """Where a record lies; raises CannotReadDocument for what is not kept in the ledger."""
    home = _HOMES.get(type(noun))
    if home is None:
        raise errors.CannotReadDocument(f"the ledger keeps no {type(noun).__name__}")
    return home(noun)


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
    PerformanceReport: paths.performance_path,
    ReferenceProfile: lambda noun: paths.profile_path(noun.model, noun.reference, noun.rules),
    RetrainingRequest: paths.retraining_path,
    Asked: lambda noun: paths.asked_path(noun.pull, noun.source, noun.id),
}
_KINDS: dict[str, type] = {documents.SCHEMAS[kind]: kind for kind in _HOMES}


def read_record(path: str, data: bytes) -> sound.Record:
    """Return the record that a file of the ledger holds, or with its problem; never raises."""
    try:
        document = documents.parse(data, where=path)
        if not isinstance(document, dict) or "previous" not in document:
            return sound.Record(path, problem="it does not say which commit it was written over")
        kind = _kind(str(document.get("schema")))
        if kind is None:
            return sound.Record(path, problem=f"unknown schema {document.get('schema')!r}")
        noun: object = documents.load(document, kind, where=path)
        home = path_of(noun)
    except (ValueError, errors.InterlockError) as error:
        return sound.Record(path, problem=f"it cannot be read: {str(error).splitlines()[0]}")
    if home != path:
        return sound.Record(path, problem=f"its content belongs at {home}")
    return sound.Record(path, noun=noun, previous=document["previous"])


def _kind(schema: str) -> type | None:
    """The noun of a schema of this major version, whatever its minor."""
    return _KINDS.get(re.sub(r"(/v\d+)\.\d+$", r"\1", schema))
