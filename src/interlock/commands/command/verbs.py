"""The verbs of comment commands: each is checked against the pull request and the ledger, and
returns the records to write; nothing is written here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from interlock.commands.command import hold_verbs
from interlock.commands.command.context import CommandContext, CommandOptions
from interlock.domain.access.command_record import CommandOutcome
from interlock.domain.access.comment_command import CommentCommand, Verb
from interlock.domain.basics import figures
from interlock.domain.basics.refusal import Refusal
from interlock.domain.promotion.hold import HoldChange
from interlock.domain.promotion.promotion import Phase
from interlock.ports.github import Pull
from interlock.services import default_branch_policy, manual_acceptance


@dataclass(frozen=True, slots=True)
class VerbCall:
    """One command of a user, `by`, on a pull request."""

    context: CommandContext
    options: CommandOptions
    command: CommentCommand
    pull: Pull
    by: str

    def started(
        self, sentence: str, *, sha: str | None = None, models: tuple[str, ...] = ()
    ) -> VerbResult:
        started = CommandOutcome.STARTED
        return VerbResult(started, sentence, self.command.verb, sha or self.pull.head_sha, models)

    def refused(self, refusal: Refusal) -> VerbResult:
        return refuse(refusal, verb=self.command.verb)


@dataclass(frozen=True, slots=True)
class VerbResult:
    """The outcome of a command; `nouns` are written together with the record of the command."""

    outcome: CommandOutcome
    sentence: str
    verb: Verb | None = None
    sha: str | None = None
    models: tuple[str, ...] = ()
    nouns: tuple[object, ...] = ()


def refuse(refusal: Refusal, *, verb: Verb | None = None) -> VerbResult:
    return VerbResult(CommandOutcome.REFUSED, f"did nothing: {refusal}", verb)


def act(call: VerbCall) -> VerbResult:
    """Execute a verb. Raises CannotReachGit, and BadInput for a revision with unreadable files."""
    return _ACTS[call.command.verb](call)


def accept(
    context: CommandContext,
    options: CommandOptions,
    pull: Pull,
    *,
    by: str,
    reason: str,
    at: str,
) -> VerbResult | Refusal:
    """Accept all inconclusive verdicts at the head of a pull request."""
    sha = pull.head_sha
    pending = _pending(context, options, pull)
    if not pending.verdicts:
        none = f"no verdict at {figures.short(sha)} is inconclusive"
        return Refusal("; ".join([none, *pending.unread]))
    acceptances = manual_acceptance.make_acceptances(
        context.ledger, pending.verdicts, revision=sha, by=by, reason=reason, at=at
    )
    models = tuple(verdict.model for verdict in pending.verdicts)
    accepted = f"accepts {figures.listing(models)} at {figures.short(sha)}"
    sentence = "; ".join([accepted, *pending.unread])
    return VerbResult(CommandOutcome.DONE, sentence, Verb.ACCEPT, sha, models, acceptances)


def check_accept(
    context: CommandContext, options: CommandOptions, pull: Pull, *, by: str
) -> Refusal | None:
    """Refuse a pull request into another branch, or a user whom the policy does not allow."""
    if pull.base_ref != options.branch:
        return Refusal(f"its base is {pull.base_ref}; the base must be {options.branch}")
    policy = default_branch_policy.read(context.repository, branch=options.branch).require()
    return manual_acceptance.check_may_accept(
        context.github, pull=pull.number, by=by, policy=policy
    )


def _pending(
    context: CommandContext, options: CommandOptions, pull: Pull
) -> manual_acceptance.PendingAcceptances:
    repository = context.repository
    if repository.find_ref(pull.head_sha) is None:
        repository.fetch(f"refs/pull/{pull.number}/head")
    head = context.reader.read(repository.tree(pull.head_sha), look_for_imports=False)
    policy = default_branch_policy.read(repository, branch=options.branch).require()
    return manual_acceptance.pending(context.ledger, head, policy)


def _help(call: VerbCall) -> VerbResult:
    return VerbResult(CommandOutcome.DONE, "lists the commands below", call.command.verb)


def _plan(call: VerbCall) -> VerbResult:
    if call.pull.state != "open":
        return call.refused(Refusal("the pull request is closed"))
    return call.started(f"plans {figures.short(call.pull.head_sha)} again")


def _train(call: VerbCall) -> VerbResult:
    refusal = _check_head(call)
    if refusal is not None:
        return call.refused(refusal)
    return call.started(f"trains {figures.short(call.pull.head_sha)}")


def _check_head(call: VerbCall) -> Refusal | None:
    """Refuse a commit that is not the head of an open pull request."""
    if call.pull.state != "open":
        return Refusal("the pull request is closed")
    if call.pull.head_sha != call.command.sha:
        head = figures.short(call.pull.head_sha)
        return Refusal(f"the head is {head} now; review it and write a new comment")
    return None


def _find_tip(call: VerbCall) -> str | Refusal:
    branch = call.options.branch
    tip = default_branch_policy.find_tip(call.context.repository, branch=branch)
    return tip if tip is not None else Refusal(f"there is no branch {branch}")


def _promote(call: VerbCall) -> VerbResult:
    tip = _find_tip(call)
    if isinstance(tip, Refusal):
        return call.refused(tip)
    return call.started(f"promotes {call.options.branch} at {figures.short(tip)}", sha=tip)


def _change_hold(call: VerbCall) -> VerbResult:
    context, options, command = call.context, call.options, call.command
    change = hold_verbs.decide(context.ledger, command, by=call.by, now=options.now)
    if isinstance(change, Refusal):
        return call.refused(change)
    tip = default_branch_policy.find_tip(context.repository, branch=options.branch)
    outcome, sentence = describe_hold(command.verb, change)
    nouns = (change.record, *change.acts)
    return VerbResult(outcome, sentence, command.verb, tip, (command.model,), nouns)


def describe_hold(verb: Verb, change: HoldChange) -> tuple[CommandOutcome, str]:
    """Return the outcome of a hold, rollback or release; a started one needs a promotion."""
    version = change.record.version
    if verb is Verb.RELEASE:
        return CommandOutcome.DONE, "releases the hold"
    if verb is Verb.ROLLBACK:
        return CommandOutcome.STARTED, f"rolls back to version {version} and holds it"
    if any(act.phase is Phase.DONE for act in change.acts):
        return CommandOutcome.DONE, f"holds version {version}"
    return CommandOutcome.STARTED, f"holds version {version} and stops the present promotion"


def _accept(call: VerbCall) -> VerbResult:
    context, options, pull = call.context, call.options, call.pull
    refusal = _check_head(call) or check_accept(context, options, pull, by=call.by)
    if refusal is not None:
        return call.refused(refusal)
    result = accept(context, options, pull, by=call.by, reason=call.command.reason, at=options.now)
    return call.refused(result) if isinstance(result, Refusal) else result


def _retrain(call: VerbCall) -> VerbResult:
    """Retrain the model of the default branch, from any pull request."""
    name, tip = call.command.model, _find_tip(call)
    if isinstance(tip, Refusal):
        return call.refused(tip)
    tree = call.context.repository.tree(tip)
    model = call.context.reader.read(tree, look_for_imports=False).models.get(name)
    if model is None:
        return call.refused(Refusal(f"{call.options.branch} has no model {name}"))
    monitor = model.manifest.monitor
    if monitor is None or monitor.retrain is None:
        return call.refused(Refusal(f"the manifest of {name} has no `monitor.retrain`"))
    return call.started("opens or updates its retraining pull request", sha=tip, models=(name,))


_ACTS: dict[Verb, Callable[[VerbCall], VerbResult]] = {
    Verb.HELP: _help,
    Verb.PLAN: _plan,
    Verb.TRAIN: _train,
    Verb.PROMOTE: _promote,
    Verb.ROLLBACK: _change_hold,
    Verb.HOLD: _change_hold,
    Verb.RELEASE: _change_hold,
    Verb.ACCEPT: _accept,
    Verb.RETRAIN: _retrain,
}
