"""`report`: write the results of a pull request into one comment and one check."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from functools import partial

from interlock import errors, rendering
from interlock.commands.report import (
    approvals,
    check_run,
    lock_commit,
    lock_only_commits,
    observation,
)
from interlock.commands.report.observation import ReportSources
from interlock.domain.access.command_record import CommandRecord
from interlock.domain.model.policy import Commenter
from interlock.domain.reporting import status_rules
from interlock.domain.reporting.model_status import ModelFacts, PullRequestFacts, Report
from interlock.domain.training.dvc_lock import LockNote
from interlock.domain.training.plan import ModelPlan, Plan
from interlock.ports.comments import Comments
from interlock.ports.git import Repository
from interlock.ports.github import Check, Conclusion, GitHub, Pull, Review
from interlock.ports.ledger import Ledger
from interlock.services import default_branch_policy, garbage_collection, snapshots
from interlock.services.best_effort import Attempts
from interlock.services.default_branch_policy import BranchPolicy
from interlock.services.each_model import EachModel, ModelStopped


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportContext:
    """Without `github` nothing is written. `cml` makes the writer of comments for the policy
    `commenter: cml`; without it GitHub writes them."""

    repository: Repository
    ledger: Ledger
    github: GitHub | None
    cml: Callable[[], Comments] | None = None
    reader: snapshots.Reader = field(default_factory=snapshots.Reader)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOptions:
    """`branch` is the default branch. `waiting` are the models without a free training job in this
    run. `no_lock` leaves dvc.lock to a later report. `is_workflow_token`: commits with the token
    of a workflow start no workflows."""

    plan: Plan
    pull: Pull
    links: rendering.RecordLinks
    run_url: str = ""
    dry_run: bool = False
    no_lock: bool = False
    is_workflow_token: bool = False
    branch: str = "main"
    waiting: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class ReportResult:
    """The report, and the URLs of its comment and check: empty if nothing was written.

    `checks` are those of the branch's commits; none after the merge. `is_outdated`: the branch has
    a newer commit, so the comment is left to the next report. `failure` is the worst failure.
    """

    report: Report
    comment: str
    checks: tuple[Check, ...]
    conclusion: Conclusion | None = None
    lock: LockNote | None = None
    comment_url: str = ""
    check_url: str = ""
    is_outdated: bool = False
    failure: errors.InterlockError | None = None


def refresh(context: ReportContext, *, branch: str) -> None:
    """Fetch what a plan and its report read: the ledger and the default branch."""
    default_branch_policy.refresh(context.repository, context.ledger, branch=branch)


def run(context: ReportContext, options: ReportOptions) -> ReportResult:
    """Write the report of a pull request. An unchanged comment or check is not written again.

    A request that GitHub refuses, and a record that cannot be read, is a `failure` of the result:
    the rest is reported. Raises CannotResolve if this clone does not have the head.
    """
    with garbage_collection.paused():
        return _run(context, options)


def _run(context: ReportContext, options: ReportOptions) -> ReportResult:
    github = None if options.dry_run else context.github
    head = _head(context, options)
    rules = default_branch_policy.read(context.repository, branch=options.branch)
    sources = _sources(context, options, head=head, rules=rules)
    request = observation.request(sources, context.reader, options.plan, options.pull)
    attempts = Attempts()
    report, stopped = _observe(sources, options, request)
    is_outdated = head != options.pull.head_sha
    is_current = request.targets_default_branch and not request.is_group and not is_outdated
    approval = _find_approval(sources, github, report, attempts) if github and is_current else None
    if approval is not None and context.ledger.verified is not None:
        # Where records are attested, only the job of the review itself may write its acceptance.
        report = replace(report, early_approver=approval.author)
    elif approval is not None:
        record = partial(approvals.record, sources, report, approval)
        attempts.attempt("no acceptance was recorded", record, otherwise=None)
        report, stopped = _observe(sources, options, request)
    statuses = report.models if is_current and not options.no_lock else ()
    note, new_head = lock_commit.record(
        sources, request=request, statuses=statuses, dry_run=github is None
    )
    if note is not None and options.is_workflow_token:
        is_ours = lock_only_commits.is_ours(context.repository, context.reader, new_head)
        note = replace(note, is_unattended=is_ours)
    by_cml = rules.policy.commenter is Commenter.CML
    links = replace(options.links, has_watermark=by_cml)
    check = check_run.build(sources, report, note, links, run_url=options.run_url)
    # After the merge a check protects nothing.
    is_checked = request.targets_default_branch and not options.pull.merged
    result = ReportResult(
        report,
        rendering.comment(report, lock=note, links=links),
        check_run.on_each(check, (new_head, head)) if is_checked else (),
        conclusion=check.conclusion if request.targets_default_branch else None,
        lock=note,
        is_outdated=is_outdated,
        failure=_worst(each.error for each in stopped),
    )
    if github is None:
        return result
    writer = context.cml if by_cml and context.cml is not None else lambda: github
    return _write(github, result, partial(_comment, writer, result, links), attempts)


def _find_approval(
    sources: ReportSources, github: GitHub, report: Report, attempts: Attempts
) -> Review | None:
    act = partial(approvals.find, sources, github, report)
    return attempts.attempt("no review was read", act, otherwise=None)


def _observe(
    sources: ReportSources, options: ReportOptions, request: PullRequestFacts
) -> tuple[Report, list[ModelStopped]]:
    """Return the facts of every model, and the models with unreadable records."""
    each = EachModel({errors.CannotReachGit: sources.ledger.refresh})
    stopped: list[ModelStopped] = []
    models = [
        replace(
            _facts(sources, model, each, stopped),
            is_queued=model.model in options.waiting,
        )
        for model in options.plan.models
    ]

    def without_commands(why: ModelStopped) -> tuple[CommandRecord, ...]:
        stopped.append(why)
        return ()

    commands = each.do(
        "", lambda _: observation.commands(sources, request), otherwise=without_commands
    )
    return replace(status_rules.report(request, models), commands=commands), stopped


def _facts(
    sources: ReportSources,
    model: ModelPlan,
    each: EachModel,
    stopped: list[ModelStopped],
) -> ModelFacts:
    def otherwise(why: ModelStopped) -> ModelFacts:
        stopped.append(why)
        return observation.unreadable(sources, model, why=why.sentence)

    def act(_: str) -> ModelFacts:
        return observation.model(sources, model)

    return each.do(model.model, act, otherwise=otherwise)


def _worst(failures: Iterable[errors.InterlockError]) -> errors.InterlockError | None:
    known = list(failures)
    code = errors.worst(each.exit_code for each in known)
    return next((each for each in known if each.exit_code == code), None)


def base_of(repository: Repository, pull: Pull) -> str:
    """The base for the plan of a pull request: its base branch, before the merge."""
    if pull.merge_commit_sha and repository.find_ref(pull.merge_commit_sha) is not None:
        return next(iter(repository.parents(pull.merge_commit_sha)), pull.base_sha)
    return pull.base_sha


def _write(
    github: GitHub, result: ReportResult, comment: Callable[[], str], attempts: Attempts
) -> ReportResult:
    """Write the checks first, because they protect the merge. A failure of one request does not
    prevent the others."""
    head = result.report.request.head
    checks = [
        partial(github.upsert_check, check, is_new_commit=check.head_sha != head)
        for check in result.checks
    ]
    urls = [attempts.attempt("the check is not written", act, otherwise="") for act in checks]
    has_comment = not result.is_outdated and not result.report.request.is_group
    url = ""
    if has_comment:
        url = attempts.attempt("the comment is not written", comment, otherwise="")
    return replace(
        result,
        check_url=next(iter(urls), ""),
        comment_url=url,
        failure=_worst([*filter(None, [result.failure]), *attempts.failures]),
    )


def _comment(
    writer: Callable[[], Comments], result: ReportResult, links: rendering.RecordLinks
) -> str:
    return writer().upsert_comment(
        result.report.request.number,
        marker=rendering.MARKER,
        body=result.comment,
        adopted=(rendering.watermark.end(links.cml_label),),
    )


def _head(context: ReportContext, options: ReportOptions) -> str:
    """The commit to report on: the head of the branch if the plan is valid for it, else the plan's.

    The plan is also valid for a child commit that only records results.
    """
    plan, head, repository = options.plan.head, options.pull.head_sha, context.repository
    if plan == head or repository.find_ref(head) is None:
        return plan
    if repository.parents(head) != (plan,):
        return plan
    is_same = lock_only_commits.only_records(repository, context.reader, head, over=plan)
    return head if is_same else plan


def _sources(
    context: ReportContext, options: ReportOptions, *, head: str, rules: BranchPolicy
) -> ReportSources:
    repository, reader, plan = context.repository, context.reader, options.plan
    after = reader.read(repository.tree(head), look_for_imports=False)
    start = None
    if plan.base is not None:
        start = reader.read(repository.tree(plan.base), look_for_imports=False)
    commits = observation.own_commits(repository, head=head, base=plan.base)
    merge = (options.pull.merge_commit_sha or "") if options.pull.merged else ""
    return ReportSources(repository, context.ledger, after, start, rules, commits, merge)
