"""Files that a program uses and its stage does not declare, and the line of `deps` for each."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection
from dataclasses import dataclass

from interlock.domain.basics.refusal import Refusal

_PLAIN = re.compile(r"\.{1,2}|(?:\.{0,2}/)*\.?[A-Za-z_][\w./+@=-]*")
# Values that YAML 1.1 or 1.2 reads as something other than a string.
_WORDS = frozenset(("true", "false", "yes", "no", "on", "off", "y", "n", "null", ".inf", ".nan"))


@dataclass(frozen=True, slots=True)
class Undeclared:
    """A file that one stage uses beyond its `deps`, found without running it.

    `file` and `stage` name the stage; `path` is relative to the repository, and `written` is its
    spelling in `deps`; both are '' if the code that runs is unknown.
    """

    file: str
    stage: str
    path: str
    written: str
    sentence: str


def entry(path: str, *, wdir: str) -> str:
    """Return the entry of `deps` for a path of the repository, as a stage of `wdir` writes it."""
    return f"- {scalar(written(path, wdir=wdir))}"


def written(path: str, *, wdir: str) -> str:
    """Return a path of the repository as a stage of `wdir` writes it."""
    return posixpath.relpath(path or ".", wdir or ".")


def scalar(text: str) -> str:
    """Return a string as YAML writes it, with quotes if it would mean something else without
    them."""
    is_plain = _PLAIN.fullmatch(text) and text.lower() not in _WORDS
    return text if is_plain else "'" + text.replace("'", "''") + "'"


@dataclass(frozen=True, slots=True)
class Lacking:
    """The missing `deps` of one stage: paths as they are written there."""

    file: str
    stage: str
    deps: tuple[str, ...]


def by_stage(undeclared: Collection[Undeclared]) -> tuple[Lacking, ...]:
    """Return the missing `deps` of each stage, each path once and in order."""
    lines: dict[tuple[str, str], dict[str, None]] = {}
    for one in undeclared:
        if one.path:
            lines.setdefault((one.file, one.stage), {})[one.written] = None
    return tuple(Lacking(file, stage, tuple(deps)) for (file, stage), deps in lines.items())


def check(undeclared: Collection[Undeclared]) -> tuple[Refusal, ...]:
    """Return one refusal for every stage that uses undeclared files, with the block to paste, and
    one for every command of which the code is unknown."""
    unknown = dict.fromkeys(one.sentence for one in undeclared if not one.path)
    incomplete = (
        f"stage {one.stage} of {one.file} uses what it does not declare; add to it: "
        f"`deps: [{', '.join(map(scalar, one.deps))}]`"
        for one in by_stage(undeclared)
    )
    return tuple(map(Refusal, (*incomplete, *unknown)))
