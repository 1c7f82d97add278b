"""Checks the proof of a promotion: a verdict that allows it, or an earlier promotion of the same
artifact; reads no record itself."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeGuard, assert_never

from interlock.domain.basics.refusal import Refusal
from interlock.domain.evaluation import verdict_consistency
from interlock.domain.evaluation.acceptance import Acceptance
from interlock.domain.evaluation.verdict import Outcome, Verdict
from interlock.domain.model.evidence import Evidence
from interlock.domain.model.manifest import Manifest
from interlock.domain.promotion.hold import Hold, HoldStep
from interlock.domain.promotion.promotion import Phase, Promotion
from interlock.domain.promotion.proof_state import ProofState


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """A record of the ledger, and its number in their order (record_order)."""

    noun: object
    position: int


def check_verdict(
    verdict: Verdict | None,
    acceptances: Iterable[Acceptance],
    *,
    key: str,
    manifest: Manifest,
    commit: str,
    is_rollback: bool = False,
) -> Refusal | None:
    """Allow a promotion only with a verdict that passed or was accepted.

    `key` is the key of the current evaluation (gates.key): with the rules of `commit`, compared
    with the current production model. Only acceptances with this key count. `is_rollback` means
    that the model was in production before.
    """
    model = manifest.model
    if verdict is None or verdict.key != key or verdict.model != model:
        return Refusal(
            f"it was not evaluated with the rules of {commit[:12]} against the production "
            f"model; run `interlock evaluate {model} --rev {commit}`"
        )
    match verdict.outcome:
        case Outcome.FAIL | Outcome.SKIPPED:
            reasons = _reasons(verdict, verdict.outcome)
            return Refusal(f"its verdict is {verdict.outcome}: {reasons}")
        case Outcome.PASS | Outcome.INCONCLUSIVE:
            flaw = verdict_consistency.flaw(verdict, rules=manifest.gates, is_rollback=is_rollback)
            if flaw:
                return Refusal(f"its verdict is not consistent: {flaw}")
            is_accepted = any(acceptance.key == key for acceptance in acceptances)
            if verdict.outcome is Outcome.PASS or is_accepted:
                return None
            return Refusal(
                f"its verdict is inconclusive: {_reasons(verdict, Outcome.INCONCLUSIVE)}; "
                f"a user may accept it: `interlock accept {model} --rev {commit} --reason TEXT`"
            )
        case _:
            assert_never(verdict.outcome)


def _reasons(verdict: Verdict, outcome: Outcome) -> str:
    """The sentences of the decisive gates, or of the verdict."""
    sentences = [finding.sentence for finding in verdict.findings if finding.outcome is outcome]
    return "; ".join(s.rstrip(".") for s in sentences) or verdict.sentence.rstrip(".")


def check_proof(
    act: Promotion, entries: Iterable[LedgerEntry], *, manifest: Manifest | None = None
) -> Refusal | None:
    """Allow a promotion only if earlier records prove it.

    `entries` are the records of its model: promotions and holds, and at least the evidence, the
    verdicts and the acceptances of its fingerprint. With the `manifest` of the promotion's revision
    the verdict is compared with its gates, too.

    The proof is evidence of the same artifact, and a verdict, passed or accepted, against the model
    that the promotion replaces. For a rollback, and for the promotion of a hold, an earlier proven
    promotion of the same artifact is a proof, too.
    """
    records = sorted((e for e in entries if _is_about(e.noun, act)), key=lambda e: e.position)
    held = {e.noun.epoch for e in records if is_pin(e.noun)}
    state = ProofState()
    result: Refusal | None = Refusal("it was never begun")
    for _, group in itertools.groupby(records, key=lambda entry: entry.position):
        nouns = [entry.noun for entry in group]
        for intent in filter(is_intent, nouns):
            is_same = intent.act == act.act
            refusal = state.check(intent, held, manifest if is_same else None)
            if is_same:
                result = refusal or check_outcome(act, intent)
        for noun in nouns:
            state.add(noun)
    return result


def check_outcome(outcome: Promotion, intent: Promotion) -> Refusal | None:
    """Allow an outcome only if it agrees with the intent of the same promotion."""
    ended = dataclasses.replace(outcome, phase=intent.phase, at=intent.at, version=intent.version)
    names = (field.name for field in dataclasses.fields(Promotion))
    differing = [name for name in names if getattr(ended, name) != getattr(intent, name)]
    if not differing:
        return None
    return Refusal(f"its outcome differs from its intent in {', '.join(differing)}")


def _is_about(noun: object, act: Promotion) -> bool:
    """True if a record is about the model and fingerprint of a promotion; a hold only has a
    model."""
    if isinstance(noun, Promotion | Verdict | Acceptance):
        return (noun.model, noun.fingerprint) == (act.model, act.fingerprint)
    if isinstance(noun, Evidence):
        candidate = noun.candidate
        return (candidate.name, candidate.fingerprint) == (act.model, act.fingerprint)
    return isinstance(noun, Hold) and noun.model == act.model


def is_intent(noun: object) -> TypeGuard[Promotion]:
    return isinstance(noun, Promotion) and noun.phase is Phase.INTENT


def is_pin(noun: object) -> TypeGuard[Hold]:
    """True for a hold that is not a release: it pins a version in production."""
    return isinstance(noun, Hold) and noun.step is HoldStep.HOLD
