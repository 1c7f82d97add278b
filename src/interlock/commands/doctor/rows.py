"""The topic rows: the predictions files in the checkout."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from interlock import errors
from interlock.commands.doctor import head_models
from interlock.commands.doctor.context import DoctorContext, DoctorOptions
from interlock.domain.doctor import rows_lines
from interlock.domain.doctor.line import SettingCheck
from interlock.domain.evaluation import scores
from interlock.domain.evaluation.scores import MetricValue
from interlock.domain.model.manifest import Manifest, Task
from interlock.ports.scoring import Scoring


def check(context: DoctorContext, _: DoctorOptions) -> Iterator[SettingCheck]:
    """Yield a line for the predictions of each model."""
    for _reader, model in head_models.trainable(context):
        yield _line(context, model.manifest)


def _line(context: DoctorContext, manifest: Manifest) -> SettingCheck:
    model, output, task = manifest.model, manifest.outputs.predictions, manifest.task
    if output is None or task is None:
        return rows_lines.without_rows(model)
    path = context.repository.root / output.path
    if not path.is_file():
        return rows_lines.absent(model, output.path)
    wanted = scores.request(manifest.evaluation, task=task, rules=manifest.gates)
    scoring = context.open_scoring()
    try:
        read = scoring.read(
            path,
            name=output.path,
            task=task,
            slices=wanted.slices,
            positive=manifest.evaluation.positive,
            columns=output.columns,
        )
    except errors.CannotScore as error:
        return rows_lines.invalid(model, error.message)
    measured = _measured(scoring, path, manifest, task)
    return rows_lines.valid(model, output.path, read.rows.count, measured)


def _measured(scoring: Scoring, path: Path, manifest: Manifest, task: Task) -> MetricValue | None:
    """Return the primary metric; None if it is not one of the rows, such as a model's size."""
    rule, output = manifest.evaluation, manifest.outputs.predictions
    try:
        return scoring.measure(
            path,
            name=path.name,
            task=task,
            metric=rule.primary,
            confidence=scores.CONFIDENCE,
            seed=rule.seed,
            positive=rule.positive,
            columns=output.columns if output else None,
            own=rule.metrics,
        )
    except errors.CannotScore:
        return None
