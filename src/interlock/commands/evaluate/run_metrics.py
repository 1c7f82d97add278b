"""Copies the metrics from the ledger to the runs; a failure changes no verdict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from interlock import errors
from interlock.commands.evaluate.context import EvaluateContext

_PREFIX = "evaluated."
"""The pipeline's own metrics are in the same list and may have the same names."""


def show(scores: Mapping[str, Mapping[str, float]], context: EvaluateContext) -> Iterator[str]:
    """Add the metrics (run to metric to value) to each run; yield a warning per failure."""
    for run_id, values in scores.items():
        try:
            context.runs().show(run_id, {f"{_PREFIX}{name}": v for name, v in values.items()})
        except (errors.OutsideFailure, errors.MissingSetting) as error:
            yield f"the metrics are in the ledger, but not in run {run_id}: {error.message}"
