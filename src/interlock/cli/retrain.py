"""`interlock retrain`: parse, call the command, print what became of each model."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

import click

from interlock import documents, errors, settings, wiring
from interlock.cli import open_repository, options, outputs, terminal
from interlock.commands import retrain
from interlock.commands.retrain import RetrainOutcome, RetrainResult
from interlock.domain.basics import timestamps
from interlock.domain.retraining import refresh_result
from interlock.domain.retraining.refresh_result import Handover
from interlock.ports.git import Repository
from interlock.services import snapshots
from interlock.settings import Settings


class Part(StrEnum):
    """Which half of the work: the one that runs programs of the repository, or the one that may
    write to GitHub."""

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
@click.option("--rev", "revision", help="A revision of main; its tip when left out.")
@click.option("--branch", default="main", show_default=True, help="What pull requests go to.")
@click.option("--now", help="The time to decide at, as ISO 8601; the clock's when left out.")
@click.option("--reason", default="", help="Retrain those named because a person wants it.")
@click.option("--dispatch", default="", metavar="FILE", help="Start this workflow for the branch.")
@click.option(
    "--part",
    type=click.Choice([part.value for part in Part]),
    default=Part.ALL.value,
    show_default=True,
    help="Bring newer data and hand it over, or write what was handed over; or both in one.",
)
@click.option("--refreshed", default="", metavar="JSON", help="What --part refresh handed over.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do none of it.")
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
    """Keep one pull request a model that asks for its retraining, where something asks for one.

    Live data that drifted asks, a metric that fell, the manifest's calendar, an upstream, or a
    person with --reason. A feed that is broken gets an issue instead. Ends with 1 when a refresh
    failed; what a limit or a hold forbids is no failure.
    """
    if reason and not models:
        raise errors.BadInput("--reason retrains what is named", hint="name a model before it")
    if refreshed and part != Part.WRITE:
        raise errors.BadInput("--refreshed is taken up by --part write alone")
    found = settings.read()
    handed = _read(refreshed) if part == Part.WRITE else None
    world = _world(found, open_repository.repository(repo), handed)
    request = retrain.RetrainOptions(
        revision=revision or branch,
        branch=branch,
        now=timestamps.write(options.timestamp(now)),
        models=models,
        reason=reason,
        dispatch=dispatch,
        pictures=f"../blob/{found.ledger_branch}/",
        dry_run=dry_run,
    )
    if part == Part.REFRESH and not dry_run:
        return _bring(found, world, request, as_json=as_json)
    results = retrain.run(world, request)
    outputs.append(found.github_output, {"refreshed": ""})
    if as_json:
        text = documents.text(retrain.document(results))
        click.echo(terminal.document(text), nl=False)
    else:
        _print(results)
    return max((result.exit_code for result in results), default=errors.EXIT_DONE)


def _world(
    found: Settings, repository: Repository, handed: Handover | None
) -> retrain.RetrainContext:
    return retrain.RetrainContext(
        repository=repository,
        ledger=wiring.ledger(repository, found),
        github=wiring.github(found),
        refreshing=wiring.refreshing(),
        reader=snapshots.Reader(resolve_templates=wiring.resolve_templates),
        say=_say,
        handed=handed,
    )


def _read(text: str) -> Handover:
    """What the other part handed over, which is nothing where it was cut off."""
    if len(text) > refresh_result.LONGEST:
        raise errors.BadInput(f"--refreshed has more than {refresh_result.LONGEST:,} characters")
    if not text.strip():
        return Handover()
    where = "--refreshed"
    return documents.load(documents.parse(text, where=where), Handover, where=where)


def _bring(
    found: Settings,
    world: retrain.RetrainContext,
    request: retrain.RetrainOptions,
    *,
    as_json: bool,
) -> int:
    """A refresh that failed is handed over as well: the part that writes tells it, and fails."""
    handed = documents.dump(retrain.refresh_models(world, request))
    outputs.append(found.github_output, {"refreshed": documents.line(handed)})
    if as_json:
        click.echo(terminal.document(documents.text(handed)), nl=False)
        return errors.EXIT_DONE
    for refresh in handed["models"]:
        paths = ", ".join(pointer["path"] for pointer in refresh["pointers"])
        said = refresh["failure"] or paths or "no other data than main has"
        click.echo(terminal.plain(f"{refresh['model']}  {said}"))
    if not handed["models"]:
        click.echo("no retraining is asked for", err=True)
    return errors.EXIT_DONE


def _say(line: str) -> None:
    """For people, live: standard output is kept for the answer."""
    sys.stderr.write(terminal.program_line(line) + "\n")
    sys.stderr.flush()


def _print(results: Sequence[RetrainResult]) -> None:
    width = max((len(result.model) for result in results), default=0)
    for result in results:
        word = click.style(f"{result.decision:<7}", fg=_COLOURS.get(result.decision))
        numbers = [f"#{number}" for number in (result.pull, result.issue) if number is not None]
        untold = [number for number in numbers if number not in result.sentence.split()]
        said = terminal.plain(" ".join([*untold, result.sentence]))
        click.echo(f"{result.model:<{width}}  {word}  {said}")
    if not results:
        click.echo("no model is watched", err=True)
