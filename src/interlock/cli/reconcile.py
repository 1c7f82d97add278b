"""`interlock reconcile`: parse, call the command, print what differed and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from interlock import documents, errors, settings, wiring
from interlock.cli import (
    failed_effects,
    job_summary,
    open_repository,
    optional_github,
    options,
    terminal,
)
from interlock.commands import reconcile
from interlock.commands.reconcile import ReconciledModel, ReconcileResult
from interlock.domain.promotion.reconciliation import DifferenceResult, RepairStatus, SyncStatus
from interlock.rendering import reconciliation
from interlock.services import snapshots
from interlock.services.best_effort import Attempts

_COLOURS = {
    SyncStatus.IN_ORDER: "green",
    SyncStatus.REPAIRED: "yellow",
    SyncStatus.DIFFERS: "yellow",
    SyncStatus.LEFT: "red",
    SyncStatus.FAILED: "red",
}


@click.command("reconcile")
@click.argument("models", nargs=-1, metavar="[MODEL]...")
@click.option("--branch", default="main", show_default=True, help="What decides what is served.")
@click.option("--dry-run", is_flag=True, help="Say what differs, as a diff; write nothing.")
@click.option("--no-bytes", is_flag=True, help="Do not fetch what is served to compare SHA-256.")
@click.option("--no-promotions", is_flag=True, help="Leave promotions to promote.")
@options.repo
@options.as_json
def command(
    *,
    models: tuple[str, ...],
    branch: str,
    dry_run: bool,
    no_bytes: bool,
    no_promotions: bool,
    repo: Path,
    as_json: bool,
) -> int:
    """Make registry and deployments agree with main and the ledger.

    Of every model, or of those named. Ends with 1 when something differs that it may not or cannot
    put right.
    """
    found, attempts = settings.read(), Attempts()
    repository = open_repository.repository(repo)
    answer = reconcile.run(
        repository=repository,
        ledger=wiring.ledger(repository, found),
        runs=wiring.runs(found),
        registry=wiring.registry(found),
        github=optional_github.find_github(
            found, without="deployments on GitHub are not looked at"
        ),
        now=options.now(),
        models=models,
        branch=branch,
        dry_run=dry_run,
        look_at_bytes=not no_bytes,
        with_acts=not no_promotions,
        reader=snapshots.Reader(resolve_templates=wiring.resolve_templates),
        attempts=attempts,
    )
    failed_effects.tell(found, attempts.undone)
    if as_json:
        click.echo(terminal.document(documents.text(document(answer, attempts.undone))), nl=False)
    else:
        _print(answer)
    # Last: what was put right is told, whatever becomes of the page.
    job_summary.append(found.github_step_summary, lambda _: _summary(answer))
    return errors.worst(model.exit_code for model in answer.models)


def document(answer: ReconcileResult, undone: Sequence[str] = ()) -> dict[str, Any]:
    """The answer as `interlock/reconcile/v1`; `undone` is what was tried and could not be done."""
    return {
        "schema": "interlock/reconcile/v1",
        "head": answer.head,
        "models": [_model(model) for model in answer.models],
        "undone": list(undone),
    }


def _model(model: ReconciledModel) -> dict[str, Any]:
    return {
        "model": model.model,
        "state": model.state.value,
        "corrections": [
            {
                "kind": each.correction.kind.value,
                "what": each.correction.what,
                "expected": each.correction.expected,
                "found": each.correction.found,
                "sentence": each.sentence,
                "status": each.status.value,
            }
            for each in model.corrections
        ],
    }


def _summary(answer: ReconcileResult) -> str:
    return reconciliation.summary({m.model: m.corrections for m in answer.models}, head=answer.head)


def _print(answer: ReconcileResult) -> None:
    width = max((len(model.model) for model in answer.models), default=0)
    for model in answer.models:
        state = click.style(model.state.value.replace("_", " "), fg=_COLOURS[model.state])
        click.echo(f"{terminal.plain(model.model):<{width}}  {state}")
        for each in model.corrections:
            _print_correction(each)
    if not answer.models:
        click.echo("no model is declared", err=True)


def _print_correction(corrected: DifferenceResult) -> None:
    correction = corrected.correction
    click.echo(terminal.plain(f"@@ {correction.what}: {corrected.status}"))
    if corrected.status in {RepairStatus.REFUSED, RepairStatus.FAILED}:
        click.echo(terminal.plain(f"!  {corrected.sentence}"))
    if correction.found is not None:
        click.secho(terminal.plain(f"-  {correction.found}"), fg="red")
    if correction.expected is not None:
        click.secho(terminal.plain(f"+  {correction.expected}"), fg="green")
