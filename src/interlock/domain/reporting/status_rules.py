"""What a pull request is told of each model, derived from facts; no Markdown may enter."""

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

# The gravest first: what decides the whole, and the order in which models are told.
_GRAVITY = (MergeStatus.FAILED, MergeStatus.WAITING, MergeStatus.ASKS, MergeStatus.PASSED)


def tell(request: PullRequestFacts, models: Iterable[ModelFacts]) -> Report:
    """Return the report of a pull request: one story a model, and what all of them come to."""
    stories = [_story(request, facts) for facts in models]
    touched = [s for s in stories if s.state is not ModelStage.UNAFFECTED]
    rest = sorted((s for s in stories if s.state is ModelStage.UNAFFECTED), key=lambda s: s.model)
    touched.sort(key=lambda s: (_GRAVITY.index(s.standing), s.model))
    return Report(
        request=request,
        stories=tuple(touched),
        unaffected=tuple(s.model for s in rest),
        doubts=tuple((s.model, text) for s in rest for text in s.facts.plan.warnings),
        standing=min((s.standing for s in touched), key=_GRAVITY.index, default=MergeStatus.PASSED),
    )


def find_verdict(
    verdicts: Iterable[Verdict], *, key: str, heads: Collection[str]
) -> tuple[Verdict | None, bool]:
    """Return the verdict to show, and whether it is stale.

    The one under today's key counts. Without it the one made for this very commit is shown, then
    any other, but as stale: rules, policy or champion have moved since.
    """
    known = sorted(verdicts, key=lambda v: (v.key != key, v.revision not in heads, v.key))
    return next(iter(known), None), all(v.key != key for v in known)


def find_last_verdict(
    verdicts: Iterable[Verdict], *, champion: str | None, heads: Collection[str]
) -> Verdict | None:
    """Return the verdict that a merge, or a closing, was made with: of its commit, against what
    was served then."""
    known = sorted(verdicts, key=lambda v: (v.champion != champion, v.revision not in heads, v.key))
    return next(iter(known), None)


def find_promotion(
    promotions: Iterable[Promotion], *, request: PullRequestFacts, fingerprint: str | None
) -> Promotion | None:
    """Return the promotion that this merge brought about, None before there is one.

    It names the pull request; or it is of this fingerprint, at the merge's position or later.
    """
    known = list(promotions)
    ours = [p for p in known if p.pull == request.number]
    since = request.merge_position
    if not ours and since is not None:
        ours = [p for p in known if p.fingerprint == fingerprint and p.position >= since]
    # Intent and end of one act share a place: the end tells more.
    return min(ours, key=lambda p: (p.order, p.phase is Phase.INTENT), default=None)


def _story(request: PullRequestFacts, facts: ModelFacts) -> ModelStatus:
    heads = (request.head, *request.heads)
    promotion = None
    if request.is_merged:
        wanted = facts.plan.fingerprint
        promotion = find_promotion(facts.promotions, request=request, fingerprint=wanted)
    served = facts.served
    verdict, is_stale = find_verdict(facts.verdicts, key=facts.key, heads=heads)
    if not request.is_open:
        is_stale = False
        served = _served_then(facts, request, promotion)
        champion = _champion_then(served, promotion) if request.is_merged else None
        verdict = find_last_verdict(facts.verdicts, champion=champion, heads=heads)
        if not request.is_merged and verdict is not None:
            served = _last_served(facts, fingerprint=verdict.champion)
    acceptance = _acceptance(facts, verdict, request)
    state = _state(request, facts, judged=verdict is not None and not is_stale, by=promotion)
    return ModelStatus(
        facts=facts,
        state=state,
        standing=_standing(state, verdict=verdict, is_accepted=acceptance is not None),
        verdict=verdict,
        is_stale=is_stale,
        acceptance=acceptance,
        promotion=promotion,
        served=served,
    )


def _champion_then(served: Promotion | None, promotion: Promotion | None) -> str | None:
    """Fingerprint of what was served before the merge."""
    if promotion is not None:
        return promotion.replaces
    return served.fingerprint if served else None


def _served_then(
    facts: ModelFacts, request: PullRequestFacts, by: Promotion | None
) -> Promotion | None:
    """What was served at the merge's position, or once it had shipped: what came later, from main
    or by a hold, is no part of this story."""
    since = request.merge_position
    if since is None:
        return facts.served
    done = [p for p in facts.promotions if p.phase is Phase.DONE and p.position <= since]
    by_then = [p for p in done if by is None or p.order <= by.order]
    return max(by_then, key=lambda p: p.order, default=None)


def _last_served(facts: ModelFacts, *, fingerprint: str | None) -> Promotion | None:
    """How the champion of a verdict came to be it."""
    done = [p for p in facts.promotions if p.phase is Phase.DONE]
    of_it = [p for p in done if p.fingerprint == fingerprint]
    return max(of_it, key=lambda p: p.order, default=None)


def _acceptance(
    facts: ModelFacts, verdict: Verdict | None, request: PullRequestFacts
) -> Acceptance | None:
    """The word for exactly this judgement at exactly this commit; of a merge queue's group, which
    nobody has seen, at the commit that was queued."""
    if verdict is None or verdict.outcome is not Outcome.INCONCLUSIVE:
        return None
    given = [a for a in facts.acceptances if a.key == verdict.key]
    fitting = (a for a in given if a.revision == request.head or request.is_group)
    return next(fitting, None)


def _state(
    request: PullRequestFacts, facts: ModelFacts, *, judged: bool, by: Promotion | None
) -> ModelStage:
    if facts.plan.decision is Decision.UNAFFECTED:
        return ModelStage.UNAFFECTED
    if facts.unreadable:
        return ModelStage.UNREADABLE
    if request.is_merged:
        return _state_after_merge(by)
    return _state_before_merge(request, facts, judged=judged)


def _state_before_merge(
    request: PullRequestFacts, facts: ModelFacts, *, judged: bool
) -> ModelStage:
    if facts.plan.decision is Decision.BLOCKED:
        return ModelStage.BLOCKED
    if facts.evidence is None:
        return _state_without_evidence(request, facts)
    return ModelStage.JUDGED if judged else ModelStage.TRAINED


def _state_without_evidence(request: PullRequestFacts, facts: ModelFacts) -> ModelStage:
    if facts.failures:
        return ModelStage.FAILED
    if request.is_on_request:
        return ModelStage.PLANNED
    return ModelStage.QUEUED if facts.waits else ModelStage.TRAINING


def _state_after_merge(promotion: Promotion | None) -> ModelStage:
    if promotion is None:
        return ModelStage.MERGED
    match promotion.phase:
        case Phase.INTENT:
            return ModelStage.MERGED
        case Phase.DONE:
            return ModelStage.SHIPPED
        case Phase.SUPERSEDED:
            return ModelStage.OVERTAKEN
        case _:
            assert_never(promotion.phase)


def _standing(state: ModelStage, *, verdict: Verdict | None, is_accepted: bool) -> MergeStatus:
    match state:
        case ModelStage.UNAFFECTED:
            return MergeStatus.PASSED
        case ModelStage.BLOCKED | ModelStage.UNREADABLE | ModelStage.FAILED:
            return MergeStatus.FAILED
        case ModelStage.PLANNED | ModelStage.TRAINING | ModelStage.QUEUED | ModelStage.TRAINED:
            return MergeStatus.WAITING
        case ModelStage.JUDGED | ModelStage.MERGED | ModelStage.SHIPPED | ModelStage.OVERTAKEN:
            return _standing_of(verdict, is_accepted=is_accepted)
        case _:
            assert_never(state)


def _standing_of(verdict: Verdict | None, *, is_accepted: bool) -> MergeStatus:
    if verdict is None:
        return MergeStatus.WAITING
    match verdict.outcome:
        case Outcome.PASS:
            return MergeStatus.PASSED
        case Outcome.INCONCLUSIVE:
            return MergeStatus.PASSED if is_accepted else MergeStatus.ASKS
        case Outcome.FAIL | Outcome.SKIP:
            return MergeStatus.FAILED
        case _:
            assert_never(verdict.outcome)
