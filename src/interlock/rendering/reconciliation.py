"""The differences of `reconcile` as Markdown for the job summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from interlock.domain.promotion.reconciliation import DifferenceResult
from interlock.rendering import escape

# A row has a few hundred bytes; the limit of a job summary is one megabyte.
_MOST_ROWS = 500


def summary(models: Mapping[str, Sequence[DifferenceResult]], *, head: str) -> str:
    """Return a table of all differences, or a sentence if there are none."""
    rows = [(name, each) for name, results in models.items() for each in results]
    lines = [f"### Registry and deployments compared with {escape.code(head[:12])}", ""]
    if not rows:
        return "\n".join([*lines, _in_sync(len(models)), ""])
    counts = Counter(each.status for _, each in rows)
    by_status = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
    touched = len({name for name, _ in rows})
    lines += [f"{touched} of {len(models)} models out of sync: {by_status}.", ""]
    lines += ["| Model | Resource | Actual | Expected | Result |", "|---|---|---|---|---|"]
    lines += [_row(name, each) for name, each in rows[:_MOST_ROWS]]
    if len(rows) > _MOST_ROWS:
        lines += ["", f"And {len(rows) - _MOST_ROWS} more."]
    return "\n".join([*lines, ""])


def _in_sync(count: int) -> str:
    if count == 0:
        return "No model was compared."
    return "1 model in sync." if count == 1 else f"All {count} models in sync."


def _row(name: str, result: DifferenceResult) -> str:
    difference = result.difference
    status = str(result.status)
    if result.sentence != difference.resource and result.status in {"refused", "failed"}:
        status += f": {escape.inline(result.sentence)}"
    cells = (
        escape.inline(name),
        escape.inline(difference.resource),
        _value(difference.actual),
        _value(difference.expected),
        status,
    )
    return f"| {' | '.join(cells)} |"


def _value(text: str | None) -> str:
    return "–" if text is None else escape.code(text)
