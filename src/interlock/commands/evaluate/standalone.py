"""Judges a predictions file, beside another or alone; no repository, no ledger, nothing written."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from interlock import errors
from interlock.domain.evaluation import detectable_difference, gates, scores
from interlock.domain.evaluation.verdict import Comparison, Finding, Outcome
from interlock.domain.model import metrics
from interlock.domain.model.evidence import Rows
from interlock.domain.model.manifest import Evaluation, GateRule, Task
from interlock.domain.model.policy import OnInconclusive
from interlock.ports.scoring import Predictions, Scoring

SCHEMA = "interlock/evaluation/v1"
NO_GATES = "no gates were given, so that nothing was judged"


@dataclass(frozen=True, slots=True)
class EvaluateFilesOptions:
    """`gates` None is that nobody asked; an empty tuple is that somebody asked nothing."""

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
    """What was found. `unusable` says that a file could not be read; then there is nothing else but
    `sentence`, with all that is wrong, and `hint`."""

    task: Task
    outcome: Outcome
    sentence: str
    confidence: float
    rows: Rows = field(default_factory=lambda: Rows(0, ""))
    findings: tuple[Finding, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    has_gates: bool = True
    unusable: bool = False
    hint: str = ""
    primary: str = ""

    @property
    def positive(self) -> str:
        """The positive class, empty where no metric depends on one."""
        return next((c.positive for c in self.comparisons if c.positive), "")


def run(request: EvaluateFilesOptions, scoring: Scoring) -> FilesEvaluation:
    """Score and judge. An unusable file is an outcome that fails, with its sentence."""
    asked = scores.request(
        Evaluation(
            request.primary or scores.PRIMARY[request.task],
            request.slices,
            request.seed,
            positive=request.positive,
        ),
        task=request.task,
        rules=request.gates or (),
        confidence=request.confidence,
        resamples=request.resamples,
    )
    try:
        mine = _read(request.candidate, scoring, request=request, slices=asked.slices)
        theirs = request.champion and _read(request.champion, scoring, request=request, slices=())
        scored = scoring.score(mine, champion=theirs or None, request=asked)
    except errors.CannotScore as error:
        return FilesEvaluation(
            request.task,
            Outcome.FAIL,
            error.message,
            request.confidence,
            unusable=True,
            hint=error.hint,
        )
    return _judged(request, asked, scored)


def _read(
    path: Path, scoring: Scoring, *, request: EvaluateFilesOptions, slices: tuple[str, ...]
) -> Predictions:
    return scoring.read(
        path, name=str(path), task=request.task, slices=slices, positive=request.positive
    )


def _judged(
    request: EvaluateFilesOptions, asked: scores.ScoringRequest, scored: scores.Scores
) -> FilesEvaluation:
    rules = request.gates or ()
    lacking = gates.measure(
        [rule.metric for rule in rules], candidate=None, champion=None, confidence=0.0
    )
    findings = gates.evaluate(
        rules,
        seen={c: (*every, *lacking) for c, every in scored.comparisons.items()},
        skip="no champion was given" if request.champion is None else "",
        on_inconclusive=request.on_inconclusive,
    )
    outcome, sentence = _sum(request, findings, problem=scored.champion_problem)
    asked_for = frozenset({*asked.focus, *(rule.metric for rule in rules)})
    shown = scored.comparisons[request.confidence]
    return FilesEvaluation(
        task=request.task,
        outcome=outcome,
        sentence=sentence,
        confidence=request.confidence,
        rows=scored.rows,
        findings=findings,
        comparisons=tuple(c for c in shown if scores.shown(c, asked=asked_for)),
        has_gates=request.gates is not None,
        primary=request.primary or scores.PRIMARY[request.task],
    )


def _sum(
    request: EvaluateFilesOptions, findings: tuple[Finding, ...], *, problem: str
) -> tuple[Outcome, str]:
    if problem:
        # Somebody asked for this comparison, and it cannot be made: whatever gates there are.
        return Outcome.FAIL, f"{request.candidate} cannot be compared: {problem}"
    if request.gates is None:
        return Outcome.INCONCLUSIVE, NO_GATES
    return gates.outcome(findings), gates.sentence(findings)


def exit_code(evaluated: FilesEvaluation) -> int:
    """2 for an unusable file; 0 for a pass, and when no gates were given; else 1."""
    if evaluated.unusable:
        return errors.EXIT_INPUT
    is_unasked = not evaluated.has_gates and evaluated.outcome is Outcome.INCONCLUSIVE
    is_fine = is_unasked or evaluated.outcome is Outcome.PASS
    return errors.EXIT_DONE if is_fine else errors.EXIT_NO


def document(evaluated: FilesEvaluation) -> dict[str, Any]:
    """Return the evaluation as its document; differences are candidate minus champion."""
    overall = [c for c in evaluated.comparisons if not c.slice]
    slices: dict[str, dict[str, Any]] = {}
    for c in evaluated.comparisons:
        if c.slice:
            value = slices.setdefault(c.slice, {}).setdefault(
                c.value, {"rows": c.rows, "metrics": {}}
            )
            value["metrics"][c.metric] = _comparison(c, evaluated.confidence)
    return {
        "schema": SCHEMA,
        "task": evaluated.task.value,
        **({"positive": evaluated.positive} if evaluated.positive else {}),
        "rows": evaluated.rows.count,
        "rows_sha256": evaluated.rows.sha256,
        "metrics": {c.metric: _comparison(c, evaluated.confidence) for c in overall},
        "slices": slices,
        "findings": [_finding(finding) for finding in evaluated.findings],
        "verdict": evaluated.outcome.value,
        "sentence": evaluated.sentence,
        **({"hint": evaluated.hint} if evaluated.hint else {}),
    }


def _comparison(comparison: Comparison, confidence: float) -> dict[str, Any]:
    interval = comparison.interval
    found = detectable_difference.find(interval, rows=comparison.rows)
    return {
        "candidate": comparison.candidate,
        "champion": comparison.champion,
        "difference": comparison.difference,
        "interval": None if interval is None else [interval.low, interval.high],
        "confidence": confidence,
        **({"positive": comparison.positive} if comparison.positive else {}),
        **({"resolution": found.smallest} if found else {}),
        **({"problem": comparison.problem} if comparison.problem else {}),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    interval = finding.interval
    found = detectable_difference.of_finding(finding)
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
        **({"resolution": asdict(found)} if found else {}),
    }


def names(task: Task) -> tuple[str, ...]:
    """Metrics that two files alone can tell."""
    return tuple(name for name in metrics.named(task) if name != metrics.MODEL_SIZE)
