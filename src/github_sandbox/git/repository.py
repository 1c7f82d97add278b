"""One bare Git repository, used through the `git` program."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from github_sandbox.git import parse
from github_sandbox.git.objects import Commit, Entry, File
from github_sandbox.git.process import GitFailed, GitProcess

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
    """A bare repository; `known` are commits that exist, since commits are never deleted."""

    known: set[str] = field(default_factory=set, compare=False, repr=False)

    def create(self, *, default_branch: str) -> None:
        self.path.mkdir(parents=True)
        self.run("init", "--quiet", "--bare", f"--initial-branch={default_branch}")
        with (self.path / "config").open("a") as config:
            for name, value in _CONFIGURATION.items():
                section, key = name.split(".")
                config.write(f"[{section}]\n\t{key} = {value}\n")

    def resolve(self, revision: str, *, kind: str = "commit") -> str | None:
        """Return the id of the object with a name; `kind` is its type, or `object` for any."""
        if not revision:
            return None
        if revision in self.known and kind == "commit":
            return revision
        name = f"{revision}^{{{kind}}}"
        try:
            sha = self.text("rev-parse", "--verify", "--quiet", "--end-of-options", name) or None
        except GitFailed:
            return None
        if sha == revision and kind == "commit":
            self.known.add(revision)
        return sha

    def branch(self, name: str) -> str | None:
        return self.resolve(f"refs/heads/{name}") if name else None

    def refs(self, *prefixes: str) -> dict[str, str]:
        listed = self.text("for-each-ref", "--format=%(objectname) %(refname)", *prefixes)
        pairs = (line.split(" ", 1) for line in listed.splitlines())
        return {name: sha for sha, name in pairs}

    def update_ref(self, ref: str, sha: str, *, expected: str | None = None) -> None:
        """Move a ref; with `expected`, only from this commit (ZERO: the ref must not exist)."""
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
        return int(
            self.text("rev-list", "--count", sha, *([f"^{exclude}"] if exclude else []), "--")
        )

    def merge_base(self, one: str, other: str) -> str | None:
        return self.text("merge-base", one, other, ok=1) or None

    def is_ancestor(self, one: str, of: str) -> bool:
        return self.merge_base(one, of) == one

    def files(self, base: str, head: str) -> list[File]:
        """Return the changed files between two trees or commits, with renames and patches."""
        raw = self.run("diff-tree", "-r", "-z", "-M", "--raw", "--no-commit-id", base, head)
        counted = self.run("diff-tree", "-r", "-z", "-M", "--numstat", "--no-commit-id", base, head)
        patches = self.run("diff-tree", "-r", "-M", "-p", "--no-commit-id", base, head)
        return parse.files(raw, counted, patches)

    def touched(self, shas: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
        """Return the (status, path) pairs of each commit; a merge has none."""
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
        return {sha: [] for sha in shas} | parse.touched(parse.split(listed))

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
        return self.run("cat-file", "blob", sha)
