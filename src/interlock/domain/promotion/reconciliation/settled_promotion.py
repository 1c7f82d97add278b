"""Finds the promotion that the registry must agree with when every promotion has ended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from interlock.domain.basics.refusal import Refusal
from interlock.domain.promotion import promotion
from interlock.domain.promotion.promotion import DesiredState, Phase, Promotion
from interlock.domain.promotion.reconciliation.observed_state import (
    Difference,
    ObservedState,
)
from interlock.domain.promotion.repair import DifferenceKind


@dataclass(frozen=True, slots=True)
class PromotionOutlook:
    """`settled` is the latest promotion if it is done, else None: then the promotion that is still
    to be done sets everything that depends on it. `target` is the registered model and the
    environments of the latest or the next promotion."""

    differences: tuple[Difference, ...]
    settled: Promotion | None = None
    target: tuple[str, tuple[str, ...]] | None = None


def find(observed: ObservedState) -> PromotionOutlook:
    """List the promotions of a model that must begin or end, and find the settled one."""
    latest = promotion.latest(observed.records)
    if observed.desired is None:
        return PromotionOutlook(tuple(_unfinished(observed, except_=None)))
    missing = _missing(observed, observed.desired)
    unfinished = tuple(_unfinished(observed, except_=latest))
    if (
        missing is not None
        and missing.refusal is None
        and isinstance(observed.desired, DesiredState)
    ):
        every = _unfinished(observed, except_=None)
        target = (observed.desired.registry_name, observed.desired.environments)
        return PromotionOutlook((missing, *every), target=target)
    begin = () if missing is None else (missing,)
    if latest is None:
        return PromotionOutlook((*begin, *unfinished))
    target = (latest.registry_name, latest.environments)
    if observed.unproven is not None:
        # Nothing is changed: a user has to look at it.
        end = _end(observed, latest, "done")
        refused = replace(end, actual=latest.phase, refusal=observed.unproven)
        return PromotionOutlook((*begin, refused, *unfinished), target=target)
    if latest.phase is Phase.DONE:
        return PromotionOutlook((*begin, *unfinished), settled=latest, target=target)
    # A promotion of a newer revision of main belongs to the process that began it.
    resumed = () if _is_newer(latest, observed.desired) else (_end(observed, latest, "done"),)
    return PromotionOutlook((*begin, *resumed, *unfinished), target=target)


def _missing(observed: ObservedState, desired: DesiredState | Refusal) -> Difference | None:
    """The promotion that main requires and no process has begun, or why that is unknown."""
    champion = promotion.champion(observed.records)
    actual = champion.fingerprint[:12] if champion else None
    if isinstance(desired, Refusal):
        return _promotion(observed, None, actual, refusal=desired)
    expected = desired.fingerprint[:12]
    match promotion.decide(desired, observed.records, unproven=observed.unproven):
        case promotion.Begin():
            return _promotion(observed, expected, actual, refusal=observed.not_allowed)
        case promotion.RewrittenHistory(other=other):
            refusal = Refusal(
                f"position {other.position} was promoted as {other.revision[:12]}, and is "
                f"{desired.revision[:12]} now: main was rewritten; add a commit to it"
            )
            return _promotion(observed, expected, actual, refusal=refusal)
    return None


def _promotion(
    observed: ObservedState,
    expected: str | None,
    actual: str | None,
    *,
    refusal: Refusal | None,
) -> Difference:
    return Difference(
        observed.model, DifferenceKind.PROMOTION, "fingerprint", expected, actual, refusal=refusal
    )


def _unfinished(observed: ObservedState, *, except_: Promotion | None) -> Iterator[Difference]:
    """Promotions that were begun, have not ended, and are not the latest."""
    ended = {p.act for p in observed.records if p.phase is not Phase.INTENT}
    for intent in observed.records:
        if intent.act not in ended and intent != except_:
            yield _end(observed, intent, "superseded")


def _end(observed: ObservedState, intent: Promotion, expected: str) -> Difference:
    epoch = f", epoch {intent.epoch}" if intent.epoch else ""
    resource = f"{intent.kind} of {intent.revision[:12]} at position {intent.position}{epoch}"
    kind = DifferenceKind.UNFINISHED
    return Difference(observed.model, kind, resource, expected, Phase.INTENT, promotion=intent)


def _is_newer(latest: Promotion, desired: DesiredState | Refusal) -> bool:
    return isinstance(desired, DesiredState) and latest.order > desired.order
