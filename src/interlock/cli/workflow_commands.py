"""Diagnostics as GitHub's workflow commands, and safe beside them in a log; decides nothing.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

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


def tame(line: str) -> str:
    """Return a line of words that no runner takes for a command, wherever its parts come from.

    A command begins a line with `::`, or holds `##[` anywhere (actions/runner, ActionCommand.cs).
    """
    visible = "".join(sign if sign.isprintable() else _show(sign) for sign in line)
    visible = visible.replace("##[", "# #[")
    return f" {visible}" if visible.lstrip().startswith("::") else visible


def _escape(text: str, signs: dict[str, str]) -> str:
    return "".join(signs.get(sign, sign) for sign in text)


def _show(sign: str) -> str:
    return sign.encode("unicode_escape", "replace").decode()
