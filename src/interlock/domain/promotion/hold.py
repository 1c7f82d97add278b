"""Holds: a person's word on what is served, whatever main says; nothing is promoted here.

A hold pins bytes that were served. It begins an act of its own, written in one commit with it, that
stands above every act of the epoch before; a release begins an epoch in which main decides again.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from interlock.domain.promotion import promotion
from interlock.domain.promotion.promotion import Phase, Promotion, PromotionKind


class HoldStep(StrEnum):
    HOLD = "hold"
    RELEASE = "release"


@dataclass(frozen=True, slots=True)
class Hold:
    """One hold or release of one model: the `epoch`-th of them, counted from 1.

    `fingerprint` and `version` are what a hold pins, None for a release; `at` is ISO 8601.
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
    """What somebody says of one model: `at` is ISO 8601."""

    model: str
    by: str
    reason: str
    at: str

    def record(self, step: HoldStep, *, epoch: int, target: Promotion | None = None) -> Hold:
        """The word written down; `target` is the act whose bytes a hold pins."""
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
    """What is written in one commit: the record, the outcome of what was being promoted until then,
    and the act that a hold begins."""

    record: Hold
    acts: tuple[Promotion, ...] = ()


@dataclass(frozen=True, slots=True)
class HoldRefusal:
    sentence: str


def epoch(holds: Iterable[Hold]) -> int:
    """Return how many holds and releases there were."""
    return max((hold.epoch for hold in holds), default=0)


def active(holds: Iterable[Hold]) -> Hold | None:
    """Return the hold that stands, None when there is none or it was released."""
    last = max(holds, key=lambda hold: hold.epoch, default=None)
    return last if last is not None and last.step is HoldStep.HOLD else None


def sentence(hold: Hold) -> str:
    """`held by octocat since 2030-01-01 12:00: broken camera; `/interlock release digits`."""
    why = f": {hold.reason.rstrip('.')}" if hold.reason else ""
    since = hold.at[:16].replace("T", " ")
    return f"held by {hold.by} since {since}{why}; `/interlock release {hold.model}`"


def pinned(hold: Hold, records: Iterable[Promotion]) -> Promotion | None:
    """Return the act that a hold began, finished or not; None in a ledger that lost it."""
    return promotion.latest(p for p in records if p.epoch == hold.epoch)


def pin(
    holds: Sequence[Hold], records: Sequence[Promotion], *, word: HoldRequest
) -> HoldChange | HoldRefusal:
    """Hold what is served now."""
    held = active(holds)
    if held is not None:
        return HoldRefusal(f"{word.model} is {sentence(held)} ends that")
    served = promotion.champion(records)
    if served is None:
        return HoldRefusal(f"nothing of {word.model} is served yet, so there is nothing to hold")
    return _turn(holds, records, served, kind=PromotionKind.PROMOTION, word=word)


def roll_back(
    holds: Sequence[Hold], records: Sequence[Promotion], *, word: HoldRequest
) -> HoldChange | HoldRefusal:
    """Hold what was served before what is served now."""
    earlier = previous_version(holds, records)
    if earlier is None:
        why = f"no other version of {word.model} was served before, so there is no way back"
        return HoldRefusal(why)
    return _turn(holds, records, earlier, kind=PromotionKind.ROLLBACK, word=word)


def release(
    holds: Sequence[Hold], records: Sequence[Promotion], *, word: HoldRequest
) -> HoldChange | HoldRefusal:
    """Let main decide again."""
    if active(holds) is None:
        return HoldRefusal(f"{word.model} is not held")
    record = word.record(HoldStep.RELEASE, epoch=epoch(holds) + 1)
    return HoldChange(record, _given_up(records, at=word.at))


def previous_version(holds: Iterable[Hold], records: Iterable[Promotion]) -> Promotion | None:
    """Return how the bytes came to be served that were served before the champion's.

    Acts of holds are left out: they repeat what main said before, and a second way back would
    lead forward again.
    """
    pins = {hold.epoch for hold in holds if hold.step is HoldStep.HOLD}
    known = [p for p in records if p.phase is Phase.DONE]
    served = promotion.champion(known)
    if served is None:
        return None
    own = [p for p in known if p.epoch not in pins]
    last = max((p.order for p in own if p.fingerprint == served.fingerprint), default=(0, 0))
    earlier = [p for p in own if p.order < last and p.fingerprint != served.fingerprint]
    return max(earlier, key=lambda p: p.order, default=None)


def _turn(
    holds: Sequence[Hold],
    records: Sequence[Promotion],
    target: Promotion,
    *,
    kind: PromotionKind,
    word: HoldRequest,
) -> HoldChange:
    """The act stands above all others; it is done at once when nothing has to change for it."""
    top = promotion.latest(records) or target
    served = promotion.champion(records) or target
    intent = dataclasses.replace(
        target,
        kind=kind,
        phase=Phase.INTENT,
        epoch=epoch(holds) + 1,
        position=top.position,
        registry_name=served.registry_name,
        environments=served.environments,
        at=word.at,
        version=None,
        replaces=served.fingerprint,
        pull=None,
    )
    record = word.record(HoldStep.HOLD, epoch=intent.epoch, target=target)
    if top != target:
        return HoldChange(record, (*_given_up(records, at=word.at), intent))
    done = dataclasses.replace(intent, phase=Phase.DONE, version=target.version)
    return HoldChange(record, (intent, done))


def _given_up(records: Sequence[Promotion], *, at: str) -> tuple[Promotion, ...]:
    """End what was begun and is not done: in the epoch that begins now nobody asks for it again."""
    ended = {p.act for p in records if p.phase is not Phase.INTENT}
    left = [p for p in records if p.act not in ended]
    return tuple(dataclasses.replace(p, phase=Phase.SUPERSEDED, at=at) for p in left)
