"""`interlock ledger verify`: print the changes of records that count, and what does not count."""

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

_HINT = (
    "hint: no verb reads what does not count; to accept records that were written before the "
    "policy required provenance: interlock ledger recover"
)


@click.command("verify", short_help="Check that no record that counts was changed.")
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
    help="Make no request: every attestation is assumed to be valid, and the records that only "
    "the issuer can confirm are listed.",
)
@options.repo
@options.as_json
def command(
    *, against: str | None, since: str | None, offline: bool, repo: Path, as_json: bool
) -> int:
    """Check that no record that counts was changed. Ends with 1 when the history is not valid.

    If the policy requires provenance, only attested records count, and the others are listed.
    """
    chosen = verify.VerifyOptions(against=against, since=since)
    audit = verify.run(opening.context(repo, offline=offline, is_quiet=True), chosen)
    if as_json:
        click.echo(terminal.document(json_documents.text(_document(audit))), nl=False)
    else:
        for line in _lines(audit, offline=offline):
            click.echo(terminal.plain(line))
    if audit.ignored and not offline:
        click.echo(_HINT, err=True)
    return errors.EXIT_NO if audit.violations else errors.EXIT_DONE


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


def _lines(audit: Audit, *, offline: bool) -> Iterator[str]:
    for violation in audit.violations:
        place = f"{violation.commit[:12]} {violation.path}".strip()
        yield f"{place}: {violation.sentence}"
    yield from map(open_ledger.sentence, audit.ignored)
    if audit.head is None:
        yield "there is no ledger yet: nothing to verify"
    else:
        result = "not valid" if audit.violations else "valid"
        span = f"after {audit.since[:12]} to" if audit.since else "to"
        more = len(audit.ignored)
        fault = "not confirmed" if offline else "without effect"
        rest = f"; {figures.count(more, 'change')} {fault}" if more else ""
        yield f"{figures.count(audit.commits, 'commit')} {span} {audit.head[:12]}: {result}{rest}"
