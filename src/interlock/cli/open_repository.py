"""Opens the repository of a verb, and warns of an ambiguous revision on standard error."""

from __future__ import annotations

from pathlib import Path

import click

from interlock import wiring
from interlock.cli import terminal
from interlock.ports.git import Repository


def repository(path: Path) -> Repository:
    """Open the repository; raises CannotResolve if there is none."""
    return wiring.repository(path, warn=_warn)


def _warn(sentence: str) -> None:
    click.echo(terminal.plain(f"warning: {sentence}"), err=True)
