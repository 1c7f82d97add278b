"""Windows of live data in every state that they can be in, made of the same few facts."""

from __future__ import annotations

from dataclasses import replace

from interlock.domain.drift.status import DriftStatus
from interlock.domain.monitoring.monitoring_records import (
    Cause,
    ColumnReport,
    Diagnosis,
    DriftReport,
    Remedy,
    Share,
)

CHAMPION, EARLIER = "1" * 64, "2" * 64

CALM = Diagnosis(Cause.NONE, Remedy.NOTHING, 0.0, (), "no data drift")
SHIFT = Diagnosis(
    Cause.COVARIATE_SHIFT,
    Remedy.RETRAIN,
    0.42,
    ("age", "income"),
    "age and income moved in 2 of the last 3 windows, and the model leans on them",
)
BROKEN = Diagnosis(
    Cause.BROKEN_PIPELINE,
    Remedy.FIX_DATA,
    1.0,
    ("income",),
    "income is missing in every row: the feed is broken, and a retraining would learn that",
)


def column(
    name: str,
    effect: float | None = 0.01,
    *,
    verdict: DriftStatus = DriftStatus.STABLE,
    importance: float | None = None,
    sentence: str = "",
) -> ColumnReport:
    measured = {} if effect is None else {"effect": effect, "psi": 4 * effect * effect}
    return ColumnReport(
        name=name,
        kind="number",
        verdict=verdict,
        sentence=sentence or f"{name} is as before",
        statistics=measured,
        importance=importance,
        shares=(Share("below 30", 0.4, 0.4 - (effect or 0.0) / 2), Share("30 and above", 0.6, 0.6)),
    )


def window(
    day: int,
    verdict: DriftStatus = DriftStatus.STABLE,
    *columns: ColumnReport,
    model: str = "digits",
    diagnosis: Diagnosis = CALM,
    reference: str = CHAMPION,
    problems: tuple[str, ...] = (),
) -> DriftReport:
    """The window of one day of November 2030, looked at on the next morning."""
    return DriftReport(
        model=model,
        start=f"2030-11-{day:02d}T00:00:00Z",
        end=f"2030-11-{day + 1:02d}T00:00:00Z",
        rows=2400,
        verdict=verdict,
        reference=reference,
        reference_rows=899,
        diagnosis=diagnosis,
        at=f"2030-11-{day + 1:02d}T06:00:00Z",
        columns=columns or (column("age"), column("income"), column("city", 0.0)),
        version=2,
        problems=problems,
    )


def drifting(model: str = "digits") -> tuple[DriftReport, ...]:
    """Four days: stable, stable, watch, drift."""
    moved = column(
        "age",
        0.31,
        verdict=DriftStatus.DRIFT,
        importance=0.6,
        sentence="age moved up: 31 % of its rows lie elsewhere, and that in 2 of 3 windows",
    )
    also = column(
        "income",
        0.24,
        verdict=DriftStatus.DRIFT,
        importance=0.3,
        sentence="income moved down: 24 % of its rows lie elsewhere, and that in 2 of 3 windows",
    )
    sentence = replace(moved, verdict=DriftStatus.WARNING, sentence="age moved, for the first time")
    quiet = column("city", 0.02, importance=0.1)
    return (
        window(
            1, DriftStatus.STABLE, column("age", 0.02), column("income", 0.03), quiet, model=model
        ),
        window(
            2, DriftStatus.STABLE, column("age", 0.04), column("income", 0.01), quiet, model=model
        ),
        window(3, DriftStatus.WARNING, sentence, column("income", 0.2), quiet, model=model),
        window(4, DriftStatus.DRIFT, quiet, also, moved, model=model, diagnosis=SHIFT),
    )


def broken(model: str = "wine") -> tuple[DriftReport, ...]:
    gone = column(
        "income", None, verdict=DriftStatus.BROKEN, sentence="income is missing in every row"
    )
    return (
        window(3, model=model),
        window(
            4,
            DriftStatus.BROKEN,
            column("age"),
            gone,
            model=model,
            diagnosis=BROKEN,
            problems=("part-0003.parquet cannot be read: it is cut short",),
        ),
    )
