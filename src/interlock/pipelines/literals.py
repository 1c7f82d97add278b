"""Quoted strings of a source in any language, some of which name files; no grammar is known."""

from __future__ import annotations

import re

from interlock.domain.basics import parse_limits

_STRING = re.compile(r"\"([^\"\n\\]{1,250})\"|'([^'\n\\]{1,250})'")
# R: here::here("R", "x.R"), file.path("R", "x.R").
_JOINED = re.compile(r"\b(?:here|file\.path|joinpath|path_join)\(([^()\n]*)\)")


def read_literals(data: bytes, *, path: str = "") -> tuple[tuple[str, int], ...]:
    """Return the strings with their 1-based lines, and those that a function joins to a path.

    Raises TooMuch.
    """
    del path
    parse_limits.PROGRAM.require(len(data))
    literals: list[tuple[str, int]] = []
    for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), start=1):
        literals += [(one or other, number) for one, other in _STRING.findall(line)]
        for arguments in _JOINED.findall(line):
            parts = [one or other for one, other in _STRING.findall(arguments)]
            if len(parts) > 1:
                literals.append(("/".join(parts), number))
    return tuple(literals)
