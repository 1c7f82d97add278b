"""`interlock command`: an event or a typed command in; a reply and workflow outputs out."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import click

from interlock import documents, errors, event_payload, settings, wiring
from interlock.cli import failed_effects, open_ledger, open_repository, options, outputs, terminal
from interlock.commands import command as command_verb
from interlock.domain.access import comment_command
from interlock.domain.access.command_record import CommandOutcome
from interlock.domain.access.command_reply import CommandReply
from interlock.domain.access.comment_command import Verb
from interlock.domain.access.event import Event
from interlock.services import snapshots
from interlock.services.best_effort import Attempts
from interlock.settings import Settings


@click.command("command")
@click.option(
    "--event",
    "event_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File with the payload of a GitHub event; by default GITHUB_EVENT_PATH.",
)
@click.option(
    "--event-name",
    help="Name of the event, for example `issue_comment`; by default GITHUB_EVENT_NAME.",
)
@click.option(
    "--text",
    help="Hold, rollback or release without GitHub, for example `/interlock release digits`.",
)
@click.option(
    "--by",
    help="Login of the user for --text; by default INTERLOCK_ACTOR or GITHUB_ACTOR.",
)
@options.branch("Default branch.")
@options.repo
@options.as_json
def command(
    *,
    event_file: Path | None,
    event_name: str | None,
    text: str | None,
    by: str | None,
    branch: str,
    repo: Path,
    as_json: bool,
) -> None:
    """Execute a command from a comment.

    Where other jobs must execute it, the outputs name them. Ends with 0 for every answered event;
    with --text, ends with 1 for a refusal.
    """
    variables, attempts = settings.read(), Attempts()
    if text is not None:
        answer = _answer_text(variables, text, by=by or variables.require("actor"), repo=repo)
    else:
        event = _read(variables, event_file, event_name)
        answer = _answer(variables, event, attempts, repo=repo, branch=branch)
    failed_effects.tell(variables, attempts.undone)
    outputs.append(variables.github_output, _outputs(answer))
    if as_json:
        document = command_verb.document(answer, attempts.undone)
        click.echo(terminal.document(documents.text(document)), nl=False)
        return
    click.echo(terminal.plain(f"{answer.outcome}: {answer.sentence}"))
    if answer.verb is Verb.HELP or answer.outcome is CommandOutcome.REFUSED:
        click.echo(comment_command.usage())


def _answer_text(variables: Settings, text: str, *, by: str, repo: Path) -> CommandReply:
    ledger = open_ledger.ledger(open_repository.repository(repo), variables)
    return command_verb.run_text(ledger, text, by=by, now=options.now())


def _answer(
    variables: Settings, event: Event, attempts: Attempts, *, repo: Path, branch: str
) -> CommandReply:
    repository = open_repository.repository(repo)
    context = command_verb.CommandContext(
        repository=repository,
        ledger=open_ledger.ledger(repository, variables),
        github=wiring.github(variables),
        reader=snapshots.Reader(resolve_templates=wiring.resolve_templates),
        attempts=attempts,
    )
    chosen = command_verb.CommandOptions(
        event=event, now=options.now(), run_url=variables.github_run_url, branch=branch
    )
    return command_verb.run(context, chosen)


def _read(variables: Settings, file: Path | None, name: str | None) -> Event:
    path = file or variables.github_event_path
    event_name = name or variables.github_event_name
    if path is None or not event_name:
        raise errors.MissingSetting(
            "there is no event to answer",
            hint="give --event FILE and --event-name NAME, or a command with --text TEXT",
        )
    return event_payload.read_file(path, name=event_name)


def _outputs(answer: CommandReply) -> dict[str, str]:
    """The outputs for later jobs; "" without a value, and `true` or `false` for each job."""
    jobs = dataclasses.asdict(answer.next)
    return {
        "outcome": answer.outcome.value,
        "pull": "" if answer.pull is None else str(answer.pull),
        "sha": answer.sha or "",
        "base": answer.base or "",
        "models": " ".join(answer.models),
        **{name: str(flag).lower() for name, flag in jobs.items()},
    }
