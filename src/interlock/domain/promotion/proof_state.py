"""Collects the records of one fingerprint, and checks whether they prove a promotion that follows;
keeps only the fields that a check needs."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from interlock.domain.basics.refusal import Refusal
from interlock.domain.evaluation import gates, verdict_consistency
from interlock.domain.evaluation.acceptance import Acceptance
from interlock.domain.evaluation.verdict import Finding, Outcome, Verdict
from interlock.domain.model.evidence import Evidence
from interlock.domain.model.manifest import Manifest
from interlock.domain.model.policy import OnInconclusive, Policy
from interlock.domain.promotion.promotion import Phase, Promotion, PromotionKind


@dataclass(slots=True)
class ProofState:
    """The records of one model and fingerprint so far, and which of its promotions are proven."""

    artifacts: set[tuple[str, str, str]] = field(default_factory=set)
    verdicts: dict[str | None, list[Verdict]] = field(default_factory=dict)
    accepted: set[str] = field(default_factory=set)
    done: dict[tuple[str, str, str], set[tuple[int, int, str]]] = field(default_factory=dict)
    proven: set[tuple[int, int, str]] = field(default_factory=set)

    def add(self, noun: object) -> None:
        """Add a record; those of other kinds prove nothing."""
        match noun:
            case Evidence(candidate=candidate):
                model = candidate.model
                self.artifacts.add((candidate.run_id, model.path, model.sha256))
            case Verdict():
                self.verdicts.setdefault(noun.champion, []).append(_decisive(noun))
            case Acceptance():
                self.accepted.add(noun.key)
            case Promotion(phase=Phase.DONE):
                self.done.setdefault(_artifact(noun), set()).add(noun.act)

    def check(
        self, intent: Promotion, held: Collection[int], manifest: Manifest | None
    ) -> Refusal | None:
        """Refuse an intent that the records do not prove; one without a refusal is a proof for its
        artifact. `held` are the epochs of the model's holds: a hold, and a rollback, may return an
        earlier production model."""
        is_return = intent.kind is PromotionKind.ROLLBACK or intent.epoch in held
        refusal = self._check_verdicts(intent, manifest)
        if refusal is not None and is_return:
            refusal = self._check_promotions(intent)
        refusal = self._check_evidence(intent) or refusal
        if refusal is None:
            self.proven.add(intent.act)
        return refusal

    def _check_evidence(self, intent: Promotion) -> Refusal | None:
        if not self.artifacts:
            return Refusal("there is no evidence before it")
        if _artifact(intent) in self.artifacts:
            return None
        return Refusal("its run, artifact and SHA-256 are not those of the evidence")

    def _check_verdicts(self, intent: Promotion, manifest: Manifest | None) -> Refusal | None:
        """Allow a promotion if one of the verdicts against the model that it replaces does."""
        if not self.verdicts:
            return Refusal("there is no verdict before it")
        refusal = Refusal("the verdict compares with another model than the replaced one")
        # In the order of their keys: the order of reading may differ.
        for verdict in sorted(self.verdicts.get(intent.replaces, ()), key=lambda v: v.key):
            flaw = self._check_verdict(verdict, intent, manifest)
            if flaw is None:
                return None
            refusal = flaw
        return Refusal(f"no verdict before it allows it: {refusal}")

    def _check_verdict(
        self, verdict: Verdict, intent: Promotion, manifest: Manifest | None
    ) -> Refusal | None:
        if manifest is not None and verdict.key not in _keys(verdict, manifest):
            return Refusal("the key of the verdict is not that of the manifest's rules")
        rules = None if manifest is None else manifest.gates
        is_rollback = intent.kind is PromotionKind.ROLLBACK
        flaw = verdict_consistency.flaw(verdict, rules=rules, is_rollback=is_rollback)
        if flaw is not None:
            return flaw
        is_accepted = verdict.outcome is Outcome.INCONCLUSIVE and verdict.key in self.accepted
        if is_accepted or verdict.outcome is Outcome.PASS:
            return None
        return Refusal(f"the verdict is {verdict.outcome}")

    def _check_promotions(self, intent: Promotion) -> Refusal | None:
        """Allow a promotion if a proven promotion of the same artifact precedes it."""
        if self.proven.isdisjoint(self.done.get(_artifact(intent), ())):
            return Refusal("there is no proven promotion of the same artifact before it")
        return None


def _artifact(act: Promotion) -> tuple[str, str, str]:
    return (act.run_id, act.artifact, act.sha256)


def _decisive(verdict: Verdict) -> Verdict:
    """Return the fields of a verdict that decide, without its sentences and comparisons."""
    findings = (Finding(f.rule, f.outcome, f.observed, "", "") for f in verdict.findings)
    return dataclasses.replace(
        verdict,
        sentence="",
        findings=tuple(findings),
        comparisons=(),
        relaxed=(),
        pictures={},
        unshown={},
    )


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
