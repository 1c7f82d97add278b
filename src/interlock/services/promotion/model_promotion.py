"""Promotes one model: `promote` for a pushed revision, `reconcile` for unfinished promotions."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import assert_never

from interlock import errors
from interlock.domain.basics.refusal import Refusal
from interlock.domain.model.evidence import Evidence
from interlock.domain.model.policy import Policy
from interlock.domain.model.snapshot import ModelAt, Snapshot
from interlock.domain.promotion import hold as holding
from interlock.domain.promotion import promotion, proof
from interlock.domain.promotion.hold import Hold
from interlock.domain.promotion.promotion import DesiredState, Phase, Promotion, PromotionResult
from interlock.ledger import lookup
from interlock.ports.ledger import Ledger
from interlock.services.each_model import Probes
from interlock.services.promotion.effects import PromotionContext, PromotionEffects
from interlock.services.promotion.main_line import Main, find_pull, readable
from interlock.services.promotion.main_line import fetch as fetch_line
from interlock.services.promotion.registry_listing import RegistryListing

__all__ = [
    "Main",
    "PromotionContext",
    "PromotionEffects",
    "check_evidence",
    "desired_state",
    "fetch_line",
    "find_pull",
    "list_registry",
    "probes",
    "promote",
    "readable",
    "rewritten_history",
]


def promote(
    context: PromotionContext,
    main: Main,
    snapshot: Snapshot,
    name: str,
    *,
    listing: RegistryListing | None = None,
) -> PromotionResult:
    """Promote the version of the active hold, else the model of main.

    Raises OutsideFailure when a system cannot be reached: then a rerun completes the promotion.
    """
    holds = lookup.holds(context.ledger, model=name)
    effects = PromotionEffects(context, main, name, holds, listing)
    model = snapshot.models.get(name)
    desired = desired_state(main, model, effects.holds, effects.records())
    result = _promote(effects, snapshot, desired)
    held = effects.hold
    if held is None:
        return result
    return dataclasses.replace(result, sentence=f"{result.sentence}; {holding.sentence(held)}")


def list_registry(context: PromotionContext, names: Sequence[str]) -> RegistryListing:
    """Return the registry as one listing of the finished promotions of these models.

    A record that cannot be read is the result of its own model.
    """

    def promotions() -> Iterator[Promotion]:
        for name in names:
            with suppress(errors.LedgerBroken):
                latest = promotion.latest(lookup.promotions(context.ledger, model=name))
                if latest is not None and latest.phase is Phase.DONE:
                    yield latest

    return RegistryListing(context.registry, promotions)


def probes(context: PromotionContext) -> Probes:
    """Return a cheap request to each system that a promotion needs."""
    return {
        errors.CannotReachRegistry: lambda: context.registry.find_alias("interlock", "interlock"),
        errors.CannotReachGit: context.ledger.refresh,
    }


def desired_state(
    main: Main, model: ModelAt | None, holds: Sequence[Hold], records: Sequence[Promotion]
) -> DesiredState | Refusal:
    """Return the state that the active hold requires, else the state that main requires."""
    held = holding.active(holds)
    if held is not None:
        return _of_hold(held, records)
    if model is None:
        return Refusal(f"{main.commit[:12]} does not declare it")
    return _of_main(main, model, epoch=holding.epoch(holds))


def _of_main(main: Main, model: ModelAt, *, epoch: int) -> DesiredState | Refusal:
    if model.fingerprint is None:
        return Refusal(f"it has no fingerprint: {model.blocked}")
    return DesiredState(
        model=model.manifest.model,
        fingerprint=model.fingerprint,
        revision=main.commit,
        position=main.position,
        registry_name=model.manifest.promote.registry_name,
        environments=model.manifest.promote.environments,
        epoch=epoch,
    )


def _of_hold(held: Hold, records: Sequence[Promotion]) -> DesiredState | Refusal:
    """Return the state of the promotion that the hold began."""
    pin = holding.pinned(held, records)
    if pin is None:
        return Refusal(
            f"the ledger has no promotion of hold {held.epoch}; `interlock ledger verify` shows why"
        )
    return DesiredState(
        model=pin.model,
        fingerprint=pin.fingerprint,
        revision=pin.revision,
        position=pin.position,
        registry_name=pin.registry_name,
        environments=pin.environments,
        epoch=pin.epoch,
    )


def _promote(
    effects: PromotionEffects, snapshot: Snapshot, desired: DesiredState | Refusal
) -> PromotionResult:
    if isinstance(desired, Refusal):
        return effects.refuse(desired)
    records = effects.records()
    unproven = effects.check_proof(promotion.latest(records))
    match promotion.decide(desired, records, unproven=unproven):
        case promotion.Keep(done=done):
            result = effects.keep(done)
        case promotion.Yield(newer=newer, own=own):
            result = effects.supersede(own, by=newer)
        case promotion.Resume(intent=intent):
            result = effects.carry_out(intent)
        case promotion.Begin() as begin:
            ledger, model = effects.context.ledger, snapshot.models[effects.model]
            evidence = check_evidence(ledger, model, snapshot.policy, desired)
            if isinstance(evidence, Refusal):
                return effects.refuse(evidence)
            result = effects.carry_out(_intent(effects.main, desired, evidence, begin))
        case promotion.RewrittenHistory(other=other):
            result = effects.refuse(rewritten_history(effects.main.branch, other))
        case promotion.Unproven(refusal=refusal):
            result = effects.refuse(refusal)
        case decision:
            assert_never(decision)
    return result


def rewritten_history(branch: str, other: Promotion) -> Refusal:
    return Refusal(
        f"position {other.position} of {branch} was promoted as {other.revision[:12]} with "
        f"fingerprint {other.fingerprint[:12]}: {branch} was rewritten; add a commit to it and "
        "promote that"
    )


def check_evidence(
    ledger: Ledger, model: ModelAt, policy: Policy, desired: DesiredState
) -> Evidence | Refusal:
    """Return the evidence of the desired state if it may be promoted."""
    name, fingerprint, commit = desired.model, desired.fingerprint, desired.revision
    evidence = lookup.find_evidence(ledger, model=name, fingerprint=fingerprint)
    if evidence is None:
        return Refusal(
            f"there is no evidence of fingerprint {fingerprint[:12]}; "
            f"`interlock train {name} --rev {commit}`, then "
            f"`interlock evaluate {name} --rev {commit}` make it"
        )
    key = lookup.current_key(ledger, model=model, policy=policy)
    kind = promotion.kind(fingerprint, lookup.promotions(ledger, model=name))
    refusal = proof.check_verdict(
        lookup.find_verdict(ledger, model=name, fingerprint=fingerprint, key=key),
        lookup.acceptances(ledger, model=name, fingerprint=fingerprint),
        key=key,
        manifest=model.manifest,
        commit=commit,
        is_rollback=kind is promotion.PromotionKind.ROLLBACK,
    )
    return evidence if refusal is None else refusal


def _intent(
    main: Main, desired: DesiredState, evidence: Evidence, begin: promotion.Begin
) -> Promotion:
    return Promotion(
        model=desired.model,
        kind=begin.kind,
        phase=Phase.INTENT,
        fingerprint=desired.fingerprint,
        revision=desired.revision,
        position=desired.position,
        epoch=desired.epoch,
        run_id=evidence.candidate.run_id,
        sha256=evidence.candidate.model.sha256,
        registry_name=desired.registry_name,
        environments=desired.environments,
        at=main.now,
        replaces=begin.replaces,
        pull=main.pull,
        artifact=evidence.candidate.model.path,
    )
