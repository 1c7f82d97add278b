"""Folds the models of a `foreach` or `matrix` stage into one choice with `${item}` in its texts."""

from __future__ import annotations

import itertools
import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from interlock.domain.adoption.metric_choice import MetricChoice
from interlock.domain.adoption.model_choice import MANIFEST, ModelChoice

ITEM = "${item}"


def fold(choices: Sequence[ModelChoice], *, files: Iterable[str]) -> tuple[ModelChoice, ...]:
    """Return one choice for each family whose models differ in the item alone, and the others as
    they are. The gates are those of the item with the worst metric."""
    folded = [each for _, group in itertools.groupby(choices, _key) for each in _fold([*group])]
    has_manifest = any(posixpath.basename(path) == MANIFEST for path in files)
    alone = {c.file for c in folded if sum(c.file == other.file for other in folded) == 1}
    return tuple(_placed(c) if c.file in alone and not has_manifest else c for c in folded)


def _key(choice: ModelChoice) -> tuple[str, str]:
    group, _, item = choice.target.partition("@")
    return choice.file, group if item else choice.name


def _fold(group: list[ModelChoice]) -> Iterator[ModelChoice]:
    items = tuple(each.target.partition("@")[2] for each in group)
    if len(group) < 2 or not all(items) or any(each.undeclared_in for each in group):
        yield from group
        return
    templates = [_template(each, item) for each, item in zip(group, items, strict=True)]
    if len({_bare(each) for each in templates}) > 1 or ITEM not in templates[0].name:
        yield from group
        return
    rows, metric = templates[0].rows, _worst([each.metric for each in templates])
    if rows is not None:
        rows = replace(rows, today=_worst([t.rows.today if t.rows else None for t in templates]))
    yield replace(templates[0], rows=rows, metric=metric, items=items)


def _template(choice: ModelChoice, item: str) -> ModelChoice:
    """Return the choice with `${item}` in place of each item that is a whole word."""
    word = re.compile(rf"(?<![A-Za-z0-9]){re.escape(item)}(?![A-Za-z0-9])")

    def of(text: str) -> str:
        return word.sub(lambda _: ITEM, text)

    name = of(choice.name)
    place = name.replace(ITEM, "").strip("-") or choice.name
    return replace(
        choice,
        name=name,
        manifest=f"model-manifests/{place}/{MANIFEST}",
        target=of(choice.target),
        model=of(choice.model),
        objective=of(choice.objective),
        rows=choice.rows and replace(choice.rows, path=of(choice.rows.path)),
        metric=choice.metric and replace(choice.metric, name=of(choice.metric.name)),
    )


def _bare(choice: ModelChoice) -> ModelChoice:
    """Return the choice without the numbers of its rows and metrics."""
    rows = choice.rows and replace(choice.rows, today=None, rows=0)
    metric = choice.metric and replace(choice.metric, value=0.0, rows=0)
    return replace(choice, rows=rows, metric=metric)


def _worst(metrics: Sequence[MetricChoice | None]) -> MetricChoice | None:
    """Return the metric whose limit every item of today meets; None if one is unknown."""
    known = [metric for metric in metrics if metric is not None]
    if not known or len(known) < len(metrics):
        return None
    is_greater = known[0].greater_is_better
    return min(known, key=lambda metric: metric.value if is_greater else -metric.value)


def _placed(choice: ModelChoice) -> ModelChoice:
    """Return the only choice of a pipeline with its manifest beside the dvc.yaml."""
    return (
        choice.at(posixpath.join(posixpath.dirname(choice.file), MANIFEST))
        if choice.items
        else choice
    )
