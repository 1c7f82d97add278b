"""The production model before the champion, and its comparison with the champion; pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from interlock.domain.basics.interval import Interval
from interlock.domain.evaluation.verdict import Comparison, Verdict
from interlock.domain.model import evidence, metrics
from interlock.domain.model.evidence import Evidence, Rows
from interlock.domain.promotion.promotion import Phase, Promotion


@dataclass(frozen=True, slots=True)
class ModelEvidence:
    """One of the two models: its evidence and its verdicts."""

    fingerprint: str
    evidence: Evidence | None
    verdicts: tuple[Verdict, ...] = ()


def find(promotions: Iterable[Promotion], *, current: Promotion) -> Promotion | None:
    """Return the last finished promotion of another model before `current`, or None.

    A promotion that only adds an environment is skipped.
    """
    before = (
        p
        for p in promotions
        if p.phase is Phase.DONE
        and p.order < current.order
        and p.fingerprint != current.fingerprint
    )
    return max(before, key=lambda p: p.order, default=None)


def compare(
    metric: str, *, champion: ModelEvidence, before: ModelEvidence | None
) -> Comparison | None:
    """Return the champion's metric and its predecessor's, None if neither record has it.

    A verdict that compares the two models is used in either direction, for example after a
    rollback. Without one the metrics of the same rows are compared, without an interval.
    """
    if before is not None:
        evaluated = _evaluated(metric, champion, before)
        evaluated = evaluated or _mirrored(_evaluated(metric, before, champion))
        if evaluated is not None:
            return evaluated
    if champion.evidence is None:
        return None
    positive = champion.evidence.positive if metrics.is_of_positive(metric) else ""
    alone = Comparison(metric, champion.evidence.scores.get(metric), positive=positive)
    return alone if before is None else _beside(alone, champion.evidence, before.evidence)


def _evaluated(metric: str, candidate: ModelEvidence, rival: ModelEvidence) -> Comparison | None:
    """The comparison of a verdict, over all rows."""
    rows = (
        row
        for verdict in candidate.verdicts
        if verdict.champion == rival.fingerprint
        for row in verdict.comparisons
        if row.metric == metric and not row.slice and row.difference is not None
    )
    return next(rows, None)


def _mirrored(row: Comparison | None) -> Comparison | None:
    """The same comparison in the other direction."""
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
    if theirs is None or not _is_comparable(row.metric, mine.rows, theirs.rows):
        return replace(row, problem="evaluated on other rows")
    other = evidence.score(theirs, row.metric, positive=row.positive, declared=None)
    if row.candidate is None or other is None:
        return row
    return replace(row, champion=other, difference=row.candidate - other)


def _is_comparable(metric: str, mine: Rows | None, theirs: Rows | None) -> bool:
    """True for the same rows, and for a metric of the pipeline's own, whose rows are unknown."""
    if mine is None or theirs is None:
        return metrics.is_own(metric) and mine is theirs
    return mine.sha256 == theirs.sha256
