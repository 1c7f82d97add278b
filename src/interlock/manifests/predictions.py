"""Reads `outputs.predictions`: the predictions file and its columns, or none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from interlock.domain.model import metrics
from interlock.domain.model.column_map import ID, PREDICTION, TARGET, ColumnMap
from interlock.domain.model.manifest import (
    Aggregate,
    Evaluation,
    PredictionsOutput,
    RowsRule,
    Task,
)
from interlock.manifests import gate_checks, paths
from interlock.manifests.checked_document import CheckedDocument
from interlock.yaml_reader.positions import Path
from interlock.yaml_reader.suggestions import quote, suggest

FIELD: Path = ("outputs", "predictions")
ROW = "row"
_OF_ROWS = ("positive", "rows", "slices", "seed", "metrics", "group")
_OF_ANSWERS = (TARGET, PREDICTION, "scores")
_WITHOUT_ANSWERS: Mapping[Any, str] = {
    Task.SCORED: "scores only",
    Task.MULTILABEL: "target_<label> and prediction_<label>",
}


def is_declared(reading: CheckedDocument) -> bool:
    """True if the manifest names a predictions file; also if it cannot be known."""
    outputs = reading.value.get("outputs") if isinstance(reading.value, dict) else None
    return not isinstance(outputs, dict) or FIELD[-1] in outputs


def are_expected(reading: CheckedDocument) -> bool:
    """True if the manifest names predictions or its primary metric is computed from them."""
    primary = reading.get("evaluate", "primary")
    return is_declared(reading) or primary is None or not metrics.needs_no_rows(primary)


def check(reading: CheckedDocument) -> None:
    """Report what contradicts the declared predictions, or their absence."""
    if not are_expected(reading):
        _check_settings(reading)
        return
    if not is_declared(reading):
        _complain_of_none(reading)
        return
    _require_task(reading)
    written = reading.get(*FIELD)
    if isinstance(written, dict) and reading.get("task") in _WITHOUT_ANSWERS:
        _check_without_answers(reading, written)
    elif isinstance(written, dict):
        _check_columns(reading, _columns(written))
    if has_no_id(reading) and reading.get("evaluate", "rows") == RowsRule.GROWING:
        message = "growing rows need an id: the number of a row says nothing of live data"
        reading.complain(("evaluate", "rows"), message, "name the id, or write rows: same")


def has_no_id(reading: CheckedDocument) -> bool:
    """True if the number of a row is its key."""
    written = reading.get(*FIELD)
    return isinstance(written, dict) and _columns(written).is_numbered


def _check_without_answers(reading: CheckedDocument, written: Mapping[str, Any]) -> None:
    have = _WITHOUT_ANSWERS[reading.get("task")]
    for name in filter(written.__contains__, _OF_ANSWERS):
        message = f"{name} has no effect: rows of a {reading.get('task')} task have {have}"
        reading.complain((*FIELD, name), message, "remove it, or name the task")


def _complain_of_none(reading: CheckedDocument) -> None:
    primary = reading.get("evaluate", "primary")
    if primary is not None and not any(
        suggest(name, ["predictions"]) for name in reading.value[FIELD[0]]
    ):
        message = f"outputs.predictions is missing: {primary} is computed from it"
        hint = "for example predictions: predictions.parquet; without it, primary is a dvc: metric"
        reading.complain(FIELD[:1], message, hint)


def _require_task(reading: CheckedDocument) -> None:
    if not isinstance(reading.value, dict) or reading.has("task"):
        return
    if not any(suggest(str(name), ["task"]) for name in reading.value):
        known = ", ".join(Task)
        reading.complain((), "task is missing: predictions are scored by it", f"one of {known}")


def _check_settings(reading: CheckedDocument) -> None:
    """Without rows nothing is resampled, sliced or compared row by row."""
    for name in _OF_ROWS:
        if reading.get("evaluate", name) is not None:
            message = f"evaluate.{name} has no effect: {gate_checks.NONE_DECLARED}"
            reading.complain(("evaluate", name), message, "remove it, or add outputs.predictions")


def _check_columns(reading: CheckedDocument, columns: ColumnMap) -> None:
    if columns.target == columns.prediction:
        message = f"target and prediction are the same column {quote(columns.target)}"
        reading.complain(FIELD, message, "name the column of each")
    for name, others in _twice(columns.scores or ()):
        place = (*FIELD, "scores", name)
        reading.complain(place, f"classes {others} have the same column of scores", "name each")
    if columns.scores is not None and reading.get("task") == Task.REGRESSION:
        reading.complain((*FIELD, "scores"), "regression tasks have no scores", "remove it")
    measured = {columns.target, columns.prediction, *(own for _, own in columns.scores or ())}
    for index, name in enumerate(reading.get("evaluate", "slices") or ()):
        if name in measured:
            message = f"{quote(name)} is a target, a prediction or a score, and no slice"
            reading.complain(("evaluate", "slices", index), message, "name another column")


def _twice(scores: tuple[tuple[str, str], ...]) -> Iterator[tuple[str, str]]:
    """Yield the second of two classes with one column, and both in words."""
    first: dict[str, str] = {}
    for label, column in scores:
        if column in first:
            yield label, f"{quote(first[column])} and {quote(label)}"
        first.setdefault(column, label)


def build(
    written: str | dict[str, Any] | None, *, of: str, evaluation: Evaluation, task: Task | None
) -> PredictionsOutput | None:
    """Return the predictions of a manifest without errors; `of` is the manifest's path."""
    if written is None:
        return None
    section = written if isinstance(written, dict) else {"path": written}
    path = paths.resolve(section["path"], of=of)
    assert path is not None  # noqa: S101 - a path with an error builds no manifest
    own = evaluation.metrics
    columns = replace(
        _columns(section),
        measured=tuple(dict.fromkeys(column for metric in own for column in metric.columns)),
        flags=tuple(m.columns[0] for m in own if m.aggregate is Aggregate.RATE),
        group=evaluation.group or "",
        is_scored=task is Task.SCORED,
        has_labels=task is Task.MULTILABEL,
    )
    return PredictionsOutput(path, None if columns == ColumnMap() else columns)


def _columns(written: Mapping[str, Any]) -> ColumnMap:
    scores = written.get("scores")
    return ColumnMap(
        id=_id(written.get(ID, ID)),
        target=written.get(TARGET, TARGET),
        prediction=written.get(PREDICTION, PREDICTION),
        scores=None if scores is None else tuple(scores.items()),
    )


def _id(written: str | list[str] | None) -> tuple[str, ...]:
    if written is None or written == ROW:
        return ()
    return (written,) if isinstance(written, str) else tuple(written)
