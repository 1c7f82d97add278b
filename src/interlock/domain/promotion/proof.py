"""Checks the proof of a promotion: a verdict that allows it, or an earlier promotion of the same
artifact; reads no record itself."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import assert_never

from interlock.domain.basics.refusal import Refusal
from interlock.domain.evaluation import gates, verdict_consistency
from interlock.domain.evaluation.acceptance import Acceptance
from interlock.domain.evaluation.verdict import Outcome, Verdict
from interlock.domain.model.evidence import Evidence
from interlock.domain.model.manifest import Manifest
from interlock.domain.model.policy import OnInconclusive, Policy
from interlock.domain.promotion.hold import Hold, HoldStep
from interlock.domain.promotion.promotion import Phase, Promotion, PromotionKind


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """A record of the ledger, and the number of the commit that added it."""

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
    proven: set[tuple[int, int, str]] = set()
    result: Refusal | None = Refusal("it was never begun")
    for entry in records:
        intent = entry.noun
        if not isinstance(intent, Promotion) or intent.phase is not Phase.INTENT:
            continue
        before = [each for each in records if each.position < entry.position]
        is_same = intent.act == act.act
        refusal = _check_verdicts(intent, before, manifest if is_same else None)
        if refusal is not None and _is_return(intent, records):
            refusal = _check_promotions(intent, before, proven)
        refusal = _check_evidence(intent, before) or refusal
        if refusal is None:
            proven.add(intent.act)
        if is_same:
            result = refusal or check_outcome(act, intent)
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


def _check_evidence(intent: Promotion, before: Iterable[LedgerEntry]) -> Refusal | None:
    candidates = [e.noun.candidate for e in before if isinstance(e.noun, Evidence)]
    if not candidates:
        return Refusal("there is no evidence before it")
    artifact = (intent.run_id, intent.artifact, intent.sha256)
    if any((c.run_id, c.model.path, c.model.sha256) == artifact for c in candidates):
        return None
    return Refusal("its run, artifact and SHA-256 are not those of the evidence")


def _check_verdicts(
    intent: Promotion, before: Sequence[LedgerEntry], manifest: Manifest | None
) -> Refusal | None:
    """Allow a promotion if one of the verdicts before it does."""
    accepted = {e.noun.key for e in before if isinstance(e.noun, Acceptance)}
    result = Refusal("there is no verdict before it")
    for verdict in (e.noun for e in before if isinstance(e.noun, Verdict)):
        refusal = _check_one(verdict, intent, accepted, manifest)
        if refusal is None:
            return None
        result = Refusal(f"no verdict before it allows it: {refusal}")
    return result


def _check_one(
    verdict: Verdict, intent: Promotion, accepted: set[str], manifest: Manifest | None
) -> Refusal | None:
    if verdict.champion != intent.replaces:
        return Refusal("the verdict compares with another model than the replaced one")
    if manifest is not None and verdict.key not in _keys(verdict, manifest):
        return Refusal("the key of the verdict is not that of the manifest's rules")
    rules = None if manifest is None else manifest.gates
    is_rollback = intent.kind is PromotionKind.ROLLBACK
    flaw = verdict_consistency.flaw(verdict, rules=rules, is_rollback=is_rollback)
    if flaw is not None:
        return flaw
    is_accepted = verdict.outcome is Outcome.INCONCLUSIVE and verdict.key in accepted
    if is_accepted or verdict.outcome is Outcome.PASS:
        return None
    return Refusal(f"the verdict is {verdict.outcome}")


def _keys(verdict: Verdict, manifest: Manifest) -> Iterator[str]:
    """All possible keys of an evaluation with these gates, for every policy."""
    for on_inconclusive in OnInconclusive:
        for rollback in (False, True):
            yield gates.key(
                fingerprint=verdict.fingerprint,
                manifest=manifest,
                policy=Policy(inconclusive=on_inconclusive),
                champion=verdict.champion,
                rollback=rollback,
            )


def _is_return(intent: Promotion, entries: Iterable[LedgerEntry]) -> bool:
    """True if an earlier production model returns: by a rollback or by a hold."""
    holds = (e.noun for e in entries if isinstance(e.noun, Hold) and e.noun.step is HoldStep.HOLD)
    is_held = any(hold.epoch == intent.epoch for hold in holds)
    return intent.kind is PromotionKind.ROLLBACK or is_held


def _check_promotions(
    intent: Promotion, before: Iterable[LedgerEntry], proven: set[tuple[int, int, str]]
) -> Refusal | None:
    """Allow a promotion if a proven promotion of the same artifact precedes it."""
    artifact = (intent.sha256, intent.run_id, intent.artifact)
    for done in (e.noun for e in before if isinstance(e.noun, Promotion)):
        is_same = (done.sha256, done.run_id, done.artifact) == artifact
        if is_same and done.phase is Phase.DONE and done.act in proven:
            return None
    return Refusal("there is no proven promotion of the same artifact before it")
