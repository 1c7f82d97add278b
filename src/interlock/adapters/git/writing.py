"""Makes commits without a checkout and moves refs by compare-and-swap; decides nothing."""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from interlock import errors
from interlock.adapters.git import fetches, partial, program
from interlock.adapters.git.lasting import Lasting
from interlock.adapters.git.naming import Naming
from interlock.adapters.git.partial import Clone
from interlock.ports.git import OURS
from interlock.services import temporary_folders

_NAME = "interlock"
_IDENTITY = {"GIT_COMMITTER_NAME": _NAME, "GIT_COMMITTER_EMAIL": OURS}
_UNBORN = b"refs/interlock/unborn"
# Messages of git and GitHub if another writer moved the ref first, or is just moving it.
_LOST = re.compile(
    r"stale info|fetch first|non-fast-forward|cannot lock ref|failed to update ref"
    r"|reference already exists|incorrect old value|but expected|failed to lock"
)


class Writing:
    """The writes of one repository: one process makes all commits, and one moves all refs."""

    def __init__(self, clone: Clone) -> None:
        self._directory, self._clone = clone.directory, clone
        self._importer = Lasting(self._directory, "fast-import", "--quiet")
        self._refs = Lasting(self._directory, "update-ref", "--stdin")

    def commit(
        self,
        parent: str | None,
        files: Mapping[str, bytes],
        message: str,
        *,
        over: str | None = None,
        removed: Iterable[str] = (),
    ) -> str:
        """Return a new commit: `parent`'s tree with `files` (path to content) added or replaced.

        `over` is the tree to begin with if it is not the parent's, and `removed` are paths that the
        new tree has not. Only the folders on the way to these paths are read and written.
        """
        text = message.encode()
        begin = [b"commit %s" % _UNBORN, b"mark :1", b"committer " + _committer(self._directory)]
        begin += [b"data %d\n%s" % (len(text), text)]
        begin += [b"from " + parent.encode()] if parent else []
        begin += [b"M 040000 %s " % over.encode()] if over else []
        changes = [b"D " + _quote(path) for path in removed]
        changes += [_file(path, data) for path, data in files.items()]
        # Without a commit at the end the branch is unborn, so that no ref is written.
        end = [b"reset " + _UNBORN, b"get-mark :1", b"checkpoint", b""]
        stream = b"\n".join([*begin, *changes, *end])
        written = self._importer.request(stream + b"progress written\n", lines=2)
        if written is not None:
            return written[0]
        arguments, whole = ("fast-import", "--quiet", "--done"), stream + b"done\n"
        return program.run(self._directory, *arguments, stdin=whole, extra=partial.LAZILY)

    def move(self, ref: str, commit: str, *, expected: str | None) -> bool:
        """Move a ref of this repository; False if it is not at the expected commit."""
        words = (ref, commit, expected or "0" * len(commit))
        request = f"start\nupdate {' '.join(words)}\ncommit\n".encode("utf-8", "surrogateescape")
        if Naming.is_plain(ref) and self._refs.request(request, lines=2) is not None:
            return True
        return self._decided(("update-ref", *words))

    def push(
        self,
        ref: str,
        commit: str,
        *,
        expected: str | None,
        extra: Mapping[str, str] | None = None,
    ) -> bool:
        """Move a ref at origin; False if another writer moved it first.

        Git reads a replaced file to send only what differs: a partial clone may have to fetch it.
        """
        extra = {**partial.LAZILY, **(extra or {})}
        lease = f"--force-with-lease={ref}:{expected or ''}"
        arguments = ("push", "--porcelain", "--no-verify", lease, "origin", f"{commit}:{ref}")
        return self._decided(arguments, extra, otherwise=lambda: self._is_at(ref, commit))

    def push_alone(self, ref: str, commit: str, *, expected: str) -> bool:
        """Move a ref at origin to a commit without a parent; False if another writer moved it.

        Git leaves out what the expected commit has only if that is a parent, or in a shallow clone.
        So the expected commit is named as an end of the history, beside those of the clone, for
        this command alone.
        """
        with temporary_folders.folder("shallow") as folder:
            lines = (f"{end}\n" for end in (*self._clone.ends, expected))
            (folder / "shallow").write_text("".join(lines), "ascii")
            extra = {"GIT_SHALLOW_FILE": str(folder / "shallow")}
            return self.push(ref, commit, expected=expected, extra=extra)

    def _decided(
        self,
        arguments: tuple[str, ...],
        extra: Mapping[str, str] | None = None,
        *,
        otherwise: Callable[[], bool] = lambda: False,
    ) -> bool:
        """Run git; False if it reports another writer. `otherwise` decides after its failure."""
        done = program.attempt(self._directory, *arguments, extra=extra)
        if done.returncode == 0 or otherwise():
            return True
        if _LOST.search((done.stdout + done.stderr).decode("utf-8", "replace")):
            return False
        raise program.failure(arguments, done, near=self._directory)

    def _is_at(self, ref: str, commit: str) -> bool:
        """The reply of origin may be lost, and git's repeated push is refused: its ref decides."""
        with contextlib.suppress(errors.OutsideFailure):
            return fetches.at_origin(self._directory, ref) == commit
        return False


def _file(path: str, data: bytes) -> bytes:
    return b"M 100644 inline %s\ndata %d\n%s" % (_quote(path), len(data), data)


def _committer(directory: Path) -> bytes:
    """Return the author with the time, which is that of GIT_COMMITTER_DATE if it is set."""
    if "GIT_COMMITTER_DATE" in os.environ:
        return program.run(directory, "var", "GIT_COMMITTER_IDENT", extra=_IDENTITY).encode()
    return f"{_NAME} <{OURS}> {int(time.time())} +0000".encode()


def _quote(path: str) -> bytes:
    """Write a path as fast-import reads it, with any characters."""
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'.encode("utf-8", "surrogateescape")
