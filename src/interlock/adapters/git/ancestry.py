"""How commits are related: the branch point, ancestors, and the commits between two."""

from __future__ import annotations

import subprocess
from collections.abc import Collection

from interlock.adapters.git import names, partial, program
from interlock.adapters.git.answers import Answers
from interlock.adapters.git.objects import Objects
from interlock.adapters.git.partial import Clone

# So many commits cost less than a process. A longer line is left to one.
_NEAR = 64


class Ancestry:
    """Answers about full ids. A near commit is found without a process, every other one by Git."""

    def __init__(self, clone: Clone, objects: Objects, answers: Answers) -> None:
        self._clone, self._answers = clone, answers
        self._line = _Line(clone, objects)

    def merge_base(self, one: str, other: str) -> str | None:
        if self._line.since(other, one) is not None:
            return one
        arguments = ("merge-base", one, other)
        return self._answers.once(arguments, lambda: self._merge_base(*arguments))

    def _merge_base(self, *arguments: str) -> str | None:
        base = self._attempt(*arguments).stdout.decode().strip() or None
        for commit in () if base else arguments[1:]:
            self._clone.require_history(commit, purpose="the branch point is not in it")
        return base

    def is_ancestor(self, ancestor: str, descendant: str) -> bool:
        arguments = ("merge-base", "--is-ancestor", ancestor, descendant)
        if not (names.is_commit_id(ancestor) and names.is_commit_id(descendant)):
            return self._is_ancestor(*arguments)
        if self._line.since(descendant, ancestor) is not None:
            return True
        return self._answers.once(arguments, lambda: self._is_ancestor(*arguments))

    def _is_ancestor(self, *arguments: str) -> bool:
        done = self._attempt(*arguments)
        if done.returncode:
            # Behind an end of history that both have are only ancestors of `ancestor`.
            span = (arguments[-1], f"^{arguments[-2]}")
            self._clone.require_history(*span, purpose="its ancestors are not in it")
        return done.returncode == 0

    def _attempt(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        """Return the end of a command whose code 1 is an answer; raises CannotReachGit."""
        done = program.attempt(self._clone.directory, *arguments)
        if done.returncode > 1:
            raise program.failure(arguments, done, near=self._clone.directory)
        return done

    def between(self, start: str, head: str) -> frozenset[str]:
        """Return the commits of `head` that are not in the history of `start`."""
        self._clone.require_history(head, purpose="older commits are not in it")
        near = self._line.since(head, start)
        return frozenset(self._list(head, f"^{start}").split() if near is None else near)

    def position(self, commit: str) -> int:
        self._clone.require_history(commit, purpose="a commit's position on main cannot be counted")
        return int(self._list("--count", "--first-parent", commit))

    def _list(self, *arguments: str) -> str:
        question = ("rev-list", *arguments)
        folder = self._clone.directory
        return self._answers.once(
            question, lambda: program.run(folder, *question, extra=partial.LAZILY)
        )

    def outside(self, commits: Collection[str], *, of: str) -> frozenset[str]:
        """Return those commits that are not in the history of `of`, as far as that is here."""
        wanted = set(commits)
        if not wanted or self._line.has(of, wanted):
            return frozenset()
        missing = wanted - self._clone.here(wanted)
        if missing and not self._clone.is_cut(of):
            return frozenset(missing)
        if missing:
            self._clone.fetch_commits(missing)
        listed = program.run(self._clone.directory, "rev-list", *wanted, f"^{of}").split()
        outside = wanted & set(listed)
        return frozenset() if outside and self._clone.is_cut(of) else frozenset(outside)


class _Line:
    """The newest commits of a line without merges, read without a process for each question."""

    def __init__(self, clone: Clone, objects: Objects) -> None:
        self._clone, self._objects = clone, objects

    def since(self, head: str, start: str) -> tuple[str, ...] | None:
        """Return the commits from `head` down to `start`, without it; None if it is not near."""
        newest = self._newest(head, {start})
        return tuple(newest[:-1]) if newest[-1] == start else None

    def has(self, head: str, commits: Collection[str]) -> bool:
        """Return True if all commits are near below `head`; False if some may be further below."""
        left = set(commits)
        return left <= set(self._newest(head, left))

    def _newest(self, head: str, wanted: Collection[str]) -> list[str]:
        """Return the commits from `head` down to the last of the wanted ones, or as far as near."""
        newest, left, ends = [head], set(wanted) - {head}, self._clone.ends
        while left and len(newest) < _NEAR and newest[-1] not in ends:
            parents = self._objects.parents(newest[-1])
            if len(parents) != 1:
                break
            newest.append(parents[0])
            left.discard(parents[0])
        return newest
