"""`interlock ledger show|log|verify`: parse, call the command, print what the record says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from interlock import documents, errors, settings, wiring
from interlock.cli import open_repository, options, terminal
from interlock.commands import ledger as reading
from interlock.domain.basics import figures
from interlock.domain.promotion.ledger_audit import LedgerCommit
from interlock.domain.promotion.promotion import Phase
from interlock.ports.git import Repository
from interlock.ports.ledger import Ledger


@click.group("ledger")
def command() -> None:
    """Read the record: show, log, verify."""


def _open(repo: Path) -> tuple[Repository, Ledger]:
    """The ledger as it is at origin now."""
    repository = open_repository.repository(repo)
    ledger = wiring.ledger(repository, settings.read())
    ledger.refresh()
    return repository, ledger


def _text(document: object) -> str:
    return terminal.document(documents.text(document))


@command.command("show", short_help="One record, or what is known of a model.")
@click.argument("name", metavar="PATH|MODEL")
@options.repo
@options.as_json
def show(*, name: str, repo: Path, as_json: bool) -> int:
    """Print one record, or what is known of one model."""
    _, ledger = _open(repo)
    if "/" in name:
        # A record is a JSON document already: people and programs read the same.
        click.echo(_text(reading.show_record(ledger=ledger, path=name)), nl=False)
        return errors.EXIT_DONE
    found = reading.show_model(ledger=ledger, model=name)
    if as_json:
        click.echo(_text(reading.document(found)), nl=False)
        return errors.EXIT_DONE
    champion = found.champion
    served = "nothing is served"
    if champion is not None:
        served = f"version {champion.version} of {champion.revision[:12]} is served"
    click.echo(terminal.plain(f"{found.model}: {served}"))
    for act in found.promotions:
        if act.phase is not Phase.INTENT:
            click.echo(f"  {act.at}  {act.kind} {act.phase}: {act.revision[:12]}")
    for paths in found.records.values():
        for path in paths:
            click.echo(f"  {path}")
    return errors.EXIT_DONE


@command.command("log", short_help="Its commits, newest first.")
@click.argument("model", default="")
@options.repo
@options.as_json
def log(*, model: str, repo: Path, as_json: bool) -> int:
    """List the commits of the ledger, newest first: all, or those about MODEL."""
    repository, ledger = _open(repo)
    commits = reading.log(repository=repository, ledger=ledger, model=model)
    if as_json:
        found = [_entry(commit) for commit in commits]
        document = {"schema": "interlock/ledger-log/v1", "commits": found}
        click.echo(_text(document), nl=False)
        return errors.EXIT_DONE
    if not commits:
        click.echo(f"the ledger has no record{f' of {model}' if model else ''} yet", err=True)
    for commit in commits:
        click.echo(f"{commit.id[:12]} {terminal.plain(commit.subject)}")
        for record in commit.records:
            click.echo(f"    {terminal.plain(record.path)}")
    return errors.EXIT_DONE


def _entry(commit: LedgerCommit) -> dict[str, Any]:
    paths = [record.path for record in commit.records]
    return {"commit": commit.id, "subject": commit.subject, "paths": [*paths, *commit.files]}


@command.command("verify", short_help="Whether it was only ever added to.")
@click.option("--against", default="", help="A commit that was the ledger's head once.")
@options.repo
@options.as_json
def verify(*, against: str, repo: Path, as_json: bool) -> int:
    """Check that the history was only ever added to. Ends with 1 when it was not."""
    repository, ledger = _open(repo)
    audit = reading.verify(repository=repository, ledger=ledger, against=against)
    if as_json:
        click.echo(_text(_audit(audit)), nl=False)
    else:
        _say(audit, click.echo)
    return errors.EXIT_NO if audit.violations else errors.EXIT_DONE


def _audit(audit: reading.Audit) -> dict[str, Any]:
    return {
        "schema": "interlock/ledger-audit/v1",
        "head": audit.head,
        "commits": audit.commits,
        "valid": not audit.violations,
        "violations": [
            {"commit": b.commit, "path": b.path, "sentence": b.sentence} for b in audit.violations
        ],
    }


def _say(audit: reading.Audit, echo: Callable[[str], None]) -> None:
    for found in audit.violations:
        place = f"{found.commit[:12]} {found.path}".strip()
        echo(terminal.plain(f"{place}: {found.sentence}"))
    if audit.head is None:
        echo("there is no ledger yet: nothing to verify")
        return
    verdict = "broken" if audit.violations else "valid"
    echo(f"{figures.count(audit.commits, 'commit')} to {audit.head[:12]}: {verdict}")
