"""One model at one revision as it comes before its gates: facts in, a verdict out; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from interlock.domain.evaluation import gates, relaxed_gates, scores
from interlock.domain.evaluation.champion_relation import ChampionRelation
from interlock.domain.evaluation.scores import Scores, ScoringRequest
from interlock.domain.evaluation.verdict import Comparison, Verdict
from interlock.domain.model import metrics
from interlock.domain.model.evidence import Candidate
from interlock.domain.model.manifest import Manifest
from interlock.domain.model.policy import Policy


@dataclass(frozen=True, slots=True)
class EvaluationCase:
    """A model's words at the revision and, where there is one, at the base; the policy that
    judges; and where the model stands to what is served."""

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
        manifest = self.manifest
        return scores.request(manifest.evaluation, task=manifest.task, rules=manifest.gates)

    @property
    def is_compared(self) -> bool:
        """Whether there is a champion to be held beside, which is not the candidate itself."""
        return self.standing.champion is not None and not self.standing.is_champion


def comparisons(
    case: EvaluationCase,
    scored: Scores,
    *,
    candidate: Candidate,
    champion: Candidate | None,
    problem: str,
) -> gates.ComparisonsByConfidence:
    """Return everything that gates may look at: metrics of rows, the model's size, its numbers.

    `problem` is why the champion's rows are not at hand, empty when they are or need not be.
    """
    names = [metrics.MODEL_SIZE, *(rule.metric for rule in case.manifest.gates)]
    by_confidence: dict[float, tuple[Comparison, ...]] = {}
    for confidence, comparisons in scored.comparisons.items():
        measured = gates.measure(
            names, candidate=candidate, champion=champion, confidence=confidence
        )
        by_confidence[confidence] = scores.blame((*comparisons, *measured), problem)
    return by_confidence


def values(comparisons: gates.ComparisonsByConfidence) -> dict[str, float]:
    """Return the candidate's metrics over all rows, those that are numbers."""
    overall = (c for c in _shown_first(comparisons) if not c.slice)
    return {c.metric: c.alone for c in overall if c.alone is not None}


def positive(comparisons: gates.ComparisonsByConfidence) -> str:
    """Return the positive class that the metrics are of, empty where none depends on it."""
    return next((c.positive for c in _shown_first(comparisons) if c.positive), "")


def verdict(
    case: EvaluationCase,
    comparisons: gates.ComparisonsByConfidence,
    *,
    pictures: Mapping[str, str],
    unshown: Mapping[str, str] | None = None,
) -> Verdict:
    """Return the verdict under the case's gates and policy; pictures are those of the verdict."""
    manifest, relation = case.manifest, case.standing
    findings = gates.evaluate(
        manifest.gates,
        comparisons=comparisons,
        skip=relation.skip,
        on_inconclusive=case.policy.inconclusive,
    )
    required = frozenset({manifest.evaluation.primary, *(rule.metric for rule in manifest.gates)})
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
