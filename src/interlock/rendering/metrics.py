"""The folded tables of metrics, candidate and champion: over all rows, then in slices."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from interlock.domain.basics import figures
from interlock.domain.evaluation import detectable_difference, metric_comparison
from interlock.domain.evaluation.metric_comparison import Direction
from interlock.domain.evaluation.verdict import Comparison
from interlock.domain.model.manifest import RECENT, Better
from interlock.domain.model.metrics import DVC_PREFIX, is_own
from interlock.domain.reporting import metric_table
from interlock.domain.reporting.model_status import ModelStatus
from interlock.rendering import escape, pipeline_metrics, sentences
from interlock.rendering.budget import Section
from interlock.rendering.environment import render
from interlock.rendering.escape import Markdown
from interlock.rendering.sections import optional

_CAPS = (200, 50, 10)
_NONE = Markdown("–")
_OWN = (
    f"Metrics with the prefix `{DVC_PREFIX}` come from the pipeline's own files: one number per "
    "run, without an interval."
)
_NUMBERED = "The predictions file has no id: rows are compared by their number in the file."


def section(status: ModelStatus) -> Section | None:
    """The tables, with fewer rows in shorter variants; None without metrics."""
    overall, sliced = metric_table.overall(status), metric_table.sliced(status)
    if not overall:
        return None
    shapes = (_folded(status, overall, sliced, most=most) for most in _CAPS)
    return optional("metrics", 52, tuple(shapes))


def _folded(
    status: ModelStatus, overall: Sequence[Comparison], sliced: Sequence[Comparison], *, most: int
) -> str:
    title = f"<details><summary>All metrics: {len(overall):,}{_on(status, overall)}</summary>"
    parts = [title, _table(status, overall, _name, most=most)]
    is_noted = bool(pipeline_metrics.note(status))
    if not is_noted and any(is_own(row.metric) for row in overall):
        parts.append(f"<sub>{_OWN}</sub>")
    if _is_numbered(status):
        parts.append(f"<sub>{_NUMBERED}</sub>")
    if group := _group(status):
        parts.append(f"<sub>{group}</sub>")
    if resolution := _resolution(status, overall):
        parts.append(f"<sub>{resolution}</sub>")
    if sliced:
        parts += ["In slices:", _table(status, sliced, _place, most=most)]
    return "\n\n".join([*parts, "</details>"])


def _is_numbered(status: ModelStatus) -> bool:
    manifest = status.facts.manifest
    predictions = manifest.outputs.predictions if manifest else None
    columns = predictions.columns if predictions else None
    return columns is not None and columns.is_numbered


def _group(status: ModelStatus) -> str:
    """The column of rows that are resampled together; empty without one."""
    manifest = status.facts.manifest
    group = manifest.evaluation.group if manifest else None
    return f"Rows with the same {escape.code(group)} are resampled together." if group else ""


def _resolution(status: ModelStatus, overall: Sequence[Comparison]) -> str:
    """The detectable difference of the primary metric; empty without a comparison."""
    manifest = status.facts.manifest
    primary = manifest.evaluation.primary if manifest else ""
    row = next((row for row in overall if row.metric == primary), None)
    detectable = row and detectable_difference.find(row.interval, rows=row.rows)
    return f"{_name(row)}: {escape.inline(detectable.sentence)}." if row and detectable else ""


def _on(status: ModelStatus, overall: Sequence[Comparison]) -> str:
    """The number of rows of the evaluation."""
    part = next((row.rows for row in overall if row.is_part and row.rows), None)
    evidence = status.facts.evidence
    rows = evidence.rows if evidence else None
    count = part if part is not None or rows is None else rows.count
    both = " of both" if part is not None else ""
    return "" if count is None else f", on {figures.count(count, 'row')}{both}"


_Cell = Callable[[Comparison], Markdown]


def _table(status: ModelStatus, rows: Sequence[Comparison], name: _Cell, *, most: int) -> str:
    columns: list[tuple[str, _Cell]] = [
        ("Metric", name),
        ("Candidate", _figure(metric_comparison.value)),
    ]
    if any(row.champion is not None for row in rows):
        champion = Markdown(_capital(sentences.version(status.champion_version)))
        columns += [
            (champion, _figure(metric_comparison.champion)),
            ("Difference", _figure(_difference)),
        ]
        if any(metric_comparison.interval(row) for row in rows):
            columns += [(_confidence(rows), _figure(metric_comparison.interval))]
    remark_on = _remark if len(columns) > 2 else _missing
    remarks = [remark_on(row) for row in rows]
    cells = [[cell(row) for _, cell in columns] for row in rows[:most]]
    heads = [Markdown(head) for head, _ in columns]
    if any(remarks):
        heads.append(Markdown("Remark"))
        cells = [[*row, remark] for row, remark in zip(cells, remarks, strict=False)]
    text = render("table.md.j2", heads=heads, rows=cells)
    left = len(rows) - most
    return f"{text}\n\n…and {figures.count(left, 'more', 'more')}." if left > 0 else text


def _figure(text: Callable[[Comparison], str]) -> _Cell:
    return lambda row: escape.inline(text(row)) or _NONE


def _difference(row: Comparison) -> str:
    return metric_comparison.difference(row)


def _confidence(rows: Sequence[Comparison]) -> str:
    known = next((row.interval.confidence for row in rows if row.interval), None)
    return "Interval" if known is None else f"{known * 100:.6g} % interval"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _name(row: Comparison) -> Markdown:
    of = f" of class {escape.code(row.positive)}" if row.positive else ""
    is_lower = metric_comparison.better_of(row) is Better.SMALLER
    lower = " (lower is better)" if is_lower else ""
    return Markdown(f"{escape.code(row.metric)}{of}{lower}")


def _place(row: Comparison) -> Markdown:
    rows = "" if row.rows is None else f" ({figures.count(row.rows, 'row')})"
    if row.slice == RECENT:
        return Markdown(f"{_name(row)} on {escape.code(RECENT)} rows{rows}")
    return Markdown(f"{_name(row)} in {escape.code(f'{row.slice}={row.value}')}{rows}")


def _missing(row: Comparison) -> Markdown:
    return escape.inline(row.problem if row.candidate is None else "")


def _remark(row: Comparison) -> Markdown:
    """Better or worse; the reason for a missing number; the metric over all own rows."""
    direction = metric_comparison.change(row)
    parts = []
    if direction not in {None, Direction.UNCHANGED, Direction.HIGHER, Direction.LOWER}:
        parts.append(str(direction))
    if row.problem and row.difference is None:
        parts.append(row.problem)
    if whole := metric_comparison.whole(row):
        parts.append(f"{whole} on all of its own rows")
    return escape.inline("; ".join(parts))
