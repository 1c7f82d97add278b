"""Computes the verdict on one model at one revision from its scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from interlock.domain.evaluation import gates, pipeline_metrics, relaxed_gates, scores
from interlock.domain.evaluation.champion_relation import ChampionRelation
from interlock.domain.evaluation.scores import Scores, ScoringRequest
from interlock.domain.evaluation.verdict import Comparison, Verdict
from interlock.domain.model import metrics
from interlock.domain.model.evidence import Candidate
from interlock.domain.model.manifest import Manifest
from interlock.domain.model.policy import Policy


@dataclass(frozen=True, slots=True)
class EvaluationCase:
    """The manifest of a model at the revision and at the base, the policy, and the relation of the
    candidate to the champion."""

    manifest: Manifest
    base: Manifest | None
    policy: Policy
    fingerprint: str
    revision: str
    standing: ChampionRelation

    @property
    def name(self) -> str:
        return self.manifest.model

    @property
    def key(self) -> str:
        return gates.key(
            fingerprint=self.fingerprint,
            manifest=self.manifest,
            policy=self.policy,
            champion=self.standing.champion,
            rollback=self.standing.is_rollback,
        )

    @property
    def relaxed(self) -> tuple[str, ...]:
        return relaxed_gates.find(self.base, self.manifest)

    @property
    def request(self) -> ScoringRequest:
        """How the predictions are scored."""
        manifest = self.manifest
        assert manifest.task is not None  # noqa: S101 - a manifest with predictions has a task
        return scores.request(manifest.evaluation, task=manifest.task, rules=manifest.gates)

    @property
    def is_compared(self) -> bool:
        """True if there is a champion that is not the candidate itself."""
        return self.standing.champion is not None and not self.standing.is_champion


def comparisons(
    case: EvaluationCase,
    scored: Scores,
    *,
    candidate: Candidate,
    champion: Candidate | None,
    problem: str,
) -> gates.ComparisonsByConfidence:
    """Return all comparisons for the gates: metrics of rows, the model's size, the pipeline's own.

    `problem` is the reason why the champion's rows are missing; empty when they are not missing.
    """
    rules = case.manifest.gates
    primary = case.manifest.evaluation.primary
    names = [metrics.MODEL_SIZE, primary, *(rule.metric for rule in rules)]
    better = pipeline_metrics.directions(rules)
    by_confidence: dict[float, tuple[Comparison, ...]] = {}
    for confidence, comparisons in scored.comparisons.items():
        measured = pipeline_metrics.measure(
            names, candidate=candidate, champion=champion, confidence=confidence, better=better
        )
        by_confidence[confidence] = scores.blame((*comparisons, *measured), problem)
    return by_confidence


def values(comparisons: gates.ComparisonsByConfidence) -> dict[str, float]:
    """Return the candidate's metrics over all rows, without those that are not numbers."""
    overall = (c for c in _shown_first(comparisons) if not c.slice)
    return {c.metric: c.alone for c in overall if c.alone is not None}


def positive(comparisons: gates.ComparisonsByConfidence) -> str:
    """Return the positive class of the metrics; empty if no metric depends on one."""
    return next((c.positive for c in _shown_first(comparisons) if c.positive), "")


def verdict(
    case: EvaluationCase,
    comparisons: gates.ComparisonsByConfidence,
    *,
    pictures: Mapping[str, str],
    unshown: Mapping[str, str] | None = None,
) -> Verdict:
    """Return the verdict under the gates and the policy of the case."""
    manifest, relation = case.manifest, case.standing
    findings = gates.evaluate(
        manifest.gates,
        comparisons=comparisons,
        skip=relation.skip,
        on_inconclusive=case.policy.inconclusive,
    )
    own = (metric.name for metric in manifest.evaluation.metrics)
    gated = (rule.metric for rule in manifest.gates)
    required = frozenset({manifest.evaluation.primary, *gated, *own})
    return Verdict(
        key=case.key,
        model=case.name,
        fingerprint=case.fingerprint,
        revision=case.revision,
        outcome=gates.outcome(findings),
        sentence=gates.sentence(findings),
        findings=findings,
        comparisons=tuple(
            c for c in _shown_first(comparisons) if scores.shown(c, required=required)
        ),
        champion=relation.champion,
        champion_version=relation.version,
        relaxed=case.relaxed,
        pictures=pictures,
        unshown=unshown or {},
    )


def _shown_first(comparisons: gates.ComparisonsByConfidence) -> tuple[Comparison, ...]:
    return tuple(next(iter(comparisons.values())))
