"""Reads the commits of the ledger with the records that they added, one after another."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

from interlock.commands.ledger import counting as counts
from interlock.commands.ledger.counting import Counting
from interlock.domain.promotion import ledger_paths
from interlock.domain.promotion.ledger_commit import LedgerCommit, LedgerFile
from interlock.ledger import reading
from interlock.ports.git import SUBMODULE, FileChange, HistoryCommit, Repository

_OTHER = ("A", "D", counts.UNCOUNTED)


def read(
    repository: Repository,
    head: str | None,
    *,
    since: str | None = None,
    counting: Counting | None = None,
) -> Iterator[LedgerCommit]:
    """Yield every commit up to the head, or those after `since`; the oldest is first. With
    `counting` they have only the changes of records that count."""
    if head is None:
        return
    history = repository.history(head, since=since, oldest_first=True)
    selected = history if counting is None else counting.select(history)
    commits, ahead = itertools.tee(selected)
    ids = (file.object_id for commit in ahead for file in _records(commit) if _is_file(file))
    contents = repository.contents(ids)
    for commit in commits:
        records = {file.path for file in _records(commit)}
        files = (file.path for file in _of_kind(commit, "A"))
        yield LedgerCommit(
            id=commit.id,
            parents=commit.parents,
            subject=commit.subject,
            records=tuple(_read(file, contents) for file in _records(commit)),
            files=tuple(path for path in files if path not in records),
            changed=tuple(file.path for file in commit.changes if file.kind not in _OTHER),
            removed=tuple(file.path for file in _of_kind(commit, "D")),
            uncounted=len(tuple(_of_kind(commit, counts.UNCOUNTED))),
        )


def _of_kind(commit: HistoryCommit, kind: str) -> Iterable[FileChange]:
    return (file for file in commit.changes if file.kind == kind)


def _records(commit: HistoryCommit) -> Iterable[FileChange]:
    return (file for file in _of_kind(commit, "A") if ledger_paths.is_record(file.path))


def _is_file(file: FileChange) -> bool:
    return file.mode != SUBMODULE


def _read(file: FileChange, contents: Iterator[bytes]) -> LedgerFile:
    if not _is_file(file):
        return LedgerFile(file.path, problem="it is not a file")
    return reading.read_file(file.path, next(contents))
