"""One bare Git repository, driven through the `git` program; knows no pull request and no HTTP."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ZERO = "0" * 40
# Git knows this object in every repository, stored or not.
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
SHA = re.compile(r"[0-9a-f]{40}")
_FIELDS = "%H%x00%T%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B"
_CONFIGURATION = {
    "uploadpack.allowAnySHA1InWant": "true",
    "uploadpack.allowFilter": "true",
    # refs/pull is GitHub's to write: shown to readers, closed to pushes.
    "receive.hideRefs": "refs/pull",
    "receive.autogc": "false",
    "gc.auto": "0",
    "core.quotePath": "false",
    "http.receivepack": "true",
}


class GitFailed(Exception):
    """Git exited with an error; the message is what it said."""


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
        """The first parent, or the empty tree: what the commit is a change to."""
        return self.parents[0] if self.parents else EMPTY_TREE


@dataclass(frozen=True, slots=True)
class File:
    """One changed path; `status` in GitHub's words, `additions` -1 for a binary file."""

    path: str
    status: str
    sha: str
    additions: int
    deletions: int
    patch: str
    previous: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a tree; `size_bytes` is -1 for what is no blob."""

    path: str
    mode: str
    kind: str
    sha: str
    size_bytes: int

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]


def environment() -> dict[str, str]:
    """Return an environment in which no configuration of the user's counts."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "HOME") if name in os.environ}
    return kept | {
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C.UTF-8",
    }


@dataclass(frozen=True, slots=True)
class GitRepository:
    """A bare repository; it remembers which commits it has seen there, since none ever goes."""

    path: Path
    seen: set[str] = field(default_factory=set, compare=False, repr=False)

    def create(self, *, default_branch: str) -> None:
        self.path.mkdir(parents=True)
        self.run("init", "--quiet", "--bare", f"--initial-branch={default_branch}")
        with (self.path / "config").open("a") as config:
            for name, value in _CONFIGURATION.items():
                section, key = name.split(".")
                config.write(f"[{section}]\n\t{key} = {value}\n")

    def run(
        self, *args: str, stdin: bytes = b"", env: dict[str, str] | None = None, ok: int = 0
    ) -> bytes:
        """Return standard output; raises GitFailed when the exit status is over `ok`."""
        return self.attempt(*args, stdin=stdin, env=env, ok=ok)[1]

    def attempt(
        self, *args: str, stdin: bytes = b"", env: dict[str, str] | None = None, ok: int = 1
    ) -> tuple[int, bytes]:
        """Return exit status and standard output; raises GitFailed for a status over `ok`."""
        try:
            done = subprocess.run(
                ["git", *args],
                cwd=self.path,
                input=stdin,
                capture_output=True,
                env=environment() | (env or {}),
                check=False,
            )
        except (ValueError, OSError) as error:  # a NUL in a name; a name too long to pass
            raise GitFailed(str(error)) from error
        if done.returncode > ok or done.returncode < 0:
            raise GitFailed(done.stderr.decode(errors="replace").strip())
        return done.returncode, done.stdout

    def text(self, *args: str, ok: int = 0) -> str:
        return self.run(*args, ok=ok).decode(errors="replace").strip()

    def resolve(self, revision: str, *, kind: str = "commit") -> str | None:
        """Return the id of the object of that kind (`object`: of any) that a name leads to."""
        if not revision:
            return None
        if revision in self.seen and kind == "commit":
            return revision
        name = f"{revision}^{{{kind}}}"
        try:
            found = self.text("rev-parse", "--verify", "--quiet", "--end-of-options", name) or None
        except GitFailed:
            return None
        if found == revision and kind == "commit":
            self.seen.add(revision)
        return found

    def branch(self, name: str) -> str | None:
        return self.resolve(f"refs/heads/{name}") if name else None

    def refs(self, *prefixes: str) -> dict[str, str]:
        listed = self.text("for-each-ref", "--format=%(objectname) %(refname)", *prefixes)
        pairs = (line.split(" ", 1) for line in listed.splitlines())
        return {name: sha for sha, name in pairs}

    def update_ref(self, ref: str, sha: str, *, expected: str | None = None) -> None:
        """Move a ref; with `expected`, only from there (ZERO: it must not exist)."""
        self.run("update-ref", ref, sha, *([] if expected is None else [expected]))

    def delete_ref(self, ref: str) -> None:
        self.run("update-ref", "-d", ref)

    def valid_ref(self, ref: str) -> bool:
        try:
            self.run("check-ref-format", ref)
        except GitFailed:
            return False
        return True

    def fetch(self, source: Path, *, sha: str) -> None:
        self.run("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", str(source), sha)

    def commit(self, sha: str) -> Commit:
        return self.commits(sha, limit=1)[0]

    def commits(
        self,
        sha: str,
        *,
        exclude: str = "",
        skip: int = 0,
        limit: int = 250,
        path: str = "",
        oldest_first: bool = False,
    ) -> list[Commit]:
        """Return commits reachable from `sha` and not from `exclude`, newest first unless told."""
        options = [f"--max-count={limit}", f"--skip={skip}", f"--format={_FIELDS}"]
        if oldest_first:
            options += ["--reverse", "--topo-order"]
        revisions = [sha, *([f"^{exclude}"] if exclude else [])]
        output = self.run("log", "-z", *options, *revisions, "--", *([path] if path else []))
        return list(_parse_commits(output.decode(errors="replace")))

    def count(self, sha: str, *, exclude: str = "") -> int:
        return int(
            self.text("rev-list", "--count", sha, *([f"^{exclude}"] if exclude else []), "--")
        )

    def merge_base(self, one: str, other: str) -> str | None:
        return self.text("merge-base", one, other, ok=1) or None

    def is_ancestor(self, one: str, of: str) -> bool:
        return self.merge_base(one, of) == one

    def files(self, base: str, head: str) -> list[File]:
        """Return what changed between two trees or commits, renames found, with patches."""
        raw = self.run("diff-tree", "-r", "-z", "-M", "--raw", "--no-commit-id", base, head)
        counted = self.run("diff-tree", "-r", "-z", "-M", "--numstat", "--no-commit-id", base, head)
        patches = self.run("diff-tree", "-r", "-M", "-p", "--no-commit-id", base, head)
        return _parse_files(raw, counted, patches)

    def touched_between(self, base: str, head: str) -> list[str]:
        """Return the paths that differ."""
        return _split(self.run("diff-tree", "-r", "-z", "-M", "--name-only", base, head))

    def touched(self, shas: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
        """Return each commit's (status, path) pairs, in one process; none for a merge."""
        wanted = "".join(f"{sha}\n" for sha in shas).encode()
        listed = self.run(
            "diff-tree",
            "--stdin",
            "-r",
            "-z",
            "--root",
            "--name-status",
            "--no-renames",
            stdin=wanted,
        )
        return {sha: [] for sha in shas} | _parse_touched(_split(listed))

    def tree(self, treeish: str, path: str = "") -> list[Entry]:
        name = f"{treeish}:{path.strip('/')}" if path.strip("/") else treeish
        listed = self.run("ls-tree", "-z", "--long", "--end-of-options", name)
        return [_parse_entry(line, folder=path) for line in _split(listed)]

    def entry(self, treeish: str, path: str) -> Entry | None:
        """Return what lies at a path, or None; the root is a tree named ""."""
        if not path.strip("/"):
            return Entry("", "040000", "tree", self.text("rev-parse", f"{treeish}^{{tree}}"), -1)
        listed = self.run("ls-tree", "-z", "--long", treeish, "--", path.strip("/"))
        return next((_parse_entry(line, folder=None) for line in _split(listed)), None)

    def blob(self, sha: str) -> bytes:
        return self.run("cat-file", "blob", sha)


def _split(output: bytes) -> list[str]:
    return [line for line in output.decode(errors="replace").split("\0") if line]


def _parse_commits(output: str) -> Iterator[Commit]:
    # Each field ends with a NUL, the last too, which may be empty: a commit need not say anything.
    fields = output.removesuffix("\0").split("\0") if output else []
    for i in range(0, len(fields), 10):
        sha, tree, parents, an, ae, ad, cn, ce, cd, message = fields[i : i + 10]
        yield Commit(
            sha, tree, tuple(parents.split()), Person(an, ae), ad, Person(cn, ce), cd,
            message.rstrip("\n"),
        )  # fmt: skip


def _parse_entry(line: str, *, folder: str | None) -> Entry:
    meta, name = line.split("\t", 1)
    mode, kind, sha, size = meta.split()
    path = f"{folder.strip('/')}/{name}".lstrip("/") if folder is not None else name
    return Entry(path, mode, kind, sha, -1 if size == "-" else int(size))


def _parse_touched(fields: list[str]) -> dict[str, list[tuple[str, str]]]:
    touched: dict[str, list[tuple[str, str]]] = {}
    sha, rest = "", iter(fields)
    for told in rest:
        if SHA.fullmatch(told):
            sha = told
            touched[sha] = []
        else:
            touched[sha].append((_STATUS.get(told, "changed"), next(rest)))
    return touched


_STATUS = {"A": "added", "M": "modified", "D": "removed", "R": "renamed", "T": "changed"}


def _parse_files(raw: bytes, counted: bytes, patches: bytes) -> list[File]:
    texts = re.split(r"(?m)^diff --git ", patches.decode(errors="replace"))[1:]
    counts, files = iter(_split(counted)), []
    fields = iter(_split(raw))
    for meta, text in zip(fields, texts, strict=False):
        _, _, old, new, letter = meta.split(" ")
        before = next(fields)
        after = next(fields) if letter[0] == "R" else before
        added, deleted = _parse_count(counts, renamed=letter[0] == "R")
        start = text.find("\n@@")
        files.append(
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
    return files


def _parse_count(counts: Iterator[str], *, renamed: bool) -> tuple[int, int]:
    added, deleted, _ = next(counts).split("\t", 2)
    if renamed:  # with -z a rename's two names follow as fields of their own
        next(counts), next(counts)
    return (-1, 0) if added == "-" else (int(added), int(deleted))
