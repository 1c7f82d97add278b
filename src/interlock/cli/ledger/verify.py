"""`interlock ledger verify`: print every violation of the rule that records are only added."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from interlock import errors, json_documents
from interlock.cli import open_ledger, options, terminal
from interlock.cli.ledger import opening
from interlock.commands.ledger import verify
from interlock.commands.ledger.verify import Audit
from interlock.domain.basics import figures


@click.command("verify", short_help="Check that records were only ever added.")
@click.option(
    "--against",
    metavar="REV",
    help="Earlier head of the ledger that the history must contain, for example `5b260d9a5f39`.",
)
@click.option(
    "--since",
    metavar="REV",
    help="Earlier head of the ledger that was valid, for example `5b260d9a5f39`: only later "
    "commits are checked.",
)
@click.option(
    "--offline",
    is_flag=True,
    help="Make no request: list the records that are not confirmed without the issuer.",
)
@options.repo
@options.as_json
def command(
    *, against: str | None, since: str | None, offline: bool, repo: Path, as_json: bool
) -> int:
    """Check that records were only ever added. Ends with 1 when the history is not valid.

    Records without a valid attestation are listed if the policy requires provenance.
    """
    chosen = verify.VerifyOptions(against=against, since=since)
    audit = verify.run(opening.context(repo, offline=offline), chosen)
    if as_json:
        click.echo(terminal.document(json_documents.text(_document(audit))), nl=False)
    else:
        for line in _lines(audit):
            click.echo(terminal.plain(line))
    is_valid = not audit.violations and (offline or not audit.ignored)
    return errors.EXIT_DONE if is_valid else errors.EXIT_NO


def _document(audit: Audit) -> dict[str, Any]:
    return {
        "schema": "interlock/ledger-audit/v1",
        "head": audit.head,
        "since": audit.since,
        "commits": audit.commits,
        "valid": not audit.violations,
        "violations": [
            {"commit": each.commit, "path": each.path, "sentence": each.sentence}
            for each in audit.violations
        ],
        "ignored": [
            {"commit": each.commit, "path": each.path, "reason": each.reason}
            for each in audit.ignored
        ],
    }


def _lines(audit: Audit) -> Iterator[str]:
    for violation in audit.violations:
        place = f"{violation.commit[:12]} {violation.path}".strip()
        yield f"{place}: {violation.sentence}"
    yield from map(open_ledger.sentence, audit.ignored)
    if audit.head is None:
        yield "there is no ledger yet: nothing to verify"
    else:
        result = "not valid" if audit.violations else "valid"
        span = f"after {audit.since[:12]} to" if audit.since else "to"
        yield f"{figures.count(audit.commits, 'commit')} {span} {audit.head[:12]}: {result}"
