"""The values of a Git repository: persons, commits, changed files, entries of a tree."""

from __future__ import annotations

import re
from dataclasses import dataclass

ZERO = "0" * 40
# This tree exists in every repository, stored or not.
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
SHA = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Commit:
    """Dates are ISO 8601 with offset."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Person
    author_date: str
    committer: Person
    committer_date: str
    message: str

    @property
    def title(self) -> str:
        return self.message.split("\n", 1)[0]

    @property
    def before(self) -> str:
        """The first parent, or the empty tree."""
        return self.parents[0] if self.parents else EMPTY_TREE


@dataclass(frozen=True, slots=True)
class File:
    """One changed file; `status` in GitHub's words, `additions` -1 for a binary file."""

    path: str
    status: str
    sha: str
    additions: int
    deletions: int
    patch: str
    previous: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a tree; `size_bytes` is -1 unless it is a blob."""

    path: str
    mode: str
    kind: str
    sha: str
    size_bytes: int

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]
