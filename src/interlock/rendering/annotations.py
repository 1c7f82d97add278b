"""Annotations of a report, each on the line of the file that caused it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from interlock.domain.evaluation.verdict import Finding, Outcome
from interlock.domain.model.manifest import GateRule, Manifest
from interlock.domain.reporting.model_status import ModelStage, ModelStatus, Report
from interlock.ports.github import Annotation
from interlock.rendering import limits, sentences
from interlock.rendering.escape import flat, visible

_LEVELS = ("failure", "warning", "notice")
_MOST = 50
Lines = Mapping[tuple[str, str], int]


def annotate(report: Report, *, lines: Lines) -> tuple[Annotation, ...]:
    """The worst first, within GitHub's limit. `lines` maps (path, dotted key) to the key's line at
    the head."""
    models = report.models[: limits.ANNOTATIONS]
    annotations = list(dict.fromkeys(a for status in models for a in _annotations(status, lines)))
    annotations.sort(key=lambda a: _LEVELS.index(a.level))
    return tuple(annotations[: limits.ANNOTATIONS])


def _annotations(status: ModelStatus, lines: Lines) -> Iterator[Annotation]:
    path = status.facts.plan.manifest
    if status.stage is ModelStage.BLOCKED:
        sentence = sentences.summary(status)
        yield _annotation(path, 1, "failure", f"{status.model} is blocked", sentence)
    if status.stage is ModelStage.UNREADABLE:
        sentence = sentences.summary(status)
        yield _annotation(path, 1, "failure", f"{status.model} cannot be read", sentence)
    if status.stage is ModelStage.FAILED:
        attempt = status.facts.failures[-1]
        message = f"{attempt.reason}\n{attempt.log_tail[-1500:]}"
        line = _line(status.facts.manifest, "pipeline")
        yield _annotation(path, line, "failure", f"{status.model} failed to train", message)
    for finding in status.verdict.findings[:_MOST] if status.verdict else ():
        if finding.outcome is not Outcome.PASS and finding.outcome is not Outcome.SKIPPED:
            yield _of_finding(status, finding)
    for sentence in status.facts.relaxed[:_MOST]:
        line = _line(status.facts.manifest, "gates")
        yield _annotation(path, line, "warning", f"{status.model} relaxes a gate", sentence)
    for warning in status.facts.plan.warnings[:_MOST]:
        file = status.facts.manifest.pipeline.file if status.facts.manifest else path
        yield _annotation(file, 1, "warning", status.model, warning)
    yield from _of_reasons(status, lines)


def _of_finding(status: ModelStatus, finding: Finding) -> Annotation:
    level = "failure" if finding.outcome is Outcome.FAIL else "warning"
    title = f"{status.model}: {finding.rule.metric} {sentences.OUTCOME_VERBS[finding.outcome]}"
    line = _rule_line(status.facts.manifest, finding.rule)
    return _annotation(status.facts.plan.manifest, line, level, title, finding.sentence)


def _of_reasons(status: ModelStatus, lines: Lines) -> Iterator[Annotation]:
    """One for each change; a removed file has no line."""
    for change in status.facts.plan.reasons[:_MOST]:
        if change.after is not None:
            line = lines.get((change.path, change.name), 1)
            yield _annotation(change.path, line, "notice", f"{status.model} {_because(status)}",
                              change.sentence)  # fmt: skip


def _because(status: ModelStatus) -> str:
    match status.stage:
        case ModelStage.ON_REQUEST | ModelStage.TRAINING | ModelStage.QUEUED | ModelStage.FAILED:
            return "is trained because of this"
        case _:
            return "is changed by this"


def _rule_line(manifest: Manifest | None, rule: GateRule) -> int:
    """The line of the rule at the head: a stored verdict may be of another commit."""
    for candidate in manifest.gates if manifest else ():
        if replace(candidate, line=0) == replace(rule, line=0):
            return max(candidate.line, 1)
    return max(rule.line, 1)


def _line(manifest: Manifest | None, field: str) -> int:
    return max(manifest.lines.get(field, 1), 1) if manifest else 1


def _annotation(path: str, line: int, level: str, title: str, message: str) -> Annotation:
    shown = "\n".join(visible(text) for text in message[: limits.ANNOTATION_MESSAGE].split("\n"))
    heading = flat(title, longest=limits.ANNOTATION_TITLE)
    return Annotation(
        # A name that is not valid text cannot be in a request; GitHub cannot show the file either.
        path=path.encode("utf-8", "replace").decode(),
        line=line,
        level=level,
        title=heading,
        message=shown if shown.strip() else heading,
    )
