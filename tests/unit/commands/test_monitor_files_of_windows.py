"""`monitor` where files of live data are odd: no bad file keeps a later window from being seen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest

from interlock import errors
from interlock.adapters.live import row_filter
from interlock.commands import monitor
from interlock.commands.monitor import MonitoredModel, MonitorOutcome
from interlock.domain.basics import timestamps
from interlock.domain.drift.status import DriftStatus
from tests import monitored
from tests.monitored import LABELS, rows

BY_COLUMN = """\
monitor:
  live: ../../live/*.parquet
  time: t
  window: {every: 1d, min_rows: 200}
  checks: {drift: {persist: 1 of 1}}
"""
Odd = Callable[[pl.DataFrame], pl.DataFrame]


class Shop(monitored.MonitoredShop):
    """Its rows say when they were served, to the minute."""

    def part(
        self, number: int, name: str, *, shift: float = 0.0, odd: Odd = lambda frame: frame
    ) -> Path:
        begins = monitored.start(number)
        frame = rows(seed=number, shift=shift).drop("target").with_row_index("t")
        stamped = frame.with_columns(
            t=pl.from_epoch(begins + pl.col("t") * 60, time_unit="s").dt.replace_time_zone("UTC")
        )
        folder = self.checkout / "live"
        folder.mkdir(exist_ok=True)
        odd(stamped).write_parquet(folder / name)
        return folder / name

    def verdicts(self) -> list[str]:
        return [report.verdict.value for report in self.reports()]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    result = Shop(tmp_path)
    result.begin(BY_COLUMN)
    return result


def one(answer: monitor.MonitorResult) -> MonitoredModel:
    (model_result,) = answer.models
    return model_result


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:2_000])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def rewrite(odd: Odd) -> Callable[[Path], None]:
    return lambda path: odd(pl.read_parquet(path)).write_parquet(path)


BROKEN: dict[str, Callable[[Path], None]] = {
    "truncated": truncate,
    "empty": empty,
    "no time": rewrite(lambda frame: frame.drop("t")),
    "times are numbers": rewrite(lambda frame: frame.with_columns(pl.col("t").cast(pl.Int64))),
    "a time that is none": rewrite(
        lambda frame: frame.with_columns(
            t=pl.when(pl.col("id") == "2-0")
            .then(pl.lit("soon"))
            .otherwise(pl.col("t").dt.to_string("iso:strict"))
        )
    ),
    "another type": rewrite(lambda frame: frame.with_columns(pl.col("age").cast(pl.String))),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_bad_file__breaks_its_own_window_and_no_later_one(shop: Shop, kind: str) -> None:
    for number in (1, 2, 3):
        shop.part(number, f"d{number}-0.parquet")
    BROKEN[kind](shop.part(2, "d2-1.parquet"))
    for number in (4, 5):
        shop.part(number, f"d{number}.parquet", shift=3.0)
    answers = [shop.watch(number) for number in (1, 2, 3, 5)]
    assert shop.verdicts() == ["stable", "broken", "stable", "drift", "drift"]
    assert one(answers[1]).sentence.startswith("live/d2-1.parquet ")
    assert one(answers[1]).windows[0].rows >= monitored.ROWS
    assert [answer.exit_code for answer in answers] == [0, 1, 0, 1]


def file_of_days(shop: Shop, *numbers: int) -> Path:
    """One file with the rows of several days."""
    parts = [shop.part(number, f"d{number}.parquet") for number in numbers]
    days = pl.concat(map(pl.read_parquet, parts))
    for part in parts:
        part.unlink()
    days.write_parquet(shop.checkout / "live/days.parquet", row_group_size=monitored.ROWS)
    return shop.checkout / "live/days.parquet"


def damage(file: Path, group: int) -> None:
    """Overwrite the ages of a row group; its times and the ends of the file stay as they are."""
    ages = pq.ParquetFile(file).metadata.row_group(group)
    columns = map(ages.column, range(ages.num_columns))
    (age,) = (column for column in columns if column.path_in_schema == "age")
    data, size = bytearray(file.read_bytes()), age.total_compressed_size
    begin = age.dictionary_page_offset or age.data_page_offset
    data[begin : begin + size] = b"\xff" * size
    file.write_bytes(data)


@pytest.mark.parametrize("runs", [(2, 3), (3,)])
def test_a_known_file__that_is_damaged_later_breaks_each_window_that_lacks_its_rows(
    shop: Shop, runs: tuple[int, ...]
) -> None:
    file = file_of_days(shop, 1, 2, 3)
    for number in (1, 2, 3, 4):
        shop.part(number, f"{number}.parquet")
    shop.watch(1)
    damage(file, 1)
    for number in (*runs, 4):
        shop.watch(number)
    assert shop.verdicts() == ["stable", "broken", "broken", "stable"]
    for report in shop.reports()[1:3]:
        (unread,) = report.unread
        assert unread.startswith("live/days.parquet cannot be read: ")


def test_a_bad_file__after_an_outage_is_that_of_its_day(shop: Shop) -> None:
    shop.part(1, "d1.parquet")
    shop.watch(1)
    for number in (2, 3, 4):
        shop.part(number, f"d{number}.parquet")
    truncate(shop.part(3, "d3.z.parquet"))
    shop.watch(4)
    assert shop.verdicts() == ["stable", "stable", "broken", "stable"]


def test_a_bad_file__that_is_written_again_counts_where_it_is_evaluated_again(shop: Shop) -> None:
    truncate(shop.part(1, "d1-1.parquet"))
    shop.part(1, "d1-0.parquet")
    assert one(shop.watch(1)).state is MonitorOutcome.BROKEN
    shop.part(1, "d1-1.parquet")
    shop.part(2, "d2.parquet")
    assert one(shop.watch(2)).state is MonitorOutcome.STABLE
    model_result = one(again(shop, 2, since=0))
    assert [(r.rows, r.verdict.value, r.revision) for r in model_result.windows] == [
        (2 * monitored.ROWS, "stable", 1),
        (monitored.ROWS, "stable", 1),
    ]


@pytest.mark.parametrize("name", ["a.parquet", "z.parquet"])
def test_a_column_in_some_parts__has_missing_values(shop: Shop, name: str) -> None:
    shop.part(1, "part.parquet")
    shop.part(1, name, odd=lambda frame: frame.drop("hand"))
    model_result = one(shop.watch(1))
    assert model_result.state is MonitorOutcome.DRIFT
    assert model_result.windows[0].columns[0].sentence.endswith("missing 50.0 % after 0.0 %")
    assert model_result.windows[0].problems == (
        f"live/{name} lacks column 'hand': its values count as missing there",
    )


@pytest.mark.parametrize("name", ["a.parquet", "z.parquet"])
def test_a_column_that_some_parts_have_more__is_new(shop: Shop, name: str) -> None:
    shop.part(1, "part.parquet")
    shop.part(1, name, odd=lambda frame: frame.with_columns(more=pl.lit(1)))
    assert one(shop.watch(1)).state is MonitorOutcome.WARNING


def test_an_old_file__is_not_opened_again(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    original = row_filter.read_times

    def counted(path: Path, *, name: str, time: str) -> row_filter.Times:
        opened.append(name)
        return original(path, name=name, time=time)

    monkeypatch.setattr(row_filter, "read_times", counted)
    for number in (1, 2, 3):
        shop.part(number, f"d{number}.parquet")
        shop.watch(number)
    assert opened == ["live/d1.parquet", "live/d2.parquet", "live/d3.parquet"]
    assert [[file.name for file in r.files] for r in shop.reports()] == [[name] for name in opened]


def again(
    shop: monitored.MonitoredShop, number: int, *, since: int, dry: bool = False
) -> monitor.MonitorResult:
    now = monitored.start(number + 1) + 3_600
    request = monitor.MonitorOptions(revision="HEAD", now=now, reevaluate_since=since, dry_run=dry)
    return monitor.run(shop.world(), request)


def test_dry_run__says_what_would_be_recorded_and_records_nothing(shop: Shop) -> None:
    shop.part(1, "d1.parquet", shift=3.0)
    before = shop.ledger.head
    request = monitor.MonitorOptions(revision="HEAD", now=monitored.start(2) + 3_600, dry_run=True)
    answer = monitor.run(shop.world(), request)
    assert (one(answer).state, one(answer).windows[0].verdict) == (
        MonitorOutcome.DRIFT,
        DriftStatus.DRIFT,
    )
    assert not answer.is_recorded
    assert (shop.ledger.head, shop.reports()) == (before, ())
    assert one(shop.watch(1)).windows == one(answer).windows


def test_dry_run__keeps_no_labelled_rows(tmp_path: Path) -> None:
    shop = monitored.MonitoredShop(tmp_path).begin(monitored.WATCH, LABELS)
    shop.day(1)
    shop.label(1)
    request = monitor.MonitorOptions(revision="HEAD", now=monitored.start(2) + 3_600, dry_run=True)
    (late,) = one(monitor.run(shop.world(), request)).performance
    assert late.labelled_rows is not None
    assert not (shop.folder / "runs" / late.run_id / late.labelled_rows.path).exists()


def test_windows_recorded_with_a_wrong_setting__are_evaluated_again(shop: Shop) -> None:
    wrong = BY_COLUMN + "  columns: {exclude: [age]}\n"
    shop.declare(wrong)
    for number in (1, 2, 3):
        shop.part(number, f"d{number}.parquet", shift=3.0)
        shop.watch(number)
    shop.declare(BY_COLUMN)
    assert shop.verdicts() == ["stable"] * 3
    since = monitored.start(2)
    tried = again(shop, 3, since=since, dry=True)
    assert shop.verdicts() == ["stable"] * 3
    model_result = one(again(shop, 3, since=since))
    assert [timestamps.read(each.end) for each in model_result.windows] == [
        monitored.start(3),
        monitored.start(4),
    ]
    assert model_result.windows == one(tried).windows
    assert shop.verdicts() == ["stable", "drift", "drift"]
    again(shop, 3, since=monitored.start(3))
    assert [report.revision for report in shop.reports()] == [0, 1, 2]


def test_reevaluation__keeps_the_record_of_a_window_whose_data_was_deleted(shop: Shop) -> None:
    first = shop.part(1, "d1.parquet")
    shop.watch(1)
    shop.part(2, "d2.parquet")
    first.unlink()
    answer = again(shop, 2, since=0)
    assert (one(answer).state, answer.exit_code) == (MonitorOutcome.FAILED, errors.EXIT_INPUT)
    assert "had 800 rows, and its live data was deleted" in one(answer).sentence
    assert [report.revision for report in shop.reports()] == [0]


def test_windows_of_another_champion__are_not_evaluated_again(shop: Shop) -> None:
    shop.part(1, "d1.parquet")
    shop.watch(1)
    shop.declare(BY_COLUMN, c=2)
    shop.serve(version=2)
    assert one(again(shop, 1, since=0)).windows == ()


@pytest.mark.parametrize("file", ["labels/2.parquet", "labels/1.parquet"])
def test_labels_that_cannot_be_read__keep_no_window_from_being_recorded(
    tmp_path: Path, file: str
) -> None:
    shop = monitored.MonitoredShop(tmp_path).begin(monitored.WATCH, LABELS)
    shop.day(1)
    shop.label(1)
    (shop.checkout / file).write_bytes(b"PAR1 and no more")
    answer = shop.watch(1)
    assert [report.verdict for report in shop.reports()] == [DriftStatus.STABLE]
    assert (one(answer).state, answer.exit_code) == (MonitorOutcome.FAILED, errors.EXIT_INPUT)
    assert one(answer).sentence.startswith("labels cannot be joined: ")
    assert file in one(answer).sentence
    shop.label(1)
    (shop.checkout / file).unlink()
    shop.label(1)
    assert len(one(shop.watch(1)).performance) == 1


def test_labels__of_rows_that_were_damaged_later_are_not_evaluated_without_them(
    tmp_path: Path,
) -> None:
    shop = Shop(tmp_path)
    shop.begin(BY_COLUMN.replace("  checks: {drift: {persist: 1 of 1}}\n", ""), LABELS)
    file = file_of_days(shop, 1, 2, 3)
    shop.part(1, "1.parquet")
    shop.watch(1)
    intact = file.read_bytes()
    damage(file, 1)
    shop.label(1)
    answer = shop.watch(5)
    assert (one(answer).state, one(answer).performance) == (MonitorOutcome.FAILED, ())
    assert one(answer).sentence.startswith(
        "labels cannot be joined: live/days.parquet cannot be read: "
    )
    file.write_bytes(intact)
    first, *_ = one(shop.watch(6)).performance
    assert first.performance.rows == 2 * monitored.ROWS


def test_labels_of_a_broken_window__are_not_judged(tmp_path: Path) -> None:
    shop = monitored.MonitoredShop(tmp_path).begin(monitored.WATCH, LABELS)
    shop.day(1)
    shop.day(1, part="torn")
    truncate(shop.checkout / "live/date=2018-11-01/torn.parquet")
    shop.label(1)
    assert one(shop.watch(1)).performance == ()


def test_bookkeeping_columns__are_not_compared(tmp_path: Path) -> None:
    shop = monitored.MonitoredShop(tmp_path).begin()
    shop.day(1, rows(seed=1).with_columns(interlock_version=pl.lit(3)))
    (report,) = one(shop.watch(1)).windows
    assert report.verdict is DriftStatus.STABLE
    assert [column.name for column in report.columns if "interlock" in column.name] == []


def test_a_reference_of_which_nothing_can_be_compared__is_no_calm(tmp_path: Path) -> None:
    shop = monitored.MonitoredShop(tmp_path)
    shop.begin(monitored.WATCH + "  reference: ../../seen.csv\n  checks: {prediction: false}\n")
    (shop.checkout / "seen.csv").write_text(
        "note,day\n" + "".join(f"n{n},2026-11-01\n" for n in range(900))
    )
    shop.day(1)
    answer = shop.watch(1)
    assert (one(answer).state, answer.exit_code) == (MonitorOutcome.FAILED, errors.EXIT_INPUT)
    assert one(answer).sentence == (
        "no column of digits can be compared: "
        "no numbers or categories in note (text) and day (time)"
    )
    assert shop.ledger.list("profiles/digits") == ()
