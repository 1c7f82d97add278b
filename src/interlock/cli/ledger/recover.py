"""`interlock ledger recover`: print what cannot be confirmed, and the line that accepts it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from interlock import errors, json_documents
from interlock.cli import open_ledger, options, terminal
from interlock.cli.ledger import opening
from interlock.commands.ledger import recover
from interlock.commands.ledger.recover import Recovery


@click.command("recover", short_help="Print how to accept records that cannot be confirmed.")
@options.repo
@options.as_json
def command(*, repo: Path, as_json: bool) -> int:
    """Print the last confirmed commit, and how to accept the records after it.

    Nothing is written: the line for the policy needs a review on the default branch.
    """
    recovery = recover.run(opening.context(repo))
    if as_json:
        click.echo(terminal.document(json_documents.text(_document(recovery))), nl=False)
    else:
        for line in _lines(recovery):
            click.echo(terminal.plain(line))
    return errors.EXIT_DONE


def _document(recovery: Recovery) -> dict[str, Any]:
    return {
        "schema": "interlock/ledger-recovery/v1",
        "head": recovery.head,
        "confirmed": recovery.confirmed,
        "unconfirmed": [
            {"commit": each.commit, "path": each.path, "reason": each.reason}
            for each in recovery.unconfirmed
        ],
    }


def _lines(recovery: Recovery) -> Iterator[str]:
    if recovery.head is None:
        yield "there is no ledger yet: nothing is to be recovered"
        return
    if recovery.confirmed is None:
        yield "no commit of the ledger is confirmed by a verification"
    else:
        yield f"{recovery.confirmed[:12]} is the last confirmed commit of the ledger"
    yield from map(open_ledger.sentence, recovery.unconfirmed)
    yield "to accept the ledger as it is, review it and merge this line of .github/interlock.yml:"
    yield f"provenance_since: {recovery.head}"
