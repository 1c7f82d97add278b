"""`doctor`: checks a repository, its data and its settings, topic by topic."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from interlock.commands.doctor import clock, data, github, mlflow, models, provenance, python, rows
from interlock.commands.doctor.context import DoctorContext, DoctorOptions
from interlock.domain.doctor.line import SettingCheck, Topic

__all__ = ["TOPICS", "DoctorContext", "DoctorOptions", "run"]

TOPICS: Mapping[Topic, Callable[[DoctorContext, DoctorOptions], Iterator[SettingCheck]]] = {
    Topic.MODELS: models.check,
    Topic.DATA: data.check,
    Topic.ROWS: rows.check,
    Topic.PYTHON: python.check,
    Topic.MLFLOW: mlflow.check,
    Topic.PROVENANCE: provenance.check,
    Topic.GITHUB: github.check,
    Topic.CLOCK: clock.check,
}


def run(
    context: DoctorContext, options: DoctorOptions, *, topics: Collection[Topic] = ()
) -> Iterator[SettingCheck]:
    """Yield the checks of the topics, each when it is known; without `topics` those of all.

    What cannot be reached is an unknown check. Raises CannotResolve for an unknown branch, and
    CannotReadManifest for a policy with an error.
    """
    for topic, check in TOPICS.items():
        if not topics or topic in topics:
            yield from check(context, options)
