"""Promotions and rollbacks, their order, and which of them has to be done next; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from interlock import errors
from interlock.domain.basics.refusal import Refusal


class PromotionKind(StrEnum):
    PROMOTION = "promotion"
    ROLLBACK = "rollback"


class Phase(StrEnum):
    """The ledger records INTENT before the effects, and DONE or SUPERSEDED after them."""

    INTENT = "intent"
    DONE = "done"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Promotion:
    """One record of a promotion or rollback of one model.

    `position` is the first-parent position of `revision` on main. `epoch` counts the holds and
    releases before it, including its own. Both together are the only order of promotions.
    `sha256` is the digest of the model artifact, `artifact` its path in the run, `version` the
    registry's (None for an intent), `replaces` the fingerprint of the previous production model,
    `pull` the merged pull request. A promotion that a hold began has the revision of the held
    version, and the position of the promotion that it supersedes.
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
        """The epoch comes first: a held version is newer than every earlier promotion of main."""
        return (self.epoch, self.position)

    @property
    def act(self) -> tuple[int, int, str]:
        """The identity of a promotion, the same in all its records."""
        return (*self.order, self.fingerprint)


@dataclass(frozen=True, slots=True)
class DesiredState:
    """The required production model: of one revision of main, or of the active hold."""

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
    """The result for one model. REPAIRED: only an alias was wrong. FAILED: an outside system
    refused or did not answer; a rerun may help."""

    PROMOTED = "promoted"
    ROLLED_BACK = "rolled_back"
    UNCHANGED = "unchanged"
    REPAIRED = "repaired"
    SUPERSEDED = "superseded"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PromotionResult:
    """`version` is the production version afterwards, None if unknown; `exit_code` is the exit code
    of this model alone."""

    model: str
    outcome: PromotionOutcome
    sentence: str
    version: int | None = None
    fingerprint: str | None = None
    exit_code: int = errors.EXIT_DONE


def refuse(model: str, sentence: str, *, exit_code: int = errors.EXIT_NO) -> PromotionResult:
    """Return the result of a model that is not promoted."""
    outcome = (
        PromotionOutcome.FAILED if exit_code == errors.EXIT_OUTSIDE else PromotionOutcome.REFUSED
    )
    return PromotionResult(model, outcome, sentence, exit_code=exit_code)


@dataclass(frozen=True, slots=True)
class Begin:
    """Begin a new promotion: there is no newer one, and the production model is another."""

    kind: PromotionKind
    replaces: str | None


@dataclass(frozen=True, slots=True)
class Resume:
    """Resume this promotion: it was begun and not finished."""

    intent: Promotion


@dataclass(frozen=True, slots=True)
class Keep:
    """Keep the last promotion: it is the desired state."""

    done: Promotion


@dataclass(frozen=True, slots=True)
class Yield:
    """Yield to a newer promotion. `own` is the unfinished intent of this process, if any."""

    newer: Promotion | None
    own: Promotion | None


@dataclass(frozen=True, slots=True)
class RewrittenHistory:
    """This position was promoted with another fingerprint: main was rewritten."""

    other: Promotion


@dataclass(frozen=True, slots=True)
class Unproven:
    """The latest promotion has no proof in the ledger, and main is not newer."""

    refusal: Refusal


Decision = Begin | Resume | Keep | Yield | RewrittenHistory | Unproven


def latest(records: Iterable[Promotion]) -> Promotion | None:
    """Return the promotion that the aliases must agree with: the newest that is not superseded.

    Its DONE record if it has one, else its INTENT.
    """
    return max(_live(records), key=lambda p: (p.order, p.phase is Phase.DONE), default=None)


def champion(records: Iterable[Promotion]) -> Promotion | None:
    """Return the newest finished promotion that is not superseded."""
    done = [p for p in _live(records) if p.phase is Phase.DONE]
    return max(done, key=lambda p: p.order, default=None)


def decide(
    desired: DesiredState, records: Sequence[Promotion], *, unproven: Refusal | None = None
) -> Decision:
    """Decide how to reach the desired state, given all records of the model.

    `unproven` explains why the latest promotion has no proof (proof.check_proof). Such a promotion
    is never resumed, kept or yielded to; only a newer revision of main begins a new one.
    """
    newest = latest(records)
    if newest is not None and unproven is not None:
        is_older = desired.order <= newest.order or desired.position < newest.position
        return Unproven(unproven) if is_older else _begin(desired, records)
    return _decide(desired, records, newest)


def _decide(
    desired: DesiredState, records: Sequence[Promotion], newest: Promotion | None
) -> Decision:
    mine = [p for p in records if p.act == desired.act]
    own = mine[0] if mine and all(p.phase is Phase.INTENT for p in mine) else None
    is_late = newest is not None and _is_above(newest, desired)
    if is_late and own is not None:
        return Yield(newest, own)
    if newest is not None and newest.phase is Phase.DONE and is_same_state(newest, desired):
        return Keep(newest)
    if is_late or any(p.phase is Phase.SUPERSEDED for p in mine):
        return Yield(newest, own=None)
    if newest is not None and newest.order == desired.order:
        return Resume(newest) if own == newest else RewrittenHistory(newest)
    return _begin(desired, records)


def _begin(desired: DesiredState, records: Sequence[Promotion]) -> Begin:
    before = champion(records)
    return Begin(kind(desired.fingerprint, records), before.fingerprint if before else None)


def _is_above(newest: Promotion, desired: DesiredState) -> bool:
    """A release begins a new epoch, but no revision older than main before the hold may follow."""
    return newest.order > desired.order or newest.position > desired.position


def kind(fingerprint: str, records: Sequence[Promotion]) -> PromotionKind:
    """Return ROLLBACK if this model was in production before the current one."""
    current = champion(records)
    if current is None or current.fingerprint == fingerprint:
        return PromotionKind.PROMOTION
    before = any(p.phase is Phase.DONE and p.fingerprint == fingerprint for p in records)
    return PromotionKind.ROLLBACK if before else PromotionKind.PROMOTION


def is_same_state(promotion: Promotion, desired: DesiredState) -> bool:
    """True if a promotion results in the desired state; its revision may differ."""
    return (promotion.fingerprint, promotion.registry_name, promotion.environments) == (
        desired.fingerprint,
        desired.registry_name,
        desired.environments,
    )


def deployment_key(act: Promotion, environment: str) -> str:
    """Return the key of the GitHub deployment of a promotion to one environment."""
    epoch = (str(act.epoch),) if act.epoch else ()
    return ":".join((act.model, str(act.position), act.fingerprint[:12], *epoch, environment))


def is_overtaken(
    own: Promotion, records: Iterable[Promotion], *, later: Iterable[str | None]
) -> bool:
    """True if a later revision of main requires the production model before `own`.

    `later` are the fingerprints of the model at the revisions of main after `own`. The promotion of
    such a revision finds its model in production and writes no record, so that the ledger alone
    does not show it.
    """
    previous = champion(p for p in records if p.order < own.order)
    return previous is not None and previous.fingerprint in set(later)


def _live(records: Iterable[Promotion]) -> list[Promotion]:
    every = list(records)
    superseded = {p.act for p in every if p.phase is Phase.SUPERSEDED}
    return [p for p in every if p.act not in superseded]
