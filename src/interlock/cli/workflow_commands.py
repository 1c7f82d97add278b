"""Diagnostics as GitHub's workflow commands, and safe beside them in a log; decides nothing.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from dataclasses import replace

from interlock.domain.diagnostics import Diagnostic

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


def tame(text: str) -> str:
    """Return text of anybody's as one line that no runner takes for a command.

    A command begins a line with `::`, or holds `##[` anywhere (actions/runner, ActionCommand.cs).
    """
    visible = "".join(sign if sign.isprintable() else _show(sign) for sign in text)
    visible = visible.replace("##[", "# #[")
    return f": {visible[1:]}" if visible.startswith("::") else visible


def tame_diagnostic(diagnostic: Diagnostic) -> Diagnostic:
    return replace(
        diagnostic,
        path=tame(diagnostic.path.strip()),
        message=tame(diagnostic.message),
        hint=tame(diagnostic.hint),
    )


def _escape(text: str, signs: dict[str, str]) -> str:
    return "".join(signs.get(sign, sign) for sign in text)


def _show(sign: str) -> str:
    return sign.encode("unicode_escape", "replace").decode()
