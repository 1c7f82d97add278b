"""Fetches the missing objects of a partial clone in one request, and refuses a shallow clone.

Git itself would fetch the objects of a partial clone one by one, each in a separate request.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path

from interlock import errors
from interlock.adapters.git import program
from interlock.ports.git import WHOLE

LAZILY = {"GIT_NO_LAZY_FETCH": "0"}
"""For git commands that know all objects that they need at once."""
UNSHALLOW = f"git fetch --unshallow (in a workflow: actions/checkout with fetch-depth: {WHOLE})"
# Git itself requests objects like this (promisor-remote.c): exactly these, and no history.
_FETCH = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--recurse-submodules=no")
_FIRST_COMMITS = 64
_EXACTLY = ("-c", "fetch.negotiationAlgorithm=noop")


_TRUE = ("true", "yes", "on", "1")


class Clone:
    """One repository, its settings, and the remote of the objects that it may lack.

    `ends_file` is Git's list of the commits whose parents a shallow clone lacks.
    """

    def __init__(self, directory: Path, ends_file: Path) -> None:
        self.directory = directory
        self._ends_file = ends_file

    @cached_property
    def settings(self) -> Mapping[str, str]:
        """The value of each setting by its name, in which only a subsection has capitals."""
        listing = program.run(self.directory, "config", "--list", "-z")
        lines = (line.partition("\n") for line in listing.split("\0") if line)
        return {key: value if newline else "true" for key, newline, value in lines}

    @cached_property
    def promisor(self) -> str | None:
        """The remote with the missing objects of a partial clone; None for a complete clone."""
        for key, value in self.settings.items():
            if key.startswith("remote.") and key.endswith(".promisor") and value.lower() in _TRUE:
                return key.removeprefix("remote.").removesuffix(".promisor")
        return None

    def bring(self, ids: Iterable[str]) -> bool:
        """Fetch those files and folders that are missing in one request, and nothing below them;
        raises CannotReachGit.

        Returns False for a complete clone: its missing objects are errors.
        """
        if self.promisor is None:
            return False
        wanted = set(ids)
        if missing := wanted - self.here(wanted):
            self._fetch(missing, below="tree:0")
        return True

    def bring_folders(self, tree: str) -> None:
        """Fetch a tree and all folders below it in one request, without their files, if the clone
        was made without folders."""
        if self.promisor is None or not self._lacks_folders:
            return
        done = program.attempt(self.directory, "ls-tree", "-r", "-d", "-z", tree)
        if done.returncode != 0:
            self._fetch([tree], below="blob:none")

    @cached_property
    def _lacks_folders(self) -> bool:
        return "tree" in self.settings.get(f"remote.{self.promisor}.partialclonefilter", "")

    def here(self, ids: set[str]) -> set[str]:
        """Return the objects that are present, without a fetch."""
        flags = ("--no-walk", "--objects", "--ignore-missing", "--missing=print", "--stdin")
        listing = program.run(
            self.directory, "rev-list", "--filter=tree:0", *flags, stdin=_lines(ids)
        )
        return {line.split(" ")[0] for line in listing.splitlines() if not line.startswith("?")}

    def _fetch(self, ids: Iterable[str], *, below: str) -> None:
        """Fetch these objects, and those below them that the filter `below` does not omit."""
        self._fetch_by_id(ids, f"--filter={below}")

    def _fetch_by_id(self, ids: Iterable[str], *limits: str) -> None:
        arguments = (*_EXACTLY, *_FETCH, *limits, "--stdin", self.promisor or "origin")
        done = program.attempt(self.directory, *arguments, stdin=_lines(ids))
        if done.returncode != 0:
            raise program.failure(arguments[2:], done, near=self.directory)

    @property
    def is_shallow(self) -> bool:
        return bool(self.ends)

    @property
    def ends(self) -> tuple[str, ...]:
        """The commits whose parents a shallow clone lacks, read each time: fetches change them."""
        try:
            return tuple(self._ends_file.read_text("ascii").split())
        except FileNotFoundError:
            return ()

    def is_cut(self, *span: str) -> bool:
        """True if the history of a commit, or a part of it, ends early: the clone is shallow."""
        if not self.is_shallow:
            return False
        here = set(program.run(self.directory, "rev-list", *span).split())
        return not here.isdisjoint(self.ends)

    def fetch_commits(self, commits: Iterable[str]) -> None:
        """Fetch commits of a shallow clone alone: without their history and their files."""
        limits = ("--depth=1", *(("--filter=tree:0",) if self.promisor else ()))
        self._fetch_by_id(commits, *limits)

    def lengthen(self, commit: str, *, since: str) -> None:
        """Fetch the history of a commit as far as a time, and one commit more; raises
        CannotReachGit. By the clocks of the commits, as `git log --since`."""
        span = (f"--since={since}", "--first-parent", commit)
        filtered = ("--filter=blob:none",) if self.promisor else ()
        for more in (f"--shallow-since={since}", "--deepen=1", f"--depth={WHOLE}"):
            if not self.is_cut(*span):
                return
            self._fetch_by_id([commit], more, *filtered)

    def fetch_history(self, head: str, *, until: str | None) -> None:
        """Fetch the history of a commit as far as an ancestor, or all of it; raises CannotReachGit.

        A complete clone stays as it is.
        """
        more = _FIRST_COMMITS if until else WHOLE
        while self.promisor and self.is_cut(head) and not self._continues(head, until):
            self._fetch_by_id([head], f"--deepen={more}", "--filter=blob:none")
            more = min(2 * more, WHOLE)

    def _continues(self, head: str, earlier: str | None) -> bool:
        arguments = ("merge-base", "--is-ancestor", str(earlier), head)
        return earlier is not None and not program.attempt(self.directory, *arguments).returncode

    def require_history(self, *span: str, purpose: str) -> None:
        """Raise CannotReachGit if an answer would need the missing history of a shallow clone."""
        if self.is_cut(*span):
            raise errors.CannotReachGit(
                f"{self.directory} is a shallow clone: {purpose}", hint=UNSHALLOW
            )


def _lines(ids: Iterable[str]) -> bytes:
    return "".join(f"{each}\n" for each in sorted(ids)).encode()
