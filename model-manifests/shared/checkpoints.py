"""Keeps a training's state where a killed one finds it again; no framework may enter.

A checkpoint is a file with a mark beside it: JSON that has the fingerprint of what is trained, the
step, and the file's SHA-256. Both are written under another name, flushed to the disk and renamed,
the mark last. So whatever a kill leaves is either whole or not there, and what is damaged or of
another training is seen. INTERLOCK_CHECKPOINT_DIR says where, INTERLOCK_FINGERPRINT what is
trained; without the first nothing is kept.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCHEMA = "interlock/checkpoint/v1"
KEEP = 2


@dataclass(frozen=True, slots=True)
class Shelf:
    """The checkpoints of one training; `folder` is None where none are kept."""

    folder: Path | None
    fingerprint: str

    def save(self, content: bytes, *, step: int, of: int) -> None:
        """Store a state; the oldest but `KEEP` go."""
        if self.folder is None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        name = f"step-{step:010d}.state"
        mark = {
            "schema": SCHEMA,
            "fingerprint": self.fingerprint,
            "file": name,
            "step": step,
            "of": of,
            "size_bytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        _write(self.folder / name, content)
        _write((self.folder / name).with_suffix(".json"), json.dumps(mark, indent=2).encode())
        for old in sorted(self.folder.glob("step-*.json"))[:-KEEP]:
            old.unlink(missing_ok=True)
            old.with_suffix(".state").unlink(missing_ok=True)

    def newest(self) -> tuple[int, bytes] | None:
        """Return the step and the state of the newest whole checkpoint; say what is not used."""
        return next(self._whole(), None)

    def _whole(self) -> Iterator[tuple[int, bytes]]:
        marks = sorted(self.folder.glob("step-*.json"), reverse=True) if self.folder else []
        for path in marks:
            checkpoint = _read(path, fingerprint=self.fingerprint)
            if isinstance(checkpoint, str):
                print(f"checkpoint {path.stem} is not used: {checkpoint}", flush=True)
            else:
                yield checkpoint


def open_shelf() -> Shelf:
    folder = os.environ.get("INTERLOCK_CHECKPOINT_DIR")
    return Shelf(Path(folder) if folder else None, os.environ.get("INTERLOCK_FINGERPRINT", ""))


def _read(path: Path, *, fingerprint: str) -> tuple[int, bytes] | str:
    """The step and the state that a mark is of, or what is wrong with it."""
    try:
        mark: Any = json.loads(path.read_bytes())
        known = (mark["schema"], mark["fingerprint"])
        content = path.with_suffix(".state").read_bytes()
        step, digest = int(mark["step"]), mark["sha256"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        return f"it cannot be read ({error})"
    if known != (SCHEMA, fingerprint):
        return "it is of another training"
    if hashlib.sha256(content).hexdigest() != digest:
        return "its bytes are not those that were written"
    return step, content


def _write(path: Path, content: bytes) -> None:
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
