"""Which stored state a killed training goes on from; the files themselves are not opened here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from interlock.domain.basics.refusal import Refusal


@dataclass(frozen=True, slots=True)
class CheckpointMark:
    """What a program wrote beside one checkpoint: its file, which training it is of, how many
    steps of it are behind, and the SHA-256 of the file's bytes."""

    file: str
    fingerprint: str
    step: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Saved:
    """A checkpoint that a training had when it ended: its step, its SHA-256, and that of its mark,
    which holds both."""

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
    """Whether it is a plain name: nothing outside the folder is looked at."""
    return file not in {"", ".", ".."} and not {"/", "\\", "\0"} & {*file}
