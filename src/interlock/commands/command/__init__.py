"""`command`: executes a command from a comment, or names the jobs that must execute it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from interlock import errors
from interlock.commands.command import hold_verbs, reply, sources, verbs
from interlock.commands.command.context import CommandContext, CommandOptions
from interlock.domain.access import command_reply, comment_command
from interlock.domain.access.command_record import CommandOutcome, CommentKind
from interlock.domain.access.command_reply import CommandReply
from interlock.domain.access.comment_command import MalformedCommand, OtherComment
from interlock.domain.basics import figures
from interlock.domain.basics.refusal import Refusal
from interlock.ports.github import Reaction
from interlock.ports.ledger import Ledger

__all__ = ["CommandContext", "CommandOptions", "document", "run", "run_text"]


def run(context: CommandContext, options: CommandOptions) -> CommandReply:
    """Reply to an event, once: the ledger has the ids of earlier commands.

    The reaction is optional; `context.attempts` has its failure. Raises CannotReachGitHub and
    CannotReachGit; a rerun then does the rest.
    """
    source = sources.read(context.github, options.event)
    if isinstance(source, Refusal):
        return CommandReply(CommandOutcome.IGNORED, source.reason)
    context.ledger.refresh()
    answer = reply.answer(context, options, source)
    reaction = _reaction(answer)
    if source.kind is CommentKind.COMMENT and reaction is not None:
        context.attempts.attempt(
            f"the comment has no reaction {reaction.value}",
            lambda: context.github.react(source.id, reaction),
            otherwise=None,
        )
    return answer


def run_text(ledger: Ledger, text: str, *, by: str, now: str) -> CommandReply:
    """Hold, roll back or release without GitHub. Access to the ledger's branch is the permission.

    Raises Refused when the ledger does not allow it, and BadInput for another text.
    """
    command = comment_command.parse(text)
    if isinstance(command, MalformedCommand):
        raise errors.BadInput(f"{command.line!r}: {command.sentence}", hint=comment_command.usage())
    if isinstance(command, OtherComment) or command.verb not in hold_verbs.VERBS:
        names = figures.listing([str(verb) for verb in hold_verbs.VERBS])
        raise errors.BadInput(
            f"--text {text!r} is not supported",
            hint=f"--text takes {names}; use the command line for other verbs",
        )
    ledger.refresh()
    change = hold_verbs.write(ledger, command, by=by, now=now)
    if isinstance(change, Refusal):
        raise errors.Refused(change.reason)
    outcome, sentence = verbs.describe_hold(command.verb, change)
    return CommandReply(
        outcome,
        f"{comment_command.render(command)} {sentence}",
        command.verb,
        models=(command.model,),
        next=dataclasses.replace(command_reply.jobs_after(command.verb, outcome), report=False),
    )


def _reaction(answer: CommandReply) -> Reaction | None:
    if answer.outcome is CommandOutcome.STARTED:
        launched = answer.next.train or answer.next.promote or answer.next.retrain
        return Reaction.LAUNCHED if launched else Reaction.STARTED
    return _REACTIONS.get(answer.outcome)


_REACTIONS = {CommandOutcome.DONE: Reaction.DONE, CommandOutcome.REFUSED: Reaction.REFUSED}


def document(answer: CommandReply, undone: Sequence[str] = ()) -> dict[str, Any]:
    """Return the reply as `interlock/command/v1`; `undone` lists optional effects that failed."""
    return {"schema": "interlock/command/v1", **dataclasses.asdict(answer), "undone": list(undone)}
