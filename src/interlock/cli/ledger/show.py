"""`interlock ledger show`: print one record, or all records of a model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from interlock import documents, errors
from interlock.cli import options, terminal
from interlock.cli.ledger import opening
from interlock.commands.ledger import show
from interlock.commands.ledger.show import ModelRecords
from interlock.domain.promotion.promotion import Phase


@click.command("show", short_help="Show one record, or all records of a model.")
@click.argument("name", metavar="PATH|MODEL")
@options.repo
@options.as_json
def command(*, name: str, repo: Path, as_json: bool) -> int:
    """Show one record, or the production model and all records of MODEL.

    For example: `interlock ledger show digits`.
    """
    result = show.run(opening.context(repo), show.ShowOptions(name=name))
    if isinstance(result, ModelRecords) and not as_json:
        for line in _lines(result):
            click.echo(terminal.plain(line))
    else:  # a record is a JSON document, with and without --json
        document = _document(result) if isinstance(result, ModelRecords) else result
        click.echo(terminal.document(documents.text(document)), nl=False)
    return errors.EXIT_DONE


def _document(result: ModelRecords) -> dict[str, Any]:
    return {
        "schema": "interlock/ledger-model/v1",
        "model": result.model,
        "champion": None if result.champion is None else documents.dump(result.champion),
        "promotions": [documents.dump(promotion) for promotion in result.promotions],
        "records": {area: list(paths) for area, paths in result.records.items()},
    }


def _lines(result: ModelRecords) -> Iterator[str]:
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
