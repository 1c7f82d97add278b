"""A window's measures as a record: what is compared, what persistence counts, what is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from interlock.domain.basics import timestamps
from interlock.domain.drift.profile import ColumnKind, ColumnProfile, Profile
from interlock.domain.drift.rules import DriftRules, Effect, Persistence
from interlock.domain.drift.status import DriftStatus
from interlock.domain.model.monitor_rules import (
    ColumnPatterns,
    DriftRule,
    Monitor,
    MonitorChecks,
    WindowRule,
)
from interlock.domain.monitoring import diagnosis, window_report
from interlock.domain.monitoring.monitoring_records import Cause, DriftReport
from interlock.domain.monitoring.window_report import MonitoredChampion, WindowData
from interlock.domain.monitoring.windows import Window

DAY = timestamps.DAY_SECONDS
MONITOR = Monitor(live="live/*.parquet", time="served_at", window=WindowRule(min_rows=100))
CHAMPION = MonitoredChampion("digits", "a" * 64, 3, {})


def profile(*counts: int, missing: int = 0) -> Profile:
    """A column `hand` with so many rows left and right, and one `prediction` of one answer."""
    rows = sum(counts) + missing
    hand = ColumnProfile(
        "hand", ColumnKind.CATEGORY, "str", rows, missing, values=("left", "right"), counts=counts
    )
    answer = ColumnProfile(
        "prediction", ColumnKind.CATEGORY, "str", rows, 0, values=("yes",), counts=(rows,)
    )
    return Profile(rows, (hand, answer))


REFERENCE = profile(500, 500)


def report(
    day: int,
    live: Profile,
    *past: DriftReport,
    champion: MonitoredChampion = CHAMPION,
    monitor: Monitor = MONITOR,
    untimed: int = 0,
    unread: tuple[str, ...] = (),
    lacking: Mapping[str, tuple[str, ...]] | None = None,
    reference: Profile = REFERENCE,
) -> DriftReport:
    return window_report.report(
        WindowData(
            Window(day * DAY, (day + 1) * DAY), live, untimed, unread, lacking=lacking or {}
        ),
        reference=reference,
        monitor=monitor,
        champion=champion,
        past=past,
        at="2026-11-02T06:00:00Z",
    )


CALM, MOVED, FEW = profile(250, 250), profile(400, 100), profile(40, 10)


def test_report__names_the_champion_and_the_window() -> None:
    drift_report = report(1, CALM)
    assert (drift_report.model, drift_report.reference, drift_report.version) == (
        "digits",
        "a" * 64,
        3,
    )
    assert (drift_report.start, drift_report.end) == (
        "1970-01-02T00:00:00Z",
        "1970-01-03T00:00:00Z",
    )
    assert (drift_report.rows, drift_report.reference_rows) == (500, 1000)
    assert (drift_report.verdict, drift_report.diagnosis.cause) == (DriftStatus.STABLE, Cause.NONE)
    assert [(c.name, c.kind, c.importance) for c in drift_report.columns] == [
        ("hand", "category", None),
        ("prediction", "category", None),
    ]
    assert drift_report.columns[0].statistics["effect"] == 0
    assert {column.shares for column in drift_report.columns} == {()}


def test_report__shows_where_what_differs_lies() -> None:
    moved, same = report(1, MOVED).columns
    assert [(s.label, s.reference, s.live) for s in moved.shares] == [
        ("left", 0.5, 0.8),
        ("right", 0.5, 0.2),
    ]
    assert same.shares == ()


def test_report__writes_numbers_as_short_as_they_say_something() -> None:
    statistics = report(1, profile(333, 167)).columns[0].statistics
    assert statistics["effect"] == pytest.approx(0.166, abs=1e-3)
    assert all(len(f"{value!r}") < 12 for value in statistics.values())


def test_report__drifts_when_it_persists() -> None:
    first = report(1, MOVED)
    second = report(2, MOVED, first)
    assert (first.verdict, second.verdict) == (DriftStatus.WARNING, DriftStatus.DRIFT)
    assert second.diagnosis.cause is Cause.COVARIATE_SHIFT


def test_report__starts_persistence_again_for_another_champion() -> None:
    first = report(1, MOVED)
    second = report(2, MOVED, first, champion=replace(CHAMPION, fingerprint="b" * 64))
    assert second.verdict is DriftStatus.WARNING


def test_report__of_few_rows_says_so_and_is_passed_over_by_the_next() -> None:
    first = report(1, MOVED)
    second = report(2, FEW, first)
    third = report(3, MOVED, second, first)
    assert second.verdict is DriftStatus.INSUFFICIENT
    assert {column.verdict for column in second.columns} == {DriftStatus.INSUFFICIENT}
    assert "only 50 rows; `min_rows` is 100" in second.diagnosis.sentence
    assert third.verdict is DriftStatus.DRIFT


def test_report__of_no_rows_is_broken() -> None:
    drift_report = report(1, Profile(0, ()))
    assert drift_report.verdict is DriftStatus.BROKEN
    assert drift_report.problems == ("no rows from 1970-01-02T00:00:00Z to 1970-01-03T00:00:00Z",)
    assert drift_report.diagnosis.sentence == drift_report.problems[0]
    assert (
        window_report.window_result(drift_report, monitor=MONITOR).problem
        == drift_report.problems[0]
    )


TORN = ("a.parquet cannot be read: truncated", "b.parquet is no file", "c.parquet is no file")


def test_report__of_a_window_with_files_that_cannot_be_read_names_them() -> None:
    drift_report = report(1, MOVED, unread=TORN)
    assert drift_report.verdict is DriftStatus.BROKEN
    assert (drift_report.unread, drift_report.problems, drift_report.rows) == (TORN, TORN, 500)
    assert drift_report.diagnosis.cause is Cause.BROKEN_PIPELINE
    assert drift_report.diagnosis.sentence == (
        "a.parquet cannot be read: truncated, and 2 more files cannot be read; 500 rows in the "
        "other files"
    )
    empty = report(1, Profile(0, ()), unread=TORN[:1])
    assert (empty.verdict, empty.problems) == (DriftStatus.BROKEN, TORN[:1])
    assert empty.diagnosis.sentence == f"{TORN[0]}; 0 rows in the other files"


def test_report__tells_which_files_lack_which_column() -> None:
    lacking = {f"{name}.csv": ("hand",) for name in "abcd"} | {"e.csv": ("prediction",)}
    drift_report = report(1, CALM, lacking=lacking)
    assert drift_report.verdict is DriftStatus.STABLE
    assert drift_report.problems == (
        "a.csv, b.csv, c.csv and 1 more lack column 'hand': its values count as missing there",
        "e.csv lacks column 'prediction': its values count as missing there",
    )


def test_report__of_broken_windows_counts_none_of_them() -> None:
    torn = [report(day, MOVED, unread=TORN) for day in (1, 2)]
    assert report(3, MOVED, *torn).verdict is DriftStatus.WARNING
    assert report(4, MOVED, *torn, report(3, MOVED, *torn)).verdict is DriftStatus.DRIFT


def test_report__says_how_many_columns_were_compared() -> None:
    drift_report = report(1, CALM)
    assert drift_report.compared == "2 of 2 columns compared"
    assert drift_report.diagnosis.sentence == f"no data drift; {drift_report.compared}"
    texts = tuple(replace(c, kind=ColumnKind.TEXT, values=(), counts=()) for c in CALM.columns)
    blind = report(1, replace(CALM, columns=texts), reference=replace(REFERENCE, columns=texts))
    assert blind.verdict is DriftStatus.INSUFFICIENT
    assert blind.diagnosis.sentence == f"{blind.compared}"
    assert "not compared: hand (too many different values) and prediction" in blind.compared
    assert {column.verdict for column in blind.columns} == {DriftStatus.INSUFFICIENT}


def test_report__tells_rows_that_have_no_time() -> None:
    drift_report = report(1, CALM, untimed=1234)
    assert drift_report.problems == ("1,234 rows have no time and belong to no window",)
    assert drift_report.verdict is DriftStatus.STABLE


def test_report__weighs_by_the_importances_of_the_pipeline() -> None:
    champion = replace(CHAMPION, importance={"hand": 0.4, "age": 0.6})
    assert [column.importance for column in report(1, CALM, champion=champion).columns] == [
        0.4,
        None,
    ]
    champion = replace(CHAMPION, importance={"age": 0.6})
    assert [column.importance for column in report(1, CALM, champion=champion).columns] == [
        0.0,
        None,
    ]


NEW = replace(
    CALM, columns=(*CALM.columns, ColumnProfile("age", ColumnKind.NUMBER, "f64", 500, missing=0))
)


@pytest.mark.parametrize(
    ("schema", "live", "verdict"),
    [
        (True, replace(CALM, columns=CALM.columns[1:]), DriftStatus.BROKEN),
        (False, replace(CALM, columns=CALM.columns[1:]), DriftStatus.STABLE),
        (True, NEW, DriftStatus.WARNING),
        (False, NEW, DriftStatus.STABLE),
        (False, profile(0, 0, missing=500), DriftStatus.BROKEN),
    ],
    ids=["vanished", "vanished, unasked", "new", "new, unasked", "all missing, unasked"],
)
def test_report__asks_about_the_schema_where_it_is_wanted(
    schema: bool, live: Profile, verdict: DriftStatus
) -> None:
    monitor = replace(MONITOR, checks=MonitorChecks(schema=schema))
    assert report(1, live, monitor=monitor).verdict is verdict


def test_with_season__knows_the_weeks_before() -> None:
    week = [report(day, MOVED if day % 7 == 0 else CALM) for day in range(7)]
    drift_report = replace(report(7, MOVED), verdict=DriftStatus.DRIFT)
    columns = tuple(
        replace(c, verdict=DriftStatus.DRIFT) for c in drift_report.columns if c.name == "hand"
    )
    drift_report = replace(drift_report, columns=columns)
    result = window_report.with_season(drift_report, monitor=MONITOR, past=week)
    assert result.diagnosis.cause is Cause.SEASONALITY


def test_season_ends__are_those_of_a_season_ago_and_some_between() -> None:
    recorded = [day * DAY for day in range(400)]
    result = diagnosis.season_ends(399 * DAY, recorded=recorded)
    days = {end // DAY for end in result}
    assert {399 - 7, 399 - 364, 399 - 365, 399 - 366} <= days
    assert 30 < len(days) < 150
    assert max(days) < 399
    assert diagnosis.season_ends(3 * DAY, recorded=recorded[:3]) == ()


def test_columns__leave_out_what_is_no_input() -> None:
    column = window_report.columns(
        replace(MONITOR, columns=ColumnPatterns(("x[0]", "*"), ("zip",)))
    )
    assert column.include == ("x[0]", "*")
    assert column.exclude == ("zip", "id", "target", "served_at", "interlock_*")


def test_columns__without_predictions_leave_them_out() -> None:
    column = window_report.columns(replace(MONITOR, checks=MonitorChecks(prediction=False)))
    assert column.exclude[-2:] == ("prediction", "score_*")


def test_digest__tells_references_apart_and_nothing_else() -> None:
    digest = window_report.digest(MONITOR)
    assert len(digest) == 12
    assert window_report.digest(replace(MONITOR, window=WindowRule(min_rows=7))) == digest
    others = (
        replace(MONITOR, reference="data/reference.parquet"),
        replace(MONITOR, columns=ColumnPatterns(("*",), ("zip",))),
        replace(MONITOR, checks=MonitorChecks(prediction=False)),
    )
    assert len({digest, *map(window_report.digest, others)}) == 4


def test_rules__are_the_manifests() -> None:
    drift = DriftRule(Effect.LARGE, Persistence(3, 5))
    monitor = replace(MONITOR, checks=MonitorChecks(max_missing_increase=0.2, drift=drift))
    result = window_report.rules(monitor)
    assert (result.effect.value, str(result.persist)) == ("large", "3 of 5")
    assert (result.missing_max_increase, result.min_rows) == (0.2, 100)
    assert result.level == DriftRules().level


def test_importance__is_what_begins_so() -> None:
    metrics = {"importance.age": 0.4, "importance.zip.code": 0.1, "importance.x": -1, "f1": 0.9}
    assert window_report.importance(metrics) == {"age": 0.4, "zip.code": 0.1}


def test_read_name__is_the_opposite_of_name() -> None:
    assert timestamps.read_name(timestamps.name(1_541_116_800)) == 1_541_116_800
    assert timestamps.read_name("2026-11-01") is None
