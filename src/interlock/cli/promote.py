"""`interlock promote`: parse, call the command, print the result of each model."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from interlock import documents, errors, settings
from interlock.cli import failed_effects, options, promotion_context, terminal
from interlock.commands import promote
from interlock.domain.promotion.promotion import PromotionOutcome, PromotionResult
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
@click.option(
    "--rev",
    "revision",
    required=True,
    help="Revision of main to promote, for example `HEAD` or `v1.2`.",
)
@options.branch("Branch that decides which models are promoted, for example `main`.")
@options.repo
@options.as_json
def command(
    *, models: tuple[str, ...], revision: str, branch: str, repo: Path, as_json: bool
) -> int:
    """Promote the models at a revision of main.

    Without MODEL all models are promoted. The exit code is 1 when a model was refused and 4 when an
    outside system failed; the other models are promoted. Run it again to complete an interrupted
    promotion.
    """
    environment, attempts = settings.read(), Attempts()
    context = promotion_context.build(
        repo,
        environment,
        attempts,
        branch=branch,
        without_github="no deployment is recorded on GitHub",
    )
    results = promote.run(
        context,
        promote.PromoteOptions(revision=revision, now=options.now(), models=models, branch=branch),
    )
    failed_effects.tell(environment, attempts.undone)
    if as_json:
        click.echo(terminal.document(documents.text(document(results, attempts.undone))), nl=False)
    else:
        _print(results)
    return errors.worst(result.exit_code for result in results)


def document(results: Sequence[PromotionResult], undone: Sequence[str] = ()) -> dict[str, Any]:
    """Return `interlock/promote/v1`; `undone` lists optional effects that failed."""
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
