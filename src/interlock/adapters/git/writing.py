"""Makes commits without a checkout and moves refs by compare-and-swap; decides nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from interlock.adapters.git import program
from interlock.ports.git import OURS
from interlock.services import temporary_folders

_IDENTITY = {
    f"GIT_{role}_{part}": value
    for role in ("AUTHOR", "COMMITTER")
    for part, value in (("NAME", "interlock"), ("EMAIL", OURS))
}
# Messages of git and GitHub if another writer moved the ref first, or is just moving it.
_LOST = re.compile(
    r"stale info|fetch first|non-fast-forward|cannot lock ref|failed to update ref"
    r"|reference already exists|incorrect old value|but expected|failed to lock"
)


def commit(directory: Path, parent: str | None, files: Mapping[str, bytes], message: str) -> str:
    """Return a new commit: `parent`'s tree with `files` (path to content) added or replaced."""
    with temporary_folders.folder("index") as folder:
        index = {"GIT_INDEX_FILE": str(folder / "index")}
        program.run(directory, "read-tree", parent or "--empty", extra=index)
        lines = [f"100644 {_write(directory, data)}\t{path}" for path, data in files.items()]
        stdin = "".join(f"{line}\0" for line in lines).encode()
        program.run(directory, "update-index", "-z", "--index-info", stdin=stdin, extra=index)
        # A partial clone may lack old files. The added files were written just now.
        tree = program.run(directory, "write-tree", "--missing-ok", extra=index)
    parents = ["-p", parent] if parent else []
    return program.run(
        directory, "commit-tree", tree, *parents, stdin=message.encode(), extra=_IDENTITY
    )


def _write(directory: Path, data: bytes) -> str:
    return program.run(directory, "hash-object", "-w", "--stdin", stdin=data)


def move(directory: Path, ref: str, commit_id: str, expected: str | None) -> bool:
    """Move a ref of this repository; False if it is not at the expected commit."""
    arguments = ("update-ref", ref, commit_id, expected or "0" * len(commit_id))
    done = program.attempt(directory, *arguments)
    if done.returncode == 0:
        return True
    if _LOST.search(done.stderr.decode("utf-8", "replace")):
        return False
    raise program.failure(arguments, done, near=directory)


def push(directory: Path, ref: str, commit_id: str, expected: str | None) -> bool:
    """Move a ref at origin; False if another writer moved it first.

    The reply of origin may be lost, and the repeated push of git is then refused. So origin's ref
    decides if this push moved it.
    """
    lease = f"--force-with-lease={ref}:{expected or ''}"
    arguments = ("push", "--porcelain", "--no-verify", lease, "origin", f"{commit_id}:{ref}")
    done = program.attempt(directory, *arguments)
    if done.returncode == 0 or _is_at(directory, ref, commit_id):
        return True
    if _LOST.search((done.stdout + done.stderr).decode("utf-8", "replace")):
        return False
    raise program.failure(arguments, done, near=directory)


def _is_at(directory: Path, ref: str, commit_id: str) -> bool:
    done = program.attempt(directory, "ls-remote", "origin", ref)
    return done.returncode == 0 and done.stdout.split()[:1] == [commit_id.encode()]
