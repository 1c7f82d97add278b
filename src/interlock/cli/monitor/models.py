"""`interlock monitor` in a repository: call the command, print, leave the job's page."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import click

from interlock import documents, errors, settings, wiring
from interlock.cli import job_summary, open_repository, options, terminal
from interlock.commands import monitor
from interlock.commands.monitor import MonitoredModel, MonitorOutcome, MonitorResult
from interlock.domain.basics import figures
from interlock.rendering import drift
from interlock.services import drift_plots, snapshots
from interlock.settings import Settings

SCHEMA = "interlock/monitor/v1"
_COLOURS = {
    MonitorOutcome.STABLE: "green",
    MonitorOutcome.WARNING: "yellow",
    MonitorOutcome.DRIFT: "red",
    MonitorOutcome.BROKEN: "red",
    MonitorOutcome.FAILED: "red",
}


def run(
    models: tuple[str, ...],
    *,
    revision: str,
    now: str | None,
    again_since: str | None,
    dry_run: bool,
    repo: Path,
    as_json: bool,
    exit_zero: bool,
) -> int:
    """Look at what is due; returns the exit code."""
    found = settings.read()
    repository = open_repository.repository(repo)
    reader = snapshots.Reader(resolve_templates=wiring.resolve_templates)
    world = monitor.MonitorContext(
        repository=repository,
        read=lambda tree: reader.read(tree, look_for_imports=False),
        ledger=wiring.ledger(repository, found),
        runs=functools.cache(lambda: wiring.runs(found)),
        live=functools.cache(lambda: wiring.live(repository.root)),
        profiling=wiring.profiling,
        scoring=wiring.scoring,
        labelling=wiring.labelling,
        plots=wiring.plots,
    )
    since = None if again_since is None else options.timestamp(again_since, flag="--again-since")
    request = monitor.MonitorOptions(
        revision, options.timestamp(now), models, again_since=since, dry_run=dry_run
    )
    answer = monitor.run(request, world)
    if as_json:
        click.echo(terminal.document(documents.text(document(answer))), nl=False)
    else:
        _print(answer)
    # Last: what was recorded is told, whatever becomes of the page.
    job_summary.append(
        found.github_step_summary, lambda room: _summary(answer, found, room_bytes=room)
    )
    return errors.EXIT_DONE if exit_zero and not answer.failures else answer.exit_code


def _summary(answer: MonitorResult, found: Settings, *, room_bytes: int) -> str:
    where = f"{found.github_server_url}/{found.github_repository}/blob/{found.ledger_branch}/"
    prefix = where if found.github_repository else ""
    pictures = {each.model: drift_plots.url(each.picture, prefix=prefix) for each in answer.models}
    recent = [report for each in answer.models for report in each.recent]
    labelled = [each.labelled for each in answer.models if each.labelled is not None]
    return drift.summary(recent, labelled=labelled, pictures=pictures, room_bytes=room_bytes)


def document(answer: MonitorResult) -> dict[str, Any]:
    """The answer as `interlock/monitor/v1`."""
    return {
        "schema": SCHEMA,
        "now": answer.now,
        "recorded": answer.is_recorded,
        "models": [_model(each) for each in answer.models],
    }


def _model(watched: MonitoredModel) -> dict[str, Any]:
    return {
        "model": watched.model,
        "state": watched.state.value,
        "champion": watched.champion,
        "windows": [documents.dump(report) for report in watched.windows],
        "performance": [documents.dump(report) for report in watched.performance],
        "overdue": watched.overdue,
        "sentence": watched.sentence,
    }


def _print(answer: MonitorResult) -> None:
    width = max((len(each.model) for each in answer.models), default=0)
    for each in answer.models:
        state = click.style(f"{each.state:<12}", fg=_COLOURS.get(each.state))
        click.echo(f"{each.model:<{width}}  {state}  {terminal.plain(each.sentence)}")
        for report in each.windows:
            rows = figures.count(report.rows, "row")
            compared = f"; {terminal.plain(report.compared)}" if report.compared else ""
            said = f"{report.start} to {report.end}: {rows}, {report.verdict}{compared}"
            click.echo(f"{'':<{width}}  {said}")
        for late in each.performance:
            said = terminal.plain(late.performance.sentence)
            click.echo(f"{'':<{width}}  {late.start} to {late.end}: {said}")
        if each.overdue:
            count = figures.count(each.overdue, "window")
            click.echo(f"{each.model}: {count} had not been looked at in time", err=True)
        if each.failure is not None and each.failure.hint:
            click.echo(terminal.plain(f"hint: {each.failure.hint}"), err=True)
    if not answer.is_recorded:
        click.echo("dry run: nothing was recorded", err=True)
    if not answer.models:
        click.echo("no model declares `monitor:`", err=True)
