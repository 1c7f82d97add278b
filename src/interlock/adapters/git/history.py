"""Streams commits with their changes, and the contents of files: one process each, and memory for
a few commits."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from pathlib import Path

from interlock.adapters.git import partial, streams
from interlock.ports.git import FileChange, HistoryCommit

# No setting of a user changes the result. The fields end with NUL, which no field contains.
_LOG = (
    *("log", "--diff-merges=first-parent", "--root", "--raw", "-z", "--no-abbrev"),
    *("--no-renames", "--no-relative", "--ignore-submodules=none", "--no-show-signature"),
    *("--no-color", "--encoding=UTF-8", "--format=%H %P%x00%s"),
)

# Git would write each commit alone, and each would be a read here.
_ENVIRONMENT = {**partial.LAZILY, "GIT_FLUSH": "0"}


def commits(directory: Path, *span: str, oldest_first: bool) -> Iterator[HistoryCommit]:
    """Yield the commits of a span, for example `("main", "^v1")`, as soon as git finds them."""
    order = ("--reverse",) if oldest_first else ()
    fields = _fields(streams.read(directory, *_LOG, *order, *span, "--", extra=_ENVIRONMENT))
    field = next(fields, None)
    while field is not None:
        commit, *parents = field.split()
        subject, changes = next(fields), []
        while (field := next(fields, None)) is not None and field.startswith((":", "\n:")):
            changes.append(_change(field, next(fields)))
        yield HistoryCommit(commit, tuple(parents), subject, tuple(changes))


def _fields(chunks: Iterable[bytes]) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    rest = ""
    for chunk in chunks:
        *fields, rest = (rest + decoder.decode(chunk)).split("\0")
        yield from fields


def _change(meta: str, path: str) -> FileChange:
    """Parse `:<mode> <mode> <object> <object> <letter>`, in which each old value is first."""
    _, mode, before, object_id, kind = meta.split(" ")
    return FileChange(kind, path, mode, object_id, before)
