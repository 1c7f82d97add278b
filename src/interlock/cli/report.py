"""`interlock report`: a pull request's number in, one comment and one check out, or printed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from interlock import documents, errors, event_payload, rendering, settings, wiring
from interlock.cli import open_repository, options, terminal
from interlock.commands import plan as planning
from interlock.commands import report as reporting
from interlock.commands.report import ReportResult, pull_selection, retry_on_new_head
from interlock.commands.report.pull_selection import PullSelection
from interlock.domain.access.event import Event, EventKind
from interlock.domain.reporting.model_status import ModelStatus
from interlock.domain.training.plan import Plan
from interlock.ports.git import Repository
from interlock.ports.github import GitHub, Pull
from interlock.rendering import RecordLinks, limits, sentences
from interlock.services import snapshots
from interlock.settings import Settings

# As whom the token of every workflow speaks.
_WORKFLOW = "github-actions[bot]"


@click.command("report")
@click.option("--pull", type=click.IntRange(min=1), help="The pull request's number.")
@click.option(
    "--commit", help="Those that this commit merged, or of which it is the head, instead of --pull."
)
@click.option(
    "--base",
    help="With --commit, of a merge queue's group: write its check alone, against this revision.",
)
@click.option(
    "--plan",
    "plan_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A plan made before (interlock plan --json); without it, the plan is made anew.",
)
@click.option("--branch", default="main", show_default=True, help="The default branch.")
@click.option("--prepare", default="", metavar="COMMANDS", help="As `plan` is given it.")
@click.option(
    "--waiting",
    default="",
    metavar="MODELS",
    help="Those that the next run trains, as `plan` says.",
)
@options.repo
@click.option("--no-lock", is_flag=True, help="Leave dvc.lock to a later report.")
@click.option("--dry-run", is_flag=True, help="Print the comment and write nothing anywhere.")
@options.as_json
def command(
    *, pull: int | None, commit: str | None, base: str | None, as_json: bool, **given: Any
) -> None:
    """Tell a pull request what happened to its models, in one comment and one check.

    What is said follows from the plan, the ledger and the pull request alone: running it again
    changes nothing until one of them has changed. Ends with 0 whenever all of it could be said: a
    model of which a record cannot be read is told as such, and its failure is the exit code.
    """
    found = settings.read()
    repository = open_repository.repository(given["repo"])
    github = wiring.github(found)
    wish = PullSelection(pull, commit, base, _event(found))
    pulls = pull_selection.choose(
        wish, repository=repository, github=github, where=found.github_repository
    )
    every = [_tell(repository, github, each, found, **given) for each in pulls]
    if as_json:
        text = documents.text(_document(every, is_one=pull is not None))
        click.echo(terminal.document(text), nl=False)
    else:
        for told in every:
            _print(told, dry_run=given["dry_run"])
    if not every:
        said = f"{commit} belongs to no pull request: there is nobody to tell"
        click.echo(terminal.plain(said), err=True)
    failures = [told.failure for told in every if told.failure is not None]
    code = errors.worst(failure.exit_code for failure in failures)
    for failure in failures:
        if failure.exit_code == code:
            raise failure


def _tell(
    repository: Repository,
    github: GitHub,
    pull: Pull,
    found: Settings,
    *,
    plan_file: Path | None,
    branch: str,
    prepare: str,
    waiting: str,
    no_lock: bool,
    dry_run: bool,
    **_: object,
) -> ReportResult:
    place, ledger = _place(found), wiring.ledger(repository, found)

    def tell(pull: Pull) -> ReportResult:
        pull_selection.fetch(repository, pull)
        return reporting.run(
            repository=repository,
            ledger=ledger,
            github=github,
            plan=_read_plan(plan_file)
            if plan_file
            else _make_plan(repository, pull, found, prepare=prepare),
            pull=pull,
            place=place,
            run_url=found.github_run_url,
            dry_run=dry_run,
            no_lock=no_lock,
            is_workflow_token=found.github_login == _WORKFLOW,
            cml=lambda: wiring.cml(found, repository.root),
            reader=snapshots.Reader(resolve_templates=wiring.resolve_templates),
            branch=branch,
            waiting=frozenset(waiting.split()),
        )

    if dry_run:
        told = tell(pull)
    else:
        told = retry_on_new_head.settle(tell, pull=pull, ledger=ledger, look=github.find_pull)
    if found.github_step_summary is not None and not dry_run:
        _append_summary(found.github_step_summary, told, place)
    return told


def _event(found: Settings) -> Event | None:
    """The end of a run that started us: a fork's pull request is found by its branch."""
    if found.github_event_name != EventKind.RUN_ENDED or found.github_event_path is None:
        return None
    return event_payload.read_file(found.github_event_path, name=found.github_event_name)


def _read_plan(path: Path) -> Plan:
    hint = "make it with interlock plan --json"
    try:
        data = path.read_bytes()
    except OSError as error:
        what = f"{path} cannot be read: {error.strerror}"
        raise errors.CannotReadDocument(what, hint=hint) from error
    document = documents.parse(data, where=str(path), hint=hint)
    return documents.load(document, Plan, where=str(path))


def _make_plan(repository: Repository, pull: Pull, found: Settings, *, prepare: str) -> Plan:
    ledger = wiring.ledger(repository, found)
    ledger.refresh()
    return planning.run(
        planning.PlanContext(
            repository=repository, ledger=ledger, resolve_templates=wiring.resolve_templates
        ),
        planning.PlanOptions(
            base=reporting.base_of(repository, pull),
            head=pull.head_sha,
            merge_base=True,
            prepare=prepare,
        ),
    )


def _place(found: Settings) -> RecordLinks:
    branch = found.ledger_branch
    where = f"{found.github_server_url}/{found.github_repository}/blob/{branch}/"
    return RecordLinks(
        ledger_branch=branch,
        pictures=f"../blob/{branch}/",
        absolute_pictures=where,
        cml_label=found.cml_label,
    )


def _append_summary(path: Path, told: ReportResult, place: RecordLinks) -> None:
    """Add to the job's page what there is room for: over its limit GitHub drops all of it."""
    try:
        there = path.stat().st_size if path.exists() else 0
        room = limits.STEP_SUMMARY_BYTES - there
        text = rendering.step_summary(told.report, lock=told.lock, place=place, room_bytes=room)
        with path.open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise errors.OutsideFailure(f"{path} cannot be written: {error.strerror}") from error


def _print(told: ReportResult, *, dry_run: bool) -> None:
    if dry_run:
        # Nothing in it steers a terminal; a line of a log in it may look like a command.
        click.echo("\n".join(map(terminal.disarm, told.comment.split("\n"))))
    else:
        click.echo(terminal.plain(sentences.headline(told.report)))
        for url in filter(None, (told.comment_url, told.check_url)):
            click.echo(url)


def _document(every: list[ReportResult], *, is_one: bool) -> dict[str, Any]:
    if is_one:
        return document(every[0])
    return {"schema": "interlock/reports/v1", "reports": [document(told) for told in every]}


def document(told: ReportResult) -> dict[str, Any]:
    """The report as `interlock/report/v1`."""
    return {
        "schema": "interlock/report/v1",
        "pull": told.report.request.number or None,
        "head": told.report.request.head,
        "base": told.report.request.base,
        "headline": sentences.headline(told.report),
        "merge_status": told.report.merge_status.value,
        "conclusion": told.conclusion.value if told.conclusion else None,
        "targets_default_branch": told.report.request.targets_default_branch,
        "policy": told.report.request.policy_commit,
        "is_outdated": told.is_outdated,
        "models": [_model(status) for status in told.report.models],
        "unaffected": list(told.report.unaffected),
        "lock": _lock(told),
        "comment": told.comment,
        "comment_url": told.comment_url,
        "check_url": told.check_url,
        "checked_commits": [c.head_sha for c in told.checks],
    }


def _lock(told: ReportResult) -> dict[str, Any] | None:
    note = told.lock
    if note is None:
        return None
    left = [{"path": each.path, "reason": each.reason} for each in note.left]
    return {"result": note.fate.value, "paths": list(note.paths), "uncommitted": left}


def _model(status: ModelStatus) -> dict[str, Any]:
    return {
        "model": status.model,
        "stage": status.stage.value,
        "merge_status": status.merge_status.value,
        "fingerprint": status.facts.plan.fingerprint,
        "verdict": status.verdict.outcome.value if status.verdict else None,
        "is_trained_here": status.facts.is_trained_here,
        "sentence": sentences.says(status),
    }
