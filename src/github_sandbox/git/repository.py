"""One bare Git repository, used through the `git` program."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

from github_sandbox.git import lasting, parse, refs
from github_sandbox.git.batch import Batch
from github_sandbox.git.lasting import Lasting
from github_sandbox.git.objects import SHA, Commit, Entry, File
from github_sandbox.git.process import GitFailed, GitProcess

T = TypeVar("T")

_FILES = ("-r", "-z", "-M", "--raw", "--numstat", "-p")
_PUSHED = ("-z", f"--format={parse.COMMIT_FORMAT}", "--name-status", "--no-renames")
# So many commits are read one by one before a process looks for the rest.
_NEAR = 200
# A word of a request to `git update-ref`.
_PLAIN = re.compile(r"[^\s\"\0]+")

_CONFIGURATION = {
    "uploadpack.allowAnySHA1InWant": "true",
    "uploadpack.allowFilter": "true",
    # Only GitHub writes refs/pull: clients may read it, but not push.
    "receive.hideRefs": "refs/pull",
    "receive.autogc": "false",
    "gc.auto": "0",
    "core.quotePath": "false",
    "http.receivepack": "true",
}


@dataclass(frozen=True, slots=True)
class GitRepository(GitProcess):
    """A bare repository; `answers` are kept by full ids, because what they name never changes."""

    batch: Batch = field(compare=False, repr=False)
    changes: Lasting = field(compare=False, repr=False)
    patches: Lasting = field(compare=False, repr=False)
    writer: Lasting = field(compare=False, repr=False)
    answers: dict[tuple[str, ...], Any] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def at(cls, path: Path) -> GitRepository:
        changes = Lasting(path, "diff-tree", "--stdin", "-r", "--root", "--always", *_PUSHED)
        patches = Lasting(path, "diff-tree", "--stdin", *_FILES)
        return cls(path, Batch(path), changes, patches, Lasting(path, "update-ref", "--stdin"))

    def close(self) -> None:
        """End the processes."""
        for each in (self.batch, self.changes, self.patches, self.writer):
            each.close()

    def _once(self, verb: str, *ids: str, answer: Callable[[], T]) -> T:
        if not all(SHA.fullmatch(each) for each in ids if each):
            return answer()
        key = (verb, *ids)
        if key not in self.answers:
            self.answers[key] = answer()
        return cast(T, self.answers[key])

    def create(self, *, default_branch: str) -> None:
        self.path.mkdir(parents=True)
        self.run("init", "--quiet", "--bare", f"--initial-branch={default_branch}")
        with (self.path / "config").open("a") as config:
            for name, value in _CONFIGURATION.items():
                section, key = name.split(".")
                config.write(f"[{section}]\n\t{key} = {value}\n")

    def resolve(self, revision: str, *, kind: str = "commit") -> str | None:
        """Return the id of the object with a name; `kind` is its type, or `object` for any."""
        known = self.batch.resolve(f"{revision}^{{{kind}}}") if revision else None
        return known and known[0]

    def branch(self, name: str) -> str | None:
        return self.resolve(f"refs/heads/{name}") if name else None

    def refs(self, prefix: str = "refs/") -> dict[str, str]:
        listed = refs.read(self.path)
        return {name: sha for name, sha in listed.items() if name.startswith(prefix)}

    def offers(self, service: str, protocol: str) -> bytes:
        """Return what a Git server of this repository offers to clients of a protocol."""
        key = (service, protocol, (self.path / "config").read_text())
        if key not in self.answers:
            words = (service, "--http-backend-info-refs", str(self.path))
            self.answers[key] = self.run(*words, env={"GIT_PROTOCOL": protocol})
        return cast(bytes, self.answers[key])

    def update_ref(self, ref: str, sha: str, *, expected: str | None = None) -> None:
        """Move a ref; with `expected`, only from this commit (ZERO: the ref must not exist)."""
        words = (ref, sha, *([] if expected is None else [expected]))
        if not self._write("update", *words):
            self.run("update-ref", *words)

    def delete_ref(self, ref: str) -> None:
        if not self._write("delete", ref):
            self.run("update-ref", "-d", ref)

    def _write(self, *words: str) -> bool:
        """Change a ref; False if Git refuses it, which its own process then explains."""
        if not all(_PLAIN.fullmatch(word) for word in words):
            return False
        request = f"start\n{' '.join(words)}\ncommit\n"
        return self.writer.ask(request, lasting.up_to(b"commit: ok\n")) is not None

    def valid_ref(self, ref: str) -> bool:
        key = ("valid", ref)
        if key not in self.answers:
            try:
                self.answers[key] = not self.run("check-ref-format", ref)
            except GitFailed:
                self.answers[key] = False
        return bool(self.answers[key])

    def kind(self, sha: str) -> str:
        known = self.batch.resolve(sha)
        return known[1] if known else ""

    def fetch(self, source: Path, *, sha: str) -> None:
        self.run("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", str(source), sha)

    def commit(self, sha: str) -> Commit:
        return self._once("log", sha, answer=lambda: self.commits(sha, limit=1)[0])

    def commits(
        self,
        sha: str,
        *,
        exclude: str = "",
        limit: int = 250,
        path: str = "",
        oldest_first: bool = False,
    ) -> list[Commit]:
        """Return commits reachable from `sha` and not from `exclude`, newest first by default."""
        options = [f"--max-count={limit}", f"--format={parse.COMMIT_FORMAT}"]
        if oldest_first:
            options += ["--reverse", "--topo-order"]
        revisions = [sha, *([f"^{exclude}"] if exclude else [])]
        log = self.run("log", "-z", *options, *revisions, "--", *([path] if path else []))
        return list(parse.commits(log.decode(errors="replace")))

    def count(self, sha: str, *, exclude: str = "") -> int:
        near = self._count_near(sha, exclude)
        if near is not None:
            return near
        span = (sha, f"^{exclude}", "--") if exclude else (sha, "--")
        listed = self._once(
            "count", sha, exclude, answer=lambda: self.text("rev-list", "--count", *span)
        )
        return int(listed)

    def _count_near(self, sha: str, start: str) -> int | None:
        """Return the length of a line without merges from `start`; None if it is none, or long."""
        number = 0
        while sha != start:
            parents = self._parents(sha)
            if len(parents) != 1 or number == _NEAR:
                return None
            sha, number = parents[0], number + 1
        return number

    def merge_base(self, one: str, other: str) -> str | None:
        if one == other or self._find_near(one, other):
            return one
        if self._find_near(other, one):
            return other
        base = self._once(
            "base", one, other, answer=lambda: self.text("merge-base", one, other, ok=1)
        )
        return base or None

    def is_ancestor(self, one: str, of: str) -> bool:
        near = one == of or self._find_near(one, of)
        return self.merge_base(one, of) == one if near is None else near

    def has_merge(self, sha: str, *, exclude: str) -> bool:
        """Return True if a commit after `exclude` has several parents."""
        return bool(self.text("rev-list", "--merges", "--max-count=1", sha, f"^{exclude}"))

    def _find_near(self, one: str, of: str) -> bool | None:
        """Look for a commit among the newest of a history; None if it may be an older one."""
        known, level = {of}, [of]
        while level and len(known) < _NEAR:
            level = [p for sha in level for p in self._parents(sha) if p not in known]
            known.update(level)
            if one in known:
                return True
        return None if level else False

    def _parents(self, sha: str) -> list[str]:
        def read() -> list[str]:
            content = (self.batch.content(sha) or b"").decode(errors="replace")
            lines = (line.partition(" ") for line in content.partition("\n\n")[0].splitlines())
            return [value for name, _, value in lines if name == "parent"]

        return self._once("parents", sha, answer=read)

    def files(self, base: str, head: str) -> list[File]:
        """Return the changed files between two trees or commits, with renames and patches."""
        return self._once("files", base, head, answer=lambda: self._files(base, head))

    def _files(self, base: str, head: str) -> list[File]:
        trees = [self.resolve(each, kind="tree") or each for each in (base, head)]
        answer = _line(self.patches, " ".join(trees))
        if answer is None:  # its own process explains why
            return parse.files(self.run("diff-tree", *_FILES, *trees))
        return parse.files(answer.partition(b"\n")[2])

    def merge_tree(self, ours: str, theirs: str) -> str | None:
        """Return the tree of the three-way merge of two commits, or None for conflicts."""
        return self._once("merge", ours, theirs, answer=lambda: self._merge_tree(ours, theirs))

    def _merge_tree(self, *commits: str) -> str | None:
        status, output = self.attempt("merge-tree", "--write-tree", "--no-messages", *commits)
        return None if status else output.decode().split()[0]

    def pushed(
        self, sha: str, *, exclude: str, limit: int
    ) -> list[tuple[Commit, list[tuple[str, str]]]]:
        """Return new commits, oldest first, each with its (status, path) pairs; a merge has none.

        Without a new commit it is `sha` itself.
        """
        if exclude and set(self._parents(sha)) <= {exclude}:
            return self._changes(sha)
        order = (f"--max-count={limit}", "--reverse", "--topo-order")
        span = (sha, f"^{exclude}") if exclude else (sha,)
        log = self.run("log", *_PUSHED, *order, *span, "--")
        log = log or self.run("log", *_PUSHED, "-1", sha)
        return list(parse.pushed(log.decode(errors="replace")))

    def _changes(self, sha: str) -> list[tuple[Commit, list[tuple[str, str]]]]:
        """Return one commit, from the process that answers for all of them."""
        answer = _line(self.changes, sha) or b""
        return list(parse.pushed(answer.decode(errors="replace").lstrip("\0")))

    def tree(self, treeish: str, path: str = "") -> list[Entry]:
        name = f"{treeish}:{path.strip('/')}" if path.strip("/") else treeish
        listed = self.run("ls-tree", "-z", "--long", "--end-of-options", name)
        return [parse.entry(line, folder=path) for line in parse.split(listed)]

    def entry(self, treeish: str, path: str) -> Entry | None:
        """Return the entry at a path, or None; the root is a tree with the path ""."""
        if not path.strip("/"):
            return Entry("", "040000", "tree", self.text("rev-parse", f"{treeish}^{{tree}}"), -1)
        listed = self.run("ls-tree", "-z", "--long", treeish, "--", path.strip("/"))
        return next((parse.entry(line, folder=None) for line in parse.split(listed)), None)

    def blob(self, sha: str) -> bytes:
        content = self.batch.content(sha)
        if content is None:
            raise GitFailed(f"there is no object {sha}")
        return content


def _line(process: Lasting, line: str) -> bytes | None:
    """Return the answer of `git diff-tree --stdin` to a line; None if the process ended."""
    # Git repeats a line that names no object.
    end = f"end {secrets.token_hex()}\n"
    return process.ask(f"{line}\n{end}", lasting.up_to(end.encode()))
