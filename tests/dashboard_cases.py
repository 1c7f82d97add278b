"""Models in production with every status of the dashboard."""

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


def promotion(model: str = "digits", *, version: int = 2) -> Promotion:
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


def healthy(model: str = "digits", **changes: object) -> DashboardFacts:
    facts = DashboardFacts(
        model=model,
        production=promotion(model),
        primary_metric=Comparison("f1_macro", 0.985, 0.964, 0.021, Interval(0.012, 0.031, 0.95)),
        previous=promotion(model, version=1),
        windows=(DriftStatus.STABLE,) * 14,
        newest=drift_cases.window(4, model=model),
        evaluated_at="2030-11-05T06:00:00Z",
        monitoring=RUNS,
        cost=TotalCost({"EUR": 0.42}),
    )
    return replace(facts, **changes)  # type: ignore[arg-type]


def drifting(model: str = "drifting") -> DashboardFacts:
    reports = drift_cases.drifting(model)
    verdicts = tuple(report.verdict for report in reports)
    return healthy(model, newest=reports[-1], windows=verdicts, pull=12)


def broken(model: str = "broken") -> DashboardFacts:
    reports = drift_cases.broken(model)
    verdicts = tuple(report.verdict for report in reports)
    return healthy(model, newest=reports[-1], windows=(*(DriftStatus.STABLE,) * 12, *verdicts))


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
    return healthy(model, performance=report)


def held(model: str = "held") -> DashboardFacts:
    hold = Hold(model, 1, HoldStep.HOLD, "octocat", "broken camera", "2030-11-01T12:00:00+00:00")
    return healthy(model, hold=hold)


def every() -> tuple[DashboardFacts, ...]:
    watch = drift_cases.window(3, DriftStatus.WARNING)
    return (
        healthy("healthy"),
        DashboardFacts("not-deployed", monitoring=None),
        healthy(
            "not-monitored",
            windows=(),
            newest=None,
            evaluated_at="",
            monitoring=None,
            cost=TotalCost(),
        ),
        healthy("new", windows=(), newest=None, evaluated_at="", cost=TotalCost({}, unpriced=2)),
        healthy("watched", newest=watch, windows=(DriftStatus.INSUFFICIENT, DriftStatus.WARNING)),
        healthy("stopped", monitoring=STOPPED),
        healthy("never-run", windows=(), newest=None, evaluated_at="", monitoring=STOPPED),
        held(),
        fallen(),
        drifting(),
        broken(),
    )


def shown(*facts: DashboardFacts, problems: tuple[str, ...] = ()) -> Dashboard:
    return dashboard.arrange(facts or every(), problems=problems)
