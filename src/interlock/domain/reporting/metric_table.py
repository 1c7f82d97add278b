"""Every number that is known of a candidate beside the champion's; no Markdown may enter."""

from __future__ import annotations

from collections.abc import Iterable

from interlock.domain.evaluation import gates
from interlock.domain.evaluation.scores import CONFIDENCE
from interlock.domain.evaluation.verdict import Comparison
from interlock.domain.model import metrics
from interlock.domain.reporting.model_status import ModelStatus

_ORDER = {name: place for place, name in enumerate(metrics.METRICS)}


def overall(story: ModelStatus) -> tuple[Comparison, ...]:
    """Return every metric over all rows, and the pipeline's own numbers.

    The primary metric comes first, then those that gates name, the rest, and the pipeline's own.
    """
    verdict, evidence = story.verdict, story.facts.evidence
    found = [c for c in verdict.comparisons if not c.slice] if verdict else []
    if verdict is None and evidence is not None:
        found = [Comparison(name, value) for name, value in evidence.scores.items()]
    known = {row.metric for row in found}
    found += [row for row in _own(story) if row.metric not in known]
    first = _first(story)
    return tuple(sorted(found, key=lambda row: _place(row.metric, first)))


def sliced(story: ModelStatus) -> tuple[Comparison, ...]:
    """Return what was measured in the values of each slice column, and on recent rows."""
    return tuple(c for c in story.verdict.comparisons if c.slice) if story.verdict else ()


def _first(story: ModelStatus) -> list[str]:
    manifest, verdict = story.facts.manifest, story.verdict
    primary = [manifest.evaluation.primary] if manifest else []
    return [*primary, *(f.rule.metric for f in verdict.findings)] if verdict else primary


def _place(name: str, first: list[str]) -> tuple[int, int, str]:
    asked = first.index(name) if name in first else len(first)
    return asked, _ORDER.get(name, len(_ORDER)), name


def _own(story: ModelStatus) -> Iterable[Comparison]:
    """What the pipeline wrote into metrics files of its own: one number a run, without interval."""
    evidence, rival = story.facts.evidence, story.rival
    if evidence is None:
        return ()
    mine, theirs = evidence.candidate, rival.candidate if rival else None
    names = {**mine.metrics, **(theirs.metrics if theirs else {})}
    return gates.measure(
        [f"{metrics.DVC_PREFIX}{name}" for name in names],
        candidate=mine,
        champion=theirs,
        confidence=CONFIDENCE,
    )
