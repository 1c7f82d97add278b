"""`interlock dashboard`: a revision of main in, one issue kept in place, or its text printed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from interlock import documents, settings, wiring
from interlock.cli import failed_effects, open_repository, optional_github, options, terminal
from interlock.commands import dashboard as showing
from interlock.commands.dashboard import DashboardResult
from interlock.domain.basics import timestamps
from interlock.domain.reporting import dashboard as shows
from interlock.domain.reporting.dashboard import DashboardFacts, DashboardLine
from interlock.services import snapshots
from interlock.services.best_effort import Attempts


@click.command("dashboard")
@click.option("--rev", "revision", default="main", show_default=True, help="A revision of main.")
@click.option("--now", metavar="TIME", help="The time to tell of; the clock's when left out.")
@click.option("--dry-run", is_flag=True, help="Print the issue's text and write nothing.")
@options.repo
@options.as_json
def command(*, revision: str, now: str | None, dry_run: bool, repo: Path, as_json: bool) -> int:
    """Keep one issue on GitHub that says how every model of REV stands, trouble first.

    Nothing is written where it says the same already. Ends with 0 whenever all of it could be said:
    what cannot be read of one model is told, and is the exit code.
    """
    found, attempts = settings.read(), Attempts()
    repository = open_repository.repository(repo)
    shown = showing.run(
        repository=repository,
        ledger=wiring.ledger(repository, found),
        # Where nobody can be asked which retrainings are open, the ledger's word counts.
        github=optional_github.find_github(found) if dry_run else wiring.github(found),
        revision=revision,
        now=timestamps.write(options.timestamp(now)),
        dry_run=dry_run,
        reader=snapshots.Reader(resolve_templates=wiring.resolve_templates),
        attempts=attempts,
    )
    failed_effects.tell(found, attempts.undone)
    if as_json:
        click.echo(terminal.document(documents.text(document(shown, attempts.undone))), nl=False)
    elif dry_run:
        click.echo("\n".join(map(terminal.disarm, shown.body.split("\n"))))
    else:
        _print(shown)
    return shown.dashboard.exit_code


def _print(shown: DashboardResult) -> None:
    click.echo(terminal.plain(shows.tally(shown.dashboard)))
    for line in shown.dashboard.told:
        click.echo(terminal.plain(f"{line.model}: {line.sentence}"))
    click.echo(shown.url)


def document(shown: DashboardResult, undone: Sequence[str] = ()) -> dict[str, Any]:
    """What is shown as `interlock/dashboard/v1`; `undone` is what could not be asked."""
    return {
        "schema": "interlock/dashboard/v1",
        "revision": shown.revision,
        "headline": shows.tally(shown.dashboard),
        "models": [_model(line) for line in shown.dashboard.lines],
        "problems": list(shown.dashboard.problems),
        "body": shown.body,
        "url": shown.url,
        "undone": list(undone),
    }


def _model(line: DashboardLine) -> dict[str, Any]:
    facts = line.facts
    return {
        "model": facts.model,
        "state": line.state.value,
        "sentence": line.sentence,
        "champion": _champion(facts),
        "measured": _measured(facts),
        "windows": [verdict.value for verdict in facts.windows],
        "verdict": facts.newest.verdict.value if facts.newest else None,
        "labels": facts.performance.performance.verdict.value if facts.performance else None,
        "retraining": facts.pull,
        "held_by": facts.hold.by if facts.hold else None,
        "last_seen": facts.last_seen or None,
        "overdue": facts.pulse.overdue if facts.pulse else None,
        "cost": {"amounts": dict(facts.cost.amounts), "unpriced": facts.cost.unpriced},
    }


def _champion(facts: DashboardFacts) -> dict[str, Any] | None:
    served = facts.served
    if served is None:
        return None
    return {
        "version": served.version,
        "fingerprint": served.fingerprint,
        "revision": served.revision,
        "at": served.at,
        "environments": list(served.environments),
    }


def _measured(facts: DashboardFacts) -> dict[str, Any] | None:
    row = facts.measured
    if row is None:
        return None
    interval = None if row.interval is None else [row.interval.low, row.interval.high]
    return {
        "metric": row.metric,
        "value": row.candidate,
        "difference": row.difference,
        "interval": interval,
        "against": facts.before.version if facts.before else None,
    }
