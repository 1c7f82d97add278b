"""Repairs each difference. Repairs are idempotent, and none overwrites a newer promotion."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from interlock.commands.reconcile import results
from interlock.domain.basics.refusal import Refusal
from interlock.domain.model.snapshot import Snapshot
from interlock.domain.promotion import promotion, reconciliation, registry_state
from interlock.domain.promotion.promotion import Promotion, PromotionOutcome, PromotionResult
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
    """Repairs differences, one after the other. `each` runs the repairs of ledger and registry,
    `on_github` those of deployments: a failure of GitHub stops no other repair."""

    context: PromotionContext
    main: Main
    snapshot: Snapshot
    each: EachModel
    on_github: EachModel

    def repair(self, difference: Difference) -> DifferenceResult:
        """Repair one difference; a failure is its result, and stops no other repair."""
        if difference.refusal is not None:
            return DifferenceResult(difference, RepairStatus.REFUSED, difference.refusal.reason)
        each = self.on_github if difference.kind is DifferenceKind.DEPLOYMENT else self.each
        return each.do(
            difference.model,
            lambda _: self._repaired(difference),
            otherwise=lambda stopped: results.stopped(difference, stopped),
        )

    def _repaired(self, difference: Difference) -> DifferenceResult:
        refusal = self._effect(difference)
        if refusal is not None:
            return DifferenceResult(difference, RepairStatus.REFUSED, refusal.reason)
        return DifferenceResult(difference, RepairStatus.REPAIRED, difference.sentence)

    def _effect(self, difference: Difference) -> Refusal | None:
        match difference.kind:
            case DifferenceKind.TAG | DifferenceKind.ARCHIVE:
                return self._tag(difference)
            case DifferenceKind.PROMOTION:
                return self._promote(difference)
            case DifferenceKind.UNFINISHED:
                return self._end(difference)
            case DifferenceKind.VERSION:
                return self._register(difference)
            case DifferenceKind.ALIAS:
                self._set_alias(difference)
            case DifferenceKind.DEPLOYMENT:
                self._deploy(difference)
            case (
                DifferenceKind.MANIFEST | DifferenceKind.RECORD | DifferenceKind.ARTIFACT
            ):  # always refused
                raise AssertionError(difference.kind)
        return None

    def _tag(self, difference: Difference) -> Refusal | None:
        if difference.name == registry_state.ORPHANED and self._is_required(difference):
            return Refusal("a promotion that began in the meantime requires this version")
        self.context.registry.set_tag(
            difference.registry_name,
            difference.name,
            difference.expected,
            version=difference.version,
        )
        return None

    def _is_required(self, difference: Difference) -> bool:
        """True if a promotion of any model now requires the orphaned version."""
        if difference.expected is None:
            return False
        ledger, registry_name = self.context.ledger, difference.registry_name
        ledger.refresh()
        every = (lookup.promotions(ledger, model=name) for name in lookup.promoted_models(ledger))
        promotions = [p for records in every for p in records if p.registry_name == registry_name]
        (model,) = self.context.registry.read([registry_name]) or (
            registry_state.RegisteredModel("", ()),
        )
        owned = reconciliation.find_owners(model, promotions)
        return difference.version in {each.version.number for each in owned}

    def _promote(self, difference: Difference) -> Refusal | None:
        context = self.context
        pull = model_promotion.find_pull(
            context.github, self.main.commit, attempts=context.attempts
        )
        main = dataclasses.replace(self.main, pull=pull)
        result = model_promotion.promote(context, main, self.snapshot, difference.model)
        return _refusal(result)

    def _end(self, difference: Difference) -> Refusal | None:
        """Finish or supersede a promotion as a rerun of its own process would."""
        intent = _promotion(difference)
        effects = self._effects_of(intent)
        if difference.expected == "done":
            return _refusal(effects.carry_out(intent))
        effects.supersede(intent, by=promotion.latest(effects.records()))
        return None

    def _register(self, difference: Difference) -> Refusal | None:
        done = _promotion(difference)
        refusal = self._effects_of(done).check_run(done)
        if refusal is None:
            self.context.registry.register(done)
        return refusal

    def _set_alias(self, difference: Difference) -> None:
        """Set the aliases of the latest promotion; remove an alias only if it requires none."""
        effects = PromotionEffects(self.context, self.main, difference.model)
        if difference.expected is None:
            self.context.ledger.refresh()
            latest = promotion.latest(effects.records())
            if latest is None or not _requires(latest, difference):
                self.context.registry.remove_alias(difference.registry_name, difference.name)
        effects.set_aliases()

    def _deploy(self, difference: Difference) -> None:
        owner = _promotion(difference)
        effects = self._effects_of(owner)
        latest = promotion.latest(effects.records()) or owner
        version = effects.find_version(owner) or effects.find_version(latest) or 0
        effects.upsert_deployment(
            owner, difference.name, version=version, state=str(difference.expected)
        )

    def _effects_of(self, owner: Promotion) -> PromotionEffects:
        main = dataclasses.replace(self.main, commit=owner.revision, position=owner.position)
        holds = lookup.holds(self.context.ledger, model=owner.model)
        return PromotionEffects(self.context, main, owner.model, holds)


def _promotion(difference: Difference) -> Promotion:
    assert difference.promotion is not None  # noqa: S101 - the plan gives these kinds one
    return difference.promotion


def _refusal(result: PromotionResult) -> Refusal | None:
    return Refusal(result.sentence) if result.outcome is PromotionOutcome.REFUSED else None


def _requires(latest: Promotion, difference: Difference) -> bool:
    is_here = latest.registry_name == difference.registry_name
    return is_here and difference.name in latest.environments
