"""Finds contradictions in gates that fit the schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from interlock.domain.basics.diagnostics import Severity
from interlock.domain.model import metrics
from interlock.domain.model.manifest import LABEL, RECENT, Better, Task
from interlock.domain.model.metrics import Metric
from interlock.yaml_reader.suggestions import quote, suggest

NONE_DECLARED = "outputs.predictions names no file"
_NO_METRICS: Mapping[str, Metric] = {}
BOUNDS = ("min", "max", "max_drop", "max_rise")


class GateError(NamedTuple):
    """`field` is a field of the gate, "" the gate itself."""

    field: str
    message: str
    hint: str = ""
    severity: Severity = Severity.ERROR


def check(
    gate: Mapping[str, Any],
    *,
    task: Task | None,
    slices: Sequence[str] | None,
    has_rows: bool = True,
    own: Mapping[str, Metric] = _NO_METRICS,
) -> Iterator[GateError]:
    """Yield the errors of a gate that fits its schema; None is unknown. Without rows a metric of
    predictions cannot be measured. `own` are the manifest's own metrics."""
    bound = next(name for name in BOUNDS if name in gate)
    yield from _check_comparison(gate, bound)
    if metrics.is_own(gate["metric"]):
        yield from _check_own_number(gate, bound)
        return
    metric = metrics.METRICS.get(gate["metric"]) or own.get(gate["metric"])
    if metric is None:
        yield _unknown(gate["metric"], own, task=task, field="metric")
        return
    if not has_rows and metric.needs is not metrics.MetricSource.MODEL:
        yield _without_rows(metric.name, "metric")
        return
    is_of_label = task is Task.MULTILABEL and gate.get("slice") == LABEL
    of = Task.BINARY if is_of_label else task
    yield from _check_task(metric, of, own, field="metric")
    if is_of_label and metric.needs is metrics.MetricSource.SCORES:
        message = f"{metric.name} is computed from scores, and a label has none"
        yield GateError("metric", message, "for example f1, precision or recall")
    yield from _check_direction(metric, gate, bound)
    yield from _check_range(metric, gate, bound)
    yield from _check_slice(metric, gate, slices)


def check_primary(
    name: str,
    *,
    task: Task | None,
    has_rows: bool = True,
    own: Mapping[str, Metric] = _NO_METRICS,
) -> Iterator[GateError]:
    """Yield the errors of a primary metric that the schema knows."""
    metric = metrics.METRICS.get(name) or own.get(name)
    if metric is None and not metrics.is_own(name):
        yield _unknown(name, own, task=task, field="")
        return
    if not has_rows:
        if not metrics.needs_no_rows(name):
            yield _without_rows(name, "")
    elif metric is None or metric.needs is metrics.MetricSource.MODEL:
        message = (
            f"{quote(name)} is not computed from predictions, and cannot be the primary metric"
        )
        yield GateError("", message, "keep it as a gate, and choose a metric of the task")
    else:
        yield from _check_task(metric, task, own, field="")


def _unknown(name: str, own: Mapping[str, Metric], *, task: Task | None, field: str) -> GateError:
    known = [*own, *(metrics.METRICS if task is None else metrics.named(task))]
    hint = suggest(name, known, otherwise=f"one of {', '.join(known)}")
    return GateError(field, f"{quote(name)} is not a known metric", hint)


def _without_rows(name: str, field: str) -> GateError:
    message = f"{name} is not one of the pipeline's own metrics, and {NONE_DECLARED}"
    hint = "write dvc:<key in a metrics file>, or add outputs.predictions"
    return GateError(field, message, hint)


def _check_task(
    metric: Metric, task: Task | None, own: Mapping[str, Metric], *, field: str
) -> Iterator[GateError]:
    if task is not None and task not in metric.tasks:
        known = [name for name in metrics.named(task) if field or name != metrics.MODEL_SIZE]
        names = [*own, *known] or ["those of evaluate.metrics"]
        hint = suggest(metric.name, names, otherwise=f"one of {', '.join(names)}")
        yield GateError(field, f"{metric.name} is not a metric for {task} tasks", hint)


def _check_comparison(gate: Mapping[str, Any], bound: str) -> Iterator[GateError]:
    if bound in ("max_drop", "max_rise"):
        return
    for field in ("against", "confidence"):
        if field in gate:
            message = f"{field} has no effect beside {bound}, which checks the candidate alone"
            yield GateError(field, message, "remove it, or use max_drop or max_rise")


def _check_own_number(gate: Mapping[str, Any], bound: str) -> Iterator[GateError]:
    name = quote(gate["metric"])
    if bound in ("max_drop", "max_rise") and "confidence" in gate:
        message = f"confidence has no effect: the difference of {name} has no interval"
        yield GateError("confidence", message, "remove it")
    if "better" in gate:
        yield from _check_better(gate, bound)
    if "slice" in gate:
        yield GateError("slice", f"{name} is one number, and has no slices", "remove slice")


_BOUNDS_OF = {Better.GREATER: ("min", "max_drop"), Better.SMALLER: ("max", "max_rise")}


def _check_better(gate: Mapping[str, Any], bound: str) -> Iterator[GateError]:
    better = Better(gate["better"])
    if bound in _BOUNDS_OF[better]:
        return
    right = _BOUNDS_OF[better][bound in ("max_drop", "max_rise")]
    if bound in ("max_drop", "max_rise"):
        message = f"{bound} beside better: {better} would only limit progress"
        yield GateError("better", message, f"{right}: {gate[bound]}, or correct better")
    else:
        message = f"{bound} beside better: {better} fails good models"
        yield GateError(bound, message, f"{right}: {gate[bound]}", Severity.WARNING)


def direction(gate: Mapping[str, Any]) -> Better | None:
    """Return the better direction that a gate on one of the pipeline's own metrics gives it."""
    if not metrics.is_own(gate["metric"]):
        return None
    if "better" in gate:
        return Better(gate["better"])
    return next((better for better, (_, b) in _BOUNDS_OF.items() if b in gate), None)


def _check_direction(metric: Metric, gate: Mapping[str, Any], bound: str) -> Iterator[GateError]:
    greater = Better.GREATER if metric.greater_is_better else Better.SMALLER
    if gate.get("better", greater) != greater:
        message = f"{metric.name} is better when {greater}"
        yield GateError("better", message, "remove better: it is for metrics with dvc:")
    better, other = ("greater", "max_drop") if metric.greater_is_better else ("smaller", "max_rise")
    if bound in ("max_drop", "max_rise") and bound != other:
        message = (
            f"{bound} on {metric.name}, which is better when {better}, would only limit progress"
        )
        yield GateError(bound, message, f"{other}: {gate[bound]}")
    wrong = "max" if metric.greater_is_better else "min"
    if bound == wrong:
        right = "min" if metric.greater_is_better else "max"
        message = f"{metric.name} is better when {better}, and this gate fails good models"
        hint = (
            f"{right}: {gate[bound]}, unless you want to find results that are too good to be true"
        )
        yield GateError(bound, message, hint, Severity.WARNING)


def _check_range(metric: Metric, gate: Mapping[str, Any], bound: str) -> Iterator[GateError]:
    value, low, high = gate[bound], metric.low, metric.high
    if bound == "min" and high is not None and value > high:
        yield GateError(bound, f"{metric.name} is never more than {high}", _share(value, high))
    elif bound == "max" and low is not None and value < low:
        yield GateError(bound, f"{metric.name} is never less than {low}", "no model can pass this")
    elif _is_idle(bound, value, low, high):
        message = f"{metric.name} always passes {bound}: {value}, so this gate has no effect"
        yield GateError(bound, message, _share(value, high), Severity.WARNING)


def _is_idle(bound: str, value: float, low: float | None, high: float | None) -> bool:
    if bound == "min":
        return low is not None and value <= low
    if bound == "max":
        return high is not None and value >= high
    return low is not None and high is not None and value >= high - low


def _share(value: float, high: float | None) -> str:
    if high == 1 and 1 < value <= 100:
        return f"as a share: {value / 100:g}"
    return "set a threshold that a model can pass or fail"


def _check_slice(
    metric: Metric, gate: Mapping[str, Any], slices: Sequence[str] | None
) -> Iterator[GateError]:
    if "slice" not in gate:
        return
    wanted = gate["slice"]
    if metric.needs is metrics.MetricSource.MODEL:
        yield GateError("slice", f"{metric.name} is one number, and has no slices", "remove slice")
    elif slices is not None and wanted not in slices:
        yield _unnamed(wanted, slices)


def _unnamed(wanted: str, slices: Sequence[str]) -> GateError:
    if wanted == RECENT:
        message = f"{RECENT} is the slice of production rows, which exists only with growing rows"
        return GateError("slice", message, "write evaluate: {rows: growing}, or name another slice")
    hint = suggest(wanted, slices, otherwise=f"add {wanted} to evaluate.slices")
    return GateError("slice", f"evaluate.slices does not name {quote(wanted)}", hint)
