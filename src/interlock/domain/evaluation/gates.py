"""The rules: numbers in, findings out; no file, no clock, and no number that is not given.

`min` and `max` look at the candidate's own value, as measured. `max_drop` and `max_rise` look at
the whole two-sided interval of the difference candidate minus champion, the one that people are
shown: the gate surely holds when both ends are on the allowed side, it surely does not when both
are on the other, and else it is inconclusive. By the duality of intervals and tests each side is
tested at level (1 - confidence) / 2 (Efron & Tibshirani 1993, An Introduction to the Bootstrap,
sections 12.3 and 15.4).
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence

from interlock.domain.basics.interval import Interval
from interlock.domain.evaluation import detectable_difference, scores, thresholds
from interlock.domain.evaluation.thresholds import Threshold, ThresholdResult
from interlock.domain.evaluation.verdict import Comparison, Finding, Outcome
from interlock.domain.model import metrics
from interlock.domain.model.evidence import Candidate
from interlock.domain.model.manifest import Evaluation, GateRule, Manifest, RowsRule
from interlock.domain.model.policy import OnInconclusive, Policy

EVALUATOR = 1
"""Raised whenever the same inputs would be judged differently, so that all is judged anew."""
MEGABYTE = 1_000_000
_SEVERITY = (Outcome.SKIPPED, Outcome.PASS, Outcome.INCONCLUSIVE, Outcome.FAIL)

_VERBS = {
    Outcome.FAIL: ("fails", "fail"),
    Outcome.INCONCLUSIVE: ("is inconclusive", "are inconclusive"),
}

_NOT_SERVED = "the candidate was evaluated on no row that the champion served and has a label of"

ComparisonsByConfidence = Mapping[float, Sequence[Comparison]]
"""Comparisons by the confidence of their intervals."""


def key(
    *,
    fingerprint: str,
    manifest: Manifest,
    policy: Policy,
    champion: str | None,
    rollback: bool = False,
) -> str:
    """Return the identity of a judgement: SHA-256 (64 hex digits) over all that decides it.

    `rollback` is that the fingerprint was served before (standing.Standing.is_rollback).
    """
    rules = [dataclasses.asdict(dataclasses.replace(rule, line=0)) for rule in manifest.gates]
    parts = {
        "schema": f"interlock/judgement/v{EVALUATOR}",
        "fingerprint": fingerprint,
        "task": manifest.task,
        "evaluate": _evaluation(manifest.evaluation),
        # In whatever order they stand: it decides nothing.
        "gates": sorted(rules, key=_canonical),
        "inconclusive": policy.inconclusive,
        "champion": champion,
        "rollback": rollback,
    }
    return hashlib.sha256(_canonical(parts).encode()).hexdigest()


def _evaluation(evaluation: Evaluation) -> dict[str, object]:
    """What came later counts where it is given: no judgement of old is made again."""
    parts = dataclasses.asdict(evaluation)
    if evaluation.rows is RowsRule.SAME:
        del parts["rows"]
    if evaluation.positive is None:
        del parts["positive"]
    return parts


def measure(
    names: Iterable[str],
    *,
    candidate: Candidate | None,
    champion: Candidate | None,
    confidence: float,
) -> tuple[Comparison, ...]:
    """Compare what is no matter of rows: the model's size, and the pipeline's own numbers.

    They have no sampling error, so that their interval is the difference itself. Names that are
    metrics of rows are passed over; a missing number says why.
    """
    mine = [n for n in names if n == metrics.MODEL_SIZE or n.startswith(metrics.DVC_PREFIX)]
    return tuple(
        _measured(name, candidate=candidate, champion=champion, confidence=confidence)
        for name in dict.fromkeys(mine)
    )


def evaluate(
    rules: Iterable[GateRule],
    *,
    comparisons: ComparisonsByConfidence,
    skip: str,
    on_inconclusive: OnInconclusive,
) -> tuple[Finding, ...]:
    """Return one finding a rule, in order. `skip` says why rules against the champion are not
    asked, empty when they are."""
    return tuple(
        _find(rule, comparisons=comparisons, skip=skip, on_inconclusive=on_inconclusive)
        for rule in rules
    )


def outcome(findings: Iterable[Finding]) -> Outcome:
    """Return the sum: any failure fails, any doubt is doubt, and no proof at all is doubt too."""
    outcomes = {finding.outcome for finding in findings}
    for worst in (Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.PASS):
        if worst in outcomes:
            return worst
    return Outcome.INCONCLUSIVE


def sentence(findings: Sequence[Finding]) -> str:
    """Say the sum in one sentence, naming what decided it."""
    if not findings:
        return "nothing was proven: there are no gates"
    total = outcome(findings)
    evaluated = [finding for finding in findings if finding.outcome is not Outcome.SKIPPED]
    if not evaluated:
        return f"nothing was proven: every gate was skipped ({findings[0].sentence})"
    if total is Outcome.PASS:
        skipped = len(findings) - len(evaluated)
        rest = f", {skipped} skipped" if skipped else ""
        verb = "passes" if len(evaluated) == 1 else "pass"
        return f"{_of(len(evaluated), len(findings))} {verb}{rest}"
    blamed = [finding for finding in evaluated if finding.outcome is total]
    verb = _VERBS[total][len(blamed) > 1]
    return f"{_of(len(blamed), len(findings))} {verb}: {'; '.join(f.sentence for f in blamed)}"


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _of(some: int, all_: int) -> str:
    return f"{some} of {all_} gate{'' if all_ == 1 else 's'}"


def _measured(
    name: str, *, candidate: Candidate | None, champion: Candidate | None, confidence: float
) -> Comparison:
    mine, theirs = _number(name, candidate), _number(name, champion)
    if mine is None:
        return Comparison(name, None, theirs, problem=_missing(candidate))
    if theirs is None:
        problem = f"the champion has no {name}" if champion is not None else ""
        return Comparison(name, mine, None, problem=problem)
    difference = mine - theirs
    return Comparison(name, mine, theirs, difference, Interval(difference, difference, confidence))


def _number(name: str, candidate: Candidate | None) -> float | None:
    if candidate is None:
        return None
    if name == metrics.MODEL_SIZE:
        return candidate.model.size_bytes / MEGABYTE
    return candidate.metrics.get(name.removeprefix(metrics.DVC_PREFIX))


def _missing(candidate: Candidate | None) -> str:
    if candidate is None:
        return "needs a repository: predictions alone do not tell it"
    return "is not among the numbers of the pipeline's metrics files"


def _find(
    rule: GateRule,
    *,
    comparisons: ComparisonsByConfidence,
    skip: str,
    on_inconclusive: OnInconclusive,
) -> Finding:
    """Judge a rule wherever it must hold, and report the worst place."""
    limit = thresholds.read(rule)
    if limit is None or not math.isfinite(limit.bound):
        why = "the gate has no finite limit"
        return Finding(rule, Outcome.FAIL, None, "a finite limit", why, reason=why)
    at = rule.confidence if limit.is_relative else next(iter(comparisons), rule.confidence)
    places = [c for c in comparisons.get(at, ()) if _is_about(rule, c)]
    if not places and rule.slice == scores.RECENT:
        why = f"{rule.metric}: {_NOT_SERVED}"
        return Finding(rule, Outcome.SKIPPED, None, limit.text, why, reason=_NOT_SERVED)
    if not places:
        why = _unmeasured(rule)
        return Finding(rule, Outcome.FAIL, None, limit.text, why, reason="it was not measured")
    judged = [
        thresholds.evaluate(limit, place, skip=skip, on_inconclusive=on_inconclusive)
        for place in places
    ]
    worst, place = max(
        zip(judged, places, strict=True),
        key=lambda pair: (_SEVERITY.index(pair[0].outcome), pair[0].excess),
    )
    return _finding(rule, limit=limit, worst=worst, value=place.value, places=len(places))


def _is_about(rule: GateRule, comparison: Comparison) -> bool:
    return comparison.metric == rule.metric and comparison.slice == (rule.slice or "")


def _unmeasured(rule: GateRule) -> str:
    where = f" in slices of {rule.slice}" if rule.slice else ""
    return f"{rule.metric} was not measured{where}"


def _finding(
    rule: GateRule, *, limit: Threshold, worst: ThresholdResult, value: str, places: int
) -> Finding:
    is_one_of_many = rule.slice is not None and places > 1 and worst.outcome is not Outcome.SKIPPED
    note = f" (the worst of {places} values)" if is_one_of_many else ""
    finding = Finding(
        rule=rule,
        outcome=worst.outcome,
        observed=worst.observed,
        threshold=limit.text,
        sentence=worst.sentence + note,
        interval=worst.interval,
        reason=worst.reason,
        value=value,
        values=places if value else 0,
        positive=worst.positive,
        rows=worst.rows,
    )
    resolution = detectable_difference.of_finding(finding) if worst.is_close else None
    if resolution is None:
        return finding
    sentence, reason = (
        f"{text}; {resolution.sentence}" for text in (finding.sentence, finding.reason)
    )
    return dataclasses.replace(finding, sentence=sentence, reason=reason)
