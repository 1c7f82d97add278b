"""The topic github: the settings of the repository on GitHub; it is only read."""

from __future__ import annotations

from collections.abc import Iterator

from interlock import errors
from interlock.commands.doctor.context import DoctorContext, DoctorOptions
from interlock.domain.doctor import github_lines
from interlock.domain.doctor.line import SettingCheck, unknown


def check(context: DoctorContext, options: DoctorOptions) -> Iterator[SettingCheck]:
    """Yield the lines of the repository."""
    branch = options.branch or context.repository.fetch_default_branch()
    try:
        setup = context.open_setup().read()
    except (errors.CannotReachGitHub, errors.MissingSetting) as error:
        yield unknown("GitHub", error.message, error.hint)
        return
    yield from github_lines.lines(setup, branch=branch)
