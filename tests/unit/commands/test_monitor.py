"""`monitor` in a repository: which windows reach the ledger, once each, and what they say."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlock import errors
from interlock.adapters.profiling.sources import Sources
from interlock.commands import monitor
from interlock.commands.monitor import MonitoredModel, MonitorOutcome, due_windows
from interlock.domain.drift.status import DriftStatus
from interlock.domain.monitoring.monitoring_records import Cause, DriftReport, Remedy
from interlock.ledger import lookup
from interlock.ports.ledger import Ledger
from tests import monitored
from tests.fakes.ledger import FakeLedger
from tests.monitored import LABELS, WATCH, rows


@pytest.fixture
def shop(tmp_path: Path) -> monitored.MonitoredShop:
    return monitored.MonitoredShop(tmp_path).begin()


@pytest.fixture
def labelled(tmp_path: Path) -> monitored.MonitoredShop:
    return monitored.MonitoredShop(tmp_path).begin(WATCH, LABELS)


def one(answer: monitor.MonitorResult) -> MonitoredModel:
    (model_result,) = answer.models
    return model_result


def last(answer: monitor.MonitorResult) -> DriftReport:
    return one(answer).windows[-1]


def live(shop: monitored.MonitoredShop, *shifts: float) -> list[monitor.MonitorResult]:
    """A day for each shift of age, each watched when it is over."""
    answers = []
    for day, shift in enumerate(shifts, start=1):
        shop.day(day, rows(seed=day, shift=shift))
        answers.append(shop.watch(day))
    return answers


def test_monitor__says_stable_stable_watch_drift(shop: monitored.MonitoredShop) -> None:
    answers = live(shop, 0.0, 0.0, 0.7, 0.7)
    assert [(one(answer).state, answer.exit_code) for answer in answers] == [
        (MonitorOutcome.STABLE, 0),
        (MonitorOutcome.STABLE, 0),
        (MonitorOutcome.WARNING, 0),
        (MonitorOutcome.DRIFT, errors.EXIT_NO),
    ]
    drift_report = last(answers[-1])
    assert (drift_report.diagnosis.cause, drift_report.diagnosis.remedy) == (
        Cause.COVARIATE_SHIFT,
        Remedy.RETRAIN,
    )
    assert drift_report.diagnosis.columns == ("age",)
    assert (drift_report.start, drift_report.end) == (
        "2018-11-04T00:00:00Z",
        "2018-11-05T00:00:00Z",
    )
    assert drift_report.reference_rows == 2000
    assert {column.name for column in drift_report.columns} == {"prediction", "age", "hand"}
    assert sum(share.live for share in drift_report.columns[0].shares) == pytest.approx(1)


def test_monitor__reads_the_reference_once_and_then_new_data_alone(
    shop: monitored.MonitoredShop,
) -> None:
    shop.day(1)
    shop.watch(1)
    assert "runs" in shop.opened
    shop.opened.clear()
    shop.day(2)
    shop.watch(2)
    assert shop.opened == ["live", "profiling"]


def test_monitor__again_writes_nothing_and_says_the_same(shop: monitored.MonitoredShop) -> None:
    first = live(shop, 1.0, 1.0)[-1]
    writes = shop.ledger.head
    shop.opened.clear()
    again = shop.watch(2, hour=5)
    assert shop.ledger.head == writes
    assert shop.opened == []
    assert one(again).windows == ()
    assert (one(again).state, one(again).sentence) == (one(first).state, one(first).sentence)
    assert again.exit_code == errors.EXIT_NO


def test_monitor__after_an_outage_looks_at_every_window_in_one_commit(
    shop: monitored.MonitoredShop,
) -> None:
    shop.day(1)
    shop.watch(1)
    before = len(shop.ledger.origin.messages)  # type: ignore[attr-defined]
    for day in range(2, 7):
        shop.day(day)
    model_result = one(shop.watch(6))
    assert [report.end[8:10] for report in model_result.windows] == ["03", "04", "05", "06", "07"]
    assert model_result.overdue == 3
    assert len(shop.ledger.origin.messages) == before + 1  # type: ignore[attr-defined]


def test_monitor__after_a_very_long_outage_goes_on_in_the_next_run(
    shop: monitored.MonitoredShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(due_windows, "MOST_WINDOWS", 2)
    for day in range(1, 5):
        shop.day(day)
    shop.watch(1)
    ends = [[r.end[8:10] for r in one(shop.watch(4)).windows] for _ in range(3)]
    assert ends == [["03", "04"], ["05"], []]


def test_monitor__of_a_clock_set_back_says_so_and_records_nothing(
    shop: monitored.MonitoredShop,
) -> None:
    shop.day(3)
    shop.watch(3)
    model_result = one(shop.watch(1))
    assert (model_result.state, model_result.windows) == (MonitorOutcome.FAILED, ())
    assert "one of the two clocks is wrong" in model_result.sentence
    assert len(shop.reports()) == 1
    assert one(shop.watch(4)).windows[-1].end[:10] == "2018-11-05"


def test_monitor__of_an_empty_window_is_a_finding_of_its_own(shop: monitored.MonitoredShop) -> None:
    shop.day(1)
    answer = shop.watch(2)
    drift_report = last(answer)
    assert (drift_report.rows, drift_report.verdict) == (0, DriftStatus.BROKEN)
    assert drift_report.diagnosis.cause is Cause.BROKEN_PIPELINE
    assert drift_report.diagnosis.remedy is Remedy.FIX_DATA
    assert drift_report.diagnosis.sentence.startswith("no rows from 2018-11-02")
    assert answer.exit_code == errors.EXIT_NO


def test_monitor__recommends_to_fix_the_data_of_a_broken_column(
    shop: monitored.MonitoredShop,
) -> None:
    shop.day(1, rows(seed=1, unit=1000))
    drift_report = last(shop.watch(1))
    assert drift_report.verdict is DriftStatus.BROKEN
    assert drift_report.diagnosis.columns == ("age",)
    assert drift_report.diagnosis.remedy is Remedy.FIX_DATA


def test_monitor__of_too_few_rows_says_nothing_and_changes_nothing(
    shop: monitored.MonitoredShop,
) -> None:
    live(shop, 0.7, 0.7)
    shop.day(3, rows(50, seed=3))
    answer = shop.watch(3)
    assert last(answer).verdict is DriftStatus.INSUFFICIENT
    assert "only 50 rows; `min_rows` is 200" in last(answer).diagnosis.sentence
    assert one(answer).state is MonitorOutcome.DRIFT


def test_monitor__counts_persistence_of_the_served_champion_alone(
    shop: monitored.MonitoredShop,
) -> None:
    answer = live(shop, 0.7, 0.7)[-1]
    assert one(answer).state is MonitorOutcome.DRIFT
    shop.declare(WATCH, c=2)
    shop.serve(version=2)
    assert one(shop.watch(2)).state is MonitorOutcome.WAITING
    shop.day(3, rows(seed=3, shift=0.7))
    assert one(shop.watch(3)).state is MonitorOutcome.WARNING


def test_monitor__of_what_comes_every_week_says_season(shop: monitored.MonitoredShop) -> None:
    answer = live(shop, *[0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0] * 2)[-1]
    assert last(answer).verdict is DriftStatus.DRIFT
    assert last(answer).diagnosis.cause is Cause.SEASONALITY
    first = next(r for r in shop.reports() if r.end.startswith("2018-11-08"))
    assert first.diagnosis.cause is Cause.COVARIATE_SHIFT


def test_monitor__of_a_column_that_the_pipeline_says_is_hardly_used(tmp_path: Path) -> None:
    metrics = {"importance.age": 0.001, "importance.hand": 0.999, "accuracy": 0.9}
    shop = monitored.MonitoredShop(tmp_path).begin(metrics=metrics)
    answer = live(shop, 0.7, 0.7)[-1]
    drift_report = last(answer)
    assert drift_report.diagnosis.remedy is Remedy.NOTHING
    assert {c.name: c.importance for c in drift_report.columns} == {
        "age": 0.001,
        "hand": 0.999,
        "prediction": None,
    }


def test_monitor__before_anything_is_served_says_so(tmp_path: Path) -> None:
    shop = monitored.MonitoredShop(tmp_path).begin()
    shop.ledger = FakeLedger()
    answer = shop.watch(1)
    assert one(answer).state is MonitorOutcome.NOT_DEPLOYED
    assert answer.exit_code == errors.EXIT_DONE


def test_monitor__of_one_model_that_cannot_be_read_looks_at_the_others(tmp_path: Path) -> None:
    shop = monitored.MonitoredShop(tmp_path).begin(model="digits").begin(model="faces")
    shop.declare(WATCH.replace("live/date", "nowhere/date"), model="digits")
    shop.day(1)
    answer = shop.watch(1)
    assert [(each.model, each.state) for each in answer.models] == [
        ("digits", MonitorOutcome.FAILED),
        ("faces", MonitorOutcome.STABLE),
    ]
    assert "no file matches" in answer.models[0].sentence
    assert answer.exit_code == errors.EXIT_INPUT
    assert shop.reports("digits") == ()


def test_monitor__of_a_corrupt_part_names_it_and_goes_on_with_the_next_window(
    shop: monitored.MonitoredShop,
) -> None:
    shop.day(1)
    (shop.checkout / "live/date=2018-11-01/bad.parquet").write_bytes(b"PAR1 and then nothing PAR1")
    shop.day(2)
    answer = shop.watch(1)
    assert one(answer).state is MonitorOutcome.BROKEN
    assert one(answer).sentence.startswith("live/date=2018-11-01/bad.parquet cannot be read: ")
    assert last(answer).rows == monitored.ROWS
    assert one(shop.watch(2)).state is MonitorOutcome.STABLE
    assert [(r.verdict, len(r.unread)) for r in shop.reports()] == [
        (DriftStatus.BROKEN, 1),
        (DriftStatus.STABLE, 0),
    ]


def test_monitor__of_data_that_changes_while_it_is_read_records_nothing_and_may_be_run_again(
    shop: monitored.MonitoredShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.day(1)
    shop.watch(1)
    shop.day(2)
    read = Sources.batches

    def write_meanwhile(self: Sources, columns: Sequence[pl.Expr]) -> Iterator[pl.DataFrame]:
        yield from read(self, columns)
        shop.day(2)

    with monkeypatch.context() as patch:
        patch.setattr(Sources, "batches", write_meanwhile)
        answer = shop.watch(2)
    assert one(answer).state is MonitorOutcome.FAILED
    assert "changed while it was read" in one(answer).sentence
    assert answer.exit_code == errors.EXIT_OUTSIDE
    assert len(shop.reports()) == 1
    assert one(shop.watch(2)).state is MonitorOutcome.STABLE
    assert len(shop.reports()) == 2


def test_monitor__asks_the_named_models_alone(tmp_path: Path) -> None:
    shop = monitored.MonitoredShop(tmp_path).begin(model="digits").begin(model="faces")
    shop.day(1)
    assert [each.model for each in shop.watch(1, "faces").models] == ["faces"]


@pytest.mark.parametrize(("name", "words"), [("ghost", "no model"), ("plain", "no `monitor:`")])
def test_monitor__of_a_name_that_is_not_watched(tmp_path: Path, name: str, words: str) -> None:
    shop = monitored.MonitoredShop(tmp_path).begin()
    shop.declare(model="plain")
    with pytest.raises(errors.CannotResolve, match=words):
        shop.watch(1, name)


def test_monitor__of_a_manifest_that_cannot_be_read(shop: monitored.MonitoredShop) -> None:
    shop.declare(WATCH.replace("every: 1d", "every: 12:30"))
    answer = shop.watch(1)
    (model_result,) = answer.models
    assert (model_result.model, model_result.state) == (
        "model-manifests/digits/model.yaml",
        MonitorOutcome.FAILED,
    )
    assert "12:30" in model_result.sentence
    assert answer.exit_code == errors.EXIT_INPUT
    with pytest.raises(errors.CannotReadManifest, match=r"model.yaml"):
        shop.watch(1, "digits")


def test_monitor__of_one_manifest_that_cannot_be_read_looks_at_the_others(tmp_path: Path) -> None:
    shop = monitored.MonitoredShop(tmp_path).begin(model="digits").begin(model="faces")
    shop.day(1)
    shop.declare("model: [\n", model="faces")
    bad, good = shop.watch(1).models
    assert (bad.model, bad.state) == ("model-manifests/faces/model.yaml", MonitorOutcome.FAILED)
    assert (good.model, len(shop.reports())) == ("digits", 1)


@pytest.mark.parametrize(
    "path", ["promotions/digits/000000-000002-{f}-done.json", "drift/digits/20181101T000000Z.json"]
)
def test_monitor__of_one_record_that_cannot_be_read_looks_at_the_other_models(
    tmp_path: Path, path: str
) -> None:
    shop = monitored.MonitoredShop(tmp_path).begin(model="digits").begin(model="faces")
    shop.day(1)
    assert {each.state for each in shop.watch(1).models} == {MonitorOutcome.STABLE}
    shop.day(2)
    odd = path.format(f="0" * 64)
    shop.ledger.append({odd: {"schema": "interlock/odd/v9"}}, message="From the future")
    answer = shop.watch(2)
    states = {each.model: each.state for each in answer.models}
    assert states == {"digits": MonitorOutcome.FAILED, "faces": MonitorOutcome.STABLE}
    assert odd in answer.models[0].sentence
    assert answer.exit_code == errors.EXIT_NO
    assert len(shop.reports("faces")) == 2


def test_monitor__of_predictions_that_are_not_those_recorded(shop: monitored.MonitoredShop) -> None:
    shop.day(1)
    (shop.folder / "runs/run0000/predictions.parquet").write_bytes(b"other")
    answer = shop.watch(1)
    assert one(answer).state is MonitorOutcome.FAILED
    assert "does not have the recorded digest" in one(answer).sentence
    assert answer.exit_code == errors.EXIT_OUTSIDE


def test_monitor__of_a_champion_without_evidence(shop: monitored.MonitoredShop) -> None:
    for tree in shop.ledger.origin.trees.values():  # type: ignore[attr-defined]
        for path in [p for p in tree if p.startswith("evidence/")]:
            del tree[path]
    answer = shop.watch(1)
    assert "no evidence of digits" in one(answer).sentence


def test_monitor__against_a_file_takes_what_the_model_says_from_its_own(tmp_path: Path) -> None:
    manifest = WATCH + "  reference: ../../data/reference.parquet\n"
    shop = monitored.MonitoredShop(tmp_path).begin(manifest)
    (shop.checkout / "data").mkdir()
    features = rows(1000, seed=98, shift=3.0).drop("prediction", "target")
    features.write_parquet(shop.checkout / "data/reference.parquet")
    shop.day(1)
    drift_report = last(shop.watch(1))
    assert drift_report.reference_rows == 1000
    result = {column.name: column.verdict for column in drift_report.columns}
    assert result == {
        "age": DriftStatus.WARNING,
        "hand": DriftStatus.STABLE,
        "prediction": DriftStatus.STABLE,
    }


def test_monitor__without_predictions_compares_the_inputs_alone(tmp_path: Path) -> None:
    shop = monitored.MonitoredShop(tmp_path).begin(WATCH + "  checks: {prediction: false}\n")
    shop.day(1, rows(seed=1).drop("prediction"))
    drift_report = last(shop.watch(1))
    assert drift_report.verdict is DriftStatus.STABLE
    assert {column.name for column in drift_report.columns} == {"age", "hand"}


def test_monitor__of_no_column_at_all_is_not_calm(tmp_path: Path) -> None:
    shop = monitored.MonitoredShop(tmp_path).begin(WATCH + "  columns: {include: [ages]}\n")
    shop.day(1)
    model_result = one(shop.watch(1))
    assert (model_result.state, shop.reports()) == (MonitorOutcome.FAILED, ())
    assert model_result.sentence == (
        "no column of digits can be compared: no column of `reference` is selected"
    )


@pytest.mark.parametrize(("checks", "verdict"), [("true", "broken"), ("false", "stable")])
def test_monitor__of_a_vanished_column(tmp_path: Path, checks: str, verdict: str) -> None:
    shop = monitored.MonitoredShop(tmp_path).begin(WATCH + f"  checks: {{schema: {checks}}}\n")
    shop.day(1, rows(seed=1).drop("hand"))
    assert last(shop.watch(1)).verdict == DriftStatus(verdict)


class Racing(FakeLedger):
    """Somebody else is through at the moment that our monitor writes its records."""

    rival: Callable[[], object] | None = None

    def extend(self, records: object, *, message: str) -> bool:
        if self.rival is not None and message.startswith("Monitor"):
            rival, self.rival = self.rival, None
            rival()
        return super().extend(records, message=message)  # type: ignore[arg-type]


def raced(
    shop: monitored.MonitoredShop, rival: Callable[[monitored.MonitoredShop], object]
) -> monitor.MonitorResult:
    """Watch day 1 while somebody else does what `rival` does, in a clone of their own."""
    assert isinstance(shop.ledger, FakeLedger)
    shop.day(1)
    other = dataclasses.replace(shop, ledger=FakeLedger(shop.ledger.origin))
    mine = dataclasses.replace(shop, ledger=Racing(shop.ledger.origin))
    mine.runs = other.runs = shop.runs
    mine.ledger.rival = lambda: rival(other)  # type: ignore[attr-defined]
    return mine.watch(1)


def test_monitor__of_two_at_once_reports_a_window_once(shop: monitored.MonitoredShop) -> None:
    answer = raced(shop, lambda other: other.watch(1))
    assert one(answer).windows == ()
    assert one(answer).state is MonitorOutcome.STABLE
    assert len(shop.reports()) == 1


def test_monitor__leaves_a_window_to_the_champion_that_was_promoted_meanwhile(
    shop: monitored.MonitoredShop,
) -> None:
    def promote(other: monitored.MonitoredShop) -> None:
        other.declare(WATCH, c=2)
        other.serve(version=2)

    assert one(raced(shop, promote)).windows == ()
    assert shop.reports() == ()
    drift_report = last(shop.watch(1))
    assert (drift_report.version, drift_report.verdict) == (2, DriftStatus.STABLE)


def test_monitor__of_labels_that_came_later_completes_the_window(
    labelled: monitored.MonitoredShop,
) -> None:
    for day in (1, 2):
        labelled.day(day)
        labelled.watch(day)
    assert labelled.performance() == ()
    labelled.label(1)
    labelled.day(3)
    model_result = one(labelled.watch(3))
    (late,) = model_result.performance
    assert (late.end, late.performance.rows) == ("2018-11-02T00:00:00Z", monitored.ROWS)
    assert late.performance.verdict is DriftStatus.STABLE
    assert late.performance.live == pytest.approx(0.93, abs=0.03)
    assert late.performance.reference == 0.93
    assert one(labelled.watch(3)).performance == ()


def test_monitor__of_a_metric_that_fell_while_inputs_stayed(
    labelled: monitored.MonitoredShop,
) -> None:
    bad = rows(seed=1, right=0.6)
    labelled.day(1, bad)
    labelled.label(1, bad)
    answer = labelled.watch(1)
    (late,) = one(answer).performance
    assert late.performance.verdict is DriftStatus.DRIFT
    assert late.diagnosis.cause is Cause.CONCEPT_DRIFT
    assert late.diagnosis.remedy is Remedy.RETRAIN
    assert one(answer).windows[0].verdict is DriftStatus.STABLE
    assert one(answer).state is MonitorOutcome.DRIFT
    assert one(answer).sentence == late.diagnosis.sentence
    assert answer.exit_code == errors.EXIT_NO


def test_monitor__keeps_labelled_rows_beside_the_champions_run(
    labelled: monitored.MonitoredShop,
) -> None:
    labelled.day(1)
    labelled.label(1)
    (late,) = one(labelled.watch(1)).performance
    assert late.labelled_rows is not None
    kept = labelled.folder / "runs" / late.run_id / late.labelled_rows.path
    assert pl.read_parquet(kept).columns == ["id", "target", "prediction"]
    assert pl.read_parquet(kept).height == monitored.ROWS


def test_monitor__waits_for_missing_labels_and_then_judges_what_came(
    labelled: monitored.MonitoredShop,
) -> None:
    labelled.day(1)
    labelled.label(1, rows(seed=1).head(300))
    for day in (1, 2, 3):
        assert one(labelled.watch(day)).performance == ()
        labelled.day(day + 1)
    (late,) = one(labelled.watch(4)).performance
    assert (late.end[:10], late.performance.rows) == ("2018-11-02", 300)


def test_monitor__of_labels_that_never_came_says_so_once(labelled: monitored.MonitoredShop) -> None:
    labelled.day(1)
    labelled.watch(1)
    labelled.day(4)
    labelled.day(2)
    labelled.day(3)
    (late,) = one(labelled.watch(4)).performance
    assert late.performance.verdict is DriftStatus.INSUFFICIENT
    assert late.performance.rows == 0
    assert late.labelled_rows is None
    assert one(labelled.watch(4)).performance == ()


def test_monitor__of_labels_that_never_came_does_not_forget_that_the_metric_fell(
    labelled: monitored.MonitoredShop,
) -> None:
    bad = rows(seed=1, right=0.6)
    labelled.day(1, bad)
    labelled.label(1, bad)
    for day in range(1, 6):
        labelled.day(day + 1)
        answer = labelled.watch(day)
        assert one(answer).state is MonitorOutcome.DRIFT
    assert len(labelled.performance()) == 2


def test_monitor__holds_late_labels_against_the_champion_that_answered(
    labelled: monitored.MonitoredShop,
) -> None:
    labelled.day(1)
    former = last(labelled.watch(1)).reference
    labelled.declare(WATCH, LABELS, c=2)
    labelled.serve(version=2)
    labelled.label(1)
    labelled.day(2)
    model_result = one(labelled.watch(2))
    (late,) = model_result.performance
    assert (late.reference, late.run_id) == (former, "run0000")
    assert model_result.champion != former
    assert model_result.state is MonitorOutcome.STABLE


def test_monitor__of_labels_that_contradict_one_another_says_so(
    labelled: monitored.MonitoredShop,
) -> None:
    labelled.day(1)
    labelled.label(1)
    labelled.label(2, rows(seed=1).with_columns(target=pl.lit("a")))
    (late,) = one(labelled.watch(1)).performance
    assert late.performance.verdict is DriftStatus.INSUFFICIENT
    assert "more than once" in late.performance.sentence


def test_monitor__records_are_where_the_book_says(shop: monitored.MonitoredShop) -> None:
    shop.day(1)
    drift_report = last(shop.watch(1))
    ledger: Ledger = shop.ledger
    assert ledger.list("drift/digits") == (lookup.path_of(drift_report),)
    (path,) = ledger.list("profiles/digits")
    assert lookup.read_file(path, ledger.read_bytes(path) or b"").problem == ""
    assert (
        lookup.read_file(
            lookup.path_of(drift_report), ledger.read_bytes(lookup.path_of(drift_report)) or b""
        ).problem
        == ""
    )


SPREAD = """\
monitor:
  live: ../../live/served.parquet
  time: served_at
  window: {every: 1d, min_rows: 5}
"""
HOURS = 6 * 24


@settings(max_examples=6, deadline=None)
@given(st.lists(st.integers(24, HOURS + 20), min_size=1, max_size=8))
def test_monitor__at_any_ticks_gives_every_row_to_one_window(ticks: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shop = monitored.MonitoredShop(Path(folder)).begin(SPREAD)
        hours = pl.Series([monitored.start(1) + hour * 3600 for hour in range(HOURS)])
        served = rows(HOURS, seed=1).with_columns(served_at=pl.from_epoch(hours))
        (shop.checkout / "live").mkdir()
        served.drop("target").write_parquet(shop.checkout / "live/served.parquet")
        for number, hour in enumerate(ticks):
            last = max(ticks[:number], default=0) // 24 * 24
            # A tick before the end of what was recorded is a clock that was set back.
            assert (one(shop.watch(0, hour=hour)).state is MonitorOutcome.FAILED) == (hour < last)
        reports = shop.reports()
        assert [r.start for r in reports[1:]] == [r.end for r in reports[:-1]]
        assert {report.rows for report in reports} == {24}
        assert reports[-1].end == f"2018-11-{1 + max(ticks) // 24:02}T00:00:00Z"
