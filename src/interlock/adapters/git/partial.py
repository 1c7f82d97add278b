"""Fetches the missing objects of a partial clone in one request, and refuses a shallow clone.

Git itself would fetch the objects of a partial clone one by one, each in a separate request.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from interlock import errors
from interlock.adapters.git import program

LAZILY = {"GIT_NO_LAZY_FETCH": "0"}
"""For git commands that know all objects that they need at once."""
UNSHALLOW = "git fetch --unshallow (in a workflow: actions/checkout with fetch-depth: 0)"
# Git itself requests objects like this (promisor-remote.c): exactly these, and no history.
_FETCH = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--recurse-submodules=no")
_EXACTLY = ("-c", "fetch.negotiationAlgorithm=noop")


class Clone:
    """One repository, which caches the ids of present objects. Threads may share it."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._lock = threading.Lock()
        self._present: set[str] = set()

    @cached_property
    def promisor(self) -> str | None:
        """The remote with the missing objects of a partial clone; None for a complete clone."""
        pattern = r"^remote\..*\.promisor$"
        done = program.attempt(self._directory, "config", "--type=bool", "--get-regexp", pattern)
        for line in done.stdout.decode("utf-8", "surrogateescape").splitlines():
            key, _, value = line.rpartition(" ")
            if value == "true":
                return key.removeprefix("remote.").removesuffix(".promisor")
        return None

    def bring(self, ids: Iterable[str]) -> None:
        """Fetch those objects that are missing, in one request; raises CannotReachGit.

        Nothing is fetched for a complete clone: its missing objects are errors.
        """
        if self.promisor is None:
            return
        with self._lock:
            wanted = set(ids) - self._present
            missing = wanted - self._here(wanted)
            if missing:
                self._fetch(missing)
            self._present |= wanted

    def bring_folders(self, tree: str) -> None:
        """Fetch a tree and all folders below it in one request, without their files, if the clone
        was made without folders."""
        if self.promisor is None or tree in self._present or not self._lacks_folders:
            return
        done = program.attempt(self._directory, "ls-tree", "-r", "-d", "-z", tree)
        if done.returncode != 0:
            self._fetch([tree])
        self._present.add(tree)

    @property
    def _lacks_folders(self) -> bool:
        key = f"remote.{self.promisor}.partialCloneFilter"
        return b"tree" in program.attempt(self._directory, "config", "--get", key).stdout

    def _here(self, ids: set[str]) -> set[str]:
        """Return the objects that are present, without a fetch."""
        if not ids:
            return set()
        flags = ("--no-walk", "--objects", "--ignore-missing", "--missing=print", "--stdin")
        listing = program.run(self._directory, "rev-list", *flags, stdin=_lines(ids))
        return {line.split(" ")[0] for line in listing.splitlines() if not line.startswith("?")}

    def _fetch(self, ids: Iterable[str]) -> None:
        remote = self.promisor or ""
        arguments = (*_EXACTLY, *_FETCH, "--filter=blob:none", "--stdin", remote)
        done = program.attempt(self._directory, *arguments, stdin=_lines(ids))
        if done.returncode != 0:
            raise program.failure(arguments[2:], done, near=self._directory)

    @property
    def is_shallow(self) -> bool:
        return program.run(self._directory, "rev-parse", "--is-shallow-repository") == "true"

    def is_cut(self, commit: str) -> bool:
        """True if the history of a commit ends early, because the clone is shallow."""
        if not self.is_shallow:
            return False
        place = program.run(self._directory, "rev-parse", "--git-path", "shallow")
        ends = Path(self._directory, place).read_text("ascii").split()
        here = set(program.run(self._directory, "rev-list", commit).split())
        return not here.isdisjoint(ends)

    def require_history(self, commit: str, *, purpose: str) -> None:
        """Raise CannotReachGit if an answer would need the missing history of a shallow clone."""
        if self.is_cut(commit):
            raise errors.CannotReachGit(
                f"{self._directory} is a shallow clone: {purpose}", hint=UNSHALLOW
            )


def _lines(ids: Iterable[str]) -> bytes:
    return "".join(f"{each}\n" for each in sorted(ids)).encode()
