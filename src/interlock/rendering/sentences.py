"""What is said of a report in plain sentences; names stand in them as they are, unescaped."""

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
        return f"{GLYPHS[report.merge_status]} {untouched(report)}"
    if len(report.models) == 1:
        status = report.models[0]
        return f"{glyph(status)} {status.model} {says(status)}"
    return f"{GLYPHS[report.merge_status]} {tally(report)}"


def untouched(report: Report) -> str:
    names = figures.listing(report.unaffected)
    return f"no model is touched{f' ({names})' if names else ''}"


def tally(report: Report) -> str:
    """`2 of 3 models pass; diabetes fails`: the counts, and by name those that hold it up."""
    total = len(report.models)
    held_up = [s for s in report.models if s.merge_status is not MergeStatus.PASSED]
    if not held_up:
        return "both models pass" if total == 2 else f"all {total} models pass"
    passing = total - len(held_up)
    parts = [f"{passing} of {total} models {'passes' if passing == 1 else 'pass'}"]
    for merge_status, verb in _VERBS.items():
        names = [s.model for s in held_up if s.merge_status is merge_status]
        if names:
            parts.append(f"{figures.listing(names)} {verb[len(names) > 1]}")
    return "; ".join(parts)


_VERBS = {
    MergeStatus.FAILED: ("fails", "fail"),
    MergeStatus.INCONCLUSIVE: ("is inconclusive", "are inconclusive"),
    MergeStatus.WAITING: ("is not judged yet", "are not judged yet"),
}


def says(status: ModelStatus) -> str:
    """What the model's line says after its name."""
    return _SAYS[status.stage](status)


def notes(status: ModelStatus) -> str:
    """Whether anything trained, who accepted it, and what merging does."""
    word = status.acceptance
    accepted = f"Accepted by {word.by}: {word.reason.rstrip('.')}." if word else ""
    return " ".join(part for part in (origin(status), accepted, merging(status)) if part)


def measure(status: ModelStatus) -> str:
    """`f1_macro 0.985, better than version 1: +0.021 [+0.012, +0.031]`."""
    row, verdict = status.primary, status.verdict
    if row is None or verdict is None:
        return verdict.sentence if verdict else "nothing was measured"
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
    return OUTCOME_VERBS[outcome] + _held_up(status, outcome)


def _held_up(status: ModelStatus, outcome: Outcome) -> str:
    """By which metrics, when it is not the primary one alone."""
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


def _says_trained(status: ModelStatus) -> str:
    if status.verdict is None:
        return "is trained and waits to be judged"
    served = status.production
    if served is not None and status.verdict.champion != served.fingerprint:
        return f"must be judged again: {version(served.version)} is served now"
    return "must be judged again: its rules have changed since"


def _says_merged(status: ModelStatus) -> str:
    if is_in_production(status):
        return f"is merged; {version(_production_version(status))} stays: no input changed"
    if status.facts.hold is not None:
        return "is merged; it is promoted once it is released"
    if status.facts.evidence is None:
        return "is merged; it is trained on the base branch before it is promoted"
    follows = _rollback(status) or ", promotion follows"
    return f"is merged{follows}: {measure(status)}"


def _rollback(status: ModelStatus) -> str:
    """That the change brings back what was in production before."""
    earlier = status.earlier_version
    return "" if earlier is None else f", a rollback to version {earlier}"


def _says_shipped(status: ModelStatus) -> str:
    promotion = status.promotion
    if promotion is not None and is_rollback(promotion):
        return f"rolled back to {version(promotion.version)}, nothing trained: {measure(status)}"
    shipped = f"shipped as {version(promotion.version if promotion else None)}"
    if promotion is not None and promotion.fingerprint != status.facts.plan.fingerprint:
        return f"{shipped}, trained on the base branch, which had moved on"
    return f"{shipped}: {measure(status)}"


def is_rollback(promotion: Promotion | None) -> bool:
    return promotion is not None and promotion.kind is PromotionKind.ROLLBACK


def is_in_production(status: ModelStatus) -> bool:
    """Whether what this change makes is what is served already."""
    served = status.production
    return served is not None and served.fingerprint == status.facts.plan.fingerprint


def _production_version(status: ModelStatus) -> int | None:
    return status.production.version if status.production else None


def origin(status: ModelStatus) -> str:
    """Whether anything trained for this pull request; "" without evidence."""
    evidence = status.facts.evidence
    if evidence is None:
        return ""
    commit = figures.short(evidence.candidate.revision)
    seconds = figures.duration(evidence.candidate.facts.seconds)
    if status.facts.is_trained_here:
        return f"Trained by this pull request at {commit} in {seconds}."
    if status.facts.plan.decision is Decision.JUDGE:
        return f"Nothing trained: only its rules changed, so the evidence of {commit} was judged."
    return f"Nothing trained: the same inputs were trained before, at {commit} in {seconds}."


def merging(status: ModelStatus) -> str:
    """What merging will do, or has done, in one sentence."""
    match status.stage:
        case ModelStage.PROMOTED:
            return _merged_did(status)
        case ModelStage.MERGED | ModelStage.SUPERSEDED | ModelStage.UNAFFECTED:
            return ""
        case ModelStage.BLOCKED | ModelStage.UNREADABLE | ModelStage.FAILED:
            return "Merging is refused where the check `interlock` is required."
        case ModelStage.ON_REQUEST | ModelStage.TRAINING | ModelStage.QUEUED | ModelStage.TRAINED:
            return "Merging waits for the verdict where the check `interlock` is required."
        case ModelStage.EVALUATED:
            return _merging_judged(status)
        case _:
            assert_never(status.stage)


def _merging_judged(status: ModelStatus) -> str:
    if status.merge_status is MergeStatus.INCONCLUSIVE:
        return "Merging waits until somebody with write access accepts it."
    if status.merge_status is not MergeStatus.PASSED:
        return "Merging is refused where the check `interlock` is required."
    if is_in_production(status):
        return (
            f"Merging changes nothing that is served: {version(_production_version(status))} stays."
        )
    if status.facts.hold is not None:
        return "Merging changes nothing that is served as long as the hold stands."
    if status.earlier_version is not None:
        return f"Merging rolls back to version {status.earlier_version}; nothing trains."
    return (
        f"Merging promotes these very bytes to {_environments(status)}; "
        "it trains again only if the base has changed one of its inputs by then."
    )


def _merged_did(status: ModelStatus) -> str:
    promotion, evidence = status.promotion, status.facts.evidence
    if promotion is None:
        return ""
    places = figures.listing(promotion.environments)
    same = evidence is not None and promotion.sha256 == evidence.candidate.model.sha256
    bytes_said = "the very bytes that were judged" if same else "the bytes trained there"
    return f"{version(promotion.version).capitalize()} went to {places}: {bytes_said}."


def _environments(status: ModelStatus) -> str:
    manifest = status.facts.manifest
    return figures.listing(manifest.promote.environments) if manifest else "production"


_SAYS: dict[ModelStage, Callable[[ModelStatus], str]] = {
    ModelStage.UNAFFECTED: lambda _: "is unaffected",
    ModelStage.BLOCKED: lambda status: f"is blocked: {status.facts.plan.sentence}",
    ModelStage.UNREADABLE: lambda status: f"cannot be read: {status.facts.unreadable}",
    ModelStage.ON_REQUEST: lambda _: (
        "is to be trained, once somebody with write access asks for this commit"
    ),
    ModelStage.TRAINING: lambda status: (
        f"trains: there is no evidence for its inputs yet{_expected(status)}"
    ),
    ModelStage.QUEUED: lambda _: "waits for the next run: this one has no training job left for it",
    ModelStage.FAILED: lambda status: f"failed to train: {status.facts.failures[-1].reason}",
    ModelStage.TRAINED: lambda status: f"{_says_trained(status)}{_rollback(status)}",
    ModelStage.EVALUATED: lambda status: (
        f"{_outcome(status)}{_rollback(status)}: {measure(status)}"
    ),
    ModelStage.MERGED: _says_merged,
    ModelStage.PROMOTED: _says_shipped,
    ModelStage.SUPERSEDED: lambda _: "was overtaken: a newer commit was promoted first",
}
