"""Compares the metrics that need no rows: the model's size, and the pipeline's own metrics.

The size has no sampling error, so that the interval of its difference is the difference itself. The
sampling error of a pipeline's own metric is unknown, so that its difference has no interval.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from interlock.domain.basics import figures
from interlock.domain.basics.interval import Interval
from interlock.domain.evaluation import thresholds
from interlock.domain.evaluation.thresholds import ThresholdKind
from interlock.domain.evaluation.verdict import Comparison
from interlock.domain.model import metrics
from interlock.domain.model.evidence import Candidate
from interlock.domain.model.manifest import Better, GateRule

MEGABYTE = 1_000_000
_NAMED = 5
_KINDS = {ThresholdKind.MAX_DROP: Better.GREATER, ThresholdKind.MAX_RISE: Better.SMALLER}


def directions(rules: Iterable[GateRule]) -> dict[str, Better]:
    """Return the better direction of each of the pipeline's own metrics that has one in a gate."""
    known: dict[str, Better] = {}
    for rule in rules:
        limit = thresholds.read(rule)
        better = rule.better or (limit and _KINDS.get(limit.kind))
        if better and metrics.is_own(rule.metric):
            known.setdefault(rule.metric, better)
    return known


def measure(
    names: Iterable[str],
    *,
    candidate: Candidate | None,
    champion: Candidate | None,
    confidence: float,
    better: Mapping[str, Better] | None = None,
) -> tuple[Comparison, ...]:
    """Compare the metrics that need no rows. Names of metrics that need rows are ignored; a missing
    number has its reason. `better` are the directions of the pipeline's own metrics."""
    mine = [name for name in names if name == metrics.MODEL_SIZE or metrics.is_own(name)]
    known = better or {}
    return tuple(
        _measured(name, known.get(name), candidate, champion, confidence)
        for name in dict.fromkeys(mine)
    )


def _measured(
    name: str,
    better: Better | None,
    candidate: Candidate | None,
    champion: Candidate | None,
    confidence: float,
) -> Comparison:
    mine, theirs = _number(name, candidate), _number(name, champion)
    if mine is None:
        return Comparison(name, None, theirs, problem=_missing(candidate), better=better)
    if theirs is None:
        problem = f"the champion has no {name}" if champion is not None else ""
        return Comparison(name, mine, None, problem=problem, better=better)
    difference = mine - theirs
    is_exact = not metrics.is_own(name)
    interval = Interval(difference, difference, confidence) if is_exact else None
    return Comparison(name, mine, theirs, difference, interval, better=better)


def _number(name: str, candidate: Candidate | None) -> float | None:
    if candidate is None:
        return None
    if name == metrics.MODEL_SIZE:
        return candidate.model.size_bytes / MEGABYTE
    return candidate.metrics.get(name.removeprefix(metrics.DVC_PREFIX))


def _missing(candidate: Candidate | None) -> str:
    if candidate is None:
        return "needs a repository: predictions files do not contain it"
    known = figures.listing(sorted(candidate.metrics), most=_NAMED)
    have = f", which have {known}" if known else ""
    return f"has no number in the pipeline's metrics files{have}"
