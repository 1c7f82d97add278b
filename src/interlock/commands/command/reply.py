"""From what was said to an answer: who may, whether it was dealt with before, one commit to the
ledger; what each verb comes to is decided in acting."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from interlock.commands.command import verbs
from interlock.commands.command.sources import Approval, CommentSource
from interlock.commands.command.verbs import CommandContext, VerbResult
from interlock.domain.access import command_record, permissions
from interlock.domain.access.command_record import (
    CommandOutcome,
    CommandRecord,
    CommandReply,
    NextJobs,
)
from interlock.domain.access.comment_command import CommentCommand, MalformedCommand, Verb
from interlock.domain.basics import figures
from interlock.ledger import lookup, transaction
from interlock.ports.github import GitHub, Pull
from interlock.services import manual_acceptance


def answer(
    world: CommandContext, github: GitHub, said: CommentSource, *, run_url: str
) -> CommandReply:
    asks = said.asks
    may_write = permissions.may_write(said.permission)
    if isinstance(asks, CommentCommand) and not command_record.may(asks.verb, said.permission):
        return _refuse(said, f"{asks.verb} needs write access, which {said.by} has not", asks.verb)
    if not isinstance(asks, CommentCommand) and not may_write:
        return _refuse(said, f"{said.by} has no write access")
    pull = github.find_pull(said.pull)
    if pull is None:
        return CommandReply(CommandOutcome.IGNORED, f"there is no pull request {said.pull}")
    if not may_write:
        return _unrecorded(world, said, pull)
    return _recorded(world, said, pull, run_url=run_url)


def _refuse(said: CommentSource, why: str, verb: Verb | None = None) -> CommandReply:
    """A stranger's command leaves no record: nobody but writers may fill the ledger."""
    return CommandReply(
        CommandOutcome.REFUSED, f"{said.text} did nothing: {why}", verb, pull=said.pull
    )


def _unrecorded(world: CommandContext, said: CommentSource, pull: Pull) -> CommandReply:
    """A reader's help or plan: nothing is bound to it, and it may be asked again."""
    made = _make(world, said, pull)
    return _told(said, pull, made, follow=made.outcome is CommandOutcome.STARTED)


@dataclass(frozen=True, slots=True)
class _Found:
    """A record, and whether it was there before."""

    asked: CommandRecord
    is_old: bool


def _recorded(
    world: CommandContext, said: CommentSource, pull: Pull, *, run_url: str
) -> CommandReply:
    def how() -> tuple[_Found | VerbResult, tuple[object, ...]]:
        before = lookup.find_command(
            world.ledger, pull=pull.number, source=said.source, number=said.id
        )
        if before is not None:
            return _Found(before, is_old=True), ()
        made = _make(world, said, pull)
        if made.outcome is CommandOutcome.IGNORED:
            return made, ()
        record = _record(said, made, at=world.now, run_url=run_url)
        return _Found(record, is_old=False), (record, *made.nouns)

    found = transaction.decide(world.ledger, how, message=_message(said))
    if isinstance(found, VerbResult):
        return _told(said, pull, found, follow=False)
    record = found.asked
    if found.is_old and not _goes_on(record, pull, run_url=run_url):
        sentence = f"was dealt with before: it {record.sentence}"
        again = dataclasses.replace(record, outcome=CommandOutcome.IGNORED, sentence=sentence)
        return _told(said, pull, again, follow=False)
    return _told(said, pull, record)


def _goes_on(record: CommandRecord, pull: Pull, *, run_url: str) -> bool:
    """Whether the very run that did it is run again, with the jobs that it left undone."""
    if not run_url or record.run != run_url:
        return False
    return record.verb is not Verb.TRAIN or record.sha == pull.head_sha


def _make(world: CommandContext, said: CommentSource, pull: Pull) -> VerbResult:
    match said.asks:
        case CommentCommand() as asks:
            return verbs.act(world, asks, pull=pull, by=said.by)
        case MalformedCommand(sentence=sentence):
            return verbs.refuse(sentence)
        case Approval(sha=sha):
            return _approve(world, said, pull, sha=sha)


def _approve(world: CommandContext, said: CommentSource, pull: Pull, *, sha: str) -> VerbResult:
    """It counts as a word on what is inconclusive; a report finds it when a verdict comes later."""
    if pull.state != "open" or pull.head_sha != sha:
        return VerbResult(
            CommandOutcome.IGNORED, f"is of {figures.short(sha)}, which is not the head", sha=sha
        )
    aside = verbs.check_base(world, pull) or verbs.check_may_accept(world, pull, by=said.by)
    if aside:
        return VerbResult(CommandOutcome.IGNORED, f"does not count: {aside}", sha=sha)
    found, words = verbs.accept(
        world, pull=pull, sha=sha, by=said.by, reason=manual_acceptance.BY_REVIEW, at=said.at
    )
    if not found.verdicts:
        none = f"finds no verdict at {figures.short(sha)} that waits"
        return VerbResult(CommandOutcome.IGNORED, "; ".join([none, *found.unread]), sha=sha)
    models = tuple(verdict.model for verdict in found.verdicts)
    accepted = f"accepts {figures.listing(models)} at {figures.short(sha)}"
    sentence = "; ".join([accepted, *found.unread])
    return VerbResult(CommandOutcome.DONE, sentence, Verb.ACCEPT, sha, models, words)


def _record(said: CommentSource, made: VerbResult, *, at: str, run_url: str) -> CommandRecord:
    return CommandRecord(
        pull=said.pull,
        source=said.source,
        id=said.id,
        by=said.by,
        text=said.text,
        outcome=made.outcome,
        sentence=made.sentence,
        at=at,
        verb=made.verb,
        sha=made.sha,
        models=made.models,
        run=run_url,
    )


def _message(said: CommentSource) -> str:
    what = said.asks.verb if isinstance(said.asks, CommentCommand) else said.source
    return f"Command: {what} on pull request {said.pull}"


def _told(
    said: CommentSource, pull: Pull, made: VerbResult | CommandRecord, *, follow: bool = True
) -> CommandReply:
    return CommandReply(
        outcome=made.outcome,
        sentence=f"{said.text} {made.sentence}",
        verb=made.verb,
        pull=pull.number,
        sha=made.sha,
        base=pull.base_sha,
        models=made.models,
        next=command_record.jobs_after(made.verb, made.outcome) if follow else NextJobs(),
    )
