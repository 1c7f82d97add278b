"""Applies the gates: comparisons in, findings out.

`min` and `max` apply to the candidate's own value. `max_drop` and `max_rise` apply to the two-sided
interval of the difference, candidate minus champion, which is the one in the report: the gate
passes when the whole interval is within the limit, fails when the whole interval is beyond it, and
is inconclusive otherwise. By the duality of intervals and tests each side is
tested at level (1 - confidence) / 2 (Efron & Tibshirani 1993, An Introduction to the Bootstrap,
sections 12.3 and 15.4).
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence

from interlock.domain.evaluation import detectable_difference, thresholds
from interlock.domain.evaluation.thresholds import Threshold, ThresholdResult
from interlock.domain.evaluation.verdict import Comparison, Finding, Outcome
from interlock.domain.model.manifest import RECENT, Evaluation, GateRule, Manifest, RowsRule
from interlock.domain.model.policy import OnInconclusive, Policy

EVALUATOR = 1
"""Increase it when the same inputs give another verdict; then all verdicts are computed again."""
_SEVERITY = (Outcome.SKIPPED, Outcome.PASS, Outcome.INCONCLUSIVE, Outcome.FAIL)

_VERBS = {
    Outcome.FAIL: ("fails", "fail"),
    Outcome.INCONCLUSIVE: ("is inconclusive", "are inconclusive"),
}

_NOT_SERVED = "the candidate was evaluated on no labelled row of the champion's live data"

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
    """Return the key of a verdict: SHA-256 (64 hex digits) over everything that decides it.

    `rollback`: the fingerprint was in production before (ChampionRelation.is_rollback).
    """
    rules = [_rule(rule) for rule in manifest.gates]
    parts = {
        "schema": f"interlock/judgement/v{EVALUATOR}",
        "fingerprint": fingerprint,
        "task": manifest.task,
        "evaluate": _evaluation(manifest.evaluation),
        # Their order decides nothing.
        "gates": sorted(rules, key=_canonical),
        "inconclusive": policy.inconclusive,
        "champion": champion,
        "rollback": rollback,
        **_columns(manifest),
    }
    return hashlib.sha256(_canonical(parts).encode()).hexdigest()


def _rule(rule: GateRule) -> dict[str, object]:
    parts = dataclasses.asdict(dataclasses.replace(rule, line=0))
    if rule.better is None:
        del parts["better"]
    return parts


def _columns(manifest: Manifest) -> dict[str, object]:
    predictions = manifest.outputs.predictions
    if predictions is None or predictions.columns is None:
        return {}
    parts = dataclasses.asdict(predictions.columns)
    # Those of the manifest's own metrics are a part of `evaluate`.
    for name in ("measured", "flags", "group", "is_scored", "is_partial"):
        del parts[name]
    return {"columns": parts}


def _evaluation(evaluation: Evaluation) -> dict[str, object]:
    """Newer fields count only when they are set, so that the key of an old verdict stays valid."""
    parts = dataclasses.asdict(evaluation)
    if evaluation.rows is RowsRule.SAME:
        del parts["rows"]
    if evaluation.positive is None:
        del parts["positive"]
    for name in ("metrics", "group"):
        if not parts[name]:
            del parts[name]
    return parts


def evaluate(
    rules: Iterable[GateRule],
    *,
    comparisons: ComparisonsByConfidence,
    skip: str,
    on_inconclusive: OnInconclusive,
) -> tuple[Finding, ...]:
    """Return one finding per rule, in order. `skip` is the reason to skip rules against the
    champion; empty when they count."""
    return tuple(
        _find(rule, comparisons=comparisons, skip=skip, on_inconclusive=on_inconclusive)
        for rule in rules
    )


def outcome(findings: Iterable[Finding]) -> Outcome:
    """Return the worst outcome: fail, inconclusive, pass. Without a gate it is inconclusive."""
    outcomes = {finding.outcome for finding in findings}
    for worst in (Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.PASS):
        if worst in outcomes:
            return worst
    return Outcome.INCONCLUSIVE


def sentence(findings: Sequence[Finding]) -> str:
    """Return the outcome of all in one sentence, with the findings that decided it."""
    if not findings:
        return "nothing was evaluated: there are no gates"
    total = outcome(findings)
    evaluated = [finding for finding in findings if finding.outcome is not Outcome.SKIPPED]
    if not evaluated:
        return f"nothing was evaluated: every gate was skipped ({findings[0].sentence})"
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


def _find(
    rule: GateRule,
    *,
    comparisons: ComparisonsByConfidence,
    skip: str,
    on_inconclusive: OnInconclusive,
) -> Finding:
    """Apply a rule to all rows or to each slice value, and return the worst result."""
    limit = thresholds.read(rule)
    if limit is None or not math.isfinite(limit.bound):
        why = "the gate has no finite limit"
        return Finding(rule, Outcome.FAIL, None, "a finite limit", why, reason=why)
    at = rule.confidence if limit.is_relative else next(iter(comparisons), rule.confidence)
    places = [c for c in comparisons.get(at, ()) if _is_about(rule, c)]
    if not places and rule.slice == RECENT:
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
