"""Prints the proposal of `interlock init`: as a diff for people, or as one document."""

from __future__ import annotations

import contextlib
import dataclasses
import difflib
import sys
from collections.abc import Iterator

import click

from interlock import documents, errors
from interlock.cli import terminal
from interlock.commands.init import publication
from interlock.commands.init.adoption import Adoption
from interlock.commands.init.proposal import ProposedFile
from interlock.domain.basics import figures
from interlock.rendering import adoption

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


def show(made: Adoption, *, as_json: bool) -> None:
    if as_json:
        click.echo(terminal.document(documents.text(document(made))), nl=False)
        return
    for choice in made.choices:
        click.echo(terminal.plain(f"{choice.name}: {adoption.summary(choice)}"), err=True)
    for line in (line for each in made.files for line in _diff(each)):
        click.echo(click.style(terminal.plain(line), fg=_COLOURS.get(line[:1])))
    for note in made.notes:
        click.echo(terminal.plain(f"to do: {note}"), err=True)
    if not made.files:
        click.echo("nothing to add: this repository uses Interlock", err=True)


def document(made: Adoption) -> dict[str, object]:
    """Return the proposal as `interlock/init/v1`."""
    models = [
        {"model": c.name, "manifest": c.manifest, "file": c.file, "target": c.target}
        for c in made.choices
    ]
    return {
        "schema": "interlock/init/v1",
        "base": made.base,
        "branch": made.branch,
        "models": models,
        "files": [dataclasses.asdict(each) for each in made.files],
        "notes": list(made.notes),
    }


def agrees(made: Adoption) -> bool:
    count = figures.count(len(made.files), "file")
    question = f"Write {count} on the branch {publication.BRANCH}?"
    with answers():
        return click.confirm(question, default=True, err=True)


@contextlib.contextmanager
def answers() -> Iterator[None]:
    """Raise BadInput for a question where no terminal can answer it; Ctrl-C still ends."""
    try:
        yield
    except click.Abort as error:
        if sys.stdin.isatty():
            raise
        raise errors.BadInput(
            "the input ended before a question was answered",
            hint="outside of a terminal add --yes, or --dry-run to write nothing; `interlock init "
            "--help` names the options that answer",
        ) from error


def _diff(file: ProposedFile) -> Iterator[str]:
    if file.is_constant:
        return iter([f"+++ b/{file.path} ({len(file.text.splitlines())} lines, the same for all)"])
    if not file.text:
        return iter([f"+++ b/{file.path} (empty)"])
    before = "/dev/null" if file.before is None else f"a/{file.path}"
    old, new = (file.before or "").splitlines(), file.text.splitlines()
    return difflib.unified_diff(old, new, before, f"b/{file.path}", lineterm="")
