"""`interlock report`: write the comment and the check of a pull request, or print the comment."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from interlock import documents, errors, event_payload, rendering, settings, wiring
from interlock.cli import (
    job_summary,
    open_ledger,
    open_repository,
    options,
    policy_values,
    terminal,
)
from interlock.commands import plan as planning
from interlock.commands import report as reporting
from interlock.commands.report import (
    ReportContext,
    ReportOptions,
    ReportResult,
    pull_selection,
    repeat_on_new_records,
)
from interlock.commands.report.pull_selection import PullSelection
from interlock.domain.access.event import Event, EventKind
from interlock.domain.reporting.model_status import ModelStatus
from interlock.domain.training.plan import Plan
from interlock.ports.git import Repository
from interlock.ports.github import GitHub, Pull
from interlock.rendering import RecordLinks, sentences
from interlock.services import snapshots
from interlock.settings import Settings

# The login of a workflow's own token.
_WORKFLOW = "github-actions[bot]"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Flags:
    """The values of the command line that every report of this call shares."""

    plan_file: Path | None
    branch: str
    prepare: str
    waiting: str
    no_lock: bool
    dry_run: bool


@click.command("report")
@click.option("--pull", type=click.IntRange(min=1), help="Number of the pull request, such as 12.")
@click.option("--commit", help="Merge commit or head of the pull requests, in place of --pull.")
@click.option(
    "--base",
    help="Base of a merge queue's group; with --commit. Only the check of the group is written.",
)
@click.option(
    "--plan",
    "plan_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File with the output of `interlock plan --json`; by default the plan is computed.",
)
@options.branch("Name of the default branch.")
@click.option(
    "--prepare",
    default="",
    metavar="COMMANDS",
    help="Set-up commands for your programs, as for `interlock plan`.",
)
@click.option(
    "--waiting",
    default="",
    metavar="MODELS",
    help="Models that the next run trains, separated by spaces; `interlock plan` lists them.",
)
@options.repo
@click.option("--no-lock", is_flag=True, help="Leave dvc.lock to a later report.")
@click.option("--dry-run", is_flag=True, help="Print the comment and write nothing.")
@options.as_json
def command(
    *,
    pull: int | None,
    commit: str | None,
    base: str | None,
    repo: Path,
    as_json: bool,
    **flags: Any,
) -> None:
    """Report the results of a pull request in one comment and one check.

    The report follows from the plan, the ledger and the pull request. Without a change in them,
    nothing is written again. The exit code is 0 for a complete report with any results.
    """
    environment, shared = settings.read(), _Flags(**flags)
    repository = open_repository.repository(repo)
    github = wiring.github(environment)
    selection = PullSelection(pull, commit, base, _event(environment))
    pulls = pull_selection.choose(
        selection, repository=repository, github=github, where=environment.github_repository
    )
    results = [_report(repository, github, each, environment, shared) for each in pulls]
    if as_json:
        text = documents.text(_document(results, is_one=pull is not None))
        click.echo(terminal.document(text), nl=False)
    else:
        for result in results:
            _print(result, dry_run=shared.dry_run)
    if not results:
        click.echo(terminal.plain(f"commit {commit} belongs to no pull request"), err=True)
    _raise_worst([result.failure for result in results if result.failure is not None])


def _raise_worst(failures: list[errors.InterlockError]) -> None:
    code = errors.worst(failure.exit_code for failure in failures)
    for failure in failures:
        if failure.exit_code == code:
            raise failure


def _report(
    repository: Repository, github: GitHub, pull: Pull, environment: Settings, flags: _Flags
) -> ReportResult:
    links, ledger = (
        _links(environment),
        open_ledger.ledger(repository, environment, with_shown=True),
    )
    context = ReportContext(
        repository=repository,
        ledger=ledger,
        github=github,
        cml=lambda: wiring.cml(environment, repository.root),
        reader=snapshots.Reader(resolve_templates=wiring.resolve_templates),
    )

    def once(pull: Pull) -> ReportResult:
        pull_selection.fetch(repository, pull)
        reporting.refresh(context, branch=flags.branch)
        return reporting.run(
            context,
            ReportOptions(
                plan=_plan(context, pull, environment, flags),
                pull=pull,
                links=links,
                run_url=environment.github_run_url,
                dry_run=flags.dry_run,
                no_lock=flags.no_lock,
                is_workflow_token=environment.github_login == _WORKFLOW,
                branch=flags.branch,
                waiting=frozenset(flags.waiting.split()),
            ),
        )

    if flags.dry_run:
        return once(pull)
    result = repeat_on_new_records.run(once, pull=pull, ledger=ledger, find_pull=github.find_pull)
    job_summary.append(
        environment.github_step_summary,
        lambda room: rendering.step_summary(
            result.report, lock=result.lock, links=links, room_bytes=room
        ),
    )
    return result


def _event(environment: Settings) -> Event | None:
    """The end of the workflow run that started this one: it names the branch of a fork."""
    path = environment.github_event_path
    if environment.github_event_name != EventKind.RUN_ENDED or path is None:
        return None
    return event_payload.read_file(path, name=environment.github_event_name)


def _plan(context: ReportContext, pull: Pull, environment: Settings, flags: _Flags) -> Plan:
    if flags.plan_file is not None:
        return _read_plan(flags.plan_file)
    rules = policy_values.read(environment, context.repository, branch=flags.branch)
    return _make_plan(context, pull, prepare=rules.prepare(flags.prepare))


def _read_plan(path: Path) -> Plan:
    hint = "write it with interlock plan --json"
    try:
        data = path.read_bytes()
    except OSError as error:
        what = f"{path} cannot be read: {error.strerror}"
        raise errors.CannotReadDocument(what, hint=hint) from error
    document = documents.parse(data, where=str(path), hint=hint)
    return documents.load(document, Plan, where=str(path))


def _make_plan(context: ReportContext, pull: Pull, *, prepare: str) -> Plan:
    repository, ledger = context.repository, context.ledger
    return planning.run(
        planning.PlanContext(repository=repository, ledger=ledger, reader=context.reader),
        planning.PlanOptions(
            base=reporting.base_of(repository, pull),
            head=pull.head_sha,
            merge_base=True,
            prepare=prepare,
        ),
    )


def _links(environment: Settings) -> RecordLinks:
    url = f"{environment.github_server_url}/{environment.github_repository}/blob/"
    return RecordLinks(
        ledger_branch=environment.ledger_branch,
        pictures_branch=environment.pictures_branch,
        plots="../blob/",
        absolute_plots=url,
        cml_label=environment.cml_label,
    )


def _print(result: ReportResult, *, dry_run: bool) -> None:
    if dry_run:
        # A line of a log in the comment may look like a workflow command.
        click.echo("\n".join(map(terminal.disarm, result.comment.split("\n"))))
    else:
        click.echo(terminal.plain(sentences.headline(result.report)))
        for url in filter(None, (result.comment_url, result.check_url)):
            click.echo(url)


def _document(results: list[ReportResult], *, is_one: bool) -> dict[str, Any]:
    if is_one:
        return document(results[0])
    reports = [document(result) for result in results]
    return {"schema": "interlock/reports/v1", "reports": reports}


def document(result: ReportResult) -> dict[str, Any]:
    """The document `interlock/report/v1`."""
    report = result.report
    return {
        "schema": "interlock/report/v1",
        "pull": report.request.number or None,
        "head": report.request.head,
        "base": report.request.base,
        "headline": sentences.headline(report),
        "merge_status": report.merge_status.value,
        "conclusion": result.conclusion.value if result.conclusion else None,
        "targets_default_branch": report.request.targets_default_branch,
        "policy": report.request.policy_commit,
        "is_outdated": result.is_outdated,
        "models": [_model(status) for status in report.models],
        "unaffected": list(report.unaffected),
        "lock": _lock(result),
        "comment": result.comment,
        "comment_url": result.comment_url,
        "check_url": result.check_url,
        "checked_commits": [check.head_sha for check in result.checks],
    }


def _lock(result: ReportResult) -> dict[str, Any] | None:
    note = result.lock
    if note is None:
        return None
    uncommitted = [{"path": each.path, "reason": each.reason} for each in note.left]
    return {"result": note.fate.value, "paths": list(note.paths), "uncommitted": uncommitted}


def _model(status: ModelStatus) -> dict[str, Any]:
    return {
        "model": status.model,
        "stage": status.stage.value,
        "merge_status": status.merge_status.value,
        "fingerprint": status.facts.plan.fingerprint,
        "verdict": status.verdict.outcome.value if status.verdict else None,
        "is_trained_here": status.facts.is_trained_here,
        "is_only_shown": status.facts.is_only_shown,
        "sentence": sentences.summary(status),
    }
