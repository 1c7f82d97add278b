"""`interlock ledger show|log|verify`: parse, call the command, print the result."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from interlock import documents, errors, settings, wiring
from interlock.cli import open_repository, options, terminal
from interlock.commands.ledger import LedgerContext, log, show, verify
from interlock.commands.ledger.show import ModelRecords
from interlock.commands.ledger.verify import Audit
from interlock.domain.basics import figures
from interlock.domain.promotion.ledger_audit import LedgerCommit
from interlock.domain.promotion.promotion import Phase


@click.group("ledger")
def command() -> None:
    """Inspect the audit log."""


def _open(repo: Path) -> LedgerContext:
    """Open the ledger, and read its state at origin."""
    repository = open_repository.repository(repo)
    ledger = wiring.ledger(repository, settings.read())
    ledger.refresh()
    return LedgerContext(repository=repository, ledger=ledger)


def _print(document: object) -> None:
    click.echo(terminal.document(documents.text(document)), nl=False)


@command.command("show", short_help="Show one record, or all records of a model.")
@click.argument("name", metavar="PATH|MODEL")
@options.repo
@options.as_json
def show_command(*, name: str, repo: Path, as_json: bool) -> int:
    """Show one record, or the production model and all records of MODEL.

    For example: `interlock ledger show digits`.
    """
    result = show.run(_open(repo), show.ShowOptions(name=name))
    if not isinstance(result, ModelRecords):
        _print(result)  # a record is a JSON document, with and without --json
    elif as_json:
        _print(_model_document(result))
    else:
        for line in _model_lines(result):
            click.echo(terminal.plain(line))
    return errors.EXIT_DONE


def _model_document(result: ModelRecords) -> dict[str, Any]:
    return {
        "schema": "interlock/ledger-model/v1",
        "model": result.model,
        "champion": None if result.champion is None else documents.dump(result.champion),
        "promotions": [documents.dump(promotion) for promotion in result.promotions],
        "records": {area: list(paths) for area, paths in result.records.items()},
    }


def _model_lines(result: ModelRecords) -> Iterator[str]:
    champion = result.champion
    if champion is None:
        yield f"{result.model}: no production model"
    else:
        version = f"version {champion.version} of {champion.revision[:12]}"
        yield f"{result.model}: {version} is the production model"
    for act in result.promotions:
        if act.phase is not Phase.INTENT:
            yield f"  {act.at}  {act.kind} {act.phase}: {act.revision[:12]}"
    for paths in result.records.values():
        yield from (f"  {path}" for path in paths)


@command.command("log", short_help="List the commits, newest first.")
@click.argument("model", required=False)
@options.repo
@options.as_json
def log_command(*, model: str | None, repo: Path, as_json: bool) -> int:
    """List the commits of the ledger, newest first: all, or those about MODEL."""
    commits = log.run(_open(repo), log.LogOptions(model=model))
    if as_json:
        entries = [_log_entry(commit) for commit in commits]
        _print({"schema": "interlock/ledger-log/v1", "commits": entries})
        return errors.EXIT_DONE
    if not commits:
        click.echo(f"the ledger has no record{f' of {model}' if model else ''} yet", err=True)
    for commit in commits:
        click.echo(f"{commit.id[:12]} {terminal.plain(commit.subject)}")
        for record in commit.records:
            click.echo(f"    {terminal.plain(record.path)}")
    return errors.EXIT_DONE


def _log_entry(commit: LedgerCommit) -> dict[str, Any]:
    paths = [record.path for record in commit.records]
    return {"commit": commit.id, "subject": commit.subject, "paths": [*paths, *commit.files]}


@command.command("verify", short_help="Check that records were only ever added.")
@click.option(
    "--against",
    metavar="REV",
    help="Earlier head of the ledger that the history must contain, for example `5b260d9a5f39`.",
)
@options.repo
@options.as_json
def verify_command(*, against: str | None, repo: Path, as_json: bool) -> int:
    """Check that records were only ever added. Ends with 1 when the history is not valid."""
    audit = verify.run(_open(repo), verify.VerifyOptions(against=against))
    if as_json:
        _print(_audit_document(audit))
    else:
        for line in _audit_lines(audit):
            click.echo(terminal.plain(line))
    return errors.EXIT_NO if audit.violations else errors.EXIT_DONE


def _audit_document(audit: Audit) -> dict[str, Any]:
    return {
        "schema": "interlock/ledger-audit/v1",
        "head": audit.head,
        "commits": audit.commits,
        "valid": not audit.violations,
        "violations": [
            {"commit": each.commit, "path": each.path, "sentence": each.sentence}
            for each in audit.violations
        ],
    }


def _audit_lines(audit: Audit) -> Iterator[str]:
    for violation in audit.violations:
        place = f"{violation.commit[:12]} {violation.path}".strip()
        yield f"{place}: {violation.sentence}"
    if audit.head is None:
        yield "there is no ledger yet: nothing to verify"
    else:
        result = "not valid" if audit.violations else "valid"
        yield f"{figures.count(audit.commits, 'commit')} to {audit.head[:12]}: {result}"
