"""Read the output of Git commands into values."""

from __future__ import annotations

import re
from collections.abc import Iterator

from github_sandbox.git.objects import SHA, Commit, Entry, File, Person

# The format of `git log` that `commits` reads.
COMMIT_FORMAT = "%H%x00%T%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B"


def split(output: bytes) -> list[str]:
    return [line for line in output.decode(errors="replace").split("\0") if line]


def commits(output: str) -> Iterator[Commit]:
    # Each field ends with a NUL. The last field, the message, may be empty.
    fields = output.removesuffix("\0").split("\0") if output else []
    for i in range(0, len(fields), 10):
        sha, tree, parents, an, ae, ad, cn, ce, cd, message = fields[i : i + 10]
        yield Commit(
            sha, tree, tuple(parents.split()), Person(an, ae), ad, Person(cn, ce), cd,
            message.rstrip("\n"),
        )  # fmt: skip


def entry(line: str, *, folder: str | None) -> Entry:
    meta, name = line.split("\t", 1)
    mode, kind, sha, size = meta.split()
    path = f"{folder.strip('/')}/{name}".lstrip("/") if folder is not None else name
    return Entry(path, mode, kind, sha, -1 if size == "-" else int(size))


def touched(fields: list[str]) -> dict[str, list[tuple[str, str]]]:
    paths: dict[str, list[tuple[str, str]]] = {}
    sha, rest = "", iter(fields)
    for text in rest:
        if SHA.fullmatch(text):
            sha = text
            paths[sha] = []
        else:
            paths[sha].append((_STATUS.get(text, "changed"), next(rest)))
    return paths


_STATUS = {"A": "added", "M": "modified", "D": "removed", "R": "renamed", "T": "changed"}


def files(raw: bytes, counted: bytes, patches: bytes) -> list[File]:
    texts = re.split(r"(?m)^diff --git ", patches.decode(errors="replace"))[1:]
    counts, changed = iter(split(counted)), []
    fields = iter(split(raw))
    for meta, text in zip(fields, texts, strict=False):
        _, _, old, new, letter = meta.split(" ")
        before = next(fields)
        after = next(fields) if letter[0] == "R" else before
        added, deleted = _count(counts, renamed=letter[0] == "R")
        start = text.find("\n@@")
        changed.append(
            File(
                path=after,
                status=_STATUS.get(letter[0], "changed"),
                sha=old if letter == "D" else new,
                additions=added,
                deletions=deleted,
                patch=text[start + 1 :].rstrip("\n") if start >= 0 else "",
                previous=before if letter[0] == "R" else "",
            )
        )
    return changed


def _count(counts: Iterator[str], *, renamed: bool) -> tuple[int, int]:
    added, deleted, _ = next(counts).split("\t", 2)
    if renamed:  # with -z the two names of a rename are separate fields
        next(counts), next(counts)
    return (-1, 0) if added == "-" else (int(added), int(deleted))
