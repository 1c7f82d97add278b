"""Reads records, and refuses those that belong at another path. Nothing is written here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from interlock import errors, json_documents
from interlock.domain.basics.refusal import Refusal
from interlock.domain.promotion.ledger_commit import LedgerFile
from interlock.ledger import records
from interlock.ports.ledger import Ledger

_Noun = TypeVar("_Noun")
HINT = "`interlock ledger verify` names the commit"


def find(ledger: Ledger, path: str, kind: type[_Noun]) -> _Noun | None:
    """Return the record at a path; None without one.

    Raises LedgerBroken for a record that is not readable, and for one that belongs at another path.
    """
    document = ledger.read(path)
    return None if document is None else load(path, document, kind)


def read(ledger: Ledger, path: str, kind: type[_Noun]) -> _Noun:
    """Return the record at a path that the ledger lists; raises as `find`."""
    return load(path, ledger.read(path), kind)


def read_many(ledger: Ledger, paths: Iterable[str], kind: type[_Noun]) -> tuple[_Noun, ...]:
    """Return the records at paths that the ledger lists, in one request; raises as `find`."""
    wanted = tuple(paths)
    documents = ledger.read_many(wanted)
    return tuple(load(path, documents.get(path), kind) for path in wanted)


def read_all(ledger: Ledger, kind: type[_Noun], *parts: str) -> tuple[_Noun, ...]:
    """Return the records of a kind below a folder, in the order of their paths; raises as `read`.

    For example `read_all(ledger, Verdict, "digits", fingerprint)`.
    """
    return read_many(ledger, ledger.list(records.folder(kind, *parts)), kind)


def load(path: str, document: object, kind: type[_Noun]) -> _Noun:
    schema = records.RECORDS[kind].schema
    try:
        noun = json_documents.load(document, kind, schema=schema, where=path)
    except errors.CannotReadDocument as error:
        raise errors.LedgerBroken(error.message, hint=error.hint) from error
    if isinstance(refusal := _other_paths(path, noun), Refusal):
        raise errors.LedgerBroken(f"{path}: {refusal}", hint=HINT)
    return noun


def _other_paths(path: str, noun: object) -> tuple[str, ...] | Refusal:
    """Return the other paths of a record, or where it belongs if that is not this path."""
    try:
        right_paths = records.paths_of(noun)
    except (ValueError, errors.CannotResolve) as error:
        return Refusal(f"its content has no valid path: {str(error).splitlines()[0]}")
    if path not in right_paths:
        return Refusal(f"its content belongs at {right_paths[0]}")
    return tuple(each for each in right_paths if each != path)


def read_file(path: str, data: bytes) -> LedgerFile:
    """Return a file of the ledger with its record, or with its problem; never raises."""
    try:
        document = json_documents.parse(data, where=path)
        if not isinstance(document, dict) or "previous" not in document:
            return LedgerFile(path, problem="it has no field `previous`, the commit before it")
        kind = records.NOUNS.get(json_documents.without_minor(str(document.get("schema"))))
        if kind is None:
            return LedgerFile(path, problem=f"unknown schema {document.get('schema')!r}")
        schema = records.RECORDS[kind].schema
        noun: object = json_documents.load(document, kind, schema=schema, where=path)
    except errors.InterlockError as error:
        return LedgerFile(path, problem=f"not readable: {str(error).splitlines()[0]}")
    if isinstance(others := _other_paths(path, noun), Refusal):
        return LedgerFile(path, problem=str(others))
    return LedgerFile(path, noun=noun, previous=document["previous"], others=others)
