"""What was in production before the champion, and how the champion differs from it; pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from interlock.domain.basics.interval import Interval
from interlock.domain.evaluation.verdict import Comparison, Verdict
from interlock.domain.model import evidence, metrics
from interlock.domain.model.evidence import Evidence
from interlock.domain.promotion.promotion import Phase, Promotion


@dataclass(frozen=True, slots=True)
class ModelEvidence:
    """One of the two: its evidence, and every verdict of it."""

    fingerprint: str
    evidence: Evidence | None
    verdicts: tuple[Verdict, ...] = ()


def find(promotions: Iterable[Promotion], *, served: Promotion) -> Promotion | None:
    """Return the last act before `served` that was done with other bytes, None before the second.

    An act that only adds an environment replaces itself, and is passed over.
    """
    before = (
        p
        for p in promotions
        if p.phase is Phase.DONE and p.order < served.order and p.fingerprint != served.fingerprint
    )
    return max(before, key=lambda p: p.order, default=None)


def compare(
    metric: str, *, champion: ModelEvidence, before: ModelEvidence | None
) -> Comparison | None:
    """Return the champion's metric beside its predecessor's, None where neither record has it.

    Rows that were compared count, whichever of the two was the candidate then: as of a rollback.
    Else the numbers of the same rows are held beside each other, without an interval.
    """
    if before is not None:
        found = _judged(metric, champion, before) or _mirrored(_judged(metric, before, champion))
        if found is not None:
            return found
    if champion.evidence is None:
        return None
    positive = champion.evidence.positive if metrics.is_of_positive(metric) else ""
    alone = Comparison(metric, champion.evidence.scores.get(metric), positive=positive)
    return alone if before is None else _beside(alone, champion.evidence, before.evidence)


def _judged(metric: str, candidate: ModelEvidence, rival: ModelEvidence) -> Comparison | None:
    """A verdict's comparison of the one with the other, over all rows."""
    rows = (
        row
        for verdict in candidate.verdicts
        if verdict.champion == rival.fingerprint
        for row in verdict.comparisons
        if row.metric == metric and not row.slice and row.difference is not None
    )
    return next(rows, None)


def _mirrored(row: Comparison | None) -> Comparison | None:
    """The same comparison seen from the other side."""
    if row is None or row.difference is None:
        return None
    bounds = row.interval
    turned = bounds and Interval(-bounds.high, -bounds.low, bounds.confidence)
    return replace(
        row,
        candidate=row.champion,
        champion=row.candidate,
        difference=-row.difference,
        interval=turned,
        is_part=False,
        whole=None,
    )


def _beside(row: Comparison, mine: Evidence, theirs: Evidence | None) -> Comparison:
    if theirs is None or mine.rows.sha256 != theirs.rows.sha256:
        return replace(row, problem="evaluated on other rows")
    other = evidence.score(theirs, row.metric, positive=row.positive, declared=None)
    if row.candidate is None or other is None:
        return row
    return replace(row, champion=other, difference=row.candidate - other)
