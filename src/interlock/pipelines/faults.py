"""What keeps a file from being read, with its places; nothing is read here."""

from __future__ import annotations

from collections.abc import Iterable

from interlock import errors
from interlock.domain.diagnostics import Diagnostic, Severity
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


def of_file(error: errors.InterlockError, path: str) -> Placed:
    """Return an error as that of a file: at its beginning, if the error knows no place."""
    if isinstance(error, Placed):
        return error
    said = error.message.removeprefix(f"{path}: ").removeprefix(f"{path} ")
    found = Diagnostic(path, *START, Severity.ERROR, said, error.hint)
    return Placed([found], message=error.message)
