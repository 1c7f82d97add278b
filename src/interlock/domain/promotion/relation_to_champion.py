"""Finds the relation of a candidate to the champion, from the promotions so far."""

from __future__ import annotations

from collections.abc import Iterable

from interlock.domain.evaluation.champion_relation import ChampionRelation
from interlock.domain.promotion import promotion
from interlock.domain.promotion.promotion import Phase, Promotion, PromotionKind


def find(promotions: Iterable[Promotion], *, fingerprint: str) -> ChampionRelation:
    """Return how a fingerprint relates to the champion; only finished promotions count."""
    records = tuple(promotions)
    champion = promotion.champion(records)
    if champion is None:
        return ChampionRelation()
    is_rollback = promotion.kind(fingerprint, records) is PromotionKind.ROLLBACK
    before = [p for p in records if p.phase is Phase.DONE and p.fingerprint == fingerprint]
    last = max(before, key=lambda p: p.order, default=None)
    return ChampionRelation(
        champion=champion.fingerprint,
        version=champion.version,
        is_champion=champion.fingerprint == fingerprint,
        is_rollback=is_rollback,
        served_as=last.version if last is not None and is_rollback else None,
    )
