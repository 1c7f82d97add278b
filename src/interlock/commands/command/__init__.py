"""`command`: does what a comment asks for, or says which jobs must; trains and promotes nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from interlock import errors
from interlock.commands.command import hold_verbs, reply, sources, verbs
from interlock.commands.command.verbs import CommandContext
from interlock.domain.access import command_record, comment_command
from interlock.domain.access.command_record import CommandOutcome, CommandReply, CommentKind
from interlock.domain.access.comment_command import MalformedCommand, OtherComment
from interlock.domain.access.event import Event
from interlock.domain.basics import figures
from interlock.domain.promotion.hold import HoldRefusal
from interlock.ports.git import Repository
from interlock.ports.github import GitHub, Reaction
from interlock.ports.ledger import Ledger
from interlock.services import snapshots
from interlock.services.best_effort import Attempts


def run(
    *,
    repository: Repository,
    ledger: Ledger,
    github: GitHub,
    event: Event,
    now: str,
    run_url: str = "",
    reader: snapshots.Reader | None = None,
    attempts: Attempts | None = None,
    branch: str = "main",
) -> CommandReply:
    """Answer an event, once: what was said before is found in the ledger by its id.

    `now` is the time to record, in ISO 8601; `run_url` the workflow run's, "" outside of one;
    `branch` the default branch.
    The reaction gates nothing: `attempts` says afterwards whether it could not be given. Raises
    CannotReachGitHub, CannotReachGit; then a rerun does what was not done.
    """
    said = sources.read(github, event)
    if isinstance(said, str):
        return CommandReply(CommandOutcome.IGNORED, said)
    ledger.refresh()
    world = CommandContext(repository, ledger, github, reader or snapshots.Reader(), now, branch)
    answer = reply.answer(world, github, said, run_url=run_url)
    reaction = _reaction(answer)
    if said.source is CommentKind.COMMENT and reaction is not None:
        (attempts or Attempts()).attempt(
            f"the comment has no reaction {reaction.value}",
            lambda: github.react(said.id, reaction),
            otherwise=None,
        )
    return answer


def run_text(ledger: Ledger, text: str, *, by: str, now: str) -> CommandReply:
    """Hold, roll back or release on the word of whoever may push the ledger; nobody is asked.

    Raises Refused when it may not be, BadInput for what is no such command.
    """
    found = comment_command.parse(text)
    if isinstance(found, MalformedCommand):
        raise errors.BadInput(f"{found.line!r}: {found.sentence}", hint=comment_command.usage())
    if isinstance(found, OtherComment) or found.verb not in hold_verbs.VERBS:
        names = figures.listing([str(verb) for verb in hold_verbs.VERBS])
        raise errors.BadInput(
            f"{text!r} cannot be done by hand",
            hint=f"{names} can; for the rest there are verbs of the command line",
        )
    ledger.refresh()
    turn = hold_verbs.turn(ledger, found, by=by, now=now)
    if isinstance(turn, HoldRefusal):
        raise errors.Refused(turn.sentence)
    outcome, sentence = verbs.describe_hold(found.verb, turn)
    following = dataclasses.replace(command_record.jobs_after(found.verb, outcome), report=False)
    return CommandReply(
        outcome,
        f"{comment_command.render(found)} {sentence}",
        found.verb,
        models=(found.model,),
        next=following,
    )


def _reaction(answer: CommandReply) -> Reaction | None:
    if answer.outcome is CommandOutcome.STARTED:
        launched = answer.next.train or answer.next.promote or answer.next.retrain
        return Reaction.LAUNCHED if launched else Reaction.STARTED
    return _REACTIONS.get(answer.outcome)


_REACTIONS = {CommandOutcome.DONE: Reaction.DONE, CommandOutcome.REFUSED: Reaction.REFUSED}


def document(answer: CommandReply, undone: Sequence[str] = ()) -> dict[str, Any]:
    """The answer as `interlock/command/v1`; `undone` is what was tried and could not be done."""
    found = dataclasses.asdict(answer)
    return {"schema": "interlock/command/v1", **found, "undone": list(undone)}
