"""Prints the optional effects that failed, for users and for the run page of GitHub."""

from __future__ import annotations

from collections.abc import Iterable

import click

from interlock.cli import terminal, workflow_commands
from interlock.domain.basics.diagnostics import Diagnostic, Severity
from interlock.settings import Settings


def tell(current: Settings, sentences: Iterable[str]) -> None:
    """Print one warning each to standard error: as a workflow command if a runner reads it."""
    for sentence in sentences:
        plain = terminal.plain(sentence)
        if current.in_actions:
            warning = Diagnostic("", 0, 0, Severity.WARNING, plain, "")
            click.echo(workflow_commands.annotate(warning), err=True)
        else:
            click.echo(f"warning: {plain}", err=True)
