"""Holds: a user pins a version in production against the state of main; nothing is promoted here.

A hold pins an artifact that was in production. It starts its own promotion, written in the same
commit, which overrides all promotions of earlier epochs. A release starts an epoch in which main
decides again.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from interlock.domain.basics.refusal import Refusal
from interlock.domain.promotion import promotion
from interlock.domain.promotion.promotion import Phase, Promotion, PromotionKind


class HoldStep(StrEnum):
    HOLD = "hold"
    RELEASE = "release"


@dataclass(frozen=True, slots=True)
class Hold:
    """One hold or release of one model: the `epoch`-th of them, counted from 1.

    `fingerprint` and `version` are the pinned ones, None for a release; `at` is ISO 8601.
    """

    model: str
    epoch: int
    step: HoldStep
    by: str
    reason: str
    at: str
    fingerprint: str | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class HoldRequest:
    """A hold, rollback or release that a user requests for one model; `at` is ISO 8601."""

    model: str
    by: str
    reason: str
    at: str

    def record(self, step: HoldStep, *, epoch: int, target: Promotion | None = None) -> Hold:
        """Return the record; `target` is the promotion of the pinned artifact."""
        return Hold(
            model=self.model,
            epoch=epoch,
            step=step,
            by=self.by,
            reason=self.reason,
            at=self.at,
            fingerprint=target.fingerprint if target else None,
            version=target.version if target else None,
        )


@dataclass(frozen=True, slots=True)
class HoldChange:
    """The records of one commit: the hold, the end of the present promotion, and the promotion that
    the hold starts."""

    record: Hold
    acts: tuple[Promotion, ...] = ()


def epoch(holds: Iterable[Hold]) -> int:
    """Return the number of holds and releases."""
    return max((hold.epoch for hold in holds), default=0)


def active(holds: Iterable[Hold]) -> Hold | None:
    """Return the active hold, or None."""
    last = max(holds, key=lambda hold: hold.epoch, default=None)
    return last if last is not None and last.step is HoldStep.HOLD else None


def sentence(hold: Hold) -> str:
    """Return `held by octocat since 2030-01-01 12:00: broken camera; /interlock release digits`."""
    why = f": {hold.reason.rstrip('.')}" if hold.reason else ""
    since = hold.at[:16].replace("T", " ")
    return f"held by {hold.by} since {since}{why}; `/interlock release {hold.model}`"


def pinned(hold: Hold, records: Iterable[Promotion]) -> Promotion | None:
    """Return the promotion that a hold started; None if the ledger has lost it."""
    return promotion.latest(p for p in records if p.epoch == hold.epoch)


def pin(
    holds: Sequence[Hold], records: Sequence[Promotion], *, request: HoldRequest
) -> HoldChange | Refusal:
    """Hold the production model."""
    held = active(holds)
    if held is not None:
        return Refusal(f"{request.model} is {sentence(held)} ends the hold")
    champion = promotion.champion(records)
    if champion is None:
        return Refusal(f"{request.model} is not deployed yet, so there is no version to hold")
    return _change(holds, records, champion, kind=PromotionKind.PROMOTION, request=request)


def roll_back(
    holds: Sequence[Hold], records: Sequence[Promotion], *, request: HoldRequest
) -> HoldChange | Refusal:
    """Hold the version that was in production before the present one."""
    earlier = previous_version(holds, records)
    if earlier is None:
        return Refusal(f"{request.model} has no earlier version in production to roll back to")
    return _change(holds, records, earlier, kind=PromotionKind.ROLLBACK, request=request)


def release(
    holds: Sequence[Hold], records: Sequence[Promotion], *, request: HoldRequest
) -> HoldChange | Refusal:
    """End the hold; main decides again."""
    if active(holds) is None:
        return Refusal(f"{request.model} is not held")
    record = request.record(HoldStep.RELEASE, epoch=epoch(holds) + 1)
    return HoldChange(record, _superseded(records, at=request.at))


def previous_version(holds: Iterable[Hold], records: Iterable[Promotion]) -> Promotion | None:
    """Return the promotion of the version that was in production before the champion.

    Promotions of holds do not count: they repeat an earlier version, and a second rollback would
    go forward again.
    """
    pins = {hold.epoch for hold in holds if hold.step is HoldStep.HOLD}
    known = [p for p in records if p.phase is Phase.DONE]
    champion = promotion.champion(known)
    if champion is None:
        return None
    own = [p for p in known if p.epoch not in pins]
    last = max((p.order for p in own if p.fingerprint == champion.fingerprint), default=(0, 0))
    earlier = [p for p in own if p.order < last and p.fingerprint != champion.fingerprint]
    return max(earlier, key=lambda p: p.order, default=None)


def _change(
    holds: Sequence[Hold],
    records: Sequence[Promotion],
    target: Promotion,
    *,
    kind: PromotionKind,
    request: HoldRequest,
) -> HoldChange:
    """The new promotion overrides all others; it is done at once if nothing has to change."""
    top = promotion.latest(records) or target
    champion = promotion.champion(records) or target
    intent = dataclasses.replace(
        target,
        kind=kind,
        phase=Phase.INTENT,
        epoch=epoch(holds) + 1,
        position=top.position,
        registry_name=champion.registry_name,
        environments=champion.environments,
        at=request.at,
        version=None,
        replaces=champion.fingerprint,
        pull=None,
    )
    record = request.record(HoldStep.HOLD, epoch=intent.epoch, target=target)
    if top != target:
        return HoldChange(record, (*_superseded(records, at=request.at), intent))
    done = dataclasses.replace(intent, phase=Phase.DONE, version=target.version)
    return HoldChange(record, (intent, done))


def _superseded(records: Sequence[Promotion], *, at: str) -> tuple[Promotion, ...]:
    """End the promotions that are not done: the new epoch does not continue them."""
    ended = {p.act for p in records if p.phase is not Phase.INTENT}
    open_ones = [p for p in records if p.act not in ended]
    return tuple(dataclasses.replace(p, phase=Phase.SUPERSEDED, at=at) for p in open_ones)
