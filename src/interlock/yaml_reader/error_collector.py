"""Collects the errors of one file as diagnostics."""

from __future__ import annotations

import re
from dataclasses import replace

from interlock.domain.basics.diagnostics import Diagnostic, Severity
from interlock.yaml_reader.positions import START, Position

MAX_SHOWN = 100


class InvalidYaml(Exception):
    """An error after which a file cannot be read further."""

    def __init__(self, position: Position, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.position = position
        self.message = message
        self.hint = hint


class ErrorCollector:
    """Collects the errors of one file; reports the first `MAX_SHOWN`."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._diagnostics: dict[Diagnostic, None] = {}

    def add(
        self,
        position: Position,
        message: str,
        hint: str = "",
        *,
        severity: Severity = Severity.ERROR,
    ) -> None:
        self._diagnostics[Diagnostic(self._path, *position, severity, message, hint)] = None

    def diagnostics(self, data: bytes) -> tuple[Diagnostic, ...]:
        """Return the errors, sorted by position; every position is inside `data`."""
        if not self._diagnostics:
            return ()
        lines = re.split("\r\n|\r|\n", data.decode(errors="replace").removeprefix("\ufeff"))
        inside = sorted({_inside(diagnostic, lines) for diagnostic in self._diagnostics})
        return _shorten(tuple(inside))


def _inside(diagnostic: Diagnostic, lines: list[str]) -> Diagnostic:
    """Move a position past the end, where a parser misses something, to the end."""
    line, column = diagnostic.line, diagnostic.column
    if line > len(lines) or (line > 1 and line == len(lines) and not lines[-1]):
        line = max(1, len(lines) - (not lines[-1]))
        column = len(lines[line - 1]) + 1
    column = min(max(column, START.column), len(lines[line - 1]) + 1)
    return replace(diagnostic, line=line, column=column)


def _shorten(diagnostics: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    if len(diagnostics) <= MAX_SHOWN:
        return diagnostics
    last = replace(
        diagnostics[-1], message=f"and {len(diagnostics) - MAX_SHOWN + 1} more problems", hint=""
    )
    return (*diagnostics[: MAX_SHOWN - 1], last)
