"""Reads the commits of the ledger with their attestations: one walk, one batch of files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from interlock.domain.basics.refusal import Refusal
from interlock.domain.provenance import acceptance, attestation, record_content
from interlock.domain.provenance.acceptance import Change, Commit
from interlock.ports.git import SUBMODULE, FileChange, HistoryCommit, Repository


def read(repository: Repository, head: str, *, since: str | None) -> tuple[Commit, ...]:
    """Return the commits up to the head that `since` lacks, each after its parents.

    Without an attestation the files of a commit are not read.
    """
    history = tuple(repository.history(head, since=since, oldest_first=True, every_line=True))
    ids = (change.object_id for commit in history for change in _to_read(commit))
    contents = repository.contents(ids)
    return tuple(_commit(commit, contents) for commit in history)


def _to_read(commit: HistoryCommit) -> Sequence[FileChange]:
    """Return the files to read, the attestation of the commit first; none without one."""
    own = [change for change in _files(commit) if change.path == _own_path(commit)]
    return (*own, *(c for c in _files(commit) if c.path != _own_path(commit))) if own else ()


def _files(commit: HistoryCommit) -> Iterable[FileChange]:
    return (
        change
        for change in commit.changes
        if change.kind != "D" and change.mode != SUBMODULE and change.path.endswith(".json")
    )


def _own_path(commit: HistoryCommit) -> str | None:
    """Return the path of a commit's own attestation; a merge has none."""
    if len(commit.parents) > 1:
        return None
    return acceptance.path_of(commit.parents[0] if commit.parents else None)


def _commit(commit: HistoryCommit, contents: Iterator[bytes]) -> Commit:
    read = {change.path: next(contents) for change in _to_read(commit)}
    own = _own_path(commit)
    return Commit(
        id=commit.id,
        parents=commit.parents,
        changes=tuple(_change(change, read.get(change.path)) for change in commit.changes),
        attestation=(
            attestation.read(read[own]) if own in read else Refusal("it has no attestation")
        ),
    )


def _change(change: FileChange, data: bytes | None) -> Change:
    # The id of a submodule is free: it may be that of the record which it replaces.
    if change.kind == "D" or change.mode == SUBMODULE:
        return Change(path=change.path, blob=None)
    if data is None:
        return Change(path=change.path, blob=change.object_id)
    kind, sha256 = record_content.describe(data)
    return Change(path=change.path, blob=change.object_id, kind=kind, sha256=sha256)
