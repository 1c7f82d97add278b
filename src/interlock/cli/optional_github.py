"""GitHub for verbs that can do without it: none, and told, where nothing says which it is."""

from __future__ import annotations

import click

from interlock import errors, wiring
from interlock.cli import terminal
from interlock.ports.github import GitHub
from interlock.settings import Settings


def find_github(found: Settings, *, without: str = "") -> GitHub | None:
    """Return None where it is not said which repository it is or as whom to speak; `without` is
    what then is not done, for people, "" where nobody needs to know."""
    try:
        return wiring.github(found)
    except errors.MissingSetting as error:
        if without:
            click.echo(terminal.plain(f"{without}: {error.message}"), err=True)
        return None
