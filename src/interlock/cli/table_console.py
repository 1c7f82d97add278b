"""The console for tables: text from users is shown as it is, and a closed pipe is not a failure."""

from __future__ import annotations

from rich import markup
from rich.console import Console

from interlock.cli import exit_codes, terminal


class TableConsole(Console):
    def on_broken_pipe(self) -> None:
        """Rich would exit with 1, which means "no" here."""
        raise exit_codes.NobodyReadsError


def create() -> Console:
    # A sentence is one line, so that a log can be searched; a terminal wraps it by itself.
    return TableConsole(highlight=False, soft_wrap=True, emoji=False)


def plain(text: str) -> str:
    """Return text from a user without any markup, control character or workflow command."""
    return markup.escape(terminal.plain(text))


def cell(text: str) -> str:
    """Return the same for a cell, which may be wrapped at any blank: each line of it is plain."""
    return markup.escape(" ".join(map(terminal.disarm, terminal.plain(text).split(" "))))
