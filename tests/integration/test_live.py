"""Live data by window, wherever it lies: each row in exactly one, and none of another is opened."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import fsspec
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interlock import errors
from interlock.adapters.live import FileLive, row_filter, times
from interlock.domain.basics import timestamps
from interlock.domain.model.monitor_rules import WindowRule
from interlock.domain.monitoring import windows
from interlock.domain.monitoring.windows import FileTimeRange, LiveSlice, Window
from interlock.ports.live import Known, Live

DAY = 86_400
SOURCE = "data/live/date=*/*.parquet"


def at(text: str) -> int:
    result = timestamps.read(text)
    assert result is not None
    return result


def day(text: str) -> Window:
    return Window(at(text), at(text) + DAY)


def no_dvc(root: Path) -> None:
    raise AssertionError("nothing here is tracked by DVC")


def live(root: Path, open_dvc: Callable[[Path], Any] = no_dvc) -> Live:
    return FileLive(root, open_dvc=open_dvc)


def write(path: Path, **columns: Sequence[object] | pl.Series) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    frame = pl.DataFrame(columns)
    if path.suffix == ".csv":
        frame.write_csv(path)
    else:
        frame.write_parquet(path)
    return path


def read(file: str) -> pl.DataFrame:
    if file.endswith(".csv"):
        return pl.read_csv(file, infer_schema=False, glob=False)
    return pl.read_parquet(file, glob=False, hive_partitioning=False)


def ids(live_slice: LiveSlice) -> list[str]:
    return sorted(str(each) for file in live_slice.files for each in read(file)["id"])


def fetch(adapter: Live, source: str, time: str, window: Window) -> list[str]:
    with adapter.fetch_window(source, time=time, window=window) as live_slice:
        return ids(live_slice)


def partitioned(root: Path, *days: str) -> Path:
    for text in days:
        write(root / f"data/live/date={text}/part-0.parquet", id=[f"{text}-0", f"{text}-1"])
    return root


# Where the same files may lie, and the source that names them there.


def on_disk(root: Path) -> str:
    return SOURCE


def by_file_url(root: Path) -> str:
    return f"file://{root}/{SOURCE}"


def in_memory(root: Path) -> str:
    fs = fsspec.filesystem("memory")
    for path in root.rglob("*.parquet"):
        fs.pipe_file(f"/acme/{path.relative_to(root).as_posix()}", path.read_bytes())
    return f"memory://acme/{SOURCE}"


@pytest.fixture(params=[on_disk, by_file_url, in_memory])
def place(request: pytest.FixtureRequest) -> Callable[[Path], str]:
    result: Callable[[Path], str] = request.param
    return result


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    yield
    fsspec.filesystem("memory").store.clear()


def test_partition__rows_of_its_window_alone(tmp_path: Path, place: Callable[[Path], str]) -> None:
    source = place(partitioned(tmp_path, "2026-11-01", "2026-11-02", "2026-11-03"))
    row_ids = fetch(live(tmp_path), source, "date", day("2026-11-02"))
    assert row_ids == ["2026-11-02-0", "2026-11-02-1"]


def test_column__rows_of_its_window_alone(tmp_path: Path, place: Callable[[Path], str]) -> None:
    hours = [datetime(2026, 11, 1, tzinfo=UTC) + timedelta(hours=h) for h in range(72)]
    write(tmp_path / "data/live/date=x/a.parquet", id=range(40), served_at=hours[:40])
    write(tmp_path / "data/live/date=x/b.parquet", id=range(40, 72), served_at=hours[40:])
    row_ids = fetch(live(tmp_path), place(tmp_path), "served_at", day("2026-11-02"))
    assert row_ids == [str(hour) for hour in range(24, 48)]


def test_window__nothing_in_it_is_no_error(tmp_path: Path, place: Callable[[Path], str]) -> None:
    source = place(partitioned(tmp_path, "2026-11-01"))
    with live(tmp_path).fetch_window(source, time="date", window=day("2026-11-05")) as live_slice:
        assert live_slice == LiveSlice(day("2026-11-05"), ())


def test_source__that_nothing_matches(tmp_path: Path, place: Callable[[Path], str]) -> None:
    source = place(partitioned(tmp_path, "2026-11-01")).replace("live", "lve")
    with pytest.raises(errors.CannotResolve) as raised:
        fetch(live(tmp_path), source, "date", day("2026-11-01"))
    assert raised.value.message == f"no file matches {source}"
    assert raised.value.hint


def test_source__that_nothing_matches_says_what_is_there(tmp_path: Path) -> None:
    partitioned(tmp_path, "2026-11-01")
    with pytest.raises(errors.CannotResolve) as raised:
        fetch(live(tmp_path), "data/lve/*.parquet", "date", day("2026-11-01"))
    assert raised.value.hint.startswith("data contains live; ")


def test_copies__are_gone_afterwards(tmp_path: Path) -> None:
    source = in_memory(partitioned(tmp_path, "2026-11-01"))
    with live(tmp_path).fetch_window(source, time="date", window=day("2026-11-01")) as live_slice:
        (copy,) = map(Path, live_slice.files)
        assert copy.exists()
    assert not copy.exists()


@pytest.mark.parametrize(
    "source",
    [
        "data/live",
        "data/live/",
        "data/live/date=*",
        "data/**/*.parquet",
        "data/live/date=*/part-?.*",
    ],
)
def test_source__by_folder_and_glob(tmp_path: Path, source: str) -> None:
    partitioned(tmp_path, "2026-11-01")
    for beside in ("_SUCCESS", ".part-0.parquet.crc", "_temporary/0/part-0.parquet"):
        path = tmp_path / "data/live/date=2026-11-01" / beside
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("no data")
    row_ids = fetch(live(tmp_path), source, "date", day("2026-11-01"))
    assert row_ids == ["2026-11-01-0", "2026-11-01-1"]


def test_source__links_are_followed_once(tmp_path: Path) -> None:
    partitioned(tmp_path / "store", "2026-11-01")
    (tmp_path / "data/live").mkdir(parents=True)
    target = tmp_path / "store/data/live/date=2026-11-01"
    (tmp_path / "data/live/date=2026-11-01").symlink_to(target)
    (tmp_path / "data/live/loop").symlink_to(tmp_path / "data/live")
    row_ids = fetch(live(tmp_path), "data/live", "date", day("2026-11-01"))
    assert row_ids == ["2026-11-01-0", "2026-11-01-1"]


def test_source__folder_that_cannot_be_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    partitioned(tmp_path, "2026-11-01", "2026-11-02")
    scan = os.scandir

    def refuse(path: str | Path) -> Any:
        if str(path).endswith("date=2026-11-02"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(errors.CannotProfile, match="date=2026-11-02 cannot be listed: Permission"):
        fetch(live(tmp_path), SOURCE, "date", day("2026-11-01"))


def test_source__one_file(tmp_path: Path) -> None:
    write(tmp_path / "live[1].csv", id=["a"], t=["2026-11-01T06:00"])
    assert fetch(live(tmp_path), "live[1].csv", "t", day("2026-11-01")) == ["a"]


def test_all__every_file(tmp_path: Path, place: Callable[[Path], str]) -> None:
    source = place(partitioned(tmp_path, "2026-11-01", "2026-11-02"))
    with live(tmp_path).fetch_all(source) as live_slice:
        assert [len(read(file)) for file in live_slice] == [2, 2]


def test_partition__opens_no_file_of_another(tmp_path: Path) -> None:
    partitioned(tmp_path, "2026-11-01", "2026-11-02")
    (tmp_path / "data/live/date=2026-11-01/part-0.parquet").write_bytes(b"PAR1 no more")
    row_ids = fetch(live(tmp_path), SOURCE, "date", day("2026-11-02"))
    assert row_ids == ["2026-11-02-0", "2026-11-02-1"]


def test_partition__remote_brings_no_file_of_another(tmp_path: Path) -> None:
    source = in_memory(partitioned(tmp_path, "2026-11-01", "2026-11-02"))
    with live(tmp_path).fetch_window(source, time="date", window=day("2026-11-02")) as live_slice:
        (copy,) = map(Path, live_slice.files)
        assert [p.name for p in copy.parent.parent.rglob("*.parquet")] == ["part-0.parquet"]


def test_source__is_listed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = in_memory(partitioned(tmp_path, "2026-11-01", "2026-11-02"))
    memory, listed = type(fsspec.filesystem("memory")), list[str]()
    find = memory.find

    def counted(fs: Any, path: str) -> Any:
        listed.append(path)
        return find(fs, path)

    monkeypatch.setattr(memory, "find", counted)
    adapter = live(tmp_path)
    for text in ("2026-11-01", "2026-11-02", "2026-11-03"):
        fetch(adapter, source, "date", day(text))
    assert listed == ["acme/data/live"]


def test_partition__hours_in_windows_of_hours(tmp_path: Path) -> None:
    for hour in ("2026-11-01T05", "2026-11-01T06", "2026-11-01T07"):
        write(tmp_path / f"live/at={hour}/a.parquet", id=[hour])
    window = Window(at("2026-11-01T06:00"), at("2026-11-01T07:00"))
    assert fetch(live(tmp_path), "live", "at", window) == ["2026-11-01T06"]


def test_partition__without_a_value_is_of_no_window(tmp_path: Path) -> None:
    partitioned(tmp_path, "2026-11-01", "__HIVE_DEFAULT_PARTITION__")
    assert len(fetch(live(tmp_path), SOURCE, "date", day("2026-11-01"))) == 2


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("date=november", "is in the partition 'november', which is not a valid timestamp"),
        ("region=eu", "is not in a partition with a date"),
    ],
)
def test_partition__without_a_date_is_reported_and_the_others_are_read(
    tmp_path: Path, value: str, reason: str
) -> None:
    partitioned(tmp_path, "2026-11-01")
    write(tmp_path / f"data/live/{value}/part-0.parquet", id=["x"])
    window = day("2026-11-01")
    with live(tmp_path).fetch_window("data/live", time="date", window=window) as live_slice:
        assert len(ids(live_slice)) == 2
        assert [str(each) for each in live_slice.faulty] == [
            f"data/live/{value}/part-0.parquet {reason}"
        ]
        assert live_slice.checked == live_slice.faulty


def test_partition__longer_than_the_window(tmp_path: Path) -> None:
    partitioned(tmp_path, "2026-11-01")
    window = Window(at("2026-11-01T06:00"), at("2026-11-01T12:00"))
    with pytest.raises(errors.CannotProfile) as raised:
        fetch(live(tmp_path), SOURCE, "date", window)
    assert "more than the window 2026-11-01T06:00:00Z to 2026-11-01T12:00:00Z" in str(raised.value)


def brought(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that leave the store from now on."""
    names: list[str] = []
    memory = type(fsspec.filesystem("memory"))
    get = memory.get_file

    def get_file(fs: Any, path: str, to: str) -> None:
        names.append(Path(path).name)
        get(fs, path, to)

    monkeypatch.setattr(memory, "get_file", get_file)
    return names


@pytest.mark.parametrize("kind", ["zoned", "nanoseconds", "no zone", "dates", "text"])
def test_column__remote_brings_only_what_may_hold_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    column = COLUMNS[kind]
    for index, name in enumerate(("before", "inside", "after")):
        rows = pl.Series([column[[0, 1, 3][index]], None], dtype=column.dtype)
        write(tmp_path / f"data/live/date=x/{name}.parquet", id=[name, "none"], t=rows)
    source, fetched = in_memory(tmp_path), brought(monkeypatch)
    with live(tmp_path).fetch_window(source, time="t", window=day("2026-11-02")) as live_slice:
        assert ids(live_slice) == ["inside"]
        assert live_slice.untimed == 3
    assert sorted(Path(name).stem for name in fetched) == (
        ["after", "before", "inside"] if kind == "text" else ["inside"]
    )


def test_file__remote_that_is_no_parquet_is_named(tmp_path: Path) -> None:
    (tmp_path / "data/live/date=x").mkdir(parents=True)
    (tmp_path / "data/live/date=x/a.parquet").write_bytes(b"PAR1 and no more")
    source = in_memory(tmp_path)
    with live(tmp_path).fetch_window(source, time="t", window=day("2026-11-02")) as live_slice:
        assert str(live_slice.faulty[0]).startswith(
            "memory://acme/data/live/date=x/a.parquet cannot be read: "
        )


# A column says when: whatever its type, the same rows are in the same window.

STAMPS = (
    "2026-11-01T23:59:59Z",
    "2026-11-02T00:00:00Z",
    "2026-11-02T12:00:00Z",
    "2026-11-03T00:00:00Z",
)
BERLIN = timezone(timedelta(hours=1))


def moments_of() -> list[datetime]:
    return [datetime.fromisoformat(text) for text in STAMPS]


COLUMNS: dict[str, pl.Series] = {
    "zoned": pl.Series(moments_of()),
    "milliseconds": pl.Series(moments_of()).dt.cast_time_unit("ms"),
    "nanoseconds": pl.Series(moments_of()).dt.cast_time_unit("ns"),
    "another zone": pl.Series(moments_of()).dt.convert_time_zone("Europe/Berlin"),
    "no zone": pl.Series([m.replace(tzinfo=None) for m in moments_of()]),
    "dates": pl.Series(moments_of()).dt.date(),
    "text": pl.Series(STAMPS),
    "text of another zone": pl.Series([m.astimezone(BERLIN).isoformat() for m in moments_of()]),
    "text without a zone": pl.Series([text[:-1] for text in STAMPS]),
    "text with a space": pl.Series([text[:-1].replace("T", " ") for text in STAMPS]),
}


@pytest.mark.parametrize("kind", COLUMNS)
@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_column__of_any_type(tmp_path: Path, kind: str, suffix: str) -> None:
    write(tmp_path / f"live.{suffix}", id=["a", "b", "c", "d"], t=COLUMNS[kind])
    assert fetch(live(tmp_path), f"live.{suffix}", "t", day("2026-11-02")) == ["b", "c"]


texts = st.one_of(
    st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(str),
    st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1)).map(datetime.isoformat),
    st.dates().map(str),
    st.sampled_from(["2026-02-29", "2026-11-01T24:00", "1.11.2026", "", " 2026-11-01 ", "x"]),
    st.sampled_from(["0000-12-31", "0001-01-01T00:00+01:00", "9999-12-31T23:59:59-01:00"]),
    st.from_regex(rf"\A{timestamps.ISO}\Z"),
)


@given(st.lists(texts, min_size=1, max_size=20))
@settings(max_examples=30, deadline=None)
def test_text__is_read_as_moments_are_everywhere_else(values: list[str]) -> None:
    clock = times.clock("t", pl.String())
    assert clock
    frame = pl.DataFrame({"t": values}, schema={"t": pl.String})
    seconds = frame.select(clock.time.dt.epoch("s")).to_series().to_list()
    assert seconds == [timestamps.read(text) for text in values]


@given(
    offsets=st.lists(st.integers(-DAY, DAY), max_size=30),
    every=st.sampled_from([21_600, DAY]),
)
@settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_windows__hold_each_row_of_the_files_once(
    tmp_path: Path, offsets: list[int], every: int
) -> None:
    middle = at("2026-10-25T00:59:00")  # clocks change in Europe
    stamps = [datetime.fromtimestamp(middle + offset, UTC) for offset in offsets]
    schema: dict[str, pl.DataType] = {"id": pl.Int64(), "t": pl.Datetime("us", "Europe/Berlin")}
    half = len(stamps) // 2
    for name, part in (("a", slice(None, half)), ("b", slice(half, None))):
        frame = pl.DataFrame({"id": range(len(stamps))[part], "t": stamps[part]}, schema=schema)
        frame.write_parquet(tmp_path / f"{name}.parquet")
    rule = WindowRule(every_seconds=every)
    due = windows.due(rule, since=middle - 2 * DAY, now=middle + 2 * DAY)
    row_ids = [each for window in due for each in fetch(live(tmp_path), "*.parquet", "t", window)]
    assert sorted(map(int, row_ids)) == list(range(len(stamps)))


def test_column__reports_rows_without_a_time(tmp_path: Path) -> None:
    write(tmp_path / "live.csv", id=["a", "b"], t=["2026-11-02", None])
    with live(tmp_path).fetch_window("live.csv", time="t", window=day("2026-11-02")) as live_slice:
        assert ids(live_slice) == ["a"]
        assert live_slice.untimed == 1


def test_column__text_stays_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "live.csv"
    path.write_text('id,code,t\na,007,2026-11-02\nb,"1,5",2026-11-03\nc,,2026-11-02\n')
    with live(tmp_path).fetch_window("live.csv", time="t", window=day("2026-11-02")) as live_slice:
        assert (
            Path(live_slice.files[0]).read_text() == "id,code,t\na,007,2026-11-02\nc,,2026-11-02\n"
        )


def test_column__whole_file_is_not_copied(tmp_path: Path) -> None:
    path = write(tmp_path / "live.csv", id=["a"], t=["2026-11-02"])
    with live(tmp_path).fetch_window("live.csv", time="t", window=day("2026-11-02")) as live_slice:
        assert live_slice.files == (str(path),)


def refused(root: Path, source: str = "live") -> str:
    with pytest.raises(errors.CannotProfile) as raised:
        fetch(live(root), source, "t", day("2026-11-02"))
    return str(raised.value)


def test_column__that_no_file_has(tmp_path: Path) -> None:
    write(tmp_path / "live/b.parquet", id=["a"], served=["2026-11-02"])
    (tmp_path / "live/c.parquet").touch()
    assert refused(tmp_path).startswith(
        "live/b.parquet has no column 't', only id, served\n"
        "hint: set monitor.time to the time of a row"
    )


def test_column__of_numbers(tmp_path: Path) -> None:
    write(tmp_path / "live/a.parquet", id=["a"], t=[1_793_491_200])
    assert refused(tmp_path).startswith(
        "live/a.parquet has type Int64 in column 't', which is not a time"
    )


def test_column__of_mixed_types_across_parts(tmp_path: Path) -> None:
    write(tmp_path / "live/a.parquet", id=["a"], t=["2026-11-02T01:00"])
    write(tmp_path / "live/b.parquet", id=["b"], t=moments_of()[1:2])
    assert fetch(live(tmp_path), "live", "t", day("2026-11-02")) == ["a", "b"]


FAULTS = {
    "cut off": b"PAR1 and no more",
    "empty": b"",
    "no text": b"id,t\n\xff\xfe,\xff\n",
    "no such column": b"id\na\n",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_unreadable_file__is_reported_and_the_others_are_read(tmp_path: Path, fault: str) -> None:
    write(tmp_path / "live/a.csv", id=["a"], t=["2026-11-02"])
    (tmp_path / "live/b.csv").write_bytes(FAULTS[fault])
    write(tmp_path / "live/c.csv", id=["c"], t=["2026-11-02"])
    with live(tmp_path).fetch_window("live", time="t", window=day("2026-11-02")) as live_slice:
        assert ids(live_slice) == ["a", "c"]
        (faulty,) = live_slice.faulty
        assert (faulty.name, faulty.first) == ("live/b.csv", None)
        assert faulty.fault.startswith(("cannot be read: ", "has no column 't', only id"))
        assert faulty in live_slice.checked


def test_column__text_that_is_no_moment(tmp_path: Path) -> None:
    write(tmp_path / "live/a.csv", id=["a", "b", "c"], t=["2026-11-02", "02.11.2026", "x"])
    with live(tmp_path).fetch_window("live", time="t", window=day("2026-11-02")) as live_slice:
        assert ids(live_slice) == ["a"]
        assert [str(each) for each in live_slice.faulty] == [
            "live/a.csv cannot be read completely: 2 rows have no valid timestamp in column 't', "
            "for example '02.11.2026'"
        ]


def known(*files: FileTimeRange) -> Known:
    return lambda: {each.name: each for each in files}


def look(root: Path, name: str, *before: FileTimeRange) -> LiveSlice:
    """A day of `live`, with a new adapter."""
    fetched = live(root).fetch_window("live", time="t", window=day(name), known=known(*before))
    with fetched as result:
        return result


def test_fault__is_that_of_the_window_of_the_file_before(tmp_path: Path) -> None:
    for name, each in (("a", "2026-11-01"), ("c", "2026-11-02"), ("e", "2026-11-03")):
        write(tmp_path / f"live/{name}.csv", id=[name], t=[each])
    (tmp_path / "live/d.csv").touch()
    write(tmp_path / "live/f.csv", id=["f", "g"], t=["2026-11-03", "soon"])
    adapter = live(tmp_path)
    for name, faulty in (("01", []), ("02", ["d"]), ("03", ["d", "f"]), ("04", ["d", "f"])):
        with adapter.fetch_window("live", time="t", window=day(f"2026-11-{name}")) as live_slice:
            assert [each.name[5:6] for each in live_slice.faulty] == faulty
            assert {each.fault for each in live_slice.checked if each not in live_slice.faulty} <= {
                ""
            }


@pytest.mark.parametrize("place", [on_disk, in_memory])
def test_file__that_is_known_is_not_opened_for_rows_that_it_does_not_have(
    tmp_path: Path, place: Callable[[Path], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "data/live/date=x"
    write(folder / "a.parquet", id=["a"], t=["2026-11-01"])
    write(folder / "b.parquet", id=["b"], t=["2026-11-02"])
    (folder / "c.parquet").touch()
    source = place(tmp_path)
    with live(tmp_path).fetch_window(source, time="t", window=day("2026-11-01")) as first:
        assert len(first.checked) == 2
    with live(tmp_path).fetch_window(source, time="t", window=day("2026-11-02")) as second:
        (torn,) = second.faulty
    opened: list[str] = []
    original = row_filter.read_times

    def counted(path: Path, *, name: str, time: str) -> row_filter.Times:
        opened.append(name)
        return original(path, name=name, time=time)

    monkeypatch.setattr(row_filter, "read_times", counted)
    memory = known(*first.checked, torn)
    window = day("2026-11-02")
    with live(tmp_path).fetch_window(source, time="t", window=window, known=memory) as live_slice:
        assert (ids(live_slice), opened, live_slice.checked) == (["b"], [], (torn,))
    other = known(*(replace(each, time="u") for each in first.checked))
    with live(tmp_path).fetch_window(source, time="t", window=window, known=other):
        assert len(opened) == 3


def test_file__that_changed_is_looked_at_again(tmp_path: Path) -> None:
    path = write(tmp_path / "live/a.csv", id=["a"], t=["2026-11-01"])
    (was,) = look(tmp_path, "2026-11-01").checked
    write(path, id=["z"], t=["2026-11-02"])
    live_slice = look(tmp_path, "2026-11-02", was)
    assert [each.state != was.state for each in live_slice.checked] == [True]
    assert len(live_slice.files) == 1


def test_separator__of_a_file_is_kept_in_a_copy(tmp_path: Path) -> None:
    path = tmp_path / "live.csv"
    path.write_text("id;x;t\na;1,5;2026-11-02\nb;2,5;2026-11-03\n")
    with live(tmp_path).fetch_window("live.csv", time="t", window=day("2026-11-02")) as live_slice:
        assert Path(live_slice.files[0]).read_text() == "id;x;t\na;1,5;2026-11-02\n"
        assert live_slice.name(live_slice.files[0]) == "live.csv"


@pytest.mark.parametrize(
    ("folders", "time"),
    [
        ("year=2026/month=11/day={}", "day"),
        ("year=2026/month=11/day={}", "year"),
        ("year=2026/month=11/day={}", "served_at"),
        ("2026/11/{}", "served_at"),
        ("eu/2026/11/{}/07", "served_at"),
    ],
)
def test_folders__that_spell_a_date_say_when(tmp_path: Path, folders: str, time: str) -> None:
    for number in ("01", "02", "03"):
        write(tmp_path / "live" / folders.format(number) / "part.csv", id=[number])
    assert fetch(live(tmp_path), "live", time, day("2026-11-02")) == ["02"]


def test_folders__say_nothing_where_a_column_does(tmp_path: Path) -> None:
    write(tmp_path / "live/2026/11/05/part.csv", id=["a"], t=["2026-11-02"])
    assert fetch(live(tmp_path), "live", "t", day("2026-11-02")) == ["a"]
    (tmp_path / "live/2026/11/04").mkdir()
    (tmp_path / "live/2026/11/04/part.csv").touch()
    assert fetch(live(tmp_path), "live", "t", day("2026-11-02")) == ["a"]


def test_folders__of_files_that_nobody_can_read(tmp_path: Path) -> None:
    (tmp_path / "live/2026/11/02").mkdir(parents=True)
    (tmp_path / "live/2026/11/02/part.csv").touch()
    with live(tmp_path).fetch_window("live", time="t", window=day("2026-11-02")) as live_slice:
        assert len(live_slice.files) == 1


def test_file__written_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "live.csv", id=["a", "b"], t=["2026-11-02", "2026-11-03"])
    sink = pl.LazyFrame.sink_csv

    def late(frame: pl.LazyFrame, *arguments: Any, **options: Any) -> Any:
        result = sink(frame, *arguments, **options)
        with path.open("a") as file:
            file.write("c,2026-11-02\n")
        return result

    monkeypatch.setattr(pl.LazyFrame, "sink_csv", late)
    with pytest.raises(errors.OutsideFailure, match=r"live\.csv changed while it was read"):
        fetch(live(tmp_path), "live.csv", "t", day("2026-11-02"))


def test_file__remote_written_while_it_is_brought(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = in_memory(partitioned(tmp_path, "2026-11-01"))
    memory = type(fsspec.filesystem("memory"))
    get = memory.get_file

    def late(fs: Any, path: str, to: str) -> None:
        get(fs, path, to)
        fs.pipe_file(path, b"more")

    monkeypatch.setattr(memory, "get_file", late)
    with pytest.raises(errors.OutsideFailure, match=r"part-0\.parquet changed while it was read"):
        fetch(live(tmp_path), source, "date", day("2026-11-01"))


def test_store__that_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = in_memory(partitioned(tmp_path, "2026-11-01"))

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError("Access Denied")

    monkeypatch.setattr(type(fsspec.filesystem("memory")), "get_file", refuse)
    with pytest.raises(errors.CannotReachRemote) as raised:
        fetch(live(tmp_path), source, "date", day("2026-11-01"))
    assert raised.value.message.endswith("part-0.parquet cannot be read: Access Denied")


def test_dvc__that_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / ".dvc").mkdir()

    def broken(root: Path) -> None:
        raise ValueError("config file error")

    def absent(root: Path) -> None:
        raise errors.MissingSetting("dvc is not installed")

    with pytest.raises(errors.CannotReachRemote, match="which DVC may track, cannot be read: conf"):
        fetch(live(tmp_path, broken), SOURCE, "date", day("2026-11-01"))
    with pytest.raises(errors.MissingSetting):
        fetch(live(tmp_path, absent), SOURCE, "date", day("2026-11-01"))


def test_url__of_a_kind_that_is_not_installed(tmp_path: Path) -> None:
    with pytest.raises(errors.MissingSetting, match=r"nosuch://acme/live cannot be opened"):
        fetch(live(tmp_path), "nosuch://acme/live", "date", day("2026-11-01"))


def test_dvc__brings_the_files_of_one_window(tmp_path: Path) -> None:
    from dvc.repo import Repo  # noqa: PLC0415 - DVC, for this test alone

    from interlock.adapters.dvc import files  # noqa: PLC0415

    partitioned(tmp_path, "2026-11-01", "2026-11-02")
    labels = write(tmp_path / "data/labels.csv", id=["a"], target=[1])
    with Repo.init(str(tmp_path), no_scm=True) as repo:
        with repo.config.edit() as config:
            config["remote"]["store"] = {"url": str(tmp_path / "store")}
            config["core"]["remote"] = "store"
        repo.add([str(tmp_path / "data/live"), str(labels)])
        repo.push()
    shutil.rmtree(tmp_path / "data/live")
    shutil.rmtree(tmp_path / ".dvc/cache")
    labels.unlink()
    adapter = live(tmp_path, files.open_files)
    for source in (SOURCE, "data/live", "data/live.dvc"):
        row_ids = fetch(adapter, source, "date", day("2026-11-02"))
        assert row_ids == ["2026-11-02-0", "2026-11-02-1"], source
    for source in ("data/labels.csv", "data/labels.csv.dvc", "data/l*.csv"):
        with adapter.fetch_all(source) as found_labels:
            assert [Path(file).read_text() for file in found_labels] == ["id,target\na,1\n"]
    assert not (tmp_path / "data/live").exists()
    with pytest.raises(errors.CannotResolve):
        fetch(adapter, "data/lve", "date", day("2026-11-02"))
