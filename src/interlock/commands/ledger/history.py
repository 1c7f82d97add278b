"""Reads the commits of the ledger, each with the files that it added, changed and removed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from interlock.domain.promotion.ledger_audit import LedgerCommit, LedgerFile
from interlock.ledger import lookup
from interlock.ports.git import FOLDER, Repository, TreeEntry


def read(repository: Repository, head: str | None) -> Iterator[LedgerCommit]:
    """Return every commit from the first to the head."""
    before: Mapping[str, TreeEntry] = {}
    for commit, subject in reversed(repository.log(head) if head else ()):
        tree = repository.tree(commit)
        after = {path: entry for path, entry in tree.entries.items() if entry.mode != FOLDER}
        added = sorted(after.keys() - before.keys())
        kept = after.keys() & before.keys()
        content = tree.read_many(path for path in added if path.endswith(".json"))
        yield LedgerCommit(
            id=commit,
            parents=repository.parents(commit),
            subject=subject,
            records=tuple(_file(path, content) for path in added if path.endswith(".json")),
            files=tuple(path for path in added if not path.endswith(".json")),
            changed=tuple(sorted(path for path in kept if after[path] != before[path])),
            removed=tuple(sorted(before.keys() - after.keys())),
        )
        before = after


def _file(path: str, content: Mapping[str, bytes]) -> LedgerFile:
    if path not in content:
        return LedgerFile(path, problem="it is not a file")
    return lookup.read_file(path, content[path])
