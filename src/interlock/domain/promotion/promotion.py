"""What is served, how it came to be, which of several acts is the newest; effects are elsewhere.

An act is one promotion or rollback of one model. It is written ahead: INTENT, then its effects,
then DONE; or SUPERSEDED once a newer act stands above it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from interlock import errors


class PromotionKind(StrEnum):
    PROMOTION = "promotion"
    ROLLBACK = "rollback"


class Phase(StrEnum):
    """A promotion is written ahead: INTENT, then its effects, then DONE or SUPERSEDED."""

    INTENT = "intent"
    DONE = "done"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Promotion:
    """One act. `position` is the revision's first-parent position on main; `epoch` how many holds
    and releases there were before it, its own included. Together they are the only order there is.

    `sha256` is the model artifact's and `artifact` its path in the run; `version` the registry's,
    None while it is an intent; `replaces` the fingerprint served before; `pull` the pull request
    that brought it. An act that a hold began has the revision of the bytes that it pins, and the
    position of the act that it stands above.
    """

    model: str
    kind: PromotionKind
    phase: Phase
    fingerprint: str
    revision: str
    position: int
    run_id: str
    sha256: str
    registry_name: str
    environments: tuple[str, ...]
    at: str
    version: int | None = None
    replaces: str | None = None
    pull: int | None = None
    artifact: str = "model"
    epoch: int = 0

    @property
    def order(self) -> tuple[int, int]:
        """The epoch first: what a hold pins stands above all that main said until then."""
        return (self.epoch, self.position)

    @property
    def act(self) -> tuple[int, int, str]:
        """What all records of one act have in common."""
        return (*self.order, self.fingerprint)


@dataclass(frozen=True, slots=True)
class DesiredState:
    """What should be served of one model: what one revision of main says, or what a hold pins."""

    model: str
    fingerprint: str
    revision: str
    position: int
    registry_name: str
    environments: tuple[str, ...]
    epoch: int = 0

    @property
    def order(self) -> tuple[int, int]:
        return (self.epoch, self.position)

    @property
    def act(self) -> tuple[int, int, str]:
        return (*self.order, self.fingerprint)


class PromotionOutcome(StrEnum):
    """What became of one model. REPAIRED: the ledger was right, an alias was not. FAILED: a system
    outside refused or did not answer; running it again may help."""

    PROMOTED = "promoted"
    ROLLED_BACK = "rolled_back"
    UNCHANGED = "unchanged"
    REPAIRED = "repaired"
    SUPERSEDED = "superseded"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PromotionResult:
    """`version` is the registry's that is served afterwards, None when there is none to name;
    `exit_code` is the one that this model alone would end with."""

    model: str
    outcome: PromotionOutcome
    sentence: str
    version: int | None = None
    fingerprint: str | None = None
    exit_code: int = errors.EXIT_DONE


def refuse(model: str, sentence: str, *, exit_code: int = errors.EXIT_NO) -> PromotionResult:
    """A model that is not promoted, and why."""
    outcome = (
        PromotionOutcome.FAILED if exit_code == errors.EXIT_OUTSIDE else PromotionOutcome.REFUSED
    )
    return PromotionResult(model, outcome, sentence, exit_code=exit_code)


@dataclass(frozen=True, slots=True)
class Begin:
    """Nothing newer stands, and what is served is something else: a new act."""

    kind: PromotionKind
    replaces: str | None


@dataclass(frozen=True, slots=True)
class Resume:
    """This very act was begun and not finished."""

    intent: Promotion


@dataclass(frozen=True, slots=True)
class Keep:
    """What is wanted is what was promoted last."""

    done: Promotion


@dataclass(frozen=True, slots=True)
class Yield:
    """A newer act stands. `own` is an intent of ours that nobody closed yet."""

    newer: Promotion | None
    own: Promotion | None


@dataclass(frozen=True, slots=True)
class RewrittenHistory:
    """This place was promoted as something else: main was rewritten, and order means nothing."""

    other: Promotion


@dataclass(frozen=True, slots=True)
class Unproven:
    """Nothing that precedes it in the ledger proves the act that stands, and main is not above."""

    other: Promotion


Decision = Begin | Resume | Keep | Yield | RewrittenHistory | Unproven


def latest(records: Iterable[Promotion]) -> Promotion | None:
    """Return the act that the aliases must agree with: the newest that was not superseded.

    Its DONE record when it has one, else its INTENT.
    """
    return max(_live(records), key=lambda p: (p.order, p.phase is Phase.DONE), default=None)


def champion(records: Iterable[Promotion]) -> Promotion | None:
    """Return what is served: the newest finished act that was not superseded."""
    done = [p for p in _live(records) if p.phase is Phase.DONE]
    return max(done, key=lambda p: p.order, default=None)


def decide(
    wanted: DesiredState, records: Sequence[Promotion], *, is_proven: bool = True
) -> Decision:
    """Say what the wanted state asks for, given every record of the model's acts.

    `is_proven` is whether the act that stands is (proof.unproven). One that is not is never carried
    out, kept or given way to: a newer revision of main begins an act above it.
    """
    newest = latest(records)
    if newest is not None and not is_proven:
        is_below = wanted.order <= newest.order or wanted.position < newest.position
        return Unproven(newest) if is_below else _begin(wanted, records)
    return _decide(wanted, records, newest)


def _decide(
    wanted: DesiredState, records: Sequence[Promotion], newest: Promotion | None
) -> Decision:
    mine = [p for p in records if p.act == wanted.act]
    own = mine[0] if mine and all(p.phase is Phase.INTENT for p in mine) else None
    is_late = newest is not None and _is_above(newest, wanted)
    if is_late and own is not None:
        return Yield(newest, own)
    if newest is not None and newest.phase is Phase.DONE and is_same_state(newest, wanted):
        return Keep(newest)
    if is_late or any(p.phase is Phase.SUPERSEDED for p in mine):
        return Yield(newest, own=None)
    if newest is not None and newest.order == wanted.order:
        return Resume(newest) if own == newest else RewrittenHistory(newest)
    return _begin(wanted, records)


def _begin(wanted: DesiredState, records: Sequence[Promotion]) -> Begin:
    served = champion(records)
    return Begin(kind(wanted.fingerprint, records), served.fingerprint if served else None)


def _is_above(newest: Promotion, wanted: DesiredState) -> bool:
    """A release begins an epoch, but lets nobody go back behind where main was before the hold."""
    return newest.order > wanted.order or newest.position > wanted.position


def kind(fingerprint: str, records: Sequence[Promotion]) -> PromotionKind:
    """Return ROLLBACK when these bytes were served before something else took their place."""
    served = champion(records)
    if served is None or served.fingerprint == fingerprint:
        return PromotionKind.PROMOTION
    before = any(p.phase is Phase.DONE and p.fingerprint == fingerprint for p in records)
    return PromotionKind.ROLLBACK if before else PromotionKind.PROMOTION


def is_same_state(promotion: Promotion, wanted: DesiredState) -> bool:
    """Say whether an act puts what is wanted where it is wanted, whatever revision asked for it."""
    return (promotion.fingerprint, promotion.registry_name, promotion.environments) == (
        wanted.fingerprint,
        wanted.registry_name,
        wanted.environments,
    )


def deployment_key(act: Promotion, environment: str) -> str:
    """By which GitHub's record of an act in one environment is found again."""
    epoch = (str(act.epoch),) if act.epoch else ()
    return ":".join((act.model, str(act.position), act.fingerprint[:12], *epoch, environment))


def is_overtaken(
    own: Promotion, records: Iterable[Promotion], *, later: Iterable[str | None]
) -> bool:
    """Say whether main has moved on from `own` to what was served before it.

    `later` are the model's fingerprints at the revisions of main after `own`'s. Such a revision
    finds itself served and leaves no record, so that the ledger alone cannot tell that it is newer.
    """
    below = champion(p for p in records if p.order < own.order)
    return below is not None and below.fingerprint in set(later)


def _live(records: Iterable[Promotion]) -> list[Promotion]:
    every = list(records)
    superseded = {p.act for p in every if p.phase is Phase.SUPERSEDED}
    return [p for p in every if p.act not in superseded]
