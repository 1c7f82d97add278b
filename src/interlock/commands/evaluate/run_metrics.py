"""Shows in the run store what was measured; the ledger holds it already, and no verdict waits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from interlock import errors
from interlock.commands.evaluate.context import EvaluateContext

_PREFIX = "evaluated."
"""The pipeline's own metrics lie in the same list, and may have the same names."""


def show(scores: Mapping[str, Mapping[str, float]], context: EvaluateContext) -> Iterator[str]:
    """Put each run's metrics (run to metric to value) beside its own; yield what went wrong."""
    for run_id, values in scores.items():
        try:
            context.runs().show(run_id, {f"{_PREFIX}{name}": v for name, v in values.items()})
        except (errors.OutsideFailure, errors.MissingSetting) as error:
            yield f"the metrics are in the ledger, and not in run {run_id}: {error.message}"
