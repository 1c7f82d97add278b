"""Makes one model what main and the ledger say is served; which models, is not known here.

`promote` does it for a revision that was pushed, `reconcile` for whatever stopped half-way.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import assert_never

from interlock import errors
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

__all__ = [
    "Main",
    "PromotionContext",
    "PromotionEffects",
    "check_evidence",
    "desired_state",
    "fetch_line",
    "find_pull",
    "probes",
    "promote",
    "readable",
    "rewritten_history",
]


def promote(world: PromotionContext, main: Main, snapshot: Snapshot, name: str) -> PromotionResult:
    """Serve what a hold pins while one stands, else what main says.

    Raises OutsideFailure when a system is out of reach: then a rerun completes what was begun.
    """
    act = PromotionEffects(world, main, name, lookup.holds(world.ledger, model=name))
    wanted = desired_state(main, snapshot.models.get(name), act.holds, act.records())
    result = _serve(act, snapshot, wanted)
    held = act.hold
    if held is None:
        return result
    return dataclasses.replace(result, sentence=f"{result.sentence}; {holding.sentence(held)}")


def probes(world: PromotionContext) -> Probes:
    """Whether each system that a promotion needs answers at all."""
    return {
        errors.CannotReachRegistry: lambda: world.registry.find_alias("interlock", "interlock"),
        errors.CannotReachGit: world.ledger.refresh,
    }


def desired_state(
    main: Main, model: ModelAt | None, holds: Sequence[Hold], records: Sequence[Promotion]
) -> DesiredState | str:
    """What should be served: what a hold pins, else what main says; or why that cannot be told."""
    held = holding.active(holds)
    if held is not None:
        return _held(held, records)
    if model is None:
        return f"{main.commit[:12]} does not declare it"
    return _said(main, model, epoch=holding.epoch(holds))


def _said(main: Main, model: ModelAt, *, epoch: int) -> DesiredState | str:
    """What main says, or why that cannot be told."""
    if model.fingerprint is None:
        return f"it has no fingerprint: {model.blocked}"
    return DesiredState(
        model=model.manifest.model,
        fingerprint=model.fingerprint,
        revision=main.commit,
        position=main.position,
        registry_name=model.manifest.promote.registry_name,
        environments=model.manifest.promote.environments,
        epoch=epoch,
    )


def _held(held: Hold, records: Sequence[Promotion]) -> DesiredState | str:
    """What a hold pins: the very act that it began."""
    pin = holding.pinned(held, records)
    if pin is None:
        return (
            f"the ledger has no act of hold {held.epoch}; `interlock ledger verify` finds the break"
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


def _serve(
    act: PromotionEffects, snapshot: Snapshot, wanted: DesiredState | str
) -> PromotionResult:
    if isinstance(wanted, str):
        return act.refuse(wanted)
    world, main = act.world, act.main
    records = act.records()
    doubt = act.doubt(promotion.latest(records))
    match promotion.decide(wanted, records, is_proven=not doubt):
        case promotion.Keep(done=done):
            result = act.keep(done)
        case promotion.Yield(newer=newer, own=own):
            result = act.give_way(own, to=newer)
        case promotion.Resume(intent=intent):
            result = act.carry_out(intent)
        case promotion.Begin() as begin:
            model = snapshot.models[act.model]
            evidence, objection = check_evidence(world.ledger, model, snapshot.policy, wanted)
            if evidence is None or objection:
                return act.refuse(objection)
            result = act.carry_out(_intent(main, wanted, evidence, begin))
        case promotion.RewrittenHistory(other=other):
            result = act.refuse(rewritten_history(main.branch, other))
        case promotion.Unproven():
            result = act.refuse(doubt)
        case decision:
            assert_never(decision)
    return result


def rewritten_history(branch: str, other: Promotion) -> str:
    """What to say of a Contradiction."""
    return (
        f"position {other.position} of {branch} was promoted as {other.revision[:12]} with "
        f"fingerprint {other.fingerprint[:12]}: {branch} was rewritten; add a commit to it and "
        "promote that"
    )


def check_evidence(
    ledger: Ledger, model: ModelAt, policy: Policy, wanted: DesiredState
) -> tuple[Evidence | None, str]:
    """The evidence, and why what is wanted may not be promoted (empty when it may)."""
    name, fingerprint, commit = wanted.model, wanted.fingerprint, wanted.revision
    evidence = lookup.find_evidence(ledger, model=name, fingerprint=fingerprint)
    if evidence is None:
        return None, (
            f"there is no evidence of fingerprint {fingerprint[:12]}; "
            f"`interlock train {name} --rev {commit}`, then "
            f"`interlock evaluate {name} --rev {commit}` make it"
        )
    key = lookup.current_key(ledger, model=model, policy=policy)
    kind = promotion.kind(fingerprint, lookup.promotions(ledger, model=name))
    return evidence, proof.check_verdict(
        lookup.find_verdict(ledger, model=name, fingerprint=fingerprint, key=key),
        lookup.acceptances(ledger, model=name, fingerprint=fingerprint),
        key=key,
        manifest=model.manifest,
        commit=wanted.revision,
        is_rollback=kind is promotion.PromotionKind.ROLLBACK,
    )


def _intent(
    main: Main, wanted: DesiredState, evidence: Evidence, begin: promotion.Begin
) -> Promotion:
    return Promotion(
        model=wanted.model,
        kind=begin.kind,
        phase=Phase.INTENT,
        fingerprint=wanted.fingerprint,
        revision=wanted.revision,
        position=wanted.position,
        epoch=wanted.epoch,
        run_id=evidence.candidate.run_id,
        sha256=evidence.candidate.model.sha256,
        registry_name=wanted.registry_name,
        environments=wanted.environments,
        at=main.now,
        replaces=begin.replaces,
        pull=main.pull,
        artifact=evidence.candidate.model.path,
    )
