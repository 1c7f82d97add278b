"""Read the output of Git commands into values."""

from __future__ import annotations

import re
from collections.abc import Iterator

from github_sandbox.git.objects import Commit, Entry, File, Person

# The format of `git log` that `commits` reads.
COMMIT_FORMAT = "%H%x00%T%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B"
_FIELDS = 10


def split(output: bytes) -> list[str]:
    return [line for line in output.decode(errors="replace").split("\0") if line]


def commits(output: str) -> Iterator[Commit]:
    # Each field ends with a NUL. The last field, the message, may be empty.
    fields = output.removesuffix("\0").split("\0") if output else []
    for i in range(0, len(fields), _FIELDS):
        yield _commit(fields[i : i + _FIELDS])


def _commit(fields: list[str]) -> Commit:
    sha, tree, parents, an, ae, ad, cn, ce, cd, message = fields
    author, committer = Person(an, ae), Person(cn, ce)
    return Commit(
        sha, tree, tuple(parents.split()), author, ad, committer, cd, message.rstrip("\n")
    )


def entry(line: str, *, folder: str | None) -> Entry:
    meta, name = line.split("\t", 1)
    mode, kind, sha, size = meta.split()
    path = f"{folder.strip('/')}/{name}".lstrip("/") if folder is not None else name
    return Entry(path, mode, kind, sha, -1 if size == "-" else int(size))


def pushed(output: str) -> Iterator[tuple[Commit, list[tuple[str, str]]]]:
    """Yield commits, each with the (status, path) pairs that Git lists after it."""
    fields = output.split("\0")
    while len(fields) > _FIELDS:
        commit = _commit(fields[:_FIELDS])
        del fields[:_FIELDS]
        touched = []
        # Git begins the first pair of a commit with a new line.
        while len(fields) > 1 and (status := _STATUS.get(fields[0].strip())):
            touched.append((status, fields[1]))
            del fields[:2]
        yield commit, touched


_STATUS = {"A": "added", "M": "modified", "D": "removed", "R": "renamed", "T": "changed"}


def files(output: bytes) -> list[File]:
    """Read `git diff-tree -z --raw --numstat -p`: an empty field comes before the patches."""
    listed, _, patches = output.partition(b"\0\0")
    texts = re.split(r"(?m)^diff --git ", patches.decode(errors="replace"))[1:]
    fields = iter(split(listed))
    changes = [_change(fields) for _ in texts]
    return [_file(fields, change, text) for change, text in zip(changes, texts, strict=True)]


def _change(fields: Iterator[str]) -> tuple[str, str, str, str]:
    """Return letter, object, and the names before and after."""
    _, _, old, new, letter = next(fields).split(" ")
    before = next(fields)
    after = next(fields) if letter[0] == "R" else before
    return letter[0], old if letter == "D" else new, before, after


def _file(counts: Iterator[str], change: tuple[str, str, str, str], text: str) -> File:
    letter, sha, before, after = change
    added, deleted = _count(counts, renamed=letter == "R")
    start = text.find("\n@@")
    return File(
        path=after,
        status=_STATUS.get(letter, "changed"),
        sha=sha,
        additions=added,
        deletions=deleted,
        patch=text[start + 1 :].rstrip("\n") if start >= 0 else "",
        previous=before if letter == "R" else "",
    )


def _count(counts: Iterator[str], *, renamed: bool) -> tuple[int, int]:
    added, deleted, _ = next(counts).split("\t", 2)
    if renamed:  # with -z the two names of a rename are separate fields
        next(counts), next(counts)
    return (-1, 0) if added == "-" else (int(added), int(deleted))
