"""The effect of each correction, idempotent, and none of them made against a newer act.

Acts are carried out by promoting; whatever points at what is served is pointed by its rules.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from interlock.commands.reconcile import results
from interlock.domain.model.snapshot import Snapshot
from interlock.domain.promotion import promotion, reconciliation, registry_state
from interlock.domain.promotion.promotion import Promotion, PromotionOutcome
from interlock.domain.promotion.reconciliation import (
    Difference,
    DifferenceKind,
    DifferenceResult,
    RepairStatus,
)
from interlock.ledger import lookup
from interlock.services.each_model import EachModel
from interlock.services.promotion import model_promotion
from interlock.services.promotion.model_promotion import Main, PromotionContext, PromotionEffects


@dataclass(frozen=True, slots=True)
class Repairer:
    """Makes corrections, one after the other. `each` are those of what serves, `told` those of what
    GitHub is told: it gates none of the others."""

    world: PromotionContext
    main: Main
    snapshot: Snapshot
    each: EachModel
    told: EachModel

    def make(self, correction: Difference) -> DifferenceResult:
        """Make one correction; a system that refuses is told, and stops no other correction."""
        if correction.refusal:
            return DifferenceResult(correction, RepairStatus.REFUSED, correction.refusal)
        each = self.told if correction.kind is DifferenceKind.DEPLOYMENT else self.each
        return each.do(
            correction.model,
            lambda _: self._made(correction),
            otherwise=lambda stopped: results.stopped(correction, stopped),
        )

    def _made(self, correction: Difference) -> DifferenceResult:
        refusal = self._effect(correction)
        if refusal:
            return DifferenceResult(correction, RepairStatus.REFUSED, refusal)
        return DifferenceResult(correction, RepairStatus.DONE, correction.sentence)

    def _effect(self, correction: Difference) -> str:
        """Why it was not made after all; "" when it was."""
        match correction.kind:
            case DifferenceKind.TAG | DifferenceKind.ARCHIVE:
                return self._tag(correction)
            case DifferenceKind.PROMOTION:
                return self._promote(correction)
            case DifferenceKind.ACT:
                return self._end(correction)
            case DifferenceKind.VERSION:
                return self._register(correction)
            case DifferenceKind.ALIAS:
                self._point(correction)
            case DifferenceKind.DEPLOYMENT:
                self._deploy(correction)
            case (
                DifferenceKind.MANIFEST | DifferenceKind.RECORD | DifferenceKind.BYTES
            ):  # always refused
                raise AssertionError(correction.kind)
        return ""

    def _tag(self, correction: Difference) -> str:
        if correction.name == registry_state.ORPHANED and self._is_asked_for(correction):
            return "an act that was begun meanwhile serves it; it is no stray"
        self.world.registry.set_tag(
            correction.registry_name,
            correction.name,
            correction.expected,
            version=correction.version,
        )
        return ""

    def _is_asked_for(self, correction: Difference) -> bool:
        """Whether an act of any model serves by now what nobody had asked for when it was seen."""
        if correction.expected is None:
            return False
        ledger, registry_name = self.world.ledger, correction.registry_name
        ledger.refresh()
        every = (lookup.promotions(ledger, model=name) for name in lookup.promoted_models(ledger))
        acts = [act for acts in every for act in acts if act.registry_name == registry_name]
        (model,) = self.world.registry.read([registry_name]) or (
            registry_state.RegisteredModel("", ()),
        )
        found = reconciliation.find_owners(model, acts)
        return correction.version in {owned.version.number for owned in found}

    def _promote(self, correction: Difference) -> str:
        world = self.world
        pull = model_promotion.find_pull(world.github, self.main.commit, attempts=world.attempts)
        main = dataclasses.replace(self.main, pull=pull)
        result = model_promotion.promote(world, main, self.snapshot, correction.model)
        return result.sentence if result.outcome is PromotionOutcome.REFUSED else ""

    def _end(self, correction: Difference) -> str:
        """Carry out or close an act as its own promoter would, if that ran again."""
        intent = _act(correction)
        act = self._as_promoter_of(intent)
        if correction.expected == "done":
            result = act.carry_out(intent)
            return result.sentence if result.outcome is PromotionOutcome.REFUSED else ""
        act.give_way(intent, to=promotion.latest(act.records()))
        return ""

    def _register(self, correction: Difference) -> str:
        act = _act(correction)
        tampered = self._as_promoter_of(act).tampered(act)
        if not tampered:
            self.world.registry.register(act)
        return tampered

    def _point(self, correction: Difference) -> None:
        """Aliases follow the act that stands by now; one is taken away only where none names it."""
        act = PromotionEffects(self.world, self.main, correction.model)
        if correction.expected is None:
            self.world.ledger.refresh()
            top = promotion.latest(act.records())
            place = None if top is None else (top.registry_name, top.environments)
            if place is None or not _names(place, correction):
                self.world.registry.remove_alias(correction.registry_name, correction.name)
        act.converge()

    def _deploy(self, correction: Difference) -> None:
        told = _act(correction)
        act = self._as_promoter_of(told)
        served = promotion.latest(act.records()) or told
        version = act.find_version(told) or act.find_version(served) or 0
        act.deploy(told, correction.name, version=version, state=str(correction.expected))

    def _as_promoter_of(self, act: Promotion) -> PromotionEffects:
        main = dataclasses.replace(self.main, commit=act.revision, position=act.position)
        holds = lookup.holds(self.world.ledger, model=act.model)
        return PromotionEffects(self.world, main, act.model, holds)


def _act(correction: Difference) -> Promotion:
    assert correction.act is not None  # noqa: S101 - the plan gives these kinds one
    return correction.act


def _names(place: tuple[str, tuple[str, ...]], correction: Difference) -> bool:
    return place[0] == correction.registry_name and correction.name in place[1]
