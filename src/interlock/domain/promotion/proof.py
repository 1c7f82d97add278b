"""Whether a model's route is proven: by a verdict that lets it through, or by an earlier promotion
of the same bytes; no record is fetched here."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import assert_never

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
    """A record of the ledger, and the number of the commit that wrote it."""

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
) -> str:
    """Say why a model may not be promoted; empty when it may.

    `key` is the judgement that counts (gates.key): under the rules of that commit, against what is
    served now. An acceptance counts for exactly that judgement. `is_rollback` is that the bytes
    were served before.
    """
    model = manifest.model
    if verdict is None or verdict.key != key or verdict.model != model:
        return (
            f"it was not judged under the rules of {commit[:12]} against what is served now; "
            f"`interlock evaluate {model} --rev {commit}` does that"
        )
    flaw = verdict_consistency.flaw(verdict, rules=manifest.gates, is_rollback=is_rollback)
    match verdict.outcome:
        case Outcome.FAIL | Outcome.SKIPPED:
            return f"its verdict is {verdict.outcome}: {_reasons(verdict, verdict.outcome)}"
        case Outcome.PASS | Outcome.INCONCLUSIVE if flaw:
            return f"the record of its verdict proves nothing: {flaw}"
        case Outcome.PASS:
            return ""
        case Outcome.INCONCLUSIVE:
            if any(acceptance.key == key for acceptance in acceptances):
                return ""
            return (
                f"its verdict is inconclusive: {_reasons(verdict, Outcome.INCONCLUSIVE)}; "
                f"a person may accept it: `interlock accept {model} --rev {commit} --reason TEXT`"
            )
        case _:
            assert_never(verdict.outcome)


def _reasons(verdict: Verdict, outcome: Outcome) -> str:
    """The sentences of the gates that decided it, or the verdict's own."""
    sentences = [finding.sentence for finding in verdict.findings if finding.outcome is outcome]
    return "; ".join(s.rstrip(".") for s in sentences) or verdict.sentence.rstrip(".")


def check_proof(
    act: Promotion, entries: Iterable[LedgerEntry], *, manifest: Manifest | None = None
) -> str:
    """Say why nothing that was written before an act proves it; empty where something does.

    `entries` are the records of its model: acts and holds, and at least the evidence, the verdicts
    and the acceptances of its fingerprint. `manifest` is that of the act's revision, where the
    verdict is to be held against it.

    An act names the bytes of the evidence. What proves it is a verdict that lets them through in
    place of what the act replaces, with a person's acceptance where it is inconclusive. A rollback,
    and what a hold pins, is proven by an earlier promotion of the same bytes, too, that is proven
    itself.
    """
    mine = sorted((e for e in entries if _is_about(e.noun, act)), key=lambda e: e.position)
    proven: set[tuple[int, int, str]] = set()
    said = "it was never begun"
    for entry in mine:
        intent = entry.noun
        if not isinstance(intent, Promotion) or intent.phase is not Phase.INTENT:
            continue
        before = [each for each in mine if each.position < entry.position]
        is_asked = intent.act == act.act
        why = _by_verdict(intent, before, manifest if is_asked else None)
        if why and _brings_back(intent, mine):
            why = _by_promotion(intent, before, proven)
        why = _by_evidence(intent, before) or why
        if not why:
            proven.add(intent.act)
        if is_asked:
            said = why or check_outcome(act, intent)
    return said


def check_outcome(outcome: Promotion, intent: Promotion) -> str:
    """What the end of an act says otherwise than its beginning; "" where it agrees."""
    ended = dataclasses.replace(outcome, phase=intent.phase, at=intent.at, version=intent.version)
    names = (field.name for field in dataclasses.fields(Promotion))
    odd = [name for name in names if getattr(ended, name) != getattr(intent, name)]
    return f"its outcome says otherwise than its intent: {', '.join(odd)}" if odd else ""


def _is_about(noun: object, act: Promotion) -> bool:
    """Whether a record is about the bytes of an act; a hold is about its model."""
    if isinstance(noun, Promotion | Verdict | Acceptance):
        return (noun.model, noun.fingerprint) == (act.model, act.fingerprint)
    if isinstance(noun, Evidence):
        candidate = noun.candidate
        return (candidate.name, candidate.fingerprint) == (act.model, act.fingerprint)
    return isinstance(noun, Hold) and noun.model == act.model


def _by_evidence(intent: Promotion, before: Iterable[LedgerEntry]) -> str:
    """Why these bytes are not those that were judged."""
    found = [e.noun.candidate for e in before if isinstance(e.noun, Evidence)]
    if not found:
        return "no evidence was written before it"
    bytes_ = (intent.run_id, intent.artifact, intent.sha256)
    if any((c.run_id, c.model.path, c.model.sha256) == bytes_ for c in found):
        return ""
    return "its run, artifact and SHA-256 are not those of the evidence"


def _by_verdict(intent: Promotion, before: Sequence[LedgerEntry], manifest: Manifest | None) -> str:
    """Why no verdict lets these bytes through in place of what was served."""
    accepted = {e.noun.key for e in before if isinstance(e.noun, Acceptance)}
    said = "no verdict was written before it"
    for verdict in (e.noun for e in before if isinstance(e.noun, Verdict)):
        why = _doubt(verdict, intent, accepted, manifest)
        if not why:
            return ""
        said = f"no verdict that was written before it lets it through: {why}"
    return said


def _doubt(
    verdict: Verdict, intent: Promotion, accepted: set[str], manifest: Manifest | None
) -> str:
    if verdict.champion != intent.replaces:
        return "it was judged against something else than it replaces"
    if manifest is not None and verdict.key not in _keys(verdict, manifest):
        return "its key is not that of the manifest's rules"
    rules = None if manifest is None else manifest.gates
    flaw = verdict_consistency.flaw(
        verdict, rules=rules, is_rollback=intent.kind is PromotionKind.ROLLBACK
    )
    if flaw:
        return flaw
    if verdict.outcome is Outcome.INCONCLUSIVE and verdict.key in accepted:
        return ""
    return "" if verdict.outcome is Outcome.PASS else f"it is {verdict.outcome}"


def _keys(verdict: Verdict, manifest: Manifest) -> Iterator[str]:
    """The keys that a judgement may have under these gates, whatever the policy was then."""
    for doubt in OnInconclusive:
        for rollback in (False, True):
            yield gates.key(
                fingerprint=verdict.fingerprint,
                manifest=manifest,
                policy=Policy(inconclusive=doubt),
                champion=verdict.champion,
                rollback=rollback,
            )


def _brings_back(intent: Promotion, entries: Iterable[LedgerEntry]) -> bool:
    """Whether an act brings back what was served: a rollback, or what a hold pins."""
    holds = (e.noun for e in entries if isinstance(e.noun, Hold) and e.noun.step is HoldStep.HOLD)
    return intent.kind is PromotionKind.ROLLBACK or any(
        hold.epoch == intent.epoch for hold in holds
    )


def _by_promotion(
    intent: Promotion, before: Iterable[LedgerEntry], proven: set[tuple[int, int, str]]
) -> str:
    for done in (e.noun for e in before):
        if not isinstance(done, Promotion) or done.phase is not Phase.DONE:
            continue
        is_same = (done.sha256, done.run_id, done.artifact) == (
            intent.sha256,
            intent.run_id,
            intent.artifact,
        )
        if is_same and done.act in proven:
            return ""
    return "no proven promotion of these bytes was written before it"
