"""Recognise commits that only record results: lock files, metrics and plots."""

from __future__ import annotations

from interlock.commands.report import kept_files
from interlock.domain.model import git_outputs
from interlock.domain.training import dvc_lock
from interlock.ports.git import Repository, Tree
from interlock.services import snapshots


def parent(repository: Repository, reader: snapshots.Reader, head: str) -> tuple[str, ...]:
    """The parent of a commit that only records results; its models are the same."""
    parents = repository.parents(head)
    if len(parents) != 1 or not only_records(repository, reader, head, over=parents[0]):
        return ()
    return parents


def only_records(
    repository: Repository, reader: snapshots.Reader, commit: str, *, over: str
) -> bool:
    """True if two commits differ only in files that a report commits, by the dvc.yaml of the first
    one."""
    before, after = repository.tree(over), repository.tree(commit)
    changed = {path for path, _, _ in _files(before) ^ _files(after)}
    measures = {path for path in changed if not dvc_lock.is_lock_path(path)}
    return not measures or _are_measures(reader, before, after, measures)


def is_ours(repository: Repository, reader: snapshots.Reader, commit: str) -> bool:
    """True if a report made this commit."""
    subject = next((text for sha, text in repository.log(commit) if sha == commit), "")
    return subject.startswith(dvc_lock.SUBJECT) and bool(parent(repository, reader, commit))


def _are_measures(reader: snapshots.Reader, before: Tree, after: Tree, changed: set[str]) -> bool:
    plain = all(
        path in after.entries
        and after.entries[path].mode == "100644"
        and kept_files.can_be_file(before.entries, path)
        for path in changed
    )
    if not plain or not all(path.lower().endswith(git_outputs.FORMS) for path in changed):
        return False
    snapshot = reader.read(before, look_for_imports=False)
    outputs = [out for at in snapshot.models.values() for out in at.git_outputs]
    inputs = kept_files.read_paths(snapshot)
    return not any(
        git_outputs.check_file(path, size_bytes=0, outputs=outputs, inputs=inputs)
        for path in changed
    )


def _files(tree: Tree) -> set[tuple[str, str, str]]:
    """Every file of a tree, as (path, mode, object id)."""
    files = (e for e in tree.entries.values() if e.mode != "040000")
    return {(e.path, e.mode, e.object_id) for e in files}
