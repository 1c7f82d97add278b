"""`interlock doctor`: parse, call the command, print one line for each check."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from pathlib import Path

import click

from interlock import documents, errors, settings, wiring
from interlock.cli import (
    open_ledger,
    open_repository,
    optional_github,
    options,
    policy_values,
    suggested_deps,
    terminal,
)
from interlock.commands import doctor
from interlock.domain.doctor.line import Mark, SettingCheck, Topic
from interlock.domain.provenance.verified_ledger import VerifiedLedger
from interlock.domain.training import training_environment
from interlock.ports.git import Repository
from interlock.settings import Settings
from interlock.wiring import measuring, training

_SIGNS = {Mark.OK: ("✔", "green"), Mark.WRONG: ("✘", "red"), Mark.UNKNOWN: ("–", "yellow")}


@click.command("doctor")
@click.option(
    "--branch",
    show_default="the default branch of origin",
    help="Branch whose files and policy are checked.",
)
@click.option(
    "--only",
    multiple=True,
    type=click.Choice([topic.value for topic in doctor.TOPICS]),
    help="Topic to check, for example `data`; may be repeated.",
)
@click.option(
    "--try",
    "is_trying",
    is_flag=True,
    help="Also write a small file to the DVC remote and delete it, make an experiment in MLflow, "
    "and fetch the production models.",
)
@click.option(
    "--fix",
    "is_fixing",
    is_flag=True,
    help="First add missing `deps` to the dvc.yaml files of the checkout; commit them afterwards.",
)
@options.repo
@options.as_json
def command(
    *,
    branch: str | None,
    only: tuple[str, ...],
    is_trying: bool,
    is_fixing: bool,
    repo: Path,
    as_json: bool,
) -> int:
    """Check models, data and settings of this repository.

    Each line has a fix to type. Nothing is changed, except with --try and --fix. The exit code is
    1 if something is wrong.
    """
    values, repository = settings.read(), open_repository.repository(repo)

    def assume(head: str) -> VerifiedLedger | None:
        inside = dataclasses.replace(values, in_actions=True)
        return wiring.assume_ledger(repository, inside, head=head)

    context = doctor.DoctorContext(
        repository=repository,
        github=optional_github.find_github(values, is_impatient=True),
        ledger=open_ledger.ledger(repository, values),
        assume=assume,
        open_dvc=training.dvc_state,
        open_scoring=measuring.scoring,
        open_registry=lambda: wiring.registry(_with_registry(values, repository)),
        open_runs=lambda: wiring.runs(_with_registry(values, repository)),
        open_setup=lambda: wiring.github_setup(values),
        machine=training.machine(dataclasses.replace(values, in_actions=True)),
        environment=training_environment.without_job(settings.ambient(values)),
        resolve_templates=wiring.resolve_templates,
    )
    fixed = suggested_deps.fix(repository) if is_fixing else []
    chosen = doctor.DoctorOptions(branch=branch, is_trying=is_trying)
    lines = doctor.run(context, chosen, topics=[Topic(each) for each in only])
    checks = _shown(lines, fixed, as_json=as_json)
    is_wrong = any(each.mark is Mark.WRONG for each in checks)
    return errors.EXIT_NO if is_wrong else errors.EXIT_DONE


def _with_registry(own: Settings, repository: Repository) -> Settings:
    """Return the settings with the address of MLflow in the policy of the default branch.

    Raises MissingSetting for a database that does not exist: to open it would make it.
    """
    branch = repository.default_branch
    values = policy_values.read(own, repository, branch=branch).settings()
    _, is_file, path = values.mlflow_tracking_uri.partition("sqlite:///")
    if is_file and not Path(path).exists():
        raise errors.MissingSetting(f"{path} does not exist yet", hint="interlock train makes it")
    return values


def _shown(
    checks: Iterable[SettingCheck], fixed: list[str], *, as_json: bool
) -> list[SettingCheck]:
    """Print the fixes, and the checks; without JSON each at once, since a request for the next
    one may wait."""
    if as_json:
        every = list(checks)
        rows = [dataclasses.asdict(each) for each in every]
        document = {"schema": "interlock/doctor/v1", "fixed": fixed, "checks": rows}
        click.echo(terminal.document(documents.text(document)), nl=False)
        return every
    for sentence in fixed:
        click.echo(terminal.plain(f"fixed: {sentence}"))
    return [_show(each) for each in checks]


def _show(check: SettingCheck) -> SettingCheck:
    sign, colour = _SIGNS[check.mark]
    sentence = terminal.plain(f"{check.name}: {check.sentence}")
    click.echo(f"{click.style(sign, fg=colour)} {sentence}")
    if check.fix:
        click.echo(terminal.plain(f"  fix: {check.fix}"))
    return check
