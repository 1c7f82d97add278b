"""`interlock promote`: parse, call the command, print what became of each model."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from interlock import documents, errors, settings, wiring
from interlock.cli import failed_effects, open_repository, optional_github, options, terminal
from interlock.commands import promote
from interlock.domain.promotion.promotion import PromotionOutcome, PromotionResult
from interlock.services import snapshots
from interlock.services.best_effort import Attempts

_COLOURS = {
    PromotionOutcome.PROMOTED: "green",
    PromotionOutcome.ROLLED_BACK: "green",
    PromotionOutcome.REPAIRED: "yellow",
    PromotionOutcome.REFUSED: "red",
    PromotionOutcome.FAILED: "red",
}


@click.command("promote")
@click.argument("models", nargs=-1, metavar="[MODEL]...")
@click.option("--rev", "revision", required=True, help="A revision of main.")
@click.option("--branch", default="main", show_default=True, help="What decides what is served.")
@options.repo
@options.as_json
def command(
    *, models: tuple[str, ...], revision: str, branch: str, repo: Path, as_json: bool
) -> int:
    """Make what REV of main says what is served: of every model, or of those named.

    Ends with 1 when a model was refused, with 4 when a system outside did not answer; the other
    models are promoted all the same. Running it again completes what was interrupted and changes
    nothing that is right.
    """
    found, attempts = settings.read(), Attempts()
    repository = open_repository.repository(repo)
    results = promote.run(
        repository=repository,
        ledger=wiring.ledger(repository, found),
        runs=wiring.runs(found),
        registry=wiring.registry(found),
        github=optional_github.find_github(found, without="no deployment is recorded on GitHub"),
        revision=revision,
        now=options.now(),
        models=models,
        branch=branch,
        reader=snapshots.Reader(resolve_templates=wiring.resolve_templates),
        attempts=attempts,
    )
    failed_effects.tell(found, attempts.undone)
    if as_json:
        click.echo(terminal.document(documents.text(document(results, attempts.undone))), nl=False)
    else:
        _print(results)
    return errors.worst(result.exit_code for result in results)


def document(results: Sequence[PromotionResult], undone: Sequence[str] = ()) -> dict[str, Any]:
    """The results as `interlock/promote/v1`; `undone` is what was tried and could not be done."""
    return {
        "schema": "interlock/promote/v1",
        "models": [dataclasses.asdict(result) for result in results],
        "undone": list(undone),
    }


def _print(results: Sequence[PromotionResult]) -> None:
    width = max((len(result.model) for result in results), default=0)
    for result in results:
        outcome = click.style(f"{result.outcome:<11}", fg=_COLOURS.get(result.outcome))
        click.echo(f"{result.model:<{width}}  {outcome}  {terminal.plain(result.sentence)}")
    if not results:
        click.echo("no model is declared", err=True)
