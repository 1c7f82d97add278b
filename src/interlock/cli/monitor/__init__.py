"""`interlock monitor`: detect drift in a repository, or between files."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from interlock import documents, errors
from interlock.cli import options, terminal
from interlock.cli.monitor import models
from interlock.commands.monitor import MonitorOptions, standalone
from interlock.domain.drift import rules
from interlock.domain.drift.rules import DriftRules, Effect, Persistence
from interlock.wiring import measuring


class _Persist(click.ParamType[Any]):
    name = "N of M"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Persistence:
        if isinstance(value, Persistence):
            return value
        persistence = rules.persistence(value)
        if persistence is None:
            self.fail(f"{value!r} is not valid; write it as '2 of 3'", param, ctx)
        return persistence


class _Share(click.FloatRange):
    """A range without NaN. With NaN every comparison is false, so every column would be stable."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        share = float(super().convert(value, param, ctx))
        if math.isnan(share):
            self.fail(f"{value!r} is not a valid number", param, ctx)
        return share


_DEFAULTS = DriftRules()
_REPOSITORY_OPTIONS = ("revision", "branch", "now", "repo", "dry_run", "reevaluate_since")
_FILE_OPTIONS = (
    "persist",
    "effect",
    "max_missing_increase",
    "level",
    "min_rows",
    "include",
    "exclude",
    "html",
)


@click.command("monitor")
@click.argument("models", nargs=-1, metavar="[MODEL]...")
@options.revision("Revision of the manifests, for example `main` or `my-branch`.", default="main")
@options.branch("Branch whose policy has the address of MLflow, for example `main`.")
@click.option(
    "--now",
    metavar="TIME",
    help="Time to use as the current one, for example `2026-11-30T12:00:00Z`.",
)
@click.option("--dry-run", is_flag=True, help="Print the records without writing them.")
@click.option(
    "--reevaluate-since",
    metavar="TIME",
    help="Time since which recorded windows are evaluated again with the current settings, for "
    "example `2026-11-01`.",
)
@click.option("--exit-zero", is_flag=True, help="Exit with code 0 instead of 1 if data drifts.")
@options.repo
@click.option(
    "--reference",
    metavar="FILE",
    help="Parquet or CSV file with the reference data, for example `train.parquet`.",
)
@click.option(
    "--live",
    metavar="FILE",
    multiple=True,
    help="File with one window of live data, for example `monday.csv`; repeat it, oldest first.",
)
@click.option(
    "--persist",
    type=_Persist(),
    default=str(_DEFAULTS.persist),
    show_default=True,
    help="Number of windows in which a column must differ to drift, for example `1 of 1`.",
)
@click.option(
    "--effect",
    type=click.Choice([each.value for each in Effect]),
    default=_DEFAULTS.effect.value,
    show_default=True,
    help="Smallest change to detect, for example `small` for 0.2 standard deviations.",
)
@click.option(
    "--max-missing-increase",
    type=_Share(0, 1, min_open=True),
    default=_DEFAULTS.missing_max_increase,
    show_default=True,
    help="Largest accepted change of the share of missing values, for example `0.1`.",
)
@click.option(
    "--level",
    type=_Share(0, 1, min_open=True, max_open=True),
    default=_DEFAULTS.level,
    show_default=True,
    help="Accepted share of false findings per window, for example `0.05`.",
)
@click.option(
    "--min-rows",
    type=click.IntRange(min=1),
    default=_DEFAULTS.min_rows,
    show_default=True,
    help="Smallest number of rows for a verdict, for example `500`.",
)
@click.option(
    "--include",
    multiple=True,
    default=["*"],
    help="Pattern of the columns to compare, for example `sensor_*`; repeat it for more.",
)
@click.option(
    "--exclude",
    multiple=True,
    help="Pattern of the columns to leave out, for example `session*`; repeat it for more.",
)
@click.option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File for Evidently's page about the last window, for example `drift.html`.",
)
@options.as_json
def command(*, as_json: bool, exit_zero: bool, **values: Any) -> int:
    """Detect data drift and performance loss in production.

    Without options, evaluate each due window of the MODELS (by default all with a `monitor`
    section) and record it in the ledger. With --reference and --live, compare files.
    """
    if values["reference"] or values["live"]:
        code = _compare_files(values, as_json=as_json)
        return errors.EXIT_DONE if exit_zero and code == errors.EXIT_NO else code
    options.refuse(
        _FILE_OPTIONS, "needs --reference; in a repository the manifest has this setting"
    )
    since = values["reevaluate_since"]
    monitor_options = MonitorOptions(
        revision=values["revision"],
        now=options.timestamp(values["now"]),
        models=values["models"],
        branch=values["branch"],
        reevaluate_since=None
        if since is None
        else options.timestamp(since, flag="--reevaluate-since"),
        dry_run=values["dry_run"],
    )
    return models.run(monitor_options, repo=values["repo"], as_json=as_json, exit_zero=exit_zero)


def _compare_files(values: dict[str, Any], *, as_json: bool) -> int:
    if not values["reference"] or not values["live"]:
        raise click.UsageError("give --reference FILE and at least one --live FILE")
    if values["models"]:
        raise click.UsageError("--reference compares files; give no MODELS")
    options.refuse(_REPOSITORY_OPTIONS, "is for a repository; leave it out with --reference")
    if values["html"] and _is_input(values["html"], [values["reference"], *values["live"]]):
        raise click.UsageError(f"--html would overwrite {values['html']}, one of the data files")
    context = standalone.MonitorFilesContext(
        profiling=measuring.profiling(), pages=measuring.drift_pages
    )
    file_options = _file_options(values)
    comparison = standalone.run(context, file_options)
    if as_json:
        text = documents.text(standalone.document(comparison))
        click.echo(terminal.document(text), nl=False)
    else:
        from interlock.cli.monitor import tables  # noqa: PLC0415 - rich is not needed for JSON

        tables.show_files(comparison)
    if values["html"]:
        standalone.draw(context, file_options, comparison, to=values["html"])
    return standalone.exit_code(comparison)


def _is_input(page: Path, files: Iterable[str]) -> bool:
    return page.exists() and any(Path(file).exists() and page.samefile(file) for file in files)


def _file_options(values: dict[str, Any]) -> standalone.MonitorFilesOptions:
    return standalone.MonitorFilesOptions(
        reference=values["reference"],
        windows=values["live"],
        rules=DriftRules(
            effect=Effect(values["effect"]),
            persist=values["persist"],
            missing_max_increase=values["max_missing_increase"],
            level=values["level"],
            min_rows=values["min_rows"],
        ),
        include=values["include"],
        exclude=values["exclude"],
    )
