"""Scores the rows of the checkout, for gates at the value of today."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from interlock import errors
from interlock.domain.adoption.column_choice import ColumnChoice
from interlock.domain.adoption.metric_choice import MetricChoice
from interlock.domain.adoption.model_choice import ModelChoice
from interlock.domain.evaluation import scores
from interlock.domain.evaluation.scores import ScoringRequest
from interlock.ports.scoring import Scoring


def measure(
    choices: tuple[ModelChoice, ...], root: Path, scoring: Scoring
) -> tuple[tuple[ModelChoice, ...], tuple[str, ...]]:
    """Return the models with the primary metric of their rows today, and a sentence for each file
    of rows that cannot be scored: its model has none."""
    measured: list[ModelChoice] = []
    problems: dict[str, None] = {}
    for choice in choices:
        try:
            measured.append(_measured(choice, root, scoring))
        except errors.CannotScore as error:
            measured.append(dataclasses.replace(choice, rows=None))
            problems[f"The rows cannot be scored: {error.message}"] = None
    return tuple(measured), tuple(problems)


def _measured(choice: ModelChoice, root: Path, scoring: Scoring) -> ModelChoice:
    rows = choice.rows
    if rows is None:
        return choice
    name, is_greater = rows.primary
    value = _value(rows, root, scoring, metric=name)
    today = MetricChoice(name, value, is_greater, rows=rows.rows)
    return dataclasses.replace(choice, rows=dataclasses.replace(rows, today=today))


def _value(rows: ColumnChoice, root: Path, scoring: Scoring, *, metric: str) -> float:
    file = scoring.read(root / rows.path, name=rows.path, task=rows.task, columns=rows.columns)
    level = (scores.CONFIDENCE,)
    request = ScoringRequest(
        rows.task, (), (metric,), level, seed=0, resamples=scores.RESAMPLES, metrics=rows.own
    )
    computed = scoring.score(file, champion=None, request=request).comparisons[scores.CONFIDENCE]
    value = next((each.candidate for each in computed if each.metric == metric), None)
    if value is None:
        raise errors.CannotScore(f"{rows.path}: {metric} has no value")
    return value
