"""Lets DVC's process ask the main process, by two files in a folder, if outputs may be stored.

DVC's process writes the list of outputs and waits; the main process reads it and answers. A file is
renamed into place, so that a reader never finds half of it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from interlock.domain.basics.refusal import Refusal

_QUESTION, _ANSWER = "outputs.json", "answer.json"
_LOOK_SECONDS = 0.05


class Unusable(Exception):
    """The stages succeeded, and their outputs may not be stored."""


def ask(folder: Path, outputs: Sequence[str], *, refuse_if_stopped: Callable[[], None]) -> None:
    """Wait for the answer; raises Unusable when the outputs are refused."""
    _put(folder / _QUESTION, list(outputs))
    while not (folder / _ANSWER).exists():
        refuse_if_stopped()
        time.sleep(_LOOK_SECONDS)
    reason = json.loads((folder / _ANSWER).read_text("utf-8"))
    if reason is not None:
        raise Unusable(reason)


def answer(folder: Path, check: Callable[[tuple[str, ...]], Refusal | None]) -> None:
    """Answer an open question with `check`: the reason of its refusal, null to accept."""
    if (folder / _QUESTION).exists() and not (folder / _ANSWER).exists():
        outputs = json.loads((folder / _QUESTION).read_text("utf-8"))
        refusal = check(tuple(outputs))
        _put(folder / _ANSWER, refusal and refusal.reason)


def _put(path: Path, value: object) -> None:
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(value), encoding="utf-8")
    unfinished.rename(path)
