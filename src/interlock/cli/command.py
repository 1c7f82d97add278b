"""`interlock command`: an event in, or a command typed by hand; an answer and outputs out."""

from __future__ import annotations

from pathlib import Path

import click

from interlock import documents, errors, event_payload, settings, wiring
from interlock.cli import failed_effects, open_repository, options, outputs, terminal
from interlock.commands import command as commanding
from interlock.domain.access import comment_command as grammar
from interlock.domain.access.command_record import CommandOutcome, CommandReply
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
    help="What GitHub wrote of the event; GITHUB_EVENT_PATH otherwise.",
)
@click.option("--event-name", help="Its name; GITHUB_EVENT_NAME otherwise.")
@click.option("--text", help="A hold, rollback or release by hand, without GitHub.")
@click.option("--by", help="Whose word --text is; INTERLOCK_ACTOR or GITHUB_ACTOR otherwise.")
@click.option("--branch", default="main", show_default=True, help="The default branch.")
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
    """Do what a comment asks for, or say which jobs must.

    Ends with 0 whenever the event was answered, whatever the answer; by hand with 1 when it is no.
    """
    found, attempts = settings.read(), Attempts()
    if text is not None:
        answer = _by_hand(found, text, by=by or found.require("actor"), repo=repo)
    else:
        event = _read(found, event_file, event_name)
        answer = _answer(found, event, attempts, repo=repo, branch=branch)
    failed_effects.tell(found, attempts.undone)
    outputs.append(found.github_output, _outputs(answer))
    if as_json:
        click.echo(
            terminal.document(documents.text(commanding.document(answer, attempts.undone))),
            nl=False,
        )
    else:
        click.echo(terminal.plain(f"{answer.outcome}: {answer.sentence}"))
        if answer.verb is Verb.HELP or answer.outcome is CommandOutcome.REFUSED:
            click.echo(grammar.usage())


def _by_hand(found: Settings, text: str, *, by: str, repo: Path) -> CommandReply:
    ledger = wiring.ledger(open_repository.repository(repo), found)
    return commanding.run_text(ledger, text, by=by, now=options.now())


def _answer(
    found: Settings, event: Event, attempts: Attempts, *, repo: Path, branch: str
) -> CommandReply:
    repository = open_repository.repository(repo)
    return commanding.run(
        repository=repository,
        ledger=wiring.ledger(repository, found),
        github=wiring.github(found),
        event=event,
        now=options.now(),
        run_url=found.github_run_url,
        reader=snapshots.Reader(resolve_templates=wiring.resolve_templates),
        attempts=attempts,
        branch=branch,
    )


def _read(found: Settings, file: Path | None, name: str | None) -> Event:
    path = file or found.github_event_path
    named = name or found.github_event_name
    if path is None or not named:
        raise errors.MissingSetting(
            "there is no event to answer",
            hint="give --event FILE and --event-name NAME, or a command by hand: --text TEXT",
        )
    return event_payload.read_file(path, name=named)


def _outputs(answer: CommandReply) -> dict[str, str]:
    """What a workflow asks of later jobs; "" is none, and a flag is `true` or `false`."""
    following = answer.next
    flags = {
        "train": following.train,
        "evaluate": following.evaluate,
        "promote": following.promote,
        "report": following.report,
        "plan": following.plan,
        "retrain": following.retrain,
    }
    return {
        "outcome": answer.outcome.value,
        "pull": "" if answer.pull is None else str(answer.pull),
        "sha": answer.sha or "",
        "base": answer.base or "",
        "models": " ".join(answer.models),
        **{name: str(flag).lower() for name, flag in flags.items()},
    }
