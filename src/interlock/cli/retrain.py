"""`interlock retrain`: parse, call the command, print the result of each model."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

import click

from interlock import documents, errors, settings, wiring
from interlock.cli import open_ledger, open_repository, options, outputs, policy_values, terminal
from interlock.commands import retrain
from interlock.commands.retrain import RetrainOutcome, RetrainResult
from interlock.domain.basics import timestamps
from interlock.domain.retraining import refresh_results
from interlock.domain.retraining.refresh_results import RefreshResults
from interlock.ports.git import Repository
from interlock.services import snapshots
from interlock.settings import Settings
from interlock.wiring import training


class Part(StrEnum):
    """The part of the work: run the programs that refresh data, write to GitHub, or both."""

    ALL = "all"
    REFRESH = "refresh"
    WRITE = "write"


_COLOURS = {
    RetrainOutcome.OPEN: "green",
    RetrainOutcome.UPDATE: "green",
    RetrainOutcome.FINISH: "green",
    RetrainOutcome.FAILED: "red",
}


@click.command("retrain")
@click.argument("models", nargs=-1, metavar="[MODEL]...")
@click.option("--rev", "revision", help="Revision of main, for example `v1.2`; by default its tip.")
@options.branch("Base branch of the pull requests.")
@click.option(
    "--now",
    help="Time of the decision, for example `2026-11-30T12:00:00Z`; by default the current time.",
)
@click.option(
    "--reason", default="", help="Reason of a user request, for example `new labels`; needs MODEL."
)
@click.option(
    "--dispatch",
    default="",
    metavar="FILE",
    help="Workflow to start for the branch, for example `models-pull-request.yml`.",
)
@click.option(
    "--part",
    type=click.Choice([part.value for part in Part]),
    default=Part.ALL.value,
    show_default=True,
    help="Part of the work: `refresh` updates data, `write` writes to GitHub, `all` does both.",
)
@click.option(
    "--refreshed",
    default="",
    metavar="JSON",
    help="Result of `--part refresh`, for `--part write`.",
)
@click.option("--dry-run", is_flag=True, help="Preview without any change.")
@options.repo
@options.as_json
def command(
    *,
    models: tuple[str, ...],
    revision: str | None,
    branch: str,
    now: str | None,
    reason: str,
    dispatch: str,
    part: str,
    refreshed: str,
    dry_run: bool,
    repo: Path,
    as_json: bool,
) -> int:
    """Open or update one retraining pull request per model.

    A reason is data drift, a performance loss, the schedule, an upstream model or a user request
    with --reason. A failed upstream data pipeline gets an issue instead. Ends with 1 when a refresh
    fails. A limit or a hold is not a failure.
    """
    _check_combination(models=models, reason=reason, part=part, refreshed=refreshed)
    variables = settings.read()
    earlier = _read(refreshed) if part == Part.WRITE else None
    at = timestamps.write(options.timestamp(now))
    repository = open_repository.repository(repo)
    rules = policy_values.read(variables, repository, branch=branch)
    context = _context(rules, repository, earlier, now=at)
    chosen = retrain.RetrainOptions(
        revision=revision or branch,
        branch=branch,
        now=at,
        models=models,
        reason=reason,
        dispatch=dispatch,
        pictures=f"../blob/{variables.pictures_branch}/",
        dry_run=dry_run,
    )
    if part == Part.REFRESH and not dry_run:
        return _refresh(variables, context, chosen, as_json=as_json)
    return _retrain(variables, context, chosen, as_json=as_json)


def _check_combination(*, models: tuple[str, ...], reason: str, part: str, refreshed: str) -> None:
    if reason and not models:
        raise errors.BadInput(
            "--reason needs a model", hint="interlock retrain MODEL --reason TEXT"
        )
    if refreshed and part != Part.WRITE:
        raise errors.BadInput("--refreshed needs --part write")


def _context(
    rules: policy_values.PolicyValues,
    repository: Repository,
    results: RefreshResults | None,
    *,
    now: str,
) -> retrain.RetrainContext:
    variables = rules.settings()
    return retrain.RetrainContext(
        repository=repository,
        ledger=open_ledger.ledger(repository, variables),
        pictures=wiring.pictures(repository, variables, now=now),
        github=wiring.github(variables),
        refreshing=training.refreshing(),
        reader=snapshots.Reader(resolve_templates=wiring.resolve_templates),
        say=_say,
        prepare=rules.prepare(""),
        tracking_uri=variables.mlflow_tracking_uri,
        refreshed=results,
    )


def _read(text: str) -> RefreshResults:
    """Read the result of the other part; it is empty if that part was interrupted."""
    if len(text) > refresh_results.LONGEST:
        raise errors.BadInput(f"--refreshed has more than {refresh_results.LONGEST:,} characters")
    if not text.strip():
        return RefreshResults()
    where = "--refreshed"
    return documents.load(documents.parse(text, where=where), RefreshResults, where=where)


def _retrain(
    variables: Settings,
    context: retrain.RetrainContext,
    chosen: retrain.RetrainOptions,
    *,
    as_json: bool,
) -> int:
    results = retrain.run(context, chosen)
    outputs.append(variables.github_output, {"refreshed": ""})
    if as_json:
        text = documents.text(retrain.document(results))
        click.echo(terminal.document(text), nl=False)
    else:
        _print(results)
    return max((result.exit_code for result in results), default=errors.EXIT_DONE)


def _refresh(
    variables: Settings,
    context: retrain.RetrainContext,
    chosen: retrain.RetrainOptions,
    *,
    as_json: bool,
) -> int:
    """A failed refresh is part of the result: the part that writes reports it, and fails."""
    results = documents.dump(retrain.refresh_models(context, chosen))
    outputs.append(variables.github_output, {"refreshed": documents.line(results)})
    if as_json:
        click.echo(terminal.document(documents.text(results)), nl=False)
        return errors.EXIT_DONE
    for refresh in results["models"]:
        paths = ", ".join(pointer["path"] for pointer in refresh["pointers"])
        sentence = refresh["failure"] or paths or "no new data"
        click.echo(terminal.plain(f"{refresh['model']}  {sentence}"))
    if not results["models"]:
        click.echo("no reason to retrain", err=True)
    return errors.EXIT_DONE


def _say(line: str) -> None:
    """Print a line of a program to standard error; standard output has only the result."""
    sys.stderr.write(terminal.program_line(line) + "\n")
    sys.stderr.flush()


def _print(results: Sequence[RetrainResult]) -> None:
    width = max((len(result.model) for result in results), default=0)
    for result in results:
        word = click.style(f"{result.decision:<7}", fg=_COLOURS.get(result.decision))
        numbers = [f"#{number}" for number in (result.pull, result.issue) if number is not None]
        missing = [number for number in numbers if number not in result.sentence.split()]
        sentence = terminal.plain(" ".join([*missing, result.sentence]))
        click.echo(f"{result.model:<{width}}  {word}  {sentence}")
    if not results:
        click.echo("no model is monitored", err=True)
