"""Evaluates a predictions file, alone or against another; without a repository or a ledger."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from interlock import errors
from interlock.domain.evaluation import detectable_difference, gates, pipeline_metrics, scores
from interlock.domain.evaluation.verdict import Comparison, Finding, Outcome
from interlock.domain.model import metrics
from interlock.domain.model.evidence import Rows
from interlock.domain.model.manifest import Evaluation, GateRule, Task
from interlock.domain.model.policy import OnInconclusive
from interlock.ports.scoring import Predictions, Scoring

SCHEMA = "interlock/evaluation/v1"
NO_GATES = "there are no gates, so there is no verdict"


@dataclass(frozen=True, slots=True)
class EvaluateFilesOptions:
    """`gates` is None without a file of gates, and empty for a file without gates."""

    candidate: Path
    champion: Path | None
    task: Task
    gates: tuple[GateRule, ...] | None = None
    primary: str = ""
    slices: tuple[str, ...] = ()
    seed: int = 0
    confidence: float = scores.CONFIDENCE
    resamples: int = scores.RESAMPLES
    on_inconclusive: OnInconclusive = OnInconclusive.ASK
    positive: str | None = None


@dataclass(frozen=True, slots=True)
class FilesEvaluation:
    """The result. An unusable file has only a `sentence`, with all its faults, and a `hint`."""

    task: Task
    outcome: Outcome
    sentence: str
    confidence: float
    rows: Rows = field(default_factory=lambda: Rows(0, ""))
    findings: tuple[Finding, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    has_gates: bool = True
    is_unusable: bool = False
    hint: str = ""
    primary: str = ""

    @property
    def positive(self) -> str:
        """The positive class, empty if no metric depends on one."""
        return next((c.positive for c in self.comparisons if c.positive), "")


def run(scoring: Scoring, options: EvaluateFilesOptions) -> FilesEvaluation:
    """Score the files and apply the gates. An unusable file fails, with its sentence."""
    scoring_request = scores.request(
        Evaluation(
            options.primary or scores.PRIMARY[options.task],
            options.slices,
            options.seed,
            positive=options.positive,
        ),
        task=options.task,
        rules=options.gates or (),
        confidence=options.confidence,
        resamples=options.resamples,
    )
    try:
        mine = _read(options.candidate, scoring, options=options, slices=scoring_request.slices)
        theirs = options.champion and _read(options.champion, scoring, options=options, slices=())
        scored = scoring.score(mine, champion=theirs or None, request=scoring_request)
    except errors.CannotScore as error:
        return FilesEvaluation(
            options.task,
            Outcome.FAIL,
            error.message,
            options.confidence,
            is_unusable=True,
            hint=error.hint,
        )
    return _evaluation(options, scoring_request, scored)


def _read(
    path: Path, scoring: Scoring, *, options: EvaluateFilesOptions, slices: tuple[str, ...]
) -> Predictions:
    return scoring.read(
        path, name=str(path), task=options.task, slices=slices, positive=options.positive
    )


def _evaluation(
    options: EvaluateFilesOptions, scoring_request: scores.ScoringRequest, scored: scores.Scores
) -> FilesEvaluation:
    rules = options.gates or ()
    lacking = pipeline_metrics.measure(
        [rule.metric for rule in rules], candidate=None, champion=None, confidence=0.0
    )
    findings = gates.evaluate(
        rules,
        comparisons={c: (*every, *lacking) for c, every in scored.comparisons.items()},
        skip="there is no champion file" if options.champion is None else "",
        on_inconclusive=options.on_inconclusive,
    )
    outcome, sentence = _sum(options, findings, problem=scored.champion_problem)
    required = frozenset({*scoring_request.focus, *(rule.metric for rule in rules)})
    shown = scored.comparisons[options.confidence]
    return FilesEvaluation(
        task=options.task,
        outcome=outcome,
        sentence=sentence,
        confidence=options.confidence,
        rows=scored.rows or Rows(0, ""),
        findings=findings,
        comparisons=tuple(c for c in shown if scores.shown(c, required=required)),
        has_gates=options.gates is not None,
        primary=options.primary or scores.PRIMARY[options.task],
    )


def _sum(
    options: EvaluateFilesOptions, findings: tuple[Finding, ...], *, problem: str
) -> tuple[Outcome, str]:
    if problem:
        # A requested comparison that is impossible fails, with and without gates.
        return Outcome.FAIL, f"{options.candidate} cannot be compared: {problem}"
    if options.gates is None:
        return Outcome.INCONCLUSIVE, NO_GATES
    return gates.outcome(findings), gates.sentence(findings)


def exit_code(evaluation: FilesEvaluation) -> int:
    """Return 2 for an unusable file; 0 for a pass, and without gates; else 1."""
    if evaluation.is_unusable:
        return errors.EXIT_INPUT
    is_without_gates = not evaluation.has_gates and evaluation.outcome is Outcome.INCONCLUSIVE
    is_fine = is_without_gates or evaluation.outcome is Outcome.PASS
    return errors.EXIT_DONE if is_fine else errors.EXIT_NO


def document(evaluation: FilesEvaluation) -> dict[str, Any]:
    """Return the evaluation as its document; differences are candidate minus champion."""
    overall = [c for c in evaluation.comparisons if not c.slice]
    slices: dict[str, dict[str, Any]] = {}
    for c in evaluation.comparisons:
        if c.slice:
            value = slices.setdefault(c.slice, {}).setdefault(
                c.value, {"rows": c.rows, "metrics": {}}
            )
            value["metrics"][c.metric] = _comparison(c, evaluation.confidence)
    return {
        "schema": SCHEMA,
        "task": evaluation.task.value,
        **({"positive": evaluation.positive} if evaluation.positive else {}),
        "rows": evaluation.rows.count,
        "rows_sha256": evaluation.rows.sha256,
        "metrics": {c.metric: _comparison(c, evaluation.confidence) for c in overall},
        "slices": slices,
        "findings": [_finding(finding) for finding in evaluation.findings],
        "verdict": evaluation.outcome.value,
        "sentence": evaluation.sentence,
        **({"hint": evaluation.hint} if evaluation.hint else {}),
    }


def _comparison(comparison: Comparison, confidence: float) -> dict[str, Any]:
    interval = comparison.interval
    resolution = detectable_difference.find(interval, rows=comparison.rows)
    return {
        "candidate": comparison.candidate,
        "champion": comparison.champion,
        "difference": comparison.difference,
        "interval": None if interval is None else [interval.low, interval.high],
        "confidence": confidence,
        **({"positive": comparison.positive} if comparison.positive else {}),
        **({"resolution": resolution.smallest} if resolution else {}),
        **({"problem": comparison.problem} if comparison.problem else {}),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    interval = finding.interval
    resolution = detectable_difference.of_finding(finding)
    rule = {
        name: value
        for name in ("min", "max", "max_drop", "max_rise", "against", "slice")
        if (value := getattr(finding.rule, name)) is not None
    }
    if finding.rule.max_drop is not None or finding.rule.max_rise is not None:
        rule["confidence"] = finding.rule.confidence
    return {
        "metric": finding.rule.metric,
        **({"positive": finding.positive} if finding.positive else {}),
        "rule": rule,
        "outcome": finding.outcome.value,
        "observed": finding.observed,
        "threshold": finding.threshold,
        "interval": None if interval is None else [interval.low, interval.high],
        "sentence": finding.sentence,
        **({"resolution": asdict(resolution)} if resolution else {}),
    }


def names(task: Task) -> tuple[str, ...]:
    """Return the metrics that need nothing but the two files."""
    return tuple(name for name in metrics.named(task) if name != metrics.MODEL_SIZE)
