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
    MergeStatus.ASKS: "⚠️",
    MergeStatus.WAITING: "⏳",
    MergeStatus.FAILED: "❌",
}
OUTCOMES = {
    Outcome.PASS: ("✅", "passes"),
    Outcome.FAIL: ("❌", "fails"),
    Outcome.SKIP: ("➖", "skipped"),
    Outcome.INCONCLUSIVE: ("⚠️", "inconclusive"),
}


def glyph(story: ModelStatus) -> str:
    match story.state:
        case ModelStage.SHIPPED:
            return "⏪" if is_rollback(story.promotion) else "🚀"
        case ModelStage.OVERTAKEN:
            return "⏭️"
        case ModelStage.MERGED:
            return "🔀"
        case ModelStage.BLOCKED:
            return "⛔"
        case _:
            return GLYPHS[story.standing]


def headline(report: Report) -> str:
    """One line on the whole pull request, for a check's title."""
    if not report.stories:
        return f"{GLYPHS[report.standing]} {untouched(report)}"
    if len(report.stories) == 1:
        story = report.stories[0]
        return f"{glyph(story)} {story.model} {says(story)}"
    return f"{GLYPHS[report.standing]} {tally(report)}"


def untouched(report: Report) -> str:
    names = figures.listing(report.unaffected)
    return f"no model is touched{f' ({names})' if names else ''}"


def tally(report: Report) -> str:
    """`2 of 3 models pass; diabetes fails`: the counts, and by name those that hold it up."""
    total = len(report.stories)
    held_up = [s for s in report.stories if s.standing is not MergeStatus.PASSED]
    if not held_up:
        return "both models pass" if total == 2 else f"all {total} models pass"
    passing = total - len(held_up)
    parts = [f"{passing} of {total} models {'passes' if passing == 1 else 'pass'}"]
    for standing, verb in _VERBS.items():
        names = [s.model for s in held_up if s.standing is standing]
        if names:
            parts.append(f"{figures.listing(names)} {verb[len(names) > 1]}")
    return "; ".join(parts)


_VERBS = {
    MergeStatus.FAILED: ("fails", "fail"),
    MergeStatus.ASKS: ("is inconclusive", "are inconclusive"),
    MergeStatus.WAITING: ("is not judged yet", "are not judged yet"),
}


def says(story: ModelStatus) -> str:
    """What the model's line says after its name."""
    return _SAYS[story.state](story)


def notes(story: ModelStatus) -> str:
    """Whether anything trained, who accepted it, and what merging does."""
    word = story.acceptance
    accepted = f"Accepted by {word.by}: {word.reason.rstrip('.')}." if word else ""
    return " ".join(part for part in (origin(story), accepted, merging(story)) if part)


def measure(story: ModelStatus) -> str:
    """`f1_macro 0.985, better than version 1: +0.021 [+0.012, +0.031]`."""
    row, verdict = story.primary, story.verdict
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


def _outcome(story: ModelStatus) -> str:
    if story.acceptance is not None:
        return f"is accepted by {story.acceptance.by}"
    outcome = story.verdict.outcome if story.verdict else Outcome.SKIP
    return _VERDICTS[outcome] + _held_up(story, outcome)


_VERDICTS = {
    Outcome.PASS: "passes",
    Outcome.INCONCLUSIVE: "is inconclusive",
    Outcome.FAIL: "fails",
    Outcome.SKIP: "was not judged",
}


def _held_up(story: ModelStatus, outcome: Outcome) -> str:
    """By which metrics, when it is not the primary one alone."""
    if outcome not in {Outcome.FAIL, Outcome.INCONCLUSIVE}:
        return ""
    findings = story.verdict.findings if story.verdict else ()
    names = list(dict.fromkeys(f.rule.metric for f in findings if f.outcome is outcome))
    primary = story.primary.metric if story.primary else ""
    return f" on {figures.listing(names, most=4)}" if names and names != [primary] else ""


def _expected(story: ModelStatus) -> str:
    cost = story.facts.plan.cost
    minutes = "" if cost.expected_minutes is None else f"about {cost.expected_minutes:.0f} min"
    if cost.expected_minutes is not None and cost.expected_minutes < 1:
        minutes = "less than a minute"
    place = f"on {figures.listing(cost.runner_labels)}" if cost.runner_labels else ""
    text = " ".join(part for part in (minutes, place) if part)
    return f" ({text})" if text else ""


def _says_trained(story: ModelStatus) -> str:
    if story.verdict is None:
        return "is trained and waits to be judged"
    served = story.served
    if served is not None and story.verdict.champion != served.fingerprint:
        return f"must be judged again: {version(served.version)} is served now"
    return "must be judged again: its rules have changed since"


def _says_merged(story: ModelStatus) -> str:
    if is_served(story):
        return (
            f"is merged; {version(_served_version(story))} stays, for nothing it is made of moved"
        )
    if story.facts.hold is not None:
        return "is merged; it is promoted once it is released"
    if story.facts.evidence is None:
        return "is merged; it is trained on the base branch before it is promoted"
    follows = _rollback(story) or ", promotion follows"
    return f"is merged{follows}: {measure(story)}"


def _rollback(story: ModelStatus) -> str:
    """That the change brings back what was in production before."""
    earlier = story.earlier_version
    return "" if earlier is None else f", a rollback to version {earlier}"


def _says_shipped(story: ModelStatus) -> str:
    promotion = story.promotion
    if promotion is not None and is_rollback(promotion):
        return f"rolled back to {version(promotion.version)}, nothing trained: {measure(story)}"
    shipped = f"shipped as {version(promotion.version if promotion else None)}"
    if promotion is not None and promotion.fingerprint != story.facts.plan.fingerprint:
        return f"{shipped}, trained on the base branch, which had moved on"
    return f"{shipped}: {measure(story)}"


def is_rollback(promotion: Promotion | None) -> bool:
    return promotion is not None and promotion.kind is PromotionKind.ROLLBACK


def is_served(story: ModelStatus) -> bool:
    """Whether what this change makes is what is served already."""
    served = story.served
    return served is not None and served.fingerprint == story.facts.plan.fingerprint


def _served_version(story: ModelStatus) -> int | None:
    return story.served.version if story.served else None


def origin(story: ModelStatus) -> str:
    """Whether anything trained for this pull request; "" without evidence."""
    evidence = story.facts.evidence
    if evidence is None:
        return ""
    commit = figures.short(evidence.candidate.revision)
    seconds = figures.duration(evidence.candidate.facts.seconds)
    if story.facts.is_trained_here:
        return f"Trained by this pull request at {commit} in {seconds}."
    if story.facts.plan.decision is Decision.JUDGE:
        return f"Nothing trained: only its rules changed, so the evidence of {commit} was judged."
    return f"Nothing trained: the same inputs were trained before, at {commit} in {seconds}."


def merging(story: ModelStatus) -> str:
    """What merging will do, or has done, in one sentence."""
    match story.state:
        case ModelStage.SHIPPED:
            return _merged_did(story)
        case ModelStage.MERGED | ModelStage.OVERTAKEN | ModelStage.UNAFFECTED:
            return ""
        case ModelStage.BLOCKED | ModelStage.UNREADABLE | ModelStage.FAILED:
            return "Merging is refused where the check `interlock` is required."
        case ModelStage.PLANNED | ModelStage.TRAINING | ModelStage.QUEUED | ModelStage.TRAINED:
            return "Merging waits for the verdict where the check `interlock` is required."
        case ModelStage.JUDGED:
            return _merging_judged(story)
        case _:
            assert_never(story.state)


def _merging_judged(story: ModelStatus) -> str:
    if story.standing is MergeStatus.ASKS:
        return "Merging waits until somebody with write access accepts it."
    if story.standing is not MergeStatus.PASSED:
        return "Merging is refused where the check `interlock` is required."
    if is_served(story):
        return f"Merging changes nothing that is served: {version(_served_version(story))} stays."
    if story.facts.hold is not None:
        return "Merging changes nothing that is served as long as the hold stands."
    if story.earlier_version is not None:
        return f"Merging rolls back to version {story.earlier_version}; nothing trains."
    return (
        f"Merging promotes these very bytes to {_environments(story)}; "
        "it trains again only if the base has changed one of its inputs by then."
    )


def _merged_did(story: ModelStatus) -> str:
    promotion, evidence = story.promotion, story.facts.evidence
    if promotion is None:
        return ""
    places = figures.listing(promotion.environments)
    same = evidence is not None and promotion.sha256 == evidence.candidate.model.sha256
    bytes_said = "the very bytes that were judged" if same else "the bytes trained there"
    return f"{version(promotion.version).capitalize()} went to {places}: {bytes_said}."


def _environments(story: ModelStatus) -> str:
    manifest = story.facts.manifest
    return figures.listing(manifest.promote.environments) if manifest else "production"


_SAYS: dict[ModelStage, Callable[[ModelStatus], str]] = {
    ModelStage.UNAFFECTED: lambda _: "is unaffected",
    ModelStage.BLOCKED: lambda story: f"is blocked: {story.facts.plan.sentence}",
    ModelStage.UNREADABLE: lambda story: f"cannot be read: {story.facts.unreadable}",
    ModelStage.PLANNED: lambda _: (
        "is to be trained, once somebody with write access asks for this commit"
    ),
    ModelStage.TRAINING: lambda story: (
        f"trains: there is no evidence for its inputs yet{_expected(story)}"
    ),
    ModelStage.QUEUED: lambda _: "waits for the next run: this one has no training job left for it",
    ModelStage.FAILED: lambda story: f"failed to train: {story.facts.failures[-1].reason}",
    ModelStage.TRAINED: lambda story: f"{_says_trained(story)}{_rollback(story)}",
    ModelStage.JUDGED: lambda story: f"{_outcome(story)}{_rollback(story)}: {measure(story)}",
    ModelStage.MERGED: _says_merged,
    ModelStage.SHIPPED: _says_shipped,
    ModelStage.OVERTAKEN: lambda _: "was overtaken: a newer commit was promoted first",
}
