"""Models in production in every state that the dashboard knows."""

from __future__ import annotations

from dataclasses import replace

from interlock.domain.basics.interval import Interval
from interlock.domain.drift.status import DriftStatus
from interlock.domain.evaluation.verdict import Comparison
from interlock.domain.monitoring.monitoring_records import (
    Cause,
    Diagnosis,
    Performance,
    PerformanceReport,
    Remedy,
)
from interlock.domain.monitoring.windows import ScheduleStatus
from interlock.domain.promotion.hold import Hold, HoldStep
from interlock.domain.promotion.promotion import Phase, Promotion, PromotionKind
from interlock.domain.reporting import dashboard
from interlock.domain.reporting.dashboard import Dashboard, DashboardFacts, TotalCost
from tests import drift_cases

RUNS, STOPPED = ScheduleStatus(0, None), ScheduleStatus(3, 1_920_000_000)


def served(model: str = "digits", *, version: int = 2) -> Promotion:
    return Promotion(
        model=model,
        kind=PromotionKind.PROMOTION,
        phase=Phase.DONE,
        fingerprint=drift_cases.CHAMPION,
        revision="c" * 40,
        position=4,
        run_id="run-1111",
        sha256="3" * 64,
        registry_name=model,
        environments=("staging", "production"),
        at="2030-10-28T12:00:00+00:00",
        version=version,
        replaces=drift_cases.EARLIER,
        pull=7,
    )


def calm(model: str = "digits", **changes: object) -> DashboardFacts:
    facts = DashboardFacts(
        model=model,
        served=served(model),
        measured=Comparison("f1_macro", 0.985, 0.964, 0.021, Interval(0.012, 0.031, 0.95)),
        before=served(model, version=1),
        windows=(DriftStatus.STABLE,) * 14,
        newest=drift_cases.window(4, model=model),
        last_seen="2030-11-05T06:00:00Z",
        pulse=RUNS,
        cost=TotalCost({"EUR": 0.42}),
    )
    return replace(facts, **changes)  # type: ignore[arg-type]


def drifting(model: str = "drifting") -> DashboardFacts:
    reports = drift_cases.drifting(model)
    verdicts = tuple(report.verdict for report in reports)
    return calm(model, newest=reports[-1], windows=verdicts, pull=12)


def broken(model: str = "broken") -> DashboardFacts:
    reports = drift_cases.broken(model)
    verdicts = tuple(report.verdict for report in reports)
    return calm(model, newest=reports[-1], windows=(*(DriftStatus.STABLE,) * 12, *verdicts))


def fallen(model: str = "fallen") -> DashboardFacts:
    performance = Performance(
        "f1_macro",
        0.985,
        0.93,
        -0.055,
        Interval(-0.08, -0.03, 0.95),
        800,
        DriftStatus.DRIFT,
        "f1_macro fell by 0.055 where 0.02 is allowed",
    )
    diagnosis = Diagnosis(
        Cause.CONCEPT_DRIFT, Remedy.RETRAIN, 0.1, (), "f1_macro fell while no input moved"
    )
    report = PerformanceReport(
        model,
        "2030-11-03T00:00:00Z",
        "2030-11-04T00:00:00Z",
        drift_cases.CHAMPION,
        performance,
        diagnosis,
        "2030-11-05T06:00:00Z",
    )
    return calm(model, performance=report)


def held(model: str = "held") -> DashboardFacts:
    hold = Hold(model, 1, HoldStep.HOLD, "octocat", "broken camera", "2030-11-01T12:00:00+00:00")
    return calm(model, hold=hold)


def every() -> tuple[DashboardFacts, ...]:
    watch = drift_cases.window(3, DriftStatus.WARNING)
    return (
        calm("calm"),
        DashboardFacts("unserved", pulse=None),
        calm("unwatched", windows=(), newest=None, last_seen="", pulse=None, cost=TotalCost()),
        calm("new", windows=(), newest=None, last_seen="", cost=TotalCost({}, unpriced=2)),
        calm("watched", newest=watch, windows=(DriftStatus.INSUFFICIENT, DriftStatus.WARNING)),
        calm("stopped", pulse=STOPPED),
        calm("never-run", windows=(), newest=None, last_seen="", pulse=STOPPED),
        held(),
        fallen(),
        drifting(),
        broken(),
    )


def shown(*facts: DashboardFacts, problems: tuple[str, ...] = ()) -> Dashboard:
    return dashboard.arrange(facts or every(), problems=problems)
