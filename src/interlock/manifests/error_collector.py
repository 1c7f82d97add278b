"""What is wrong with one file, gathered into diagnostics; finds nothing wrong by itself."""

from __future__ import annotations

import re
from dataclasses import replace

from interlock.domain.basics.diagnostics import Diagnostic, Severity
from interlock.manifests.positions import START, Position

MAX_SHOWN = 100


class Complaint(Exception):
    """One complaint after which a file cannot be read on."""

    def __init__(self, position: Position, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.position = position
        self.message = message
        self.hint = hint


class ErrorCollector:
    """Gathers; the first `MAX_SHOWN` are kept, since a hostile file has as many as it likes."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._found: dict[Diagnostic, None] = {}

    def add(
        self,
        position: Position,
        message: str,
        hint: str = "",
        *,
        severity: Severity = Severity.ERROR,
    ) -> None:
        self._found[Diagnostic(self._path, *position, severity, message, hint)] = None

    def found(self, data: bytes) -> tuple[Diagnostic, ...]:
        """Everything said, in order of place; every place lies inside `data`."""
        if not self._found:
            return ()
        lines = re.split("\r\n|\r|\n", data.decode(errors="replace").removeprefix("\ufeff"))
        inside = sorted({_inside(diagnostic, lines) for diagnostic in self._found})
        return _shorten(tuple(inside))


def _inside(diagnostic: Diagnostic, lines: list[str]) -> Diagnostic:
    """A parser that misses something says so one past the end: say it at the end."""
    line, column = diagnostic.line, diagnostic.column
    if line > len(lines) or (line > 1 and line == len(lines) and not lines[-1]):
        line = max(1, len(lines) - (not lines[-1]))
        column = len(lines[line - 1]) + 1
    column = min(max(column, START.column), len(lines[line - 1]) + 1)
    return replace(diagnostic, line=line, column=column)


def _shorten(found: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    if len(found) <= MAX_SHOWN:
        return found
    last = replace(found[-1], message=f"and {len(found) - MAX_SHOWN + 1} more problems", hint="")
    return (*found[: MAX_SHOWN - 1], last)
