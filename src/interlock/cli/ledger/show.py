"""`interlock ledger show`: print one record, or all records of a model."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from interlock import documents, errors
from interlock.cli import options, terminal
from interlock.cli.ledger import opening
from interlock.commands.ledger import show
from interlock.commands.ledger.show import ModelRecords
from interlock.commands.ledger.uncounted import UncountedRecords
from interlock.domain.basics import figures
from interlock.domain.promotion.promotion import Phase

_HINT = (
    "hint: the policy requires provenance there. To keep records that were written by hand, review "
    "them and merge the line provenance_since that `interlock ledger recover` prints"
)


@click.command("show", short_help="Show one record, or all records of a model.")
@click.argument("name", metavar="PATH|MODEL")
@options.repo
@options.as_json
def command(*, name: str, repo: Path, as_json: bool) -> int:
    """Show one record, or the production model and all records of MODEL.

    For example: `interlock ledger show digits`.
    """
    view = show.run(opening.context(repo), show.ShowOptions(name=name))
    result, uncounted = view.content, view.uncounted
    if isinstance(result, ModelRecords) and not as_json:
        for line in _lines(result, uncounted):
            click.echo(terminal.plain(line))
    else:  # a record is a JSON document, with and without --json
        document = result if isinstance(result, dict) else _document(result, uncounted)
        click.echo(terminal.document(documents.text(document)), nl=False)
    if uncounted.records:
        click.echo(terminal.plain(_note(uncounted)), err=True)
        click.echo(_HINT, err=True)
    return errors.EXIT_DONE


def _note(uncounted: UncountedRecords) -> str:
    number, first = figures.count(len(uncounted.records), "record"), uncounted.records[0]
    verb = "does" if len(uncounted.records) == 1 else "do"
    where = "in GitHub Actions, " if uncounted.is_only_in_jobs else ""
    return f"{where}{number} {verb} not count, for example {first.path}: {first.reason}"


def _document(result: ModelRecords, uncounted: UncountedRecords) -> dict[str, Any]:
    return {
        "schema": "interlock/ledger-model/v1",
        "model": result.model,
        "champion": None if result.champion is None else documents.dump(result.champion),
        "promotions": [documents.dump(promotion) for promotion in result.promotions],
        "records": {area: list(paths) for area, paths in result.records.items()},
        "uncounted": [dataclasses.asdict(each) for each in uncounted.records],
        "uncounted_only_in_jobs": uncounted.is_only_in_jobs,
    }


def _lines(result: ModelRecords, uncounted: UncountedRecords) -> Iterator[str]:
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
    if not uncounted.is_only_in_jobs:  # otherwise they are listed above
        yield from (f"  {each.path} does not count: {each.reason}" for each in uncounted.records)
