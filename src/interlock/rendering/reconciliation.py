"""Corrections as Markdown for a job's page, within what GitHub shows of it; decides nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from interlock.domain.promotion.reconciliation import DifferenceResult
from interlock.rendering import escape

# A row is a few hundred bytes, and the page takes a megabyte.
_MOST_ROWS = 500


def summary(models: Mapping[str, Sequence[DifferenceResult]], *, head: str) -> str:
    """One table of every correction; a sentence where there is none."""
    rows = [(name, each) for name, corrected in models.items() for each in corrected]
    lines = [f"### Registry and deployments against {escape.code(head[:12])}", ""]
    if not rows:
        return "\n".join([*lines, f"All {len(models)} models are in order.", ""])
    counts = Counter(each.status for _, each in rows)
    told = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
    touched = len({name for name, _ in rows})
    lines += [f"{touched} of {len(models)} models differed: {told}.", ""]
    lines += ["| model | what | is | should be | |", "|---|---|---|---|---|"]
    lines += [_row(name, each) for name, each in rows[:_MOST_ROWS]]
    if len(rows) > _MOST_ROWS:
        lines += ["", f"And {len(rows) - _MOST_ROWS} more."]
    return "\n".join([*lines, ""])


def _row(name: str, corrected: DifferenceResult) -> str:
    correction = corrected.correction
    said = str(corrected.status)
    if corrected.sentence != correction.what and corrected.status in {"refused", "failed"}:
        said += f": {escape.inline(corrected.sentence)}"
    cells = (
        escape.inline(name),
        escape.inline(correction.what),
        _value(correction.found),
        _value(correction.expected),
        said,
    )
    return f"| {' | '.join(cells)} |"


def _value(text: str | None) -> str:
    return "–" if text is None else escape.code(text)
