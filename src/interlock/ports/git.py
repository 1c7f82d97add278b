"""The port of Git. A Tree is the files of one revision, read from Git objects alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from interlock.domain.training.training_tree import TrainingTree

FOLDER, LINK, SUBMODULE = "040000", "120000", "160000"
FILE, PROGRAM = "100644", "100755"
"""Git's modes of a path."""

WHOLE = 2**31 - 1
"""Git's number for the depth of a complete history."""

MOST_RACES = 40
"""Another writer of a branch succeeds in every lost race, so that so many mean a fault."""

OURS = "interlock@users.noreply.github.com"
"""The e-mail address of the author of Interlock's commits."""


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """One path of a tree. `mode` is Git's: 100644, 100755, 120000 (link), 040000 (folder), 160000
    (submodule); `object_id` the blob's, tree's or commit's."""

    path: str
    mode: str
    object_id: str


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file that a commit added (`kind` is "A"), removed ("D") or changed (any other letter of
    Git), with its mode and object after the commit, and the object before it."""

    kind: str
    path: str
    mode: str
    object_id: str
    before: str


@dataclass(frozen=True, slots=True)
class HistoryCommit:
    """A commit and its changes to the files of its first parent."""

    id: str
    parents: tuple[str, ...]
    subject: str
    changes: tuple[FileChange, ...]


class Tree(Protocol):
    """Files of one revision. Paths are relative to the repository, with forward slashes."""

    @property
    def revision(self) -> str: ...
    @property
    def entries(self) -> Mapping[str, TreeEntry]:
        """Every path, folders included. A lookup reads only the folders on the way to the path;
        iteration reads all of them."""
        ...

    def named(self, ends: tuple[str, ...], *, below: str = "") -> tuple[str, ...]:
        """Paths below a folder, folders included, whose name ends with one of `ends`, in the order
        of entries."""
        ...

    def read(self, path: str) -> bytes | None:
        """Content of a blob (for a link, its target), None if there is no such blob."""
        ...

    def read_many(self, paths: Iterable[str]) -> dict[str, bytes]:
        """Content of those paths that are blobs, in one request."""
        ...

    def children(self, folder: str) -> tuple[str, ...]:
        """Paths directly inside a folder ('' is the root)."""
        ...


class Repository(Protocol):
    @property
    def root(self) -> Path: ...
    @property
    def git_folder(self) -> Path:
        """Git's own folder, which all worktrees of a repository share."""
        ...

    @property
    def is_partial(self) -> bool:
        """True if a file may have to be fetched when it is read."""
        ...

    @property
    def origin(self) -> str:
        """The URL of the remote `origin`, "" without one."""
        ...

    @property
    def default_branch(self) -> str:
        """The default branch of origin when it was cloned, else the branch of HEAD."""
        ...

    def fetch_default_branch(self) -> str:
        """Return the default branch of origin now; without its answer like `default_branch`."""
        ...

    def resolve(self, revision: str) -> str:
        """Full commit id; raises CannotResolve."""
        ...

    def tree(self, revision: str) -> Tree: ...
    def merge_base(self, one: str, other: str) -> str | None: ...
    def is_ancestor(self, ancestor: str, descendant: str) -> bool: ...
    @property
    def identity(self) -> str:
        """The e-mail address with which this clone makes commits, "" without one."""
        ...

    def writers(self, revision: str, *, since: str) -> frozenset[str]:
        """E-mail addresses of the authors of commits in a revision that `since` lacks."""
        ...

    def commits(self, revision: str, *, since: str) -> frozenset[str]:
        """Ids of the commits in a revision that `since` lacks; raises CannotReachGit for a shallow
        clone, which may lack some."""
        ...

    def merges(self, one: str, other: str) -> bool:
        """True if two revisions can be merged without a conflict."""
        ...

    def position(self, revision: str) -> int:
        """The number of commits on the first-parent line up to and including `revision`."""
        ...

    def parents(self, revision: str) -> tuple[str, ...]: ...
    def find_ref(self, ref: str) -> str | None:
        """Commit that a full ref name points to, None when it does not exist."""
        ...

    def log(self, revision: str) -> tuple[tuple[str, str], ...]:
        """(commit id, subject) from newest to oldest along first parents."""
        ...

    def history(
        self,
        revision: str,
        *,
        since: str | None = None,
        oldest_first: bool = False,
        every_line: bool = False,
    ) -> Iterator[HistoryCommit]:
        """Yield the commits along first parents, newest first, while Git still reads older ones;
        with `since`, only those that this revision lacks. With `every_line` also those of the other
        parents, each before its parents. Raises CannotReachGit for a history that a shallow clone
        has in part only."""
        ...

    def differences(self, old: str | None, new: str) -> Mapping[str, tuple[str | None, str | None]]:
        """Return each file that differs between two commits (None: no files), with its object in
        both."""
        ...

    def contents(self, ids: Iterable[str]) -> Iterator[bytes]:
        """Yield the contents of blobs, in order; few of them are in memory at any time."""
        ...

    def last_change(self, revision: str, path: str) -> str | None:
        """The newest commit along first parents that changed a file; None without one."""
        ...

    def added(self, revision: str, *, since: str, every_line: bool = False) -> tuple[str, ...]:
        """Paths of files that commits added since a time (ISO 8601), along first parents, by the
        clocks of the commits; with `every_line` also of those that they changed, and along all
        parents."""
        ...

    def find(self, places: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], str]:
        """The ids of the objects at those places, each a commit and a path, that exist: all of them
        in one request for each level of folders."""
        ...

    def outside(self, commits: Collection[str], *, of: str) -> frozenset[str]:
        """Those commits that are not in the history of another one.

        A shallow clone fetches those that it lacks, and returns none of which it cannot know it.
        """
        ...

    def fetch(self, refspec: str, *, depth: int | None = None) -> bool:
        """Fetch from `origin`; False if the remote has no such ref or there is no remote.

        A partial clone fetches only `depth` commits; a complete clone stays complete.
        """
        ...

    def at_origin(self, ref: str) -> str | None:
        """Return the commit of a ref at origin now, None without one; raises CannotReachGit."""
        ...

    def fetch_along(self, refspec: str) -> None:
        """Bring a ref with the next `fetch`, of another one, in the same request. A `fetch` of this
        ref directly after it needs no request of its own."""
        ...

    def fetch_history(self, head: str, *, until: str | None = None) -> None:
        """Fetch the missing history of a commit in a shallow partial clone: as far as the ancestor
        `until`, a full id, or all of it. Other clones stay as they are."""
        ...

    def fetch_branches(self, folder: str) -> dict[str, str]:
        """Fetch every branch below a folder such as `interlock/retrain/` in one request; return the
        commits of those at origin, and of local ones that origin lacks, by the branch's name."""
        ...

    def commit(
        self,
        parent: str | None,
        files: Mapping[str, bytes],
        *,
        message: str,
        over: str | None = None,
        removed: Iterable[str] = (),
    ) -> str:
        """Return a new commit over `parent` with `files` added or replaced and `removed` left out;
        without a checkout, and without a change of a ref.

        `over` is the commit with whose files it begins, if that is not `parent`: without a parent
        the new commit has these files and no history.
        """
        ...

    def push(self, commit: str, ref: str, *, expected: str | None) -> bool:
        """Move `ref` at origin (locally without an origin) from `expected` to `commit`.

        Returns False if another writer moved it first; raises CannotReachGit otherwise.
        """
        ...

    def move(self, ref: str, commit: str, *, expected: str | None) -> bool:
        """Move a ref of this clone, like `push`."""
        ...

    def push_alone(self, commit: str, ref: str, *, expected: str | None) -> bool:
        """Push a commit without a parent, like `push`; only what `expected` lacks is sent."""
        ...

    def changed_files(self) -> tuple[str, ...]:
        """Files of the checkout that differ from HEAD, including new ones that are not ignored."""
        ...

    def export(self, tree: TrainingTree, folder: Path, *, revision: str) -> Mapping[str, str]:
        """Write a training's tree, without its data, into an empty folder; return each file's MD5.

        Raises OutsideFailure for content of Git LFS or of a submodule that this clone lacks, and
        for files that a checkout would convert.
        """
        ...

    def worktree(self, revision: str) -> AbstractContextManager[Path]:
        """A separate checkout in a temporary folder, which is removed afterwards."""
        ...
