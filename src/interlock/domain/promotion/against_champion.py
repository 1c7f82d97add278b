"""Where a candidate stands to what is and was served; reads promotions, changes none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from interlock.domain.promotion import promotion
from interlock.domain.promotion.promotion import Kind, Phase, Promotion


@dataclass(frozen=True, slots=True)
class Standing:
    """The champion's fingerprint and version, None when there is none. `served_as` is the version
    as which the candidate itself was served before something else took its place."""

    champion: str | None = None
    version: int | None = None
    is_champion: bool = False
    is_rollback: bool = False
    served_as: int | None = None

    @property
    def skip(self) -> str:
        """Why gates against the champion are not asked; empty when they are."""
        if self.champion is None:
            return "no champion yet"
        if self.is_champion:
            return "it is the champion"
        if self.is_rollback:
            return (
                f"served before as version {self.served_as}; "
                "a rollback is not held against what it replaces"
            )
        return ""


def find(promotions: Iterable[Promotion], *, fingerprint: str) -> Standing:
    """Return where a fingerprint stands; only finished promotions count."""
    records = tuple(promotions)
    champion = promotion.champion(records)
    if champion is None:
        return Standing()
    is_rollback = promotion.kind(fingerprint, records) is Kind.ROLLBACK
    before = [p for p in records if p.phase is Phase.DONE and p.fingerprint == fingerprint]
    last = max(before, key=lambda p: p.order, default=None)
    return Standing(
        champion=champion.fingerprint,
        version=champion.version,
        is_champion=champion.fingerprint == fingerprint,
        is_rollback=is_rollback,
        served_as=last.version if last is not None and is_rollback else None,
    )
