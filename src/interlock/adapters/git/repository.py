"""A Git repository, bare or checked out, as the port describes it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from interlock import errors
from interlock.adapters.git import history, names, partial, program, worktrees
from interlock.adapters.git.ancestry import Ancestry
from interlock.adapters.git.answers import Answers
from interlock.adapters.git.cat_file import CatFile
from interlock.adapters.git.folders import Folders
from interlock.adapters.git.naming import Naming
from interlock.adapters.git.objects import Objects
from interlock.adapters.git.partial import Clone
from interlock.adapters.git.tree import GitTree
from interlock.ports.git import HistoryCommit, Tree

if TYPE_CHECKING:
    from interlock.adapters.git.fetches import Fetches
    from interlock.adapters.git.writing import Writing
    from interlock.domain.training.training_tree import TrainingTree

_FOLDERS = ("--path-format=absolute", "--git-common-dir", "--show-toplevel")


def open_repository(path: Path, *, warn: Callable[[str], None] = lambda _: None) -> GitRepository:
    """Return the repository that `path` is in; raises CannotResolve if there is none.

    `warn` gets a sentence, once, for each name that could mean two revisions.
    """
    if not path.is_dir():
        raise errors.CannotResolve(f"{path} is not a folder", hint="name one with --repo DIR")
    done = program.attempt(path, "rev-parse", *_FOLDERS)
    lines = done.stdout.decode("utf-8", "surrogateescape").splitlines()
    if not lines:
        words = done.stderr.decode("utf-8", "replace").strip().removeprefix("fatal: ")
        hint = "run it inside a repository, or name one with --repo DIR"
        if "dubious ownership" in words:
            hint = f"git config --global --add safe.directory {path.resolve()}"
        raise errors.CannotResolve(f"{path.resolve()}: {words.splitlines()[0]}", hint=hint)
    # A bare repository has no top level: git reports that on standard error, after these lines.
    git_folder, root = Path(lines[0]), Path(lines[-1])
    return GitRepository(Clone(root, git_folder / "shallow"), git_folder=git_folder, warn=warn)


class GitRepository:
    def __init__(self, clone: Clone, *, git_folder: Path, warn: Callable[[str], None]) -> None:
        self._root, self._clone, self._git_folder = clone.directory, clone, git_folder
        cat_file = CatFile(self._root)
        self._objects = Objects(clone, cat_file)
        self._folders = Folders(self._objects)
        self._naming = Naming(cat_file)
        self._answers = Answers(clone)
        self._ancestry = Ancestry(clone, self._objects, self._answers)
        self._commits: set[str] = set()
        self._warn = warn
        self._warned: set[str] = set()

    @cached_property
    def _fetches(self) -> Fetches:
        from interlock.adapters.git.fetches import Fetches  # noqa: PLC0415 - a plan fetches no ref

        return Fetches(self._clone)

    @cached_property
    def _writing(self) -> Writing:
        from interlock.adapters.git.writing import Writing  # noqa: PLC0415 - nor writes a commit

        return Writing(self._clone)

    @property
    def root(self) -> Path:
        return self._root

    @property
    def git_folder(self) -> Path:
        return self._git_folder

    @property
    def is_partial(self) -> bool:
        return self._clone.promisor is not None

    @property
    def origin(self) -> str:
        done = program.attempt(self._root, "remote", "get-url", "origin")
        return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else ""

    @property
    def default_branch(self) -> str:
        for ref in ("refs/remotes/origin/HEAD", "HEAD"):
            done = program.attempt(self._root, "symbolic-ref", "--short", ref)
            if done.returncode == 0:
                return done.stdout.decode("utf-8", "replace").strip().removeprefix("origin/")
        return "main"

    def fetch_default_branch(self) -> str:
        return self._fetches.default_branch() or self.default_branch

    def resolve(self, revision: str) -> str:
        if revision in self._commits:  # a full id never gets another meaning
            return revision
        commit, warning = names.find(self._root, self._naming, revision)
        if warning and warning not in self._warned:
            self._warned.add(warning)
            self._warn(warning)
        if commit is None:
            raise errors.CannotResolve(
                f"there is no revision {revision!r} in {self._root}", hint=self._missing_hint
            )
        self._commits.add(commit)
        return commit

    @property
    def _missing_hint(self) -> str:
        """The hint for a missing revision."""
        hint = "give a branch, tag or commit that is in this clone (git fetch brings more)"
        return f"{hint}; it is shallow: {partial.UNSHALLOW}" if self._clone.is_shallow else hint

    def find_ref(self, ref: str) -> str | None:
        return names.find_ref(self._root, self._naming, ref)

    def tree(self, revision: str) -> Tree:
        return GitTree(self.resolve(revision), self._objects, self._folders)

    def merge_base(self, one: str, other: str) -> str | None:
        return self._ancestry.merge_base(self.resolve(one), self.resolve(other))

    def is_ancestor(self, ancestor: str, descendant: str) -> bool:
        return self._ancestry.is_ancestor(ancestor, descendant)

    @property
    def identity(self) -> str:
        return self._clone.settings.get("user.email", "").strip()

    def writers(self, revision: str, *, since: str) -> frozenset[str]:
        span = f"{self.resolve(since)}..{self.resolve(revision)}"
        return frozenset(program.run(self._root, "log", "--format=%ae%n%ce", span).split())

    def commits(self, revision: str, *, since: str) -> frozenset[str]:
        return self._ancestry.between(self.resolve(since), self.resolve(revision))

    def merges(self, one: str, other: str) -> bool:
        arguments = ("merge-tree", "--write-tree", self.resolve(one), self.resolve(other))
        done = program.attempt(self._root, *arguments, extra=partial.LAZILY)
        if done.returncode > 1:
            raise program.failure(arguments, done, near=self._root)
        return done.returncode == 0

    def position(self, revision: str) -> int:
        return self._ancestry.position(self.resolve(revision))

    def parents(self, revision: str) -> tuple[str, ...]:
        commit = self.resolve(revision)
        return () if commit in self._clone.ends else self._objects.parents(commit)

    def log(self, revision: str) -> tuple[tuple[str, str], ...]:
        commit = self.resolve(revision)
        text = self._answer("log", "--first-parent", "-z", "--format=%H %s", commit)
        lines = (line.partition(" ") for line in text.split("\0") if line)
        return tuple((commit_id, subject) for commit_id, _, subject in lines)

    def history(
        self,
        revision: str,
        *,
        since: str | None = None,
        oldest_first: bool = False,
        every_line: bool = False,
    ) -> Iterator[HistoryCommit]:
        commit = self.resolve(revision)
        span = (commit,) if since is None else (commit, f"^{self.resolve(since)}")
        if since is None:
            self._clone.require_history(commit, purpose="older commits are not in it")
        lines = ("--topo-order",) if every_line else ("--first-parent",)
        return history.commits(self._root, *lines, *span, oldest_first=oldest_first)

    def differences(self, old: str | None, new: str) -> dict[str, tuple[str | None, str | None]]:
        from interlock.adapters.git import differences  # noqa: PLC0415 - a plan compares no trees

        roots = (None if old is None else self._objects.root(old), self._objects.root(new))
        rows = differences.between(self._folders, *roots)
        return {path: (before, after) for path, before, after in rows}

    def contents(self, ids: Iterable[str]) -> Iterator[bytes]:
        return self._objects.stream(ids)

    def last_change(self, revision: str, path: str) -> str | None:
        limits = ("--first-parent", "--max-count=1", "--format=%H")
        where = (self.resolve(revision), "--", f":(literal){path}")
        return self._answer("log", *limits, *where) or None

    def _answer(self, *arguments: str) -> str:
        """Return git's answer about full ids, without a second process for the same question."""
        return self._answers.once(
            arguments, lambda: program.run(self._root, *arguments, extra=partial.LAZILY)
        )

    def added(self, revision: str, *, since: str, every_line: bool = False) -> tuple[str, ...]:
        self._clone.lengthen(self.resolve(revision), since=since)
        lines = ("--diff-filter=AM",) if every_line else ("--diff-filter=A", "--first-parent")
        limits = (f"--since={since}", *lines, "--no-renames")
        shape = ("-z", "--format=", "--name-only", self.resolve(revision))
        text = program.run(self._root, "log", *limits, *shape, extra=partial.LAZILY)
        return tuple(sorted({line for line in text.split("\0") if line}))

    def find(self, places: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
        wanted = tuple(places)
        roots = {commit: self._objects.root(commit) for commit in {c for c, _ in wanted}}
        entries = self._folders.find({(roots[commit], path) for commit, path in wanted})
        known = ((place, entries.get((roots[place[0]], place[1]))) for place in wanted)
        return {place: entry.object_id for place, entry in known if entry is not None}

    def outside(self, commits: Collection[str], *, of: str) -> frozenset[str]:
        return self._ancestry.outside(commits, of=of)

    def fetch(self, refspec: str, *, depth: int | None = None) -> bool:
        return self._fetches.fetch(refspec, depth=depth)

    def at_origin(self, ref: str) -> str | None:
        return self._fetches.at_origin(ref)

    def fetch_along(self, refspec: str) -> None:
        self._fetches.fetch_along(refspec)

    def fetch_history(self, head: str, *, until: str | None = None) -> None:
        self._clone.fetch_history(head, until=until)

    def fetch_branches(self, folder: str) -> dict[str, str]:
        return self._fetches.branches(folder)

    def commit(
        self,
        parent: str | None,
        files: Mapping[str, bytes],
        *,
        message: str,
        over: str | None = None,
        removed: Iterable[str] = (),
    ) -> str:
        tree = self._objects.root(over) if over else None
        return self._writing.commit(parent, files, message, over=tree, removed=removed)

    def push_alone(self, commit: str, ref: str, *, expected: str | None) -> bool:
        if expected is None or not self._fetches.has_origin:
            return self.push(commit, ref, expected=expected)
        return self._writing.push_alone(ref, commit, expected=expected)

    def push(self, commit: str, ref: str, *, expected: str | None) -> bool:
        if not self._fetches.has_origin:
            return self.move(ref, commit, expected=expected)
        return self._writing.push(ref, commit, expected=expected)

    def move(self, ref: str, commit: str, *, expected: str | None) -> bool:
        return self._writing.move(ref, commit, expected=expected)

    def changed_files(self) -> tuple[str, ...]:
        text = program.run(self._root, "status", "--porcelain", "-z", "--no-renames")
        return tuple(line[3:] for line in text.split("\0") if line)

    def export(self, tree: TrainingTree, folder: Path, *, revision: str) -> dict[str, str]:
        from interlock.adapters.git import export  # noqa: PLC0415 - only a training writes a tree

        return export.export(self._root, self._objects.read, tree, folder, revision=revision)

    def worktree(self, revision: str) -> AbstractContextManager[Path]:
        return worktrees.checked_out(self._root, self.resolve(revision))
