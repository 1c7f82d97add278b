"""Writes diagnostics as GitHub's workflow commands, and makes other text safe next to them; decides
nothing.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from dataclasses import replace

from interlock.cli import terminal
from interlock.domain.basics.diagnostics import Diagnostic

_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_DATA, ":": "%3A", ",": "%2C"}


def annotate(diagnostic: Diagnostic) -> str:
    """Return the command that marks the diagnostic's line in a pull request's files."""
    places = {"file": diagnostic.path, "line": diagnostic.line, "col": diagnostic.column}
    properties = ",".join(
        f"{name}={_escape(str(place), _PROPERTY)}" for name, place in places.items() if place
    )
    hint = f"\nhint: {diagnostic.hint}" if diagnostic.hint else ""
    text = _escape(f"{diagnostic.message}{hint}", _DATA)
    return f"::{diagnostic.severity.value} {properties}::{text}"


def tame_diagnostic(diagnostic: Diagnostic) -> Diagnostic:
    return replace(
        diagnostic,
        path=terminal.plain(diagnostic.path.strip()),
        message=terminal.plain(diagnostic.message),
        hint=terminal.plain(diagnostic.hint),
    )


def _escape(text: str, signs: dict[str, str]) -> str:
    return "".join(signs.get(sign, sign) for sign in text)
