"""Stores the state of killed trainings in a folder of the runner; the program decides its content.

ROOT/<model>/<fingerprint>/ belongs to the program, except the file `attempts`. It is locked during
a training, so that two jobs of one fingerprint do not write into one folder.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from interlock import documents, errors
from interlock.domain.model import checkpoint
from interlock.domain.model.checkpoint import CheckpointMark, Saved
from interlock.ports.checkpoints import CheckpointFolder

_ATTEMPTS = "attempts"
_MOST = 20
_UNKNOWN = "no attempt of this commit in the ledger names it"


class FolderCheckpoints:
    def __init__(self, root: Path) -> None:
        self._root = root

    @contextmanager
    def open(
        self, *, model: str, fingerprint: str, accepted: Collection[str] | None = None
    ) -> Iterator[CheckpointFolder | None]:
        folder = self._root.absolute() / model / fingerprint
        if accepted is not None:
            _remove_links(self._root.absolute(), folder)
        with _alone_in(folder) as is_ours:
            if not is_ours:
                yield None
                return
            removed = () if accepted is None else _remove_others(folder, accepted)
            step, unused = _newest(folder, fingerprint=fingerprint)
            yield CheckpointFolder(folder, _begin(folder), step, (*removed, *unused))

    def saved(self, kept: CheckpointFolder, *, fingerprint: str) -> tuple[Saved, ...]:
        marks, _ = _marks(kept.folder)
        mine = [(mark, path) for mark, path in marks if mark.fingerprint == fingerprint]
        fault = [Saved(mark.step, mark.sha256, _sha256(path) or "") for mark, path in mine]
        return tuple(sorted(fault, key=lambda each: each.step, reverse=True))[:_MOST]

    def discard(self, kept: CheckpointFolder) -> None:
        shutil.rmtree(kept.folder)


@contextmanager
def _alone_in(folder: Path) -> Iterator[bool]:
    """Lock the folder itself. The process that had the lock before may have removed the folder;
    then it is created again."""
    while True:
        folder.mkdir(parents=True, exist_ok=True)
        number = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if folder.exists() and os.path.samestat(os.fstat(number), folder.stat()):
                yield True
                return
        except BlockingIOError:
            yield False
            return
        finally:
            os.close(number)


def _begin(folder: Path) -> int:
    """Count one more attempt; a truncated file counts as no attempts."""
    path = folder / _ATTEMPTS
    text = path.read_text("ascii", "replace") if path.exists() else ""
    attempts = int(text) + 1 if text.strip().isdecimal() else 1
    path.write_text(f"{attempts}\n", encoding="ascii")
    return attempts


def _newest(folder: Path, *, fingerprint: str) -> tuple[int | None, tuple[str, ...]]:
    """Return the step from which a program continues, and the reason against each newer
    checkpoint."""
    marks, unused = _marks(folder)
    for mark in checkpoint.newest_first(mark for mark, _ in marks):
        sha256 = _sha256(folder / mark.file)
        refusal = checkpoint.check(mark, fingerprint=fingerprint, sha256=sha256)
        if not refusal:
            return mark.step, tuple(unused)
        unused.append(f"checkpoint {mark.file} is not used: {refusal}")
    return None, tuple(unused)


def _remove_links(root: Path, folder: Path) -> None:
    """Remove a link that a program has put in the folder's place, without a change of its
    target."""
    for place in (folder.parent, folder):
        if place != root and place.is_symlink():
            place.unlink()


def _remove_others(folder: Path, accepted: Collection[str]) -> tuple[str, ...]:
    """Remove all checkpoints that are not accepted; return a sentence for each."""
    marks, _ = _marks(folder)
    kept = {_ATTEMPTS}
    for mark, path in marks:
        if _is_plain(path) and _is_plain(folder / mark.file) and _sha256(path) in accepted:
            kept |= {path.name, mark.file}
    for path in folder.iterdir():
        if path.name in kept and _is_plain(path):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    lost = [mark.file for mark, _ in marks if mark.file not in kept]
    return tuple(f"checkpoint {file} is removed: {_UNKNOWN}" for file in lost)


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _marks(folder: Path) -> tuple[list[tuple[CheckpointMark, Path]], list[str]]:
    marks, unreadable = [], []
    for path in sorted(folder.glob("*.json")):
        try:
            document = documents.parse(path.read_bytes(), where=path.name)
            mark = documents.load(document, CheckpointMark, where=path.name)
        except errors.CannotReadDocument as error:
            unreadable.append(f"checkpoint {path.stem} is not used: {error.message}")
            continue
        if checkpoint.is_name(mark.file):
            marks.append((mark, path))
    return marks, unreadable


def _sha256(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return None
