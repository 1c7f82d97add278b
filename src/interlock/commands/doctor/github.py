"""The topic github: the settings of the repository on GitHub; it is only read."""

from __future__ import annotations

from collections.abc import Iterator

from interlock import errors, manifests
from interlock.commands.doctor import head_models
from interlock.commands.doctor.context import DoctorContext, DoctorOptions
from interlock.domain.doctor import actions_lines, github_lines
from interlock.domain.doctor.line import SettingCheck, unknown
from interlock.domain.model.policy import Policy


def check(context: DoctorContext, options: DoctorOptions) -> Iterator[SettingCheck]:
    """Yield the lines of the repository."""
    branch = options.branch or context.repository.fetch_default_branch()
    try:
        setup = context.open_setup().read()
    except (errors.CannotReachGitHub, errors.MissingSetting) as error:
        yield unknown("GitHub", error.message, error.hint)
        return
    yield from github_lines.lines(setup, branch=branch)
    yield from actions_lines.lines(
        setup.actions,
        repository=setup.name,
        workflows=_workflows(context),
        is_private=setup.is_private,
        wanted=[model.manifest.runner.labels for _, model in head_models.trainable(context)],
    )


def _workflows(context: DoctorContext) -> str:
    """Return the repository whose workflow files the five files call."""
    try:
        data = context.repository.tree("HEAD").read(manifests.POLICY_PATH)
    except errors.BadInput:
        data = None
    return (manifests.read_policy(data)[0] or Policy()).provenance.repository
