"""`report`: tells a pull request what happened, in one comment and one check; decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import assert_never

from interlock import errors, manifests, rendering
from interlock.commands.report import approvals, lock_commit, lock_only_commits, observation
from interlock.commands.report.observation import ReportContext
from interlock.domain.access.command_record import CommandRecord
from interlock.domain.model.lineage import InputKind
from interlock.domain.model.policy import Commenter
from interlock.domain.reporting import status_rules as telling
from interlock.domain.reporting.model_status import (
    MergeStatus,
    ModelFacts,
    PullRequestFacts,
    Report,
)
from interlock.domain.training.dvc_lock import LockNote
from interlock.domain.training.plan import ModelPlan, Plan
from interlock.ports.comments import Comments
from interlock.ports.git import Repository, Tree
from interlock.ports.github import VERDICT, Annotation, Check, Conclusion, GitHub, Pull
from interlock.ports.ledger import Ledger
from interlock.services import default_branch_policy, snapshots
from interlock.services.best_effort import Attempts
from interlock.services.default_branch_policy import BranchPolicy
from interlock.services.each_model import EachModel, ModelStopped


@dataclass(frozen=True, slots=True)
class ReportResult:
    """What was said, and where; the URLs are empty when nothing was written.

    `checks` are those that stand on the branch's commits: none once it is merged. `is_outdated`:
    the branch has moved on, so the comment was left to the report on its new head. `failure` is why
    not all of it could be written.
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


def run(
    *,
    repository: Repository,
    ledger: Ledger,
    github: GitHub | None,
    plan: Plan,
    pull: Pull,
    place: rendering.RecordLinks,
    run_url: str = "",
    dry_run: bool = False,
    no_lock: bool = False,
    is_workflow_token: bool = False,
    cml: Callable[[], Comments] | None = None,
    reader: snapshots.Reader | None = None,
    branch: str = "main",
    waiting: Collection[str] = (),
) -> ReportResult:
    """Say what is known of every model of the plan; without `github`, or with `dry_run`, write
    nothing. What is there already, the same, is not written again. `no_lock`: dvc.lock is left to a
    later report.

    `branch` is the default one: its policy of today counts, and only what goes there gets a check.
    `waiting` are the models that the run which asks has no training job for.
    `is_workflow_token`: we speak and push as a workflow of GitHub's, whose commits start none.
    `cml` writes the comment where the policy says so; without it GitHub does.
    What GitHub refuses, and a record that cannot be read, is a `failure` of what is told: the rest
    is told all the same. Raises CannotResolve for a head that is not in this clone.
    """
    if dry_run:
        github = None
    ledger.refresh()
    reader = reader or snapshots.Reader()
    head = _head(repository, reader, plan=plan, pull=pull)
    is_outdated = head != pull.head_sha
    rules = default_branch_policy.read(repository, branch=branch)
    world = _world(repository, ledger, reader, plan=plan, head=head, rules=rules)
    request = observation.request(repository, reader, plan=plan, pull=pull, head=head, ruling=rules)
    report, stopped = _observe(world, plan, request, waiting)
    attempts = Attempts()
    if (
        github is not None
        and not is_outdated
        and request.targets_default_branch
        and not request.is_group
    ):
        approve = partial(approvals.record, world, github, report)
        if attempts.attempt("no review was looked at", approve, otherwise=False):
            report, stopped = _observe(world, plan, request, waiting)
    note, new_head = lock_commit.record(
        world,
        request=request,
        statuses=report.models if _is_lockable(request, is_outdated or no_lock) else (),
        dry_run=github is None,
    )
    if note is not None and is_workflow_token:
        note = replace(note, is_unattended=lock_only_commits.is_ours(repository, reader, new_head))
    check = _check(world, report, note, place, run_url=run_url)
    text = rendering.comment(report, lock=note, place=place)
    checks = _guards(check, pull, heads=(new_head, head)) if request.targets_default_branch else ()
    conclusion = check.conclusion if request.targets_default_branch else None
    told = ReportResult(report, text, checks, conclusion, note, is_outdated=is_outdated)
    told = replace(told, failure=_worst(each.error for each in stopped))
    if github is None:
        return told
    by_cml = cml if rules.policy.commenter is Commenter.CML else None
    comment = partial(_comment, by_cml or (lambda: github), told, place)
    return _write(github, told, comment, attempts)


def _is_lockable(request: PullRequestFacts, is_left: bool) -> bool:
    return request.targets_default_branch and not request.is_group and not is_left


def _guards(check: Check, pull: Pull, *, heads: tuple[str, ...]) -> tuple[Check, ...]:
    """The check on each commit that may be merged; after the merge there is nothing to guard."""
    return () if pull.merged else tuple(replace(check, head_sha=h) for h in dict.fromkeys(heads))


def _observe(
    world: ReportContext, plan: Plan, request: PullRequestFacts, waiting: Collection[str]
) -> tuple[Report, list[ModelStopped]]:
    """What is known of every model, and what could not be read."""
    each = EachModel({errors.CannotReachGit: world.ledger.refresh})
    stopped: list[ModelStopped] = []
    models = [
        replace(_facts(world, model, request, each, stopped), is_queued=model.model in waiting)
        for model in plan.models
    ]

    def mute(why: ModelStopped) -> tuple[CommandRecord, ...]:
        stopped.append(why)
        return ()

    asked = each.do("", lambda _: observation.asked(world, request), otherwise=mute)
    return replace(telling.report(request, models), commands=asked), stopped


def _facts(
    world: ReportContext,
    model: ModelPlan,
    request: PullRequestFacts,
    each: EachModel,
    stopped: list[ModelStopped],
) -> ModelFacts:
    def otherwise(why: ModelStopped) -> ModelFacts:
        stopped.append(why)
        return observation.unreadable(world, model, why=why.sentence)

    def act(_: str) -> ModelFacts:
        return observation.model(world, model, request=request)

    return each.do(model.model, act, otherwise=otherwise)


def _worst(failures: Iterable[errors.InterlockError]) -> errors.InterlockError | None:
    """The failure to end with; None where there is none."""
    known = list(failures)
    code = errors.worst(each.exit_code for each in known)
    return next((each for each in known if each.exit_code == code), None)


def base_of(repository: Repository, pull: Pull) -> str:
    """What the pull request is to be planned against: its base, as it was before the merge."""
    if pull.merge_commit_sha and repository.find_ref(pull.merge_commit_sha) is not None:
        return next(iter(repository.parents(pull.merge_commit_sha)), pull.base_sha)
    return pull.base_sha


def _write(
    github: GitHub,
    told: ReportResult,
    comment: Callable[[], str],
    attempts: Attempts,
) -> ReportResult:
    """The checks first: they guard the merge, and the comment is what is read. What GitHub refuses
    of it does not keep the rest."""
    head = told.report.request.head
    checks = [
        partial(github.upsert_check, check, is_new_commit=check.head_sha != head)
        for check in told.checks
    ]
    urls = [attempts.attempt("the check is not written", act, otherwise="") for act in checks]
    is_mute = told.is_outdated or told.report.request.is_group
    url = ""
    if not is_mute:
        url = attempts.attempt("the comment is not written", comment, otherwise="")
    return replace(
        told,
        check_url=next(iter(urls), ""),
        comment_url=url,
        failure=_worst([*filter(None, [told.failure]), *attempts.failures]),
    )


def _comment(by: Callable[[], Comments], told: ReportResult, place: rendering.RecordLinks) -> str:
    return by().upsert_comment(
        told.report.request.number,
        marker=rendering.MARKER,
        body=told.comment,
        adopted=(rendering.watermark.end(place.cml_label),),
    )


def _head(repository: Repository, reader: snapshots.Reader, *, plan: Plan, pull: Pull) -> str:
    """The commit to report on: the branch's head when the plan holds for it, else the plan's.

    A commit that only records moves no fingerprint, so that the plan of its parent holds.
    """
    if plan.head == pull.head_sha:
        return plan.head
    if repository.find_ref(pull.head_sha) is None:
        return plan.head
    if repository.parents(pull.head_sha) != (plan.head,):
        return plan.head
    is_same = lock_only_commits.only_records(repository, reader, pull.head_sha, over=plan.head)
    return pull.head_sha if is_same else plan.head


def _world(
    repository: Repository,
    ledger: Ledger,
    reader: snapshots.Reader,
    *,
    plan: Plan,
    head: str,
    rules: BranchPolicy,
) -> ReportContext:
    after = reader.read(repository.tree(head), look_for_imports=False)
    start = None
    if plan.base is not None:
        start = reader.read(repository.tree(plan.base), look_for_imports=False)
    return ReportContext(repository, ledger, after, start, rules)


def _check(
    world: ReportContext,
    report: Report,
    note: LockNote | None,
    place: rendering.RecordLinks,
    *,
    run_url: str,
) -> Check:
    said = rendering.check_output(report, lock=note, place=place)
    conclusion = _conclusion(report.merge_status)
    return Check(
        name=VERDICT,
        head_sha=report.request.head,
        conclusion=conclusion,
        title=said.title,
        summary=said.summary,
        text=said.text,
        # One cannot be taken back: until the last word there is none, so that one run can say both.
        annotations=() if conclusion is None else _annotations(world, report),
        details_url=run_url,
    )


def _annotations(world: ReportContext, report: Report) -> tuple[Annotation, ...]:
    tree = world.repository.tree(report.request.head)
    return rendering.annotate(report, lines=_lines(tree, report))


def _conclusion(merge_status: MergeStatus) -> Conclusion | None:
    match merge_status:
        case MergeStatus.PASSED:
            return Conclusion.SUCCESS
        case MergeStatus.INCONCLUSIVE:
            return Conclusion.ACTION_REQUIRED
        case MergeStatus.WAITING:
            return None
        case MergeStatus.FAILED:
            return Conclusion.FAILURE
        case _:
            assert_never(merge_status)


def _lines(tree: Tree, report: Report) -> dict[tuple[str, str], int]:
    """Where the parameters that changed stand in their files at the head."""
    wanted = {
        (c.path, c.name)
        for status in report.models
        for c in status.facts.plan.reasons
        if c.kind is InputKind.PARAMS and c.path.endswith((".yaml", ".yml"))
    }
    maps = _maps(tree, {path for path, _ in wanted})
    return {
        (path, name): maps[path].key(tuple(name.split("."))).line
        for path, name in wanted
        if path in maps
    }


def _maps(tree: Tree, paths: Iterable[str]) -> dict[str, manifests.LineMap]:
    files = tree.read_many(sorted(paths))
    return {path: manifests.read_yaml(data, path=path)[1] for path, data in files.items()}
