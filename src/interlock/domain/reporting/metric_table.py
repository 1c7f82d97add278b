"""All metrics of a candidate beside those of the champion. No Markdown here."""

from __future__ import annotations

from collections.abc import Iterable

from interlock.domain.evaluation import pipeline_metrics
from interlock.domain.evaluation.scores import CONFIDENCE
from interlock.domain.evaluation.verdict import Comparison
from interlock.domain.model import metrics
from interlock.domain.reporting.model_status import ModelStatus

_ORDER = {name: place for place, name in enumerate(metrics.METRICS)}


def overall(status: ModelStatus) -> tuple[Comparison, ...]:
    """Return the metrics over all rows, and the pipeline's own metrics.

    The primary metric comes first, then the metrics of gates, other metrics, and the pipeline's.
    """
    verdict, evidence = status.verdict, status.facts.evidence
    rows = [c for c in verdict.comparisons if not c.slice] if verdict else []
    if verdict is None and evidence is not None:
        rows = [Comparison(name, value) for name, value in evidence.scores.items()]
    known = {row.metric for row in rows}
    rows += [row for row in _own(status) if row.metric not in known]
    first = _first(status)
    return tuple(sorted(rows, key=lambda row: _place(row.metric, first)))


def sliced(status: ModelStatus) -> tuple[Comparison, ...]:
    """Return the metrics in each slice, and on recent rows."""
    return tuple(c for c in status.verdict.comparisons if c.slice) if status.verdict else ()


def _first(status: ModelStatus) -> list[str]:
    manifest, verdict = status.facts.manifest, status.verdict
    primary = [manifest.evaluation.primary] if manifest else []
    return [*primary, *(f.rule.metric for f in verdict.findings)] if verdict else primary


def _place(name: str, first: list[str]) -> tuple[int, int, str]:
    rank = first.index(name) if name in first else len(first)
    return rank, _ORDER.get(name, len(_ORDER)), name


def _own(status: ModelStatus) -> Iterable[Comparison]:
    """Metrics from the pipeline's own metrics files: one number per run, without interval."""
    evidence, champion = status.facts.evidence, status.champion
    if evidence is None:
        return ()
    mine, theirs = evidence.candidate, champion.candidate if champion else None
    names = {**mine.metrics, **(theirs.metrics if theirs else {})}
    manifest = status.facts.manifest
    return pipeline_metrics.measure(
        [f"{metrics.DVC_PREFIX}{name}" for name in names],
        candidate=mine,
        champion=theirs,
        confidence=CONFIDENCE,
        better=pipeline_metrics.directions(manifest.gates if manifest else ()),
    )
