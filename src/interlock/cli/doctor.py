"""`interlock doctor`: parse, call the command, print one line for each check."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import click

from interlock import documents, errors, settings
from interlock.cli import open_repository, optional_github, options, terminal
from interlock.commands import doctor
from interlock.domain.access.checkup import Mark, SettingCheck

_SIGNS = {Mark.OK: ("✔", "green"), Mark.WRONG: ("✘", "red"), Mark.UNKNOWN: ("–", "yellow")}


@click.command("doctor")
@options.branch("Default branch, whose files and policy are checked.")
@options.repo
@options.as_json
def command(*, branch: str, repo: Path, as_json: bool) -> int:
    """Check the settings of this repository.

    Each line has a fix to type. Nothing is changed. The exit code is 1 if something is wrong.
    """
    values = settings.read()
    context = doctor.DoctorContext(
        repository=open_repository.repository(repo),
        github=optional_github.find_github(values),
        ledger_branch=values.ledger_branch,
    )
    checks = doctor.run(context, branch=branch)
    _show(checks, as_json=as_json)
    is_wrong = any(each.mark is Mark.WRONG for each in checks)
    return errors.EXIT_NO if is_wrong else errors.EXIT_DONE


def _show(checks: Sequence[SettingCheck], *, as_json: bool) -> None:
    if as_json:
        rows = [dataclasses.asdict(each) for each in checks]
        document = {"schema": "interlock/doctor/v1", "checks": rows}
        click.echo(terminal.document(documents.text(document)), nl=False)
        return
    for each in checks:
        sign, colour = _SIGNS[each.mark]
        sentence = terminal.plain(f"{each.name}: {each.sentence}")
        click.echo(f"{click.style(sign, fg=colour)} {sentence}")
        if each.fix:
            click.echo(terminal.plain(f"  fix: {each.fix}"))
