"""`interlock monitor` in a repository: run the command, print the results, write the summary."""

from __future__ import annotations

import functools
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from interlock import documents, errors, settings, wiring
from interlock.cli import job_summary, open_ledger, open_repository, policy_values, terminal
from interlock.commands import monitor
from interlock.commands.monitor import MonitoredModel, MonitorOptions, MonitorOutcome, MonitorResult
from interlock.domain.basics import figures, timestamps
from interlock.ports.git import Repository
from interlock.ports.runs import Runs
from interlock.rendering import drift
from interlock.services import drift_plots, snapshots
from interlock.settings import Settings
from interlock.wiring import measuring

SCHEMA = "interlock/monitor/v1"
_COLOURS = {
    MonitorOutcome.STABLE: "green",
    MonitorOutcome.WARNING: "yellow",
    MonitorOutcome.DRIFT: "red",
    MonitorOutcome.BROKEN: "red",
    MonitorOutcome.FAILED: "red",
}


def run(monitor_options: MonitorOptions, *, repo: Path, as_json: bool, exit_zero: bool) -> int:
    """Evaluate the due windows; returns the exit code."""
    environment = settings.read()
    repository = open_repository.repository(repo)
    with ExitStack() as stack:
        context = _context(environment, repository, monitor_options, stack)
        result = monitor.run(context, monitor_options)
    if as_json:
        click.echo(terminal.document(documents.text(document(result))), nl=False)
    else:
        _print(result)
    # Last, so that the results are printed even if the summary fails.
    job_summary.append(
        environment.github_step_summary,
        lambda room: _summary(result, environment, room_bytes=room),
    )
    return errors.EXIT_DONE if exit_zero and not result.failures else result.exit_code


def _context(
    environment: Settings, repository: Repository, chosen: MonitorOptions, stack: ExitStack
) -> monitor.MonitorContext:
    def runs() -> Runs:
        rules = policy_values.read(environment, repository, branch=chosen.branch)
        return wiring.runs(rules.settings())

    reader = snapshots.Reader(resolve_templates=wiring.resolve_templates)
    return monitor.MonitorContext(
        repository=repository,
        read=lambda tree: reader.read(tree, look_for_imports=False),
        ledger=open_ledger.ledger(repository, environment),
        runs=functools.cache(runs),
        live=functools.cache(lambda: measuring.live(_files(repository, chosen.revision, stack))),
        profiling=measuring.profiling,
        scoring=measuring.scoring,
        labelling=measuring.labelling,
        timer=time.monotonic,
        plots=measuring.plots,
        pictures=wiring.pictures(repository, environment, now=timestamps.write(chosen.now)),
    )


def _files(repository: Repository, revision: str, stack: ExitStack) -> Path:
    """Return the checkout; a bare repository gets a temporary one of the revision."""
    if repository.root != repository.git_folder:
        return repository.root
    return stack.enter_context(repository.worktree(revision))


def _summary(result: MonitorResult, environment: Settings, *, room_bytes: int) -> str:
    repository = f"{environment.github_server_url}/{environment.github_repository}"
    url = f"{repository}/blob/{environment.pictures_branch}/"
    prefix = url if environment.github_repository else ""
    pictures = {each.model: drift_plots.url(each.picture, prefix=prefix) for each in result.models}
    recent = [report for each in result.models for report in each.recent]
    labelled = [each.labelled for each in result.models if each.labelled is not None]
    return drift.summary(recent, labelled=labelled, pictures=pictures, room_bytes=room_bytes)


def document(result: MonitorResult) -> dict[str, Any]:
    """Return the result as `interlock/monitor/v1`."""
    return {
        "schema": SCHEMA,
        "now": result.now,
        "recorded": result.is_recorded,
        "models": [_model(each) for each in result.models],
    }


def _model(model: MonitoredModel) -> dict[str, Any]:
    return {
        "model": model.model,
        "state": model.state.value,
        "champion": model.champion,
        "windows": [documents.dump(report) for report in model.windows],
        "performance": [documents.dump(report) for report in model.performance],
        "overdue": model.overdue,
        "sentence": model.sentence,
    }


def _print(result: MonitorResult) -> None:
    width = max((len(each.model) for each in result.models), default=0)
    for each in result.models:
        state = click.style(f"{each.state:<12}", fg=_COLOURS.get(each.state))
        click.echo(f"{each.model:<{width}}  {state}  {terminal.plain(each.sentence)}")
        for report in each.windows:
            rows = figures.count(report.rows, "row")
            compared = f"; {terminal.plain(report.compared)}" if report.compared else ""
            line = f"{report.start} to {report.end}: {rows}, {report.verdict}{compared}"
            click.echo(f"{'':<{width}}  {line}")
        for late in each.performance:
            sentence = terminal.plain(late.performance.sentence)
            click.echo(f"{'':<{width}}  {late.start} to {late.end}: {sentence}")
        if each.overdue:
            count = figures.count(each.overdue, "window")
            click.echo(f"{each.model}: {count} overdue: the schedule had stopped", err=True)
        if each.failure is not None and each.failure.hint:
            click.echo(terminal.plain(f"hint: {each.failure.hint}"), err=True)
    if not result.is_recorded:
        click.echo("dry run: nothing was recorded", err=True)
    if not result.models:
        click.echo("no manifest has a `monitor:` section", err=True)
