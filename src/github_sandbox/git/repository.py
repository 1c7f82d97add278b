"""One bare Git repository, used through the `git` program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

from github_sandbox.git import parse, refs
from github_sandbox.git.batch import Batch
from github_sandbox.git.objects import SHA, Commit, Entry, File
from github_sandbox.git.process import GitFailed, GitProcess

T = TypeVar("T")

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
    answers: dict[tuple[str, ...], Any] = field(default_factory=dict, compare=False, repr=False)

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
        self.run("update-ref", ref, sha, *([] if expected is None else [expected]))

    def delete_ref(self, ref: str) -> None:
        self.run("update-ref", "-d", ref)

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
        span = (sha, f"^{exclude}", "--") if exclude else (sha, "--")
        listed = self._once(
            "count", sha, exclude, answer=lambda: self.text("rev-list", "--count", *span)
        )
        return int(listed)

    def merge_base(self, one: str, other: str) -> str | None:
        if one == other:
            return one
        base = self._once(
            "base", one, other, answer=lambda: self.text("merge-base", one, other, ok=1)
        )
        return base or None

    def is_ancestor(self, one: str, of: str) -> bool:
        return one in self._parents(of) or self.merge_base(one, of) == one

    def _parents(self, sha: str) -> list[str]:
        header = (self.batch.content(sha) or b"").decode(errors="replace").partition("\n\n")[0]
        lines = (line.partition(" ") for line in header.splitlines())
        return [value for name, _, value in lines if name == "parent"]

    def files(self, base: str, head: str) -> list[File]:
        """Return the changed files between two trees or commits, with renames and patches."""
        return self._once("files", base, head, answer=lambda: self._files(base, head))

    def _files(self, base: str, head: str) -> list[File]:
        forms = ("-r", "-z", "-M", "--raw", "--numstat", "-p", "--no-commit-id")
        return parse.files(self.run("diff-tree", *forms, base, head))

    def pushed(
        self, sha: str, *, exclude: str, limit: int
    ) -> list[tuple[Commit, list[tuple[str, str]]]]:
        """Return new commits, oldest first, each with its (status, path) pairs; a merge has none.

        Without a new commit it is `sha` itself.
        """
        forms = ("-z", f"--format={parse.COMMIT_FORMAT}", "--name-status", "--no-renames")
        order = (f"--max-count={limit}", "--reverse", "--topo-order")
        span = (sha, f"^{exclude}") if exclude else (sha,)
        log = self.run("log", *forms, *order, *span, "--") or self.run("log", *forms, "-1", sha)
        return list(parse.pushed(log.decode(errors="replace")))

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
