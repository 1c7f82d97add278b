"""`interlock reconcile`: parse, call the command, print the differences and their repairs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from interlock import documents, errors, settings
from interlock.cli import failed_effects, job_summary, options, promotion_context, terminal
from interlock.commands import reconcile
from interlock.commands.reconcile import ReconciledModel, ReconcileResult
from interlock.domain.promotion.reconciliation import DifferenceResult, RepairStatus, SyncStatus
from interlock.rendering import reconciliation
from interlock.services.best_effort import Attempts

_COLOURS = {
    SyncStatus.IN_SYNC: "green",
    SyncStatus.REPAIRED: "yellow",
    SyncStatus.OUT_OF_SYNC: "yellow",
    SyncStatus.REFUSED: "red",
    SyncStatus.FAILED: "red",
}


@click.command("reconcile")
@click.argument("models", nargs=-1, metavar="[MODEL]...")
@options.branch("Branch that decides which models are promoted, for example `main`.")
@click.option("--dry-run", is_flag=True, help="Print the differences without a repair.")
@click.option(
    "--no-artifacts",
    is_flag=True,
    help="Skip the download that compares the SHA-256 of production models.",
)
@click.option(
    "--no-promotions", is_flag=True, help="Skip promotions, for example while `promote` runs."
)
@options.repo
@options.as_json
def command(
    *,
    models: tuple[str, ...],
    branch: str,
    dry_run: bool,
    no_artifacts: bool,
    no_promotions: bool,
    repo: Path,
    as_json: bool,
) -> int:
    """Compare registry and deployments with main and repair differences.

    Without MODEL all models are compared. The exit code is 1 when a difference was not repaired.
    """
    environment, attempts = settings.read(), Attempts()
    context = promotion_context.build(
        repo,
        environment,
        attempts,
        branch=branch,
        without_github="deployments on GitHub are not compared",
    )
    chosen = reconcile.ReconcileOptions(
        now=options.now(),
        models=models,
        branch=branch,
        dry_run=dry_run,
        with_artifacts=not no_artifacts,
        with_promotions=not no_promotions,
    )
    result = reconcile.run(context, chosen)
    failed_effects.tell(environment, attempts.undone)
    if as_json:
        click.echo(terminal.document(documents.text(document(result, attempts.undone))), nl=False)
    else:
        _print(result)
    # Last: the repairs are printed even if the job summary cannot be written.
    job_summary.append(environment.github_step_summary, lambda _: _summary(result))
    return errors.worst(model.exit_code for model in result.models)


def document(result: ReconcileResult, undone: Sequence[str] = ()) -> dict[str, Any]:
    """Return `interlock/reconcile/v1`; `undone` lists optional effects that failed."""
    return {
        "schema": "interlock/reconcile/v1",
        "head": result.head,
        "models": [_model(model) for model in result.models],
        "undone": list(undone),
    }


def _model(model: ReconciledModel) -> dict[str, Any]:
    return {
        "model": model.model,
        "status": model.status.value,
        "differences": [
            {
                "kind": each.difference.kind.value,
                "resource": each.difference.resource,
                "expected": each.difference.expected,
                "actual": each.difference.actual,
                "sentence": each.sentence,
                "status": each.status.value,
            }
            for each in model.differences
        ],
    }


def _summary(result: ReconcileResult) -> str:
    return reconciliation.summary({m.model: m.differences for m in result.models}, head=result.head)


def _print(result: ReconcileResult) -> None:
    width = max((len(model.model) for model in result.models), default=0)
    for model in result.models:
        status = click.style(model.status.value.replace("_", " "), fg=_COLOURS[model.status])
        click.echo(f"{terminal.plain(model.model):<{width}}  {status}")
        for each in model.differences:
            _print_difference(each)
    if not result.models:
        click.echo("no model is declared", err=True)


def _print_difference(result: DifferenceResult) -> None:
    difference = result.difference
    click.echo(terminal.plain(f"@@ {difference.resource}: {result.status}"))
    if result.status in {RepairStatus.REFUSED, RepairStatus.FAILED}:
        click.echo(terminal.plain(f"!  {result.sentence}"))
    if difference.actual is not None:
        click.secho(terminal.plain(f"-  {difference.actual}"), fg="red")
    if difference.expected is not None:
        click.secho(terminal.plain(f"+  {difference.expected}"), fg="green")
