"""The error of a file that cannot be read, with all positions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from interlock import errors
from interlock.domain.basics.diagnostics import Diagnostic, Severity
from interlock.yaml_reader.error_collector import ErrorCollector
from interlock.yaml_reader.positions import START, Position


class InvalidFile(errors.CannotFingerprint):
    """An error with `diagnostics`, one per position; the message is the first of them."""

    def __init__(self, diagnostics: Iterable[Diagnostic], *, message: str = "") -> None:
        self.diagnostics = tuple(diagnostics)
        first = self.diagnostics[0]
        more = f" (and {len(self.diagnostics) - 1} more)" if len(self.diagnostics) > 1 else ""
        place = ":".join([first.path, *(str(n) for n in (first.line, first.column) if n)])
        super().__init__(message or f"{place}: {first.message}{more}", hint=first.hint)


def refuse(path: str, position: Position, message: str, hint: str = "") -> InvalidFile:
    """Return the error of a file with one position."""
    return InvalidFile([Diagnostic(path, *position, Severity.ERROR, message, hint)])


def together(refusals: Sequence[InvalidFile]) -> InvalidFile:
    """Join several errors of one file."""
    more = f" (and {len(refusals) - 1} more)" if len(refusals) > 1 else ""
    diagnostics = [each for refusal in refusals for each in refusal.diagnostics]
    return InvalidFile(diagnostics, message=refusals[0].message + more)


def inside(error: InvalidFile, data: bytes, *, path: str) -> InvalidFile:
    """Sort the diagnostics of an error, shorten the list, and move every position into the file."""
    collector = ErrorCollector(path)
    for each in error.diagnostics:
        collector.add(Position(each.line, each.column), each.message, each.hint)
    return InvalidFile(collector.diagnostics(data))


def of_file(error: errors.InterlockError, path: str, *, line: int = START.line) -> InvalidFile:
    """Give an error a file, and a line when it has no position."""
    if isinstance(error, InvalidFile):
        return error
    message = error.message.removeprefix(f"{path}: ").removeprefix(f"{path} ")
    column = START.column if line == START.line else 0
    diagnostic = Diagnostic(path, line, column, Severity.ERROR, message, error.hint)
    return InvalidFile([diagnostic], message=error.message)
