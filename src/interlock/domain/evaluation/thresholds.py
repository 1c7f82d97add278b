"""Compares one metric with its threshold: the arithmetic of a gate, and its sentence."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import Enum

from interlock.domain.basics import figures
from interlock.domain.basics.interval import Interval
from interlock.domain.evaluation.verdict import Comparison, Outcome
from interlock.domain.model import metrics
from interlock.domain.model.manifest import RECENT, GateRule
from interlock.domain.model.policy import OnInconclusive

MINIMUM_ROWS = 30
"""A slice with fewer rows is inconclusive: one row changes a share by more than three points, and a
percentile interval does not reach its confidence level."""


class ThresholdKind(Enum):
    MIN = "min"
    MAX = "max"
    MAX_DROP = "max_drop"
    MAX_RISE = "max_rise"


_EXPECTED = {
    ThresholdKind.MIN: "at least {}",
    ThresholdKind.MAX: "at most {}",
    ThresholdKind.MAX_DROP: "a drop of at most {} from the champion",
    ThresholdKind.MAX_RISE: "a rise of at most {} over the champion",
}
_DOUBT = {
    OnInconclusive.ASK: (Outcome.INCONCLUSIVE, ""),
    OnInconclusive.PASS: (Outcome.PASS, "; the policy lets inconclusive gates pass"),
    OnInconclusive.FAIL: (Outcome.FAIL, "; the policy lets inconclusive gates fail"),
}

_WITHIN = "the whole interval is within the limit"
_BEYOND = "the whole interval is beyond the limit"
_STRADDLES = "the limit is within the interval"
_TOO_MUCH = "the difference is beyond the limit"
_NO_INTERVAL = "without an interval"


@dataclass(frozen=True, slots=True)
class Threshold:
    """The threshold of a rule, as a kind and a bound; `confidence` is for relative kinds."""

    kind: ThresholdKind
    bound: float
    confidence: float

    @property
    def is_relative(self) -> bool:
        return self.kind in {ThresholdKind.MAX_DROP, ThresholdKind.MAX_RISE}

    @property
    def text(self) -> str:
        return _EXPECTED[self.kind].format(figures.significant(self.bound))


@dataclass(frozen=True, slots=True)
class ThresholdResult:
    """The outcome at one place. `excess` orders places by their distance beyond the limit; `reason`
    is that of verdict.Finding. `is_close`: there is an interval, and the limit is within it."""

    outcome: Outcome
    observed: float | None
    sentence: str
    excess: float = -math.inf
    interval: Interval | None = None
    reason: str = ""
    positive: str = ""
    rows: int | None = None
    is_close: bool = False


def read(rule: GateRule) -> Threshold | None:
    """Return the threshold of a rule; None for a rule without one."""
    for kind in ThresholdKind:
        bound = getattr(rule, kind.value)
        if bound is not None:
            return Threshold(kind, bound, rule.confidence)
    return None


def evaluate(
    limit: Threshold, place: Comparison, *, skip: str, on_inconclusive: OnInconclusive
) -> ThresholdResult:
    """Compare one metric with its threshold. A missing or infinite number fails."""
    judged = _judge(limit, place, skip=skip, on_inconclusive=on_inconclusive)
    return replace(judged, positive=place.positive, rows=place.rows)


def _judge(
    limit: Threshold, place: Comparison, *, skip: str, on_inconclusive: OnInconclusive
) -> ThresholdResult:
    where = name(place)
    value = place.candidate if limit.is_relative else place.alone
    if value is None or not math.isfinite(value):
        why = place.problem or "is not a finite number"
        return _failed(f"{where} {why}", place, limit=limit, reason=why)
    if limit.is_relative and skip:
        words = f"{where} is not compared with the champion: {skip}"
        return ThresholdResult(
            Outcome.SKIPPED, place.difference, words, interval=place.interval, reason=skip
        )
    difference = _difference(place)
    if limit.is_relative and difference is None:
        why = place.problem or "the champion has no such finite number"
        reason = f"cannot be compared: {why}"
        return _failed(f"{where} {reason}", place, limit=limit, reason=reason)
    if place.slice and place.rows is not None and place.rows < MINIMUM_ROWS:
        why = f"rests on {place.rows} rows, fewer than {MINIMUM_ROWS}"
        return _doubted(where, why, place, limit=limit, on_inconclusive=on_inconclusive)
    if limit.is_relative and difference is not None:
        return _relative(limit, difference, place, on_inconclusive=on_inconclusive)
    return _absolute(limit, value, place)


def name(place: Comparison) -> str:
    """Name a metric, its positive class if it has one, and the place of its measurement."""
    metric = f"{place.metric} of class {place.positive}" if place.positive else place.metric
    if place.slice == RECENT:
        return f"{metric} on {RECENT} rows"
    return f"{metric} in {place.slice}={place.value}" if place.slice else metric


def short(place: Comparison) -> str:
    """The same for a narrow column: `recall (fraud)`."""
    bare = name(replace(place, positive=""))
    return f"{bare} ({place.positive})" if place.positive else bare


def _difference(place: Comparison) -> float | None:
    """Return the difference, if all its numbers are finite."""
    ends = [] if place.interval is None else [place.interval.low, place.interval.high]
    for number in (place.champion, place.difference, *ends):
        if number is None or not math.isfinite(number):
            return None
    return place.difference


def _failed(sentence: str, place: Comparison, *, limit: Threshold, reason: str) -> ThresholdResult:
    """Return a failed result. Without a difference a relative threshold has no observed value."""
    value = None if limit.is_relative else place.candidate
    is_number = value is not None and math.isfinite(value)
    return ThresholdResult(
        Outcome.FAIL, value if is_number else None, sentence, math.inf, reason=reason
    )


def _absolute(limit: Threshold, value: float, place: Comparison) -> ThresholdResult:
    is_floor = limit.kind is ThresholdKind.MIN
    excess = limit.bound - value if is_floor else value - limit.bound
    shown, bound = (
        figures.significant(value, beside=limit.bound),
        figures.significant(limit.bound, beside=value),
    )
    side = "below the minimum" if is_floor else "above the maximum"
    negation = "" if excess > 0 else "not "
    words = f"{name(place)} is {shown}, {negation}{side} of {bound}"
    if excess > 0:
        return ThresholdResult(Outcome.FAIL, value, words, excess, reason=side)
    return ThresholdResult(Outcome.PASS, value, words, excess)


def _relative(
    limit: Threshold, difference: float, place: Comparison, *, on_inconclusive: OnInconclusive
) -> ThresholdResult:
    """Compare the interval of the loss with the bound, for both kinds."""
    interval = place.interval
    if interval is None and metrics.is_own(place.metric):
        return _without_interval(limit, difference, place)
    if interval is None:
        why = f"has no interval: {place.problem or 'none can be drawn'}"
        # A missing interval is a fault, not a small margin: the policy cannot let it pass.
        kept = OnInconclusive.ASK if on_inconclusive is OnInconclusive.PASS else on_inconclusive
        return _doubted(name(place), why, place, limit=limit, on_inconclusive=kept)
    is_drop = limit.kind is ThresholdKind.MAX_DROP
    loss = -difference if is_drop else difference
    least, most = (-interval.high, -interval.low) if is_drop else (interval.low, interval.high)
    words = _words(limit, difference, place, interval)
    if most <= limit.bound:
        return ThresholdResult(Outcome.PASS, difference, f"{words}: {_WITHIN}", loss, interval)
    if least > limit.bound:
        return ThresholdResult(
            Outcome.FAIL, difference, f"{words}: {_BEYOND}", loss, interval, _BEYOND
        )
    doubted = _doubted(f"{words}:", _STRADDLES, place, limit=limit, on_inconclusive=on_inconclusive)
    _, note = _DOUBT[on_inconclusive]
    return replace(doubted, excess=loss, reason=f"{_STRADDLES}{note}", is_close=True)


def _without_interval(limit: Threshold, difference: float, place: Comparison) -> ThresholdResult:
    """Compare the difference itself with the bound: the pipeline reports one number, not rows."""
    is_drop = limit.kind is ThresholdKind.MAX_DROP
    loss = -difference if is_drop else difference
    change = figures.signed(difference, beside=-limit.bound if is_drop else limit.bound)
    words = f"{name(place)} changed by {change} ({_NO_INTERVAL}), {_allowed(limit)}"
    if loss > limit.bound:
        return ThresholdResult(Outcome.FAIL, difference, words, loss, reason=_TOO_MUCH)
    return ThresholdResult(Outcome.PASS, difference, words, loss)


def _words(limit: Threshold, difference: float, place: Comparison, interval: Interval) -> str:
    is_drop = limit.kind is ThresholdKind.MAX_DROP
    edge = -limit.bound if is_drop else limit.bound
    change, low, high = (
        figures.signed(number, beside=edge) for number in (difference, interval.low, interval.high)
    )
    return f"{name(place)} changed by {change} [{low}, {high}], {_allowed(limit)}"


def _allowed(limit: Threshold) -> str:
    verb = "drop" if limit.kind is ThresholdKind.MAX_DROP else "rise"
    return f"a {verb} of at most {figures.significant(limit.bound)} is allowed"


def _doubted(
    where: str, why: str, place: Comparison, *, limit: Threshold, on_inconclusive: OnInconclusive
) -> ThresholdResult:
    observed = place.difference if limit.is_relative else place.alone
    outcome, note = _DOUBT[on_inconclusive]
    reason = why + note
    return ThresholdResult(outcome, observed, f"{where} {reason}", 0.0, place.interval, reason)
