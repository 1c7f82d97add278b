"""`interlock dashboard`: write the issue with the models in production, or print its text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from interlock import documents, settings, wiring
from interlock.cli import (
    failed_effects,
    open_ledger,
    open_repository,
    optional_github,
    options,
    terminal,
)
from interlock.commands import dashboard as showing
from interlock.commands.dashboard import DashboardContext, DashboardOptions, DashboardResult
from interlock.domain.basics import timestamps
from interlock.domain.evaluation.verdict import Comparison
from interlock.domain.promotion.promotion import Promotion
from interlock.domain.reporting.dashboard import DashboardFacts, DashboardLine
from interlock.rendering import dashboard_sentences as sentences
from interlock.services import snapshots
from interlock.services.best_effort import Attempts


@click.command("dashboard")
@options.revision("Revision whose models are shown, for example `main`.", default="main")
@click.option(
    "--now",
    metavar="TIME",
    help="Time of the dashboard, for example `2026-11-30T12:00:00Z`; by default the current time.",
)
@click.option("--dry-run", is_flag=True, help="Print the text of the issue and write nothing.")
@options.repo
@options.as_json
def command(*, revision: str, now: str | None, dry_run: bool, repo: Path, as_json: bool) -> int:
    """Show all models in production in one GitHub issue.

    The models with problems are first. An issue with the same text is not written again. If a
    model cannot be read, the others are shown and the exit code is not 0.
    """
    environment, attempts = settings.read(), Attempts()
    repository = open_repository.repository(repo)
    context = DashboardContext(
        repository=repository,
        ledger=open_ledger.ledger(repository, environment),
        # A dry run needs no GitHub: the ledger knows which retraining pull requests are open.
        github=optional_github.find_github(environment) if dry_run else wiring.github(environment),
        reader=snapshots.Reader(resolve_templates=wiring.resolve_templates),
        attempts=attempts,
    )
    at = timestamps.write(options.timestamp(now))
    result = showing.run(context, DashboardOptions(revision=revision, now=at, dry_run=dry_run))
    failed_effects.tell(environment, attempts.undone)
    if as_json:
        click.echo(terminal.document(documents.text(document(result, attempts.undone))), nl=False)
    elif dry_run:
        click.echo("\n".join(map(terminal.disarm, result.body.split("\n"))))
    else:
        _print(result)
    return result.dashboard.exit_code


def _print(result: DashboardResult) -> None:
    click.echo(terminal.plain(sentences.headline(result.dashboard)))
    for line in result.dashboard.not_healthy:
        click.echo(terminal.plain(f"{line.model}: {sentences.sentence(line)}"))
    click.echo(result.url)


def document(result: DashboardResult, undone: Sequence[str] = ()) -> dict[str, Any]:
    """The document `interlock/dashboard/v1`; `undone` are failed requests."""
    return {
        "schema": "interlock/dashboard/v1",
        "revision": result.revision,
        "headline": sentences.headline(result.dashboard),
        "models": [_model(line) for line in result.dashboard.lines],
        "problems": list(result.dashboard.problems),
        "body": result.body,
        "url": result.url,
        "undone": list(undone),
    }


def _model(line: DashboardLine) -> dict[str, Any]:
    facts = line.facts
    return {
        "model": facts.model,
        "status": line.status.value,
        "sentence": sentences.sentence(line),
        "production": _production(facts.production) if facts.production else None,
        "primary_metric": _primary_metric(facts.primary_metric, facts),
        "windows": [verdict.value for verdict in facts.windows],
        "drift": facts.newest.verdict.value if facts.newest else None,
        "performance": facts.performance.performance.verdict.value if facts.performance else None,
        "retraining": facts.pull,
        "held_by": facts.hold.by if facts.hold else None,
        "evaluated_at": facts.evaluated_at or None,
        "overdue": facts.monitoring.overdue if facts.monitoring else None,
        "cost": {"amounts": dict(facts.cost.amounts), "unpriced": facts.cost.unpriced},
    }


def _production(promotion: Promotion) -> dict[str, Any]:
    return {
        "version": promotion.version,
        "fingerprint": promotion.fingerprint,
        "revision": promotion.revision,
        "at": promotion.at,
        "environments": list(promotion.environments),
    }


def _primary_metric(row: Comparison | None, facts: DashboardFacts) -> dict[str, Any] | None:
    if row is None:
        return None
    interval = None if row.interval is None else [row.interval.low, row.interval.high]
    return {
        "metric": row.metric,
        "value": row.candidate,
        "difference": row.difference,
        "interval": interval,
        "previous_version": facts.previous.version if facts.previous else None,
    }
