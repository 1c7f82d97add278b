"""What a verb tried and could not do, beside its answer: for people and for GitHub's run page."""

from __future__ import annotations

from collections.abc import Iterable

import click

from interlock.cli import terminal, workflow_commands
from interlock.domain.basics.diagnostics import Diagnostic, Severity
from interlock.settings import Settings


def tell(found: Settings, sentences: Iterable[str]) -> None:
    """One warning each, to standard error: as a workflow command where a runner reads it."""
    for sentence in sentences:
        plain = terminal.plain(sentence)
        if found.in_actions:
            warning = Diagnostic("", 0, 0, Severity.WARNING, plain, "")
            click.echo(workflow_commands.annotate(warning), err=True)
        else:
            click.echo(f"warning: {plain}", err=True)
