"""Which act the registry must agree with once every act has ended; aliases are not looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from interlock.domain.promotion import promotion
from interlock.domain.promotion.promotion import DesiredState, Phase, Promotion
from interlock.domain.promotion.reconciliation.observed_state import (
    Difference,
    DifferenceKind,
    ObservedState,
)


@dataclass(frozen=True, slots=True)
class PromotionOutlook:
    """`settled` is the act that stands and is done, None when another will or none does: then its
    promoter sets all that depends on it. `place` is the registered model and the environments that
    it is, or will be, served in."""

    corrections: tuple[Difference, ...]
    settled: Promotion | None = None
    place: tuple[str, tuple[str, ...]] | None = None


def find(seen: ObservedState) -> PromotionOutlook:
    """Say what has to happen to the acts of a model, and what is settled already."""
    top = promotion.latest(seen.records)
    if seen.wanted is None:
        return PromotionOutlook(tuple(_closed(seen, spared=None)))
    begun = _unbegun(seen, seen.wanted)
    left = _closed(seen, spared=top)
    if begun is not None and not begun.refusal and isinstance(seen.wanted, DesiredState):
        closed = _closed(seen, spared=None)
        place = (seen.wanted.registry_name, seen.wanted.environments)
        return PromotionOutlook((begun, *closed), place=place)
    found = () if begun is None else (begun,)
    if top is None:
        return PromotionOutlook((*found, *left))
    place = (top.registry_name, top.environments)
    if seen.doubt:
        # Nothing is done for it, and nothing is taken away: what is there is for people to judge.
        refused = replace(_ended(seen, top, "done"), found=top.phase, refusal=seen.doubt)
        return PromotionOutlook((*found, refused, *left), place=place)
    if top.phase is Phase.DONE:
        return PromotionOutlook((*found, *left), settled=top, place=place)
    # Above what main says stands somebody who read a newer main: the act is theirs to end.
    resumed = () if _is_ahead(seen.wanted, top) else (_ended(seen, top, "done"),)
    return PromotionOutlook((*found, *resumed, *left), place=place)


def _unbegun(seen: ObservedState, wanted: DesiredState | str) -> Difference | None:
    """What main says and nobody began, or why that is not known."""
    served = promotion.champion(seen.records)
    found = served.fingerprint[:12] if served else None
    if isinstance(wanted, str):
        return _promotion(seen, None, found, refusal=wanted)
    expected = wanted.fingerprint[:12]
    match promotion.decide(wanted, seen.records, is_proven=not seen.doubt):
        case promotion.Begin():
            return _promotion(seen, expected, found, refusal=seen.objection)
        case promotion.RewrittenHistory(other=other):
            said = (
                f"position {other.position} was promoted as {other.revision[:12]}, and is "
                f"{wanted.revision[:12]} now: main was rewritten; add a commit to it"
            )
            return _promotion(seen, expected, found, refusal=said)
    return None


def _promotion(
    seen: ObservedState, expected: str | None, found: str | None, *, refusal: str
) -> Difference:
    return Difference(
        seen.model, DifferenceKind.PROMOTION, "fingerprint", expected, found, refusal=refusal
    )


def _closed(seen: ObservedState, *, spared: Promotion | None) -> Iterator[Difference]:
    """Acts that were begun, have not ended, and that something else stands above."""
    ended = {p.act for p in seen.records if p.phase is not Phase.INTENT}
    for act in seen.records:
        if act.act not in ended and act != spared:
            yield _ended(seen, act, "superseded")


def _ended(seen: ObservedState, act: Promotion, end: str) -> Difference:
    epoch = f", epoch {act.epoch}" if act.epoch else ""
    what = f"{act.kind} of {act.revision[:12]} at position {act.position}{epoch}"
    return Difference(seen.model, DifferenceKind.ACT, what, end, Phase.INTENT, act=act)


def _is_ahead(wanted: DesiredState | str, top: Promotion) -> bool:
    return isinstance(wanted, DesiredState) and top.order > wanted.order
