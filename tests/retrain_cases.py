"""Windows, requests and pull requests of one model, for tests of retraining decisions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from interlock.domain.basics import timestamps
from interlock.domain.drift.status import DriftStatus
from interlock.domain.model.monitor_rules import Refresh, Retrain
from interlock.domain.model.policy import RetrainPolicy
from interlock.domain.monitoring.monitoring_records import (
    Cause,
    Diagnosis,
    DriftReport,
    Performance,
    PerformanceReport,
    Remedy,
    RetrainingRequest,
    RetrainingStep,
)
from interlock.domain.promotion.hold import Hold, HoldStep
from interlock.domain.promotion.promotion import Phase, Promotion, PromotionKind
from interlock.domain.retraining.retraining_facts import (
    HiddenMark,
    RetrainingFacts,
    RetrainingPull,
    RetrainingPullState,
)

SERVED = "a" * 64
NOON = 1_793_534_400  # 2026-11-01T12:00:00Z
NOW = NOON + 10 * 86_400


def day(number: int) -> str:
    return timestamps.write(NOON + number * 86_400)


RETRAIN = Diagnosis(Cause.COVARIATE_SHIFT, Remedy.RETRAIN, 0.4, ("age",), "`age` drifted")
QUIET = Diagnosis(Cause.NONE, Remedy.NOTHING, 0.0, (), "no data drift")
BROKEN = Diagnosis(Cause.BROKEN_PIPELINE, Remedy.FIX_DATA, 0.5, ("age",), "`age` is gone")
PERFORMANCE_LOSS = Diagnosis(Cause.CONCEPT_DRIFT, Remedy.RETRAIN, 0.1, (), "f1_macro fell")
_DIAGNOSES = {DriftStatus.DRIFT: RETRAIN, DriftStatus.BROKEN: BROKEN}


def window(number: int, verdict: DriftStatus = DriftStatus.DRIFT, **more: Any) -> DriftReport:
    default = DriftReport(
        model="digits",
        start=day(number - 1),
        end=day(number),
        rows=800,
        verdict=verdict,
        reference=SERVED,
        reference_rows=900,
        diagnosis=_DIAGNOSES.get(verdict, QUIET),
        at=day(number),
    )
    return replace(default, **more)


def labelled(
    number: int, diagnosis: Diagnosis = PERFORMANCE_LOSS, **more: Any
) -> PerformanceReport:
    verdict = DriftStatus.DRIFT if diagnosis.remedy is Remedy.RETRAIN else DriftStatus.STABLE
    performance = Performance("f1_macro", 0.95, 0.85, -0.1, None, 700, verdict, diagnosis.sentence)
    default = PerformanceReport(
        model="digits",
        start=day(number - 1),
        end=day(number),
        reference=SERVED,
        performance=performance,
        diagnosis=diagnosis,
        at=day(number + 1),
    )
    return replace(default, **more)


def served(**more: Any) -> Promotion:
    default = Promotion(
        model="digits",
        kind=PromotionKind.PROMOTION,
        phase=Phase.DONE,
        fingerprint=SERVED,
        revision="b" * 40,
        position=3,
        run_id="run",
        sha256="c" * 64,
        registry_name="digits",
        environments=("production",),
        at=day(-10),
        version=1,
    )
    return replace(default, **more)


HELD = Hold("digits", 1, HoldStep.HOLD, "octocat", "broken camera", day(0))


def request(step: RetrainingStep, number: int = 3, *, pull: int | None = None, **more: Any) -> Any:
    default = RetrainingRequest(
        model="digits",
        cause=Cause.COVARIATE_SHIFT,
        window_end=day(number),
        reference=SERVED,
        severity=0.4,
        branch="interlock/retrain/digits",
        step=step,
        at=day(number),
        sentence="`age` drifted",
        pull=pull,
    )
    return replace(default, **more)


OPENED = (request(RetrainingStep.OPENED), request(RetrainingStep.OPENED, pull=7))


def mark(
    number: int = 3, cause: Cause = Cause.COVARIATE_SHIFT, severity: float = 0.4
) -> HiddenMark:
    return HiddenMark(cause, day(number) if number else "", severity, SERVED)


def pull_request(
    state: RetrainingPullState = RetrainingPullState.OPEN, **more: Any
) -> RetrainingPull:
    closed = 0 if state is RetrainingPullState.OPEN else NOW - 3_600
    return replace(RetrainingPull(7, state, mark(), closed_at=closed), **more)


def facts(**more: Any) -> RetrainingFacts:
    default = RetrainingFacts(
        model="digits",
        now=NOW,
        rule=Retrain(Refresh(("data/train.csv.dvc",), "python refresh.py")),
        policy=RetrainPolicy(),
        champion=served(),
        drift=(window(1, DriftStatus.STABLE), window(2, DriftStatus.WARNING), window(3)),
    )
    facts = replace(default, **more)
    return replace(facts, windows=tuple(report.own_verdict for report in facts.drift))
