"""Checks the stored state from which a killed training continues; its files are not opened here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from interlock.domain.basics.refusal import Refusal


@dataclass(frozen=True, slots=True)
class CheckpointMark:
    """The file that a program writes next to one checkpoint: its file name, the training that it
    belongs to, the number of completed steps, and the SHA-256 of the checkpoint."""

    file: str
    fingerprint: str
    step: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Saved:
    """A checkpoint at the end of a training: its step, its SHA-256, and the SHA-256 of its mark,
    which contains both."""

    step: int
    sha256: str
    mark: str


def newest_first(marks: Iterable[CheckpointMark]) -> tuple[CheckpointMark, ...]:
    return tuple(sorted(marks, key=lambda mark: (mark.step, mark.file), reverse=True))


def check(mark: CheckpointMark, *, fingerprint: str, sha256: str | None) -> Refusal | None:
    """Refuse a checkpoint from which no training may continue. `sha256` is that of the stored file,
    None without a file."""
    if mark.fingerprint != fingerprint:
        return Refusal("it is of another training")
    if sha256 is None:
        return Refusal("its file is not there")
    if sha256 != mark.sha256:
        return Refusal("its bytes are not those that were written")
    return None


def is_name(file: str) -> bool:
    """True if it is a plain file name: no file outside the folder is read."""
    return file not in {"", ".", ".."} and not {"/", "\\", "\0"} & {*file}
