"""The observed value of a gate, with the decimals that the table of metrics shows."""

from __future__ import annotations

from collections.abc import Iterable

from interlock.domain.basics import figures
from interlock.domain.evaluation import metric_comparison
from interlock.domain.evaluation.verdict import Comparison, Finding
from interlock.rendering import escape
from interlock.rendering.escape import Markdown

_LONGEST = 120


def observed(finding: Finding, comparisons: Iterable[Comparison]) -> Markdown:
    """The value, or the difference to the champion with its interval. For a gate on slices it is
    that of the worst slice."""
    if finding.observed is None:
        return Markdown("–")
    if finding.rule.against is None:
        text = _value(finding, finding.observed, comparisons)
    else:
        text = _difference(finding, finding.observed, comparisons)
    shown = escape.inline(text)
    if not finding.value:
        return shown
    worst = f", the worst of {finding.values:,}" if finding.values > 1 else ""
    return Markdown(f"{shown} in {escape.code(finding.value, longest=_LONGEST)}{worst}")


def _value(finding: Finding, value: float, comparisons: Iterable[Comparison]) -> str:
    """A value near the threshold gets more digits, so that it does not read as the threshold."""
    rule = finding.rule
    threshold = rule.max if rule.min is None else rule.min
    place = (rule.metric, rule.slice or "", finding.value)
    rows = (c for c in comparisons if (c.metric, c.slice, c.value) == place)
    row = next(rows, None)
    if row is not None:
        decimals = metric_comparison.decimals(row)
        shown = figures.number(value, decimals=decimals)
        if value == threshold or shown != figures.number(threshold, decimals=decimals):
            return shown
    return figures.significant(value, beside=threshold)


def _difference(finding: Finding, difference: float, comparisons: Iterable[Comparison]) -> str:
    rule = finding.rule
    row = Comparison(rule.metric, None, difference=difference, interval=finding.interval)
    if finding.interval is None:
        own = (c for c in comparisons if c.metric == rule.metric and not c.slice and not c.interval)
        row = next(own, row)
    limits = [limit for limit in (rule.max_rise, rule.max_drop and -rule.max_drop) if limit]
    parts = metric_comparison.difference(row, limits), metric_comparison.interval(row, limits)
    return " ".join(part for part in parts if part)
