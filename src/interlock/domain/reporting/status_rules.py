"""Derive the report of a pull request from facts. No Markdown here."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import assert_never

from interlock.domain.evaluation.acceptance import Acceptance
from interlock.domain.evaluation.verdict import Outcome, Verdict
from interlock.domain.promotion.promotion import Phase, Promotion
from interlock.domain.reporting.model_status import (
    MergeStatus,
    ModelFacts,
    ModelStage,
    ModelStatus,
    PullRequestFacts,
    Report,
)
from interlock.domain.training.plan import Decision

# The worst first: it decides the status of the report and the order of its models.
_GRAVITY = (MergeStatus.FAILED, MergeStatus.WAITING, MergeStatus.INCONCLUSIVE, MergeStatus.PASSED)


def report(request: PullRequestFacts, models: Iterable[ModelFacts]) -> Report:
    """Return the report of a pull request: the status of each model, and of all together."""
    statuses = [_status(request, facts) for facts in models]
    touched = [s for s in statuses if s.stage is not ModelStage.UNAFFECTED]
    rest = sorted((s for s in statuses if s.stage is ModelStage.UNAFFECTED), key=lambda s: s.model)
    touched.sort(key=lambda s: (_GRAVITY.index(s.merge_status), s.model))
    return Report(
        request=request,
        models=tuple(touched),
        unaffected=tuple(s.model for s in rest),
        unaffected_warnings=tuple((s.model, text) for s in rest for text in s.facts.plan.warnings),
        merge_status=min(
            (s.merge_status for s in touched), key=_GRAVITY.index, default=MergeStatus.PASSED
        ),
    )


def find_verdict(
    verdicts: Iterable[Verdict], *, key: str, heads: Collection[str]
) -> tuple[Verdict | None, bool]:
    """Return the verdict to show, and True if it is stale.

    Only the verdict with today's key counts. Without it, the verdict of this commit, then any
    other, is shown as stale: gates, policy or champion have changed since.
    """
    known = sorted(verdicts, key=lambda v: (v.key != key, v.revision not in heads, v.key))
    return next(iter(known), None), all(v.key != key for v in known)


def find_last_verdict(
    verdicts: Iterable[Verdict], *, champion: str | None, heads: Collection[str]
) -> Verdict | None:
    """Return the verdict at the merge or the close: of its commit, against the champion of that
    time."""
    known = sorted(verdicts, key=lambda v: (v.champion != champion, v.revision not in heads, v.key))
    return next(iter(known), None)


def find_promotion(
    promotions: Iterable[Promotion], *, request: PullRequestFacts, fingerprint: str | None
) -> Promotion | None:
    """Return the promotion that this merge caused, None before there is one.

    It names the pull request, or has this fingerprint at the position of the merge or later.
    """
    known = list(promotions)
    ours = [p for p in known if p.pull == request.number]
    since = request.merge_position
    if not ours and since is not None:
        ours = [p for p in known if p.fingerprint == fingerprint and p.position >= since]
    # Intent and completion of a promotion have the same order: prefer the completion.
    return min(ours, key=lambda p: (p.order, p.phase is Phase.INTENT), default=None)


def _status(request: PullRequestFacts, facts: ModelFacts) -> ModelStatus:
    heads = (request.head, *request.heads)
    promotion = None
    if request.is_merged:
        wanted = facts.plan.fingerprint
        promotion = find_promotion(facts.promotions, request=request, fingerprint=wanted)
    production = facts.production
    verdict, is_stale = find_verdict(facts.verdicts, key=facts.key, heads=heads)
    if not request.is_open:
        is_stale = False
        production = _production_at_merge(facts, request, promotion)
        champion = _champion_then(production, promotion) if request.is_merged else None
        verdict = find_last_verdict(facts.verdicts, champion=champion, heads=heads)
        if not request.is_merged and verdict is not None:
            production = _promotion_of(facts, fingerprint=verdict.champion)
    acceptance = _acceptance(facts, verdict, request)
    stage = _stage(
        request, facts, is_evaluated=verdict is not None and not is_stale, promotion=promotion
    )
    return ModelStatus(
        facts=facts,
        stage=stage,
        merge_status=_merge_status(stage, verdict=verdict, is_accepted=acceptance is not None),
        verdict=verdict,
        is_stale=is_stale,
        acceptance=acceptance,
        promotion=promotion,
        production=production,
    )


def _champion_then(production: Promotion | None, promotion: Promotion | None) -> str | None:
    """Fingerprint of the production model before the merge."""
    if promotion is not None:
        return promotion.replaces
    return production.fingerprint if production else None


def _production_at_merge(
    facts: ModelFacts, request: PullRequestFacts, promotion: Promotion | None
) -> Promotion | None:
    """The production model at the position of the merge, or after its promotion. Later changes
    of main or holds do not count."""
    since = request.merge_position
    if since is None:
        return facts.production
    done = [p for p in facts.promotions if p.phase is Phase.DONE and p.position <= since]
    by_then = [p for p in done if promotion is None or p.order <= promotion.order]
    return max(by_then, key=lambda p: p.order, default=None)


def _promotion_of(facts: ModelFacts, *, fingerprint: str | None) -> Promotion | None:
    """The last completed promotion of a fingerprint."""
    done = [p for p in facts.promotions if p.phase is Phase.DONE]
    same = [p for p in done if p.fingerprint == fingerprint]
    return max(same, key=lambda p: p.order, default=None)


def _acceptance(
    facts: ModelFacts, verdict: Verdict | None, request: PullRequestFacts
) -> Acceptance | None:
    """The acceptance of this verdict at this commit. For the group of a merge queue, which has a
    new commit, the acceptance at the queued commit."""
    if verdict is None or verdict.outcome is not Outcome.INCONCLUSIVE:
        return None
    matching = [a for a in facts.acceptances if a.key == verdict.key]
    valid = (a for a in matching if a.revision == request.head or request.is_group)
    return next(valid, None)


def _stage(
    request: PullRequestFacts, facts: ModelFacts, *, is_evaluated: bool, promotion: Promotion | None
) -> ModelStage:
    if facts.plan.decision is Decision.UNAFFECTED:
        return ModelStage.UNAFFECTED
    if facts.unreadable:
        return ModelStage.UNREADABLE
    if request.is_merged:
        return _stage_after_merge(promotion)
    return _stage_before_merge(request, facts, is_evaluated=is_evaluated)


def _stage_before_merge(
    request: PullRequestFacts, facts: ModelFacts, *, is_evaluated: bool
) -> ModelStage:
    if facts.plan.decision is Decision.BLOCKED:
        return ModelStage.BLOCKED
    if facts.evidence is None:
        return _stage_without_evidence(request, facts)
    return ModelStage.EVALUATED if is_evaluated else ModelStage.TRAINED


def _stage_without_evidence(request: PullRequestFacts, facts: ModelFacts) -> ModelStage:
    if facts.failures:
        return ModelStage.FAILED
    if request.is_on_request:
        return ModelStage.ON_REQUEST
    return ModelStage.QUEUED if facts.is_queued else ModelStage.TRAINING


def _stage_after_merge(promotion: Promotion | None) -> ModelStage:
    if promotion is None:
        return ModelStage.MERGED
    match promotion.phase:
        case Phase.INTENT:
            return ModelStage.MERGED
        case Phase.DONE:
            return ModelStage.PROMOTED
        case Phase.SUPERSEDED:
            return ModelStage.SUPERSEDED
        case _:
            assert_never(promotion.phase)


def _merge_status(stage: ModelStage, *, verdict: Verdict | None, is_accepted: bool) -> MergeStatus:
    match stage:
        case ModelStage.UNAFFECTED:
            return MergeStatus.PASSED
        case ModelStage.BLOCKED | ModelStage.UNREADABLE | ModelStage.FAILED:
            return MergeStatus.FAILED
        case ModelStage.ON_REQUEST | ModelStage.TRAINING | ModelStage.QUEUED | ModelStage.TRAINED:
            return MergeStatus.WAITING
        case ModelStage.EVALUATED | ModelStage.MERGED | ModelStage.PROMOTED | ModelStage.SUPERSEDED:
            return _merge_status_of(verdict, is_accepted=is_accepted)
        case _:
            assert_never(stage)


def _merge_status_of(verdict: Verdict | None, *, is_accepted: bool) -> MergeStatus:
    if verdict is None:
        return MergeStatus.WAITING
    match verdict.outcome:
        case Outcome.PASS:
            return MergeStatus.PASSED
        case Outcome.INCONCLUSIVE:
            return MergeStatus.PASSED if is_accepted else MergeStatus.INCONCLUSIVE
        case Outcome.FAIL | Outcome.SKIPPED:
            return MergeStatus.FAILED
        case _:
            assert_never(verdict.outcome)
