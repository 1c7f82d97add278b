"""Prints a table of the layouts after the tests: edits by hand, sentences, minutes."""

from __future__ import annotations

import pytest

_COLUMNS = ("layout", "commands by hand", "to do", "minutes to the first report")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = terminalreporter.getreports("passed")
    rows = [dict(r.user_properties) for r in reports if r.when == "call" and r.user_properties]
    if rows:
        terminalreporter.write_line("| " + " | ".join(_COLUMNS) + " |")
    for row in rows:
        terminalreporter.write_line("| " + " | ".join(row[name] for name in _COLUMNS) + " |")
