"""GitHub for verbs that also work without it: a missing setting is a warning."""

from __future__ import annotations

import click

from interlock import errors, wiring
from interlock.cli import terminal
from interlock.ports.github import GitHub
from interlock.settings import Settings


def find_github(
    current: Settings, *, without: str = "", is_impatient: bool = False
) -> GitHub | None:
    """Return GitHub; None if the repository or the token is not set. `without` is then the warning
    for the user, "" for none."""
    try:
        return wiring.github(current, is_impatient=is_impatient)
    except errors.MissingSetting as error:
        if without:
            click.echo(terminal.plain(f"{without}: {error.message}"), err=True)
        return None
