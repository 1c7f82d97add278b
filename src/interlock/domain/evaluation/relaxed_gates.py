"""Lists the rules that a change relaxes, from the manifests before and after it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from interlock.domain.basics import figures
from interlock.domain.evaluation import thresholds
from interlock.domain.evaluation.thresholds import Threshold, ThresholdKind
from interlock.domain.model.manifest import (
    RECENT,
    Evaluation,
    GateRule,
    Manifest,
    PredictionsOutput,
    RowsRule,
)

_Subject = tuple[str, ThresholdKind, str]
"""Metric, kind and slice: two rules with the same values differ only in the bound."""


def find(base: Manifest | None, head: Manifest) -> tuple[str, ...]:
    """Return a sentence for each relaxed rule; nothing without a base.

    Relaxed: a wider bound, a lower confidence, a removed gate or slice. Reported as well, because
    a result can be selected with it: another task, primary metric or seed.
    """
    if base is None:
        return ()
    return (*_of_gates(base.gates, head.gates), *_of_evaluation(base, head))


def _of_gates(before: Iterable[GateRule], after: Iterable[GateRule]) -> Iterable[str]:
    mine, theirs = _strictest(before), _strictest(after)
    for subject, limit in mine.items():
        if subject not in theirs:
            yield f"gate on {_name(subject)} ({limit.text}) removed"
            continue
        yield from _of_limit(subject, limit, theirs[subject])


def _of_limit(subject: _Subject, before: Threshold, after: Threshold) -> Iterable[str]:
    kind = subject[1]
    loss = before.bound - after.bound if kind is ThresholdKind.MIN else after.bound - before.bound
    if loss > 0:
        moved = "lowered" if kind is ThresholdKind.MIN else "raised"
        old = figures.significant(before.bound, beside=after.bound)
        new = figures.significant(after.bound, beside=before.bound)
        yield f"{_name(subject)}: {kind.value} {moved} from {old} to {new}"
    if before.is_relative and after.confidence < before.confidence:
        yield (
            f"{_name(subject)}: confidence of {kind.value} lowered "
            f"from {before.confidence:g} to {after.confidence:g}"
        )


def _of_evaluation(base: Manifest, head: Manifest) -> Iterable[str]:
    before, after = base.evaluation, head.evaluation
    if base.task is not head.task:
        yield f"task changed from {base.task or 'none'} to {head.task or 'none'}"
    yield from _of_outputs(base.outputs.predictions, head.outputs.predictions)
    if before.primary != after.primary:
        yield f"evaluate.primary changed from {before.primary} to {after.primary}"
    if before.positive != after.positive:
        old, new = (
            "none" if each is None else repr(each) for each in (before.positive, after.positive)
        )
        yield f"evaluate.positive changed from {old} to {new}"
    yield from _of_metrics(before, after)
    for name in before.slices:
        if name not in after.slices:
            yield f"evaluate.slices no longer holds {name}"
    if before.rows is RowsRule.SAME and after.rows is RowsRule.GROWING:
        yield "evaluate.rows changed from same to growing: more rows than the champion's may come"
    if before.seed != after.seed:
        yield (
            f"evaluate.seed changed from {before.seed} to {after.seed}: intervals are drawn again"
        )


def _of_metrics(before: Evaluation, after: Evaluation) -> Iterable[str]:
    theirs = {metric.name: metric for metric in after.metrics}
    for metric in before.metrics:
        new = theirs.get(metric.name)
        if new is None:
            yield f"evaluate.metrics no longer has {metric.name}"
        elif new != metric:
            old, now = (f"{each.text} (better {each.better})" for each in (metric, new))
            yield f"evaluate.metrics: {metric.name} changed from {old} to {now}"
    if before.group != after.group:
        old, now = (each or "none" for each in (before.group, after.group))
        yield f"evaluate.group changed from {old} to {now}: intervals are drawn otherwise"


def _of_outputs(before: PredictionsOutput | None, after: PredictionsOutput | None) -> Iterable[str]:
    if before is None:
        return
    if after is None:
        yield f"outputs.predictions removed ({before.path}): no difference has an interval"
    elif before.columns_text != after.columns_text:
        old, new = before.columns_text, after.columns_text
        yield f"columns of {after.path} changed from {old} to {new}"


def _strictest(rules: Iterable[GateRule]) -> Mapping[_Subject, Threshold]:
    """Return the tightest limit of each subject; of several, only that one decides."""
    thresholds_of: dict[_Subject, list[Threshold]] = defaultdict(list)
    for rule in rules:
        limit = thresholds.read(rule)
        if limit is not None:
            thresholds_of[rule.metric, limit.kind, rule.slice or ""].append(limit)
    return {subject: max(every, key=_strictness) for subject, every in thresholds_of.items()}


def _strictness(limit: Threshold) -> tuple[float, float]:
    return (limit.bound if limit.kind is ThresholdKind.MIN else -limit.bound, limit.confidence)


def _name(subject: _Subject) -> str:
    metric, _, slice_ = subject
    if slice_ == RECENT:
        return f"{metric} on {RECENT} rows"
    return f"{metric} in slices of {slice_}" if slice_ else metric
