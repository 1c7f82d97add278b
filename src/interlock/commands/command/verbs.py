"""What each verb comes to: checked against the pull request and the ledger as they are, with the
records to write; nothing is written here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from interlock.commands.command import hold_verbs
from interlock.domain.access.command_record import CommandOutcome
from interlock.domain.access.comment_command import CommentCommand, Verb
from interlock.domain.basics import figures
from interlock.domain.promotion.hold import HoldChange, HoldRefusal
from interlock.domain.promotion.promotion import Phase
from interlock.ports.git import Repository
from interlock.ports.github import GitHub, Pull
from interlock.ports.ledger import Ledger
from interlock.services import default_branch_policy, manual_acceptance, snapshots
from interlock.services.manual_acceptance import PendingAcceptances


@dataclass(frozen=True, slots=True)
class CommandContext:
    """`branch` is the default one: what is served, and by which rules, is said there alone."""

    repository: Repository
    ledger: Ledger
    github: GitHub
    reader: snapshots.Reader
    now: str
    branch: str = "main"


@dataclass(frozen=True, slots=True)
class VerbResult:
    """What came of a command; `nouns` are to be written with the record of it."""

    outcome: CommandOutcome
    sentence: str
    verb: Verb | None = None
    sha: str | None = None
    models: tuple[str, ...] = ()
    nouns: tuple[object, ...] = ()


def refuse(why: str, *, verb: Verb | None = None) -> VerbResult:
    return VerbResult(CommandOutcome.REFUSED, f"did nothing: {why}", verb)


def act(world: CommandContext, command: CommentCommand, *, pull: Pull, by: str) -> VerbResult:
    """Raises CannotReachGit, and BadInput where a revision's files cannot be read."""
    return _ACTS[command.verb](world, command, pull, by)


def accept(
    world: CommandContext, *, pull: Pull, sha: str, by: str, reason: str, at: str
) -> tuple[PendingAcceptances, tuple[object, ...]]:
    """What waits for a person at the head, and that person's words on it."""
    found = _waiting(world, pull)
    words = manual_acceptance.record_acceptances(
        world.ledger, found.verdicts, revision=sha, by=by, reason=reason, at=at
    )
    return found, words


def check_may_accept(world: CommandContext, pull: Pull, *, by: str) -> str:
    """Why the policy does not let somebody accept what is inconclusive here, "" when it does."""
    policy = default_branch_policy.read(world.repository, branch=world.branch).require()
    return manual_acceptance.check_may_accept(world.github, pull=pull.number, by=by, policy=policy)


def _waiting(world: CommandContext, pull: Pull) -> PendingAcceptances:
    repository = world.repository
    if repository.find_ref(pull.head_sha) is None:
        repository.fetch(f"refs/pull/{pull.number}/head")
    head = world.reader.read(repository.tree(pull.head_sha), look_for_imports=False)
    policy = default_branch_policy.read(repository, branch=world.branch).require()
    return manual_acceptance.pending(world.ledger, head, policy)


def _help(_: CommandContext, command: CommentCommand, __: Pull, ___: str) -> VerbResult:
    return VerbResult(CommandOutcome.DONE, "is answered below", command.verb)


def _plan(_: CommandContext, command: CommentCommand, pull: Pull, __: str) -> VerbResult:
    if pull.state != "open":
        return refuse("the pull request is closed", verb=command.verb)
    sentence = f"plans {figures.short(pull.head_sha)} again"
    return VerbResult(CommandOutcome.STARTED, sentence, command.verb, pull.head_sha)


def _train(_: CommandContext, command: CommentCommand, pull: Pull, __: str) -> VerbResult:
    late = _late(command, pull)
    if late:
        return refuse(late, verb=command.verb)
    sentence = f"trains {figures.short(pull.head_sha)}"
    return VerbResult(CommandOutcome.STARTED, sentence, command.verb, pull.head_sha)


def _late(command: CommentCommand, pull: Pull) -> str:
    """Why the commit that was named is not the one to act upon; empty when it is."""
    if pull.state != "open":
        return "the pull request is closed"
    if pull.head_sha != command.sha:
        return f"the head is {figures.short(pull.head_sha)} now; read it before you name it"
    return ""


def check_base(world: CommandContext, pull: Pull) -> str:
    """Why nothing on a pull request counts for the default branch; empty when it does."""
    if pull.base_ref == world.branch:
        return ""
    return f"it goes into {pull.base_ref}, and only what goes into {world.branch} counts"


def _promote(world: CommandContext, command: CommentCommand, _: Pull, __: str) -> VerbResult:
    tip = default_branch_policy.find_tip(world.repository, branch=world.branch)
    if tip is None:
        return refuse(f"there is no branch {world.branch}", verb=command.verb)
    sentence = f"promotes what {world.branch} says at {figures.short(tip)}"
    return VerbResult(CommandOutcome.STARTED, sentence, command.verb, tip)


def _turn(world: CommandContext, command: CommentCommand, _: Pull, by: str) -> VerbResult:
    found = hold_verbs.decide(world.ledger, command, by=by, now=world.now)
    if isinstance(found, HoldRefusal):
        return refuse(found.sentence, verb=command.verb)
    tip = default_branch_policy.find_tip(world.repository, branch=world.branch)
    outcome, sentence = describe_hold(command.verb, found)
    nouns = (found.record, *found.acts)
    return VerbResult(outcome, sentence, command.verb, tip, (command.model,), nouns)


def describe_hold(verb: Verb, turn: HoldChange) -> tuple[CommandOutcome, str]:
    """What a hold, rollback or release comes to; a promotion has to follow where it is begun."""
    version = turn.record.version
    if verb is Verb.RELEASE:
        return CommandOutcome.DONE, "lets main decide again"
    if verb is Verb.ROLLBACK:
        return CommandOutcome.STARTED, f"goes back to version {version} and holds it"
    if any(act.phase is Phase.DONE for act in turn.acts):
        return CommandOutcome.DONE, f"holds version {version}"
    return CommandOutcome.STARTED, f"holds version {version}, in place of what was being promoted"


def _accept(world: CommandContext, command: CommentCommand, pull: Pull, by: str) -> VerbResult:
    late = _late(command, pull) or check_base(world, pull) or check_may_accept(world, pull, by=by)
    if late:
        return refuse(late, verb=command.verb)
    sha = pull.head_sha
    found, words = accept(world, pull=pull, sha=sha, by=by, reason=command.reason, at=world.now)
    if not found.verdicts:
        why = f"no verdict at {figures.short(sha)} waits for a person's word"
        return refuse("; ".join([why, *found.unread]), verb=command.verb)
    models = tuple(verdict.model for verdict in found.verdicts)
    accepted = f"accepts {figures.listing(models)} at {figures.short(sha)}"
    sentence = "; ".join([accepted, *found.unread])
    return VerbResult(CommandOutcome.DONE, sentence, command.verb, sha, models, words)


def _retrain(world: CommandContext, command: CommentCommand, _: Pull, __: str) -> VerbResult:
    """Of what the default branch says: on which pull request it is asked does not matter."""
    name, tip = command.model, default_branch_policy.find_tip(world.repository, branch=world.branch)
    if tip is None:
        return refuse(f"there is no branch {world.branch}", verb=command.verb)
    found = world.reader.read(world.repository.tree(tip), look_for_imports=False).models.get(name)
    if found is None:
        return refuse(f"{world.branch} has no model {name}", verb=command.verb)
    watch = found.manifest.monitor
    if watch is None or watch.retrain is None:
        why = f"the manifest of {name} does not say how it is retrained"
        return refuse(why, verb=command.verb)
    sentence = "asks for newer data, in a pull request of its own"
    return VerbResult(CommandOutcome.STARTED, sentence, command.verb, tip, (name,))


_ACTS: dict[Verb, Callable[[CommandContext, CommentCommand, Pull, str], VerbResult]] = {
    Verb.HELP: _help,
    Verb.PLAN: _plan,
    Verb.TRAIN: _train,
    Verb.PROMOTE: _promote,
    Verb.ROLLBACK: _turn,
    Verb.HOLD: _turn,
    Verb.RELEASE: _turn,
    Verb.ACCEPT: _accept,
    Verb.RETRAIN: _retrain,
}
