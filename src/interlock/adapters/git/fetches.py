"""Fetches refs from origin, several of them in one request where they are known early."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from interlock.adapters.git import names, program
from interlock.adapters.git.partial import Clone

_HEAD = re.compile(r"^ref: refs/heads/(?P<branch>\S+)\tHEAD$", re.MULTILINE)
# Git would otherwise read the checkout's .gitmodules, and fail if a change made it invalid.
_LIMITS = ("--quiet", "--no-tags", "--recurse-submodules=no")


def at_origin(directory: Path, ref: str) -> str | None:
    """Return the commit of a ref at origin now, None without one; raises CannotReachGit."""
    listed = program.run(directory, "ls-remote", "origin", ref)
    commits = (line.partition("\t") for line in listed.splitlines())
    return next((commit for commit, _, name in commits if name == ref), None)


class Fetches:
    def __init__(self, clone: Clone) -> None:
        self._clone = clone
        self._along: frozenset[str] = frozenset()
        self._brought: frozenset[str] = frozenset()

    @property
    def has_origin(self) -> bool:
        return "remote.origin.url" in self._clone.settings

    def fetch(self, refspec: str, *, depth: int | None = None) -> bool:
        if not self.has_origin:
            return False
        if depth is not None and self._clone.promisor is not None:
            return self._fetch(refspec, more=[f"--depth={depth}"])
        brought, self._brought = self._brought, frozenset()
        if refspec in brought:
            return True
        along, self._along = self._along - {refspec}, frozenset()
        if not along or not self._fetch(refspec, *along):  # one ref that is missing stops all
            return self._fetch(refspec)
        self._brought = along
        return True

    def at_origin(self, ref: str) -> str | None:
        return at_origin(self._clone.directory, ref)

    def default_branch(self) -> str:
        """Return the branch of HEAD at origin now, "" without an answer."""
        done = program.attempt(self._clone.directory, "ls-remote", "--symref", "origin", "HEAD")
        answer = _HEAD.search(done.stdout.decode("utf-8", "replace"))
        return answer["branch"] if answer else ""

    def fetch_along(self, refspec: str) -> None:
        self._along |= {refspec}

    def branches(self, folder: str) -> dict[str, str]:
        """Fetch the branches below a folder such as `models/`; return their commits by name."""
        local, remote = f"refs/heads/{folder}", f"refs/remotes/origin/{folder}"
        if self.has_origin:
            self._fetch(f"+{local}*:{remote}*", more=["--prune"])
        heads = names.below(self._clone.directory, local, remote)
        return {folder + name: commit for name, commit in heads.items()}

    def _fetch(self, *refspecs: str, more: Iterable[str] = ()) -> bool:
        """Return False if origin lacks one of the refs; raises CannotReachGit."""
        arguments = ("fetch", *_LIMITS, *more, "origin", *refspecs)
        done = program.attempt(self._clone.directory, *arguments)
        if done.returncode and b"couldn't find remote ref" not in done.stderr:
            raise program.failure(arguments, done, near=self._clone.directory)
        return done.returncode == 0
