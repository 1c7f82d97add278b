"""Checks that a verdict agrees with its findings, and the findings with the gates of a manifest."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Iterable, Sequence

from interlock.domain.basics.refusal import Refusal
from interlock.domain.evaluation import gates, thresholds
from interlock.domain.evaluation.thresholds import ThresholdKind
from interlock.domain.evaluation.verdict import Finding, Outcome, Verdict
from interlock.domain.model import metrics
from interlock.domain.model.manifest import RECENT, GateRule


def flaw(
    verdict: Verdict, *, rules: Sequence[GateRule] | None, is_rollback: bool
) -> Refusal | None:
    """Refuse a verdict that contradicts itself, or the gates of its manifest (`rules`).

    `is_rollback`: the model was in production before, so gates against the champion are skipped.
    """
    if rules is not None and _bare(rules) != _bare(f.rule for f in verdict.findings):
        return Refusal("its findings are not those of the manifest's gates")
    total = gates.outcome(verdict.findings)
    if total is not verdict.outcome:
        return Refusal(
            f"its outcome is {verdict.outcome}, and the outcome of its findings is {total}"
        )
    is_alone = is_rollback or verdict.champion in {None, verdict.fingerprint}
    flaws = (_flaw(finding, is_alone=is_alone) for finding in verdict.findings)
    return next(filter(None, flaws), None)


def _bare(rules: Iterable[GateRule]) -> Counter[GateRule]:
    """Gates without their line in the file and without their order."""
    return Counter(dataclasses.replace(rule, line=0) for rule in rules)


def _flaw(finding: Finding, *, is_alone: bool) -> Refusal | None:
    """The contradiction between a finding and its own number. Relative gates with
    an interval and gates on slices are not checked: the policy may let them pass when they are
    inconclusive."""
    match finding.outcome:
        case Outcome.SKIPPED:
            return _of_skipped(finding.rule, is_alone=is_alone)
        case Outcome.PASS:
            return _of_passed(finding)
    return None


def _of_skipped(rule: GateRule, *, is_alone: bool) -> Refusal | None:
    limit = thresholds.read(rule)
    if rule.slice == RECENT or (limit is not None and limit.is_relative and is_alone):
        return None
    return Refusal(f"its gate on {rule.metric} was skipped without a reason")


def _of_passed(finding: Finding) -> Refusal | None:
    rule, observed, limit = finding.rule, finding.observed, thresholds.read(finding.rule)
    if limit is None or observed is None or not math.isfinite(observed):
        return Refusal(f"its gate on {rule.metric} passed without a number")
    is_missed = (limit.kind is ThresholdKind.MIN and observed < limit.bound) or (
        limit.kind is ThresholdKind.MAX and observed > limit.bound
    )
    if metrics.is_own(rule.metric) and limit.is_relative:
        loss = -observed if limit.kind is ThresholdKind.MAX_DROP else observed
        is_missed = loss > limit.bound
    if is_missed and rule.slice is None:
        return Refusal(
            f"its gate on {rule.metric} passed at {observed!r}, and {limit.text} is required"
        )
    return None
