"""`interlock monitor`: live data beside a reference; parse, call, print."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from interlock import documents, errors, wiring
from interlock.cli import options, terminal
from interlock.cli.monitor import models
from interlock.commands.monitor import standalone
from interlock.domain.drift import findings
from interlock.domain.drift.findings import DriftRules, Effect, Persistence


class _Persist(click.ParamType[Any]):
    name = "N of M"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Persistence:
        if isinstance(value, Persistence):
            return value
        found = findings.persistence(value)
        if found is None:
            self.fail(f"{value!r} is not like '2 of 3'", param, ctx)
        return found


class _Share(click.FloatRange):
    """A range that NaN is not in: compared with anything it holds nothing, so all would be calm."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        share = float(super().convert(value, param, ctx))
        if math.isnan(share):
            self.fail(f"{value!r} is no number", param, ctx)
        return share


_DEFAULTS = DriftRules()
_OF_A_REPOSITORY = ("revision", "now", "repo", "dry_run", "again_since")
_OF_FILES = (
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
@click.option("--rev", "revision", default="main", show_default=True, help="What main says.")
@click.option("--now", metavar="TIME", help="Look as if it were then: ISO 8601, UTC.")
@click.option("--dry-run", is_flag=True, help="Say what would be recorded, and record nothing.")
@click.option(
    "--again-since",
    metavar="TIME",
    help="Evaluate recorded windows that ended after TIME again, by what the manifest says now.",
)
@click.option("--exit-zero", is_flag=True, help="End with 0 where the answer would be 1.")
@options.repo
@click.option("--reference", metavar="FILE", help="What the data was like: Parquet or CSV.")
@click.option(
    "--live", metavar="FILE", multiple=True, help="One window of live data; repeated, oldest first."
)
@click.option(
    "--persist",
    type=_Persist(),
    default=str(_DEFAULTS.persist),
    show_default=True,
    help="In how many of the last windows a column must differ to drift.",
)
@click.option(
    "--effect",
    type=click.Choice([each.value for each in Effect]),
    default=_DEFAULTS.effect.value,
    show_default=True,
    help="How big a change is to be found.",
)
@click.option(
    "--max-missing-increase",
    type=_Share(0, 1, min_open=True),
    default=_DEFAULTS.missing_max_increase,
    show_default=True,
    help="The rise of a column's missing share from which it differs.",
)
@click.option(
    "--level",
    type=_Share(0, 1, min_open=True, max_open=True),
    default=_DEFAULTS.level,
    show_default=True,
    help="The share of false findings in a window, over all columns.",
)
@click.option(
    "--min-rows",
    type=click.IntRange(min=1),
    default=_DEFAULTS.min_rows,
    show_default=True,
    help="Rows below which nothing is said.",
)
@click.option("--include", multiple=True, default=["*"], help="Columns, by a pattern with * and ?.")
@click.option("--exclude", multiple=True, help="Columns to leave out, by such a pattern.")
@click.option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Draw the last window on this page, with Evidently.",
)
@options.as_json
def command(*, as_json: bool, exit_zero: bool, **given: Any) -> int:
    """Say whether live data is still what models were made for.

    Of the MODELS that declare `monitor:`, or of all of them, each window that is due is recorded in
    the ledger. With --reference and --live nothing but files is read.
    """
    if given["reference"] or given["live"]:
        code = _files(given, as_json=as_json)
        return errors.EXIT_DONE if exit_zero and code == errors.EXIT_NO else code
    _refuse(_OF_FILES, "says nothing of a repository, whose manifests do: give --reference too")
    return models.run(
        given["models"],
        revision=given["revision"],
        now=given["now"],
        again_since=given["again_since"],
        dry_run=given["dry_run"],
        repo=given["repo"],
        as_json=as_json,
        exit_zero=exit_zero,
    )


def _files(given: dict[str, Any], *, as_json: bool) -> int:
    if not given["reference"] or not given["live"]:
        raise click.UsageError("give --reference FILE and at least one --live FILE")
    if given["models"]:
        raise click.UsageError("with --reference there is no repository: give no MODELS")
    _refuse(_OF_A_REPOSITORY, "is for a repository, and with --reference there is none")
    if given["html"] and _is_one_of(given["html"], [given["reference"], *given["live"]]):
        raise click.UsageError(f"--html would write over {given['html']}, which is compared")
    request = _request(given)
    compared = standalone.run(request, wiring.profiling())
    if as_json:
        text = documents.text(standalone.document(compared))
        click.echo(terminal.document(text), nl=False)
    else:
        from interlock.cli.monitor import tables  # noqa: PLC0415 - rich is for people alone

        tables.show_files(compared)
    if given["html"]:
        standalone.draw(request, compared, pages=wiring.drift_pages(), to=given["html"])
    return standalone.exit_code(compared)


def _refuse(names: Iterable[str], why: str) -> None:
    """What was typed and would count for nothing. A variable may be there for other verbs."""
    context = click.get_current_context()
    for each in context.command.params:
        is_typed = context.get_parameter_source(str(each.name)) is ParameterSource.COMMANDLINE
        if each.name in names and is_typed:
            raise click.UsageError(f"{each.opts[0]} {why}")


def _is_one_of(page: Path, files: Iterable[str]) -> bool:
    return page.exists() and any(Path(file).exists() and page.samefile(file) for file in files)


def _request(given: dict[str, Any]) -> standalone.MonitorFilesOptions:
    return standalone.MonitorFilesOptions(
        reference=given["reference"],
        windows=given["live"],
        rules=DriftRules(
            effect=Effect(given["effect"]),
            persist=given["persist"],
            missing_max_increase=given["max_missing_increase"],
            level=given["level"],
            min_rows=given["min_rows"],
        ),
        include=given["include"],
        exclude=given["exclude"],
    )
