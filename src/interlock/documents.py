"""All kinds of documents: the records of the ledger, and those that cross between jobs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from interlock import json_documents
from interlock.domain.model.checkpoint import CheckpointMark
from interlock.domain.model.evidence import Candidate
from interlock.domain.retraining.refresh_results import RefreshResults
from interlock.domain.training.plan import Plan
from interlock.json_documents import line, parse, text
from interlock.ledger.records import RECORDS

__all__ = ["SCHEMAS", "dump", "line", "load", "parse", "text"]

_Noun = TypeVar("_Noun")
SCHEMAS: Mapping[type, str] = {
    Candidate: "interlock/candidate/v1",
    CheckpointMark: "interlock/checkpoint/v1",
    Plan: "interlock/plan/v1",
    RefreshResults: "interlock/refreshed/v1",
    **{noun: record.schema for noun, record in RECORDS.items()},
}


def dump(noun: object) -> dict[str, Any]:
    """Return the noun as a JSON object with its schema."""
    return json_documents.dump(noun, schema=SCHEMAS[type(noun)])


def load(document: object, kind: type[_Noun], *, where: str) -> _Noun:
    """Return the noun of a document; raises CannotReadDocument with `where` in its message."""
    return json_documents.load(document, kind, schema=SCHEMAS[kind], where=where)
