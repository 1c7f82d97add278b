"""A commit of the ledger with its records, and a violation of the rules for them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LedgerFile:
    """One JSON file as a commit added it.

    `noun` is its content, and `previous` is the commit that the file names as its predecessor
    (None: it claims to be the first). `problem` is the reason why there is no noun. `others` are
    the other paths at which the noun is valid.
    """

    path: str
    noun: object | None = None
    previous: str | None = None
    problem: str = ""
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LedgerCommit:
    """One commit of the ledger's history and its changes to the tree of its parent. `uncounted` is
    the number of its other changes, which concern no record that counts."""

    id: str
    parents: tuple[str, ...]
    subject: str = ""
    records: tuple[LedgerFile, ...] = ()
    files: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    uncounted: int = 0


@dataclass(frozen=True, slots=True)
class Violation:
    """One place where the history does not fit an append-only ledger."""

    commit: str
    path: str
    sentence: str
