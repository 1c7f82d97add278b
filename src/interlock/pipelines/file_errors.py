"""What keeps a file from being read, with its places; nothing is read here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from interlock import errors
from interlock.domain.basics.diagnostics import Diagnostic, Severity
from interlock.manifests.error_collector import ErrorCollector
from interlock.manifests.positions import START, Position


class Placed(errors.CannotFingerprint):
    """A refusal that knows its places: `diagnostics` are all faults, and the first is said."""

    def __init__(self, diagnostics: Iterable[Diagnostic], *, message: str = "") -> None:
        self.diagnostics = tuple(diagnostics)
        first = self.diagnostics[0]
        more = f" (and {len(self.diagnostics) - 1} more)" if len(self.diagnostics) > 1 else ""
        place = ":".join([first.path, *(str(n) for n in (first.line, first.column) if n)])
        super().__init__(message or f"{place}: {first.message}{more}", hint=first.hint)


def refuse(path: str, position: Position, message: str, hint: str = "") -> Placed:
    """Return the refusal of a file for one fault."""
    return Placed([Diagnostic(path, *position, Severity.ERROR, message, hint)])


def together(refusals: Sequence[Placed]) -> Placed:
    """Return several refusals of one file as one."""
    more = f" (and {len(refusals) - 1} more)" if len(refusals) > 1 else ""
    found = [each for refusal in refusals for each in refusal.diagnostics]
    return Placed(found, message=refusals[0].message + more)


def inside(error: Placed, data: bytes, *, path: str) -> Placed:
    """Return a refusal of a file with its faults in order, every place inside the file, and no
    more of them than a person reads."""
    complaints = ErrorCollector(path)
    for found in error.diagnostics:
        complaints.add(Position(found.line, found.column), found.message, found.hint)
    return Placed(complaints.found(data))


def of_file(error: errors.InterlockError, path: str, *, line: int = START.line) -> Placed:
    """Return an error as that of a file: at a line of it, if the error knows no place."""
    if isinstance(error, Placed):
        return error
    said = error.message.removeprefix(f"{path}: ").removeprefix(f"{path} ")
    column = START.column if line == START.line else 0
    found = Diagnostic(path, line, column, Severity.ERROR, said, error.hint)
    return Placed([found], message=error.message)
