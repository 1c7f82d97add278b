"""Sentences of a report, with unescaped names."""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from interlock.domain.basics import figures
from interlock.domain.evaluation import metric_comparison, thresholds
from interlock.domain.evaluation.verdict import Outcome
from interlock.domain.promotion.promotion import Promotion, PromotionKind
from interlock.domain.reporting.model_status import MergeStatus, ModelStage, ModelStatus, Report
from interlock.domain.training.plan import Decision

GLYPHS = {
    MergeStatus.PASSED: "✅",
    MergeStatus.INCONCLUSIVE: "⚠️",
    MergeStatus.WAITING: "⏳",
    MergeStatus.FAILED: "❌",
}
OUTCOME_GLYPHS = {Outcome.PASS: "✅", Outcome.FAIL: "❌", Outcome.INCONCLUSIVE: "⚠️"}
OUTCOME_VERBS = {
    Outcome.PASS: "passes",
    Outcome.INCONCLUSIVE: "is inconclusive",
    Outcome.FAIL: "fails",
    Outcome.SKIPPED: "was not evaluated",
}


def glyph(status: ModelStatus) -> str:
    match status.stage:
        case ModelStage.PROMOTED:
            return "⏪" if is_rollback(status.promotion) else "🚀"
        case ModelStage.SUPERSEDED:
            return "⏭️"
        case ModelStage.MERGED:
            return "🔀"
        case ModelStage.BLOCKED:
            return "⛔"
        case _:
            return GLYPHS[status.merge_status]


def headline(report: Report) -> str:
    """One line on the whole pull request, for a check's title."""
    if not report.models:
        return f"{GLYPHS[report.merge_status]} {unaffected(report)}"
    if len(report.models) == 1:
        status = report.models[0]
        return f"{glyph(status)} {status.model} {summary(status)}"
    return f"{GLYPHS[report.merge_status]} {tally(report)}"


def unaffected(report: Report) -> str:
    names = figures.listing(report.unaffected)
    return f"no model is affected{f' ({names})' if names else ''}"


def tally(report: Report) -> str:
    """`2 of 3 models pass; diabetes fails`: the counts, and the names of other models."""
    total = len(report.models)
    others = [s for s in report.models if s.merge_status is not MergeStatus.PASSED]
    if not others:
        return "both models pass" if total == 2 else f"all {total} models pass"
    passing = total - len(others)
    parts = [f"{passing} of {total} models {'passes' if passing == 1 else 'pass'}"]
    for merge_status, verb in _VERBS.items():
        names = [s.model for s in others if s.merge_status is merge_status]
        if names:
            parts.append(f"{figures.listing(names)} {verb[len(names) > 1]}")
    return "; ".join(parts)


_VERBS = {
    MergeStatus.FAILED: ("fails", "fail"),
    MergeStatus.INCONCLUSIVE: ("is inconclusive", "are inconclusive"),
    MergeStatus.WAITING: ("is not evaluated yet", "are not evaluated yet"),
}


def summary(status: ModelStatus) -> str:
    """The predicate of the model's line, after its name."""
    return _SUMMARIES[status.stage](status)


def notes(status: ModelStatus) -> str:
    """The origin of the evidence, the acceptance, and the effect of merging."""
    acceptance = status.acceptance
    accepted = ""
    if acceptance is not None:
        accepted = f"Accepted by {acceptance.by}: {acceptance.reason.rstrip('.')}."
    return " ".join(part for part in (origin(status), accepted, merging(status)) if part)


def primary_metric(status: ModelStatus) -> str:
    """`f1_macro 0.985, better than version 1: +0.021 [+0.012, +0.031]`."""
    row, verdict = status.primary, status.verdict
    if row is None or verdict is None:
        return verdict.sentence if verdict else "no metric"
    if row.candidate is None:
        return f"{thresholds.name(row)} is unknown{f': {row.problem}' if row.problem else ''}"
    champion = version(verdict.champion_version)
    if row.difference is None and verdict.champion in {None, verdict.fingerprint}:
        alone = f"the same model as {champion}" if verdict.champion else "no champion yet"
        return f"{metric_comparison.measured(row)}, {alone}"
    shared = f", on the {row.rows:,} rows of both" if row.is_part and row.rows else ""
    return f"{metric_comparison.against(row, champion)}{shared}"


def version(number: int | None) -> str:
    return "the champion" if number is None else f"version {number}"


def _outcome(status: ModelStatus) -> str:
    if status.acceptance is not None:
        return f"is accepted by {status.acceptance.by}"
    outcome = status.verdict.outcome if status.verdict else Outcome.SKIPPED
    return OUTCOME_VERBS[outcome] + _deciding_metrics(status, outcome)


def _deciding_metrics(status: ModelStatus, outcome: Outcome) -> str:
    """The metrics with this outcome, unless it is only the primary one."""
    if outcome not in {Outcome.FAIL, Outcome.INCONCLUSIVE}:
        return ""
    findings = status.verdict.findings if status.verdict else ()
    names = list(dict.fromkeys(f.rule.metric for f in findings if f.outcome is outcome))
    primary = status.primary.metric if status.primary else ""
    return f" on {figures.listing(names, most=4)}" if names and names != [primary] else ""


def _expected(status: ModelStatus) -> str:
    cost = status.facts.plan.cost
    minutes = "" if cost.expected_minutes is None else f"about {cost.expected_minutes:.0f} min"
    if cost.expected_minutes is not None and cost.expected_minutes < 1:
        minutes = "less than a minute"
    place = f"on {figures.listing(cost.runner_labels)}" if cost.runner_labels else ""
    text = " ".join(part for part in (minutes, place) if part)
    return f" ({text})" if text else ""


def _trained(status: ModelStatus) -> str:
    if status.verdict is None:
        return "is trained and not evaluated yet"
    production = status.production
    if production is not None and status.verdict.champion != production.fingerprint:
        return f"must be evaluated again: {version(production.version)} is in production now"
    return "must be evaluated again: the gates or the policy changed"


def _merged(status: ModelStatus) -> str:
    if is_in_production(status):
        return f"is merged; {version(_production_version(status))} stays: no input changed"
    if status.facts.hold is not None:
        return "is merged; it is promoted when the hold is released"
    if status.facts.evidence is None:
        return "is merged; it is trained on the base branch before the promotion"
    follows = _rollback(status) or ", promotion follows"
    return f"is merged{follows}: {primary_metric(status)}"


def _rollback(status: ModelStatus) -> str:
    """A note if the change restores an earlier production model."""
    earlier = status.earlier_version
    return "" if earlier is None else f", a rollback to version {earlier}"


def _promoted(status: ModelStatus) -> str:
    promotion = status.promotion
    if promotion is not None and is_rollback(promotion):
        earlier = version(promotion.version)
        return f"was rolled back to {earlier}, nothing trained: {primary_metric(status)}"
    promoted = f"was promoted as {version(promotion.version if promotion else None)}"
    if promotion is not None and promotion.fingerprint != status.facts.plan.fingerprint:
        return f"{promoted}, trained on the base branch, which has changed"
    return f"{promoted}: {primary_metric(status)}"


def is_rollback(promotion: Promotion | None) -> bool:
    return promotion is not None and promotion.kind is PromotionKind.ROLLBACK


def is_in_production(status: ModelStatus) -> bool:
    """True if the change has the fingerprint of the production model."""
    production = status.production
    return production is not None and production.fingerprint == status.facts.plan.fingerprint


def _production_version(status: ModelStatus) -> int | None:
    return status.production.version if status.production else None


def origin(status: ModelStatus) -> str:
    """The training run behind the evidence; "" without evidence."""
    evidence = status.facts.evidence
    if evidence is None:
        return ""
    commit = figures.short(evidence.candidate.revision)
    seconds = figures.duration(evidence.candidate.facts.seconds)
    if status.facts.is_trained_here:
        return f"Trained by this pull request at {commit} in {seconds}."
    if status.facts.is_trained_by_merge:
        return f"Trained by the merge at {commit} in {seconds}."
    if status.facts.plan.decision is Decision.JUDGE:
        return f"Nothing trained: only gates changed, so the evidence of {commit} was evaluated."
    return f"Nothing trained: the same inputs were trained before, at {commit} in {seconds}."


def merging(status: ModelStatus) -> str:
    """The effect of merging, in one or two sentences."""
    match status.stage:
        case ModelStage.PROMOTED:
            return _after_promotion(status)
        case ModelStage.MERGED | ModelStage.SUPERSEDED | ModelStage.UNAFFECTED:
            return ""
        case ModelStage.BLOCKED | ModelStage.UNREADABLE | ModelStage.FAILED:
            return "Merging is blocked if the check `interlock` is required."
        case ModelStage.ON_REQUEST | ModelStage.TRAINING | ModelStage.QUEUED | ModelStage.TRAINED:
            return "Merging waits for the verdict if the check `interlock` is required."
        case ModelStage.EVALUATED:
            return _merging_evaluated(status)
        case _:
            assert_never(status.stage)


def _merging_evaluated(status: ModelStatus) -> str:
    if status.merge_status is MergeStatus.INCONCLUSIVE:
        return "Merging waits for an acceptance by a user with write access."
    if status.merge_status is not MergeStatus.PASSED:
        return "Merging is blocked if the check `interlock` is required."
    return _merging_passed(status)


def _merging_passed(status: ModelStatus) -> str:
    if is_in_production(status):
        return f"Merging keeps {version(_production_version(status))} in production."
    if status.facts.hold is not None:
        return "Merging promotes nothing while the hold is active."
    if status.earlier_version is not None:
        return f"Merging rolls back to version {status.earlier_version}; nothing trains."
    if status.facts.is_only_shown:
        return (
            "Merging trains and evaluates it again, and promotes that artifact: a user or a "
            "workflow requested this run, and its results are only for this report."
        )
    return (
        f"Merging promotes this exact artifact to {_environments(status)}. "
        "It is trained again only if the base branch changes one of its inputs before."
    )


def _after_promotion(status: ModelStatus) -> str:
    promotion, evidence = status.promotion, status.facts.evidence
    if promotion is None:
        return ""
    places = figures.listing(promotion.environments)
    same = evidence is not None and promotion.sha256 == evidence.candidate.model.sha256
    artifact = "the evaluated artifact" if same else "an artifact trained on the base branch"
    return f"{version(promotion.version).capitalize()} was promoted to {places}: {artifact}."


def _environments(status: ModelStatus) -> str:
    manifest = status.facts.manifest
    return figures.listing(manifest.promote.environments) if manifest else "production"


_SUMMARIES: dict[ModelStage, Callable[[ModelStatus], str]] = {
    ModelStage.UNAFFECTED: lambda _: "is unaffected",
    ModelStage.BLOCKED: lambda status: f"is blocked: {status.facts.plan.sentence}",
    ModelStage.UNREADABLE: lambda status: f"cannot be read: {status.facts.unreadable}",
    ModelStage.ON_REQUEST: lambda _: (
        "waits for training: a user with write access must request it for this commit"
    ),
    ModelStage.TRAINING: lambda status: (
        f"is being trained: no evidence for its inputs yet{_expected(status)}"
    ),
    ModelStage.QUEUED: lambda _: "waits for the next run: this run has no free training job",
    ModelStage.FAILED: lambda status: f"failed to train: {status.facts.failures[-1].reason}",
    ModelStage.TRAINED: lambda status: f"{_trained(status)}{_rollback(status)}",
    ModelStage.EVALUATED: lambda status: (
        f"{_outcome(status)}{_rollback(status)}: {primary_metric(status)}"
    ),
    ModelStage.MERGED: _merged,
    ModelStage.PROMOTED: _promoted,
    ModelStage.SUPERSEDED: lambda _: "was superseded: a newer commit was promoted first",
}
