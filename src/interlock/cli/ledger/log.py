"""`interlock ledger log`: print the commits while the history is still being read."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from interlock import errors, json_documents
from interlock.cli import options, terminal
from interlock.cli.ledger import opening
from interlock.commands.ledger import log
from interlock.commands.ledger.log import LogEntry


@click.command("log", short_help="List the commits, newest first.")
@click.argument("model", required=False)
@options.repo
@options.as_json
def command(*, model: str | None, repo: Path, as_json: bool) -> int:
    """List the commits of the ledger, newest first: all, or those about MODEL."""
    entries = log.run(opening.context(repo), log.LogOptions(model=model))
    is_empty = True
    for text in _document(entries) if as_json else _lines(entries):
        sys.stdout.write(text)
        is_empty = False
    if is_empty:
        click.echo(f"the ledger has no record{f' of {model}' if model else ''} yet", err=True)
    return errors.EXIT_DONE


def _lines(entries: Iterable[LogEntry]) -> Iterator[str]:
    for entry in entries:
        lines = (f"{entry.commit[:12]} {entry.subject}", *(f"    {p}" for p in entry.records))
        yield "".join(f"{terminal.plain(line)}\n" for line in lines)


def _document(entries: Iterable[LogEntry]) -> Iterator[str]:
    """Yield the parts of one JSON document, with the layout of `json_documents.text`."""
    yield '{\n  "commits": ['
    first = separator = "\n    "
    for entry in entries:
        yield separator + _element(entry)
        separator = f",{first}"
    end = "" if separator == first else "\n  "
    yield f'{end}],\n  "schema": "interlock/ledger-log/v1"\n}}\n'


def _element(entry: LogEntry) -> str:
    paths = [*entry.records, *entry.files]
    element = {"commit": entry.commit, "subject": entry.subject, "paths": paths}
    text = terminal.document(json_documents.text(element))
    return text.rstrip().replace("\n", "\n    ")
