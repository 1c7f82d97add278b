"""The reply to a comment or review: check the permission, look for an earlier record, execute the
verb, and write everything in one commit to the ledger."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from interlock.commands.command import verbs
from interlock.commands.command.context import CommandContext, CommandOptions
from interlock.commands.command.sources import Approval, CommentSource
from interlock.commands.command.verbs import VerbCall, VerbResult
from interlock.domain.access import command_reply, permissions
from interlock.domain.access.command_record import CommandOutcome, CommandRecord
from interlock.domain.access.command_reply import CommandReply, NextJobs
from interlock.domain.access.comment_command import CommentCommand, MalformedCommand, Verb
from interlock.domain.basics import figures
from interlock.domain.basics.refusal import Refusal
from interlock.ledger import lookup, transaction
from interlock.ports.github import Pull
from interlock.services import manual_acceptance


def answer(context: CommandContext, options: CommandOptions, source: CommentSource) -> CommandReply:
    content = source.content
    may_write = permissions.may_write(source.permission)
    verb = content.verb if isinstance(content, CommentCommand) else None
    may = command_reply.may(verb, source.permission) if verb is not None else may_write
    if not may:
        what = verb if verb is not None else "it"
        refusal = Refusal(f"{what} needs write access, which {source.by} does not have")
        return _refuse(source, refusal, verb)
    pull = context.github.find_pull(source.pull)
    if pull is None:
        return CommandReply(CommandOutcome.IGNORED, f"there is no pull request {source.pull}")
    if not may_write:
        return _unrecorded(context, options, source, pull)
    return _recorded(context, options, source, pull)


def _refuse(source: CommentSource, refusal: Refusal, verb: Verb | None = None) -> CommandReply:
    """A user without write access gets no record, so that they cannot fill the ledger."""
    result = verbs.refuse(refusal, verb=verb)
    sentence = f"{source.text} {result.sentence}"
    return CommandReply(result.outcome, sentence, verb, pull=source.pull)


def _unrecorded(
    context: CommandContext, options: CommandOptions, source: CommentSource, pull: Pull
) -> CommandReply:
    """The `help` or `plan` of a reader has no record, and may be repeated."""
    result = _execute(context, options, source, pull)
    return _reply(source, pull, result, follow=result.outcome is CommandOutcome.STARTED)


@dataclass(frozen=True, slots=True)
class _Recorded:
    """A record, and True if an earlier run wrote it."""

    command: CommandRecord
    is_old: bool


def _recorded(
    context: CommandContext, options: CommandOptions, source: CommentSource, pull: Pull
) -> CommandReply:
    def how() -> tuple[_Recorded | VerbResult, tuple[object, ...]]:
        before = lookup.find_command(
            context.ledger, pull=pull.number, source=source.kind, number=source.id
        )
        if before is not None:
            return _Recorded(before, is_old=True), ()
        result = _execute(context, options, source, pull)
        if result.outcome is CommandOutcome.IGNORED:
            return result, ()
        record = _record(source, result, options)
        return _Recorded(record, is_old=False), (record, *result.nouns)

    written = transaction.decide(context.ledger, how, message=_message(source))
    if isinstance(written, VerbResult):
        return _reply(source, pull, written, follow=False)
    record = written.command
    if written.is_old and not _is_rerun(record, pull, run_url=options.run_url):
        sentence = f"was executed before: it {record.sentence}"
        again = dataclasses.replace(record, outcome=CommandOutcome.IGNORED, sentence=sentence)
        return _reply(source, pull, again, follow=False)
    return _reply(source, pull, record)


def _is_rerun(record: CommandRecord, pull: Pull, *, run_url: str) -> bool:
    """True if the same workflow run is started again, to run the jobs that are left."""
    if not run_url or record.run != run_url:
        return False
    return record.verb is not Verb.TRAIN or record.sha == pull.head_sha


def _execute(
    context: CommandContext, options: CommandOptions, source: CommentSource, pull: Pull
) -> VerbResult:
    match source.content:
        case CommentCommand() as command:
            return verbs.act(VerbCall(context, options, command, pull, source.by))
        case MalformedCommand(sentence=sentence):
            return verbs.refuse(Refusal(sentence))
        case Approval(sha=sha):
            return _approve(context, options, source, pull, sha=sha)


def _approve(
    context: CommandContext,
    options: CommandOptions,
    source: CommentSource,
    pull: Pull,
    *,
    sha: str,
) -> VerbResult:
    """A review accepts the inconclusive verdicts of its commit. The report finds it for a verdict
    that comes later."""
    if pull.state != "open" or pull.head_sha != sha:
        sentence = f"is for {figures.short(sha)}, which is not the head"
        return VerbResult(CommandOutcome.IGNORED, sentence, sha=sha)
    result: VerbResult | Refusal | None = verbs.check_accept(context, options, pull, by=source.by)
    if result is None:
        reason = manual_acceptance.BY_REVIEW
        result = verbs.accept(context, options, pull, by=source.by, reason=reason, at=source.at)
    if isinstance(result, Refusal):
        return VerbResult(CommandOutcome.IGNORED, f"accepts nothing: {result}", sha=sha)
    return result


def _record(source: CommentSource, result: VerbResult, options: CommandOptions) -> CommandRecord:
    return CommandRecord(
        pull=source.pull,
        source=source.kind,
        id=source.id,
        by=source.by,
        text=source.text,
        outcome=result.outcome,
        sentence=result.sentence,
        at=options.now,
        verb=result.verb,
        sha=result.sha,
        models=result.models,
        run=options.run_url,
    )


def _message(source: CommentSource) -> str:
    content = source.content
    what = content.verb if isinstance(content, CommentCommand) else source.kind
    return f"Command: {what} on pull request {source.pull}"


def _reply(
    source: CommentSource,
    pull: Pull,
    result: VerbResult | CommandRecord,
    *,
    follow: bool = True,
) -> CommandReply:
    return CommandReply(
        outcome=result.outcome,
        sentence=f"{source.text} {result.sentence}",
        verb=result.verb,
        pull=pull.number,
        sha=result.sha,
        base=pull.base_sha,
        models=result.models,
        next=command_reply.jobs_after(result.verb, result.outcome) if follow else NextJobs(),
    )
