"""`monitor` writes one commit for all models, and reads as much after years as after days."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from interlock import documents, errors
from interlock.commands import monitor
from interlock.commands.monitor import MonitorOutcome
from interlock.domain.basics import timestamps
from interlock.ledger import lookup
from tests import monitored
from tests.fakes.ledger import FakeLedger
from tests.monitored import LABELS, WATCH, MonitoredShop, rows

NAMES = ("digits", "faces", "names")
YEARS = 2 * 365


@dataclasses.dataclass
class Counts:
    reads: int = 0
    listed: int = 0
    pushes: int = 0
    parsed: int = 0


class CountingLedger(FakeLedger):
    """Counts the records that are read, the paths that are listed, and the pushes."""

    def __init__(self, *arguments: Any) -> None:
        self.counts = Counts()
        super().__init__(*arguments)

    def read(self, path: str) -> dict[str, Any] | None:
        self.counts.reads += 1
        return super().read(path)

    def list(self, prefix: str) -> tuple[str, ...]:
        paths = super().list(prefix)
        self.counts.listed += len(paths)
        return paths

    def children(self, folder: str) -> tuple[str, ...]:
        listed = self.counts.listed
        names = super().children(folder)
        self.counts.listed = listed
        return names

    def extend(self, records: Mapping[str, Mapping[str, Any]], *, message: str) -> bool:
        self.counts.pushes += 1
        return super().extend(records, message=message)


def age(shop: MonitoredShop, days: int, *, model: str = "digits", flat: bool = False) -> None:
    """Record a window on each of the days before the first one, as the last one is; `flat` at the
    paths of earlier versions."""
    newest = shop.reports(model)[-1]
    aged = [
        replace(
            newest,
            start=timestamps.write(monitored.start(day)),
            end=timestamps.write(monitored.start(day + 1)),
        )
        for day in range(1 - days, 1)
    ]
    records = {lookup.path_of(report): documents.dump(report) for report in aged}
    if flat:
        parts = {path: path.split("/") for path in records}
        records = {"/".join((*parts[p][:2], parts[p][3])): r for p, r in records.items()}
    shop.ledger.append(records, message="Earlier windows")


def counted(shop: MonitoredShop, monkeypatch: pytest.MonkeyPatch, act: Callable[[], Any]) -> Counts:
    """Count during `act`, also the dates that are parsed."""
    ledger = shop.ledger
    assert isinstance(ledger, CountingLedger)
    ledger.counts = Counts()
    read_name = timestamps.read_name

    def parse(text: str) -> int | None:
        ledger.counts.parsed += 1
        return read_name(text)

    with monkeypatch.context() as patch:
        patch.setattr(timestamps, "read_name", parse)
        act()
    return replace(ledger.counts)


@pytest.fixture
def shop(tmp_path: Path) -> MonitoredShop:
    made = MonitoredShop(tmp_path, ledger=CountingLedger())
    for name in NAMES:
        made.begin(model=name)
    made.day(1)
    return made


def test_monitor__records_all_models_in_one_commit(shop: MonitoredShop) -> None:
    ledger = shop.ledger
    assert isinstance(ledger, CountingLedger)
    before = ledger.appends
    shop.watch(1)
    assert ledger.origin.messages[before:] == [
        "Monitor digits, faces and names until 2018-11-02T01:00:00Z"
    ]
    assert ledger.counts.pushes == 1
    assert [len(shop.reports(name)) for name in NAMES] == [1, 1, 1]
    assert [len(ledger.list(f"profiles/{name}")) for name in NAMES] == [1, 1, 1]
    shop.watch(1)
    assert ledger.counts.pushes == 1


@pytest.mark.parametrize("flat", [False, True])
def test_monitor__after_years_reads_as_much_as_after_weeks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flat: bool
) -> None:
    totals = []
    for days in (60, YEARS):
        shop = MonitoredShop(tmp_path / str(days), ledger=CountingLedger())
        shop.folder.mkdir()
        shop.begin(WATCH, LABELS)
        shop.day(1)
        shop.label(1)
        shop.watch(1)
        age(shop, days, flat=flat)
        shop.day(2)
        totals.append(counted(shop, monkeypatch, lambda: shop.watch(2)))  # noqa: B023 - at once
        assert len(shop.reports()) == days + 2
    few, many = totals
    assert (many.reads, many.parsed, many.pushes) == (few.reads, few.parsed, few.pushes)
    # The newest year is listed to fetch its records, and to read them.
    assert many.listed < few.listed + 2 * 366
    assert many.reads < 60


def test_monitor__does_not_record_a_window_of_an_earlier_version_again(tmp_path: Path) -> None:
    shop = MonitoredShop(tmp_path).begin()
    shop.day(1)
    shop.watch(1)
    (path,) = shop.ledger.list("drift/digits")
    other = MonitoredShop(tmp_path, ledger=FakeLedger())
    other.runs = shop.runs
    for area in ("promotions", "evidence", "verdicts"):
        records = {each: shop.ledger.read(each) or {} for each in shop.ledger.list(area)}
        other.ledger.append(records, message="Copy")
    flat = path.replace("/2018/", "/")
    other.ledger.append({flat: shop.ledger.read(path) or {}}, message="An earlier version")
    assert other.watch(1).models[0].windows == ()
    other.day(2)
    (window,) = other.watch(2).models[0].windows
    assert other.ledger.list("drift/digits") == (lookup.path_of(window), flat)
    assert [each.end for each in window.earlier] == ["2018-11-02T00:00:00Z"]


def test_monitor__of_a_model_that_fails_records_the_others_and_its_profile(
    shop: MonitoredShop,
) -> None:
    shop.declare(WATCH.replace("live/date", "nowhere/date"), model="faces")
    states = {each.model: each.state for each in shop.watch(1).models}
    assert states["faces"] is MonitorOutcome.FAILED
    assert [len(shop.reports(name)) for name in NAMES] == [1, 0, 1]
    assert [len(shop.ledger.list(f"profiles/{name}")) for name in NAMES] == [1, 1, 1]


class RacedLedger(CountingLedger):
    """Another writer is first, once."""

    rival: Callable[[], object] | None = None

    def extend(self, records: Mapping[str, Mapping[str, Any]], *, message: str) -> bool:
        rival, self.rival = self.rival, None
        if rival is not None:
            rival()
        return super().extend(records, message=message)


def raced(shop: MonitoredShop, rival: Callable[[MonitoredShop], object]) -> MonitoredShop:
    assert isinstance(shop.ledger, FakeLedger)
    other = dataclasses.replace(shop, ledger=FakeLedger(shop.ledger.origin))
    ledger = RacedLedger(shop.ledger.origin)
    ledger.rival = lambda: rival(other)
    mine = dataclasses.replace(shop, ledger=ledger)
    mine.runs = other.runs = shop.runs
    return mine


def test_monitor__after_a_lost_race_decides_every_model_again(shop: MonitoredShop) -> None:
    def promote_and_watch(other: MonitoredShop) -> None:
        other.watch(1, "digits")
        other.declare(WATCH, model="faces", c=2)
        other.serve(model="faces", version=2)

    mine = raced(shop, promote_and_watch)
    models = {each.model: each for each in mine.watch(1).models}
    assert {name: len(models[name].windows) for name in NAMES} == {
        "digits": 0,
        "faces": 0,
        "names": 1,
    }
    assert models["digits"].state is MonitorOutcome.STABLE
    assert [len(shop.reports(name)) for name in NAMES] == [1, 0, 1]


def test_monitor__uses_the_profile_that_another_run_recorded_first(shop: MonitoredShop) -> None:
    def profile_of_other_rows(other: MonitoredShop) -> None:
        other.watch(1, "digits")
        (path,) = other.ledger.list("profiles/digits")
        tree = other.ledger.origin.trees[other.ledger.head or ""]  # type: ignore[attr-defined]
        del tree[lookup.drift_windows(other.ledger, model="digits").newest(1)[0]]
        tree[path] = tree[path].replace(b'"rows": 2000', b'"rows": 2001')

    mine = raced(shop, profile_of_other_rows)
    windows = {each.model: each.windows for each in mine.watch(1).models}
    assert {name: windows[name][0].reference_rows for name in NAMES} == {
        "digits": 2001,
        "faces": 2000,
        "names": 2000,
    }


def test_monitor__a_long_run_commits_from_time_to_time(shop: MonitoredShop) -> None:
    seconds: Iterator[float] = iter([0.0, 1.0, 601.5, 601.5, 602.0])
    context = replace(shop.world(), timer=lambda: next(seconds))
    now = monitored.start(2) + 3600
    monitor.run(context, monitor.MonitorOptions(revision="HEAD", now=now))
    assert isinstance(shop.ledger, FakeLedger)
    assert shop.ledger.origin.messages[-2:] == [
        "Monitor digits and faces until 2018-11-02T01:00:00Z",
        "Monitor names until 2018-11-02T01:00:00Z",
    ]


class Closed(CountingLedger):
    def extend(self, records: Mapping[str, Mapping[str, Any]], *, message: str) -> bool:
        raise errors.CannotReachGit("origin refuses the push")


def test_monitor__of_a_refused_push_reports_every_model(shop: MonitoredShop) -> None:
    assert isinstance(shop.ledger, FakeLedger)
    shop.ledger = Closed(shop.ledger.origin)
    result = shop.watch(1)
    assert [(each.state, each.sentence) for each in result.models] == [
        (MonitorOutcome.FAILED, "origin refuses the push")
    ] * 3
    assert result.exit_code == errors.EXIT_OUTSIDE


def test_monitor__names_the_time_by_which_no_window_waits_for_labels(tmp_path: Path) -> None:
    shop = MonitoredShop(tmp_path).begin(WATCH, LABELS)
    for day in (1, 2, 3):
        shop.day(day)
        shop.watch(day)
    assert [each.labelled_until for each in shop.reports()] == ["2018-11-01T00:00:00Z"] * 3
    shop.label(1)
    shop.day(4)
    shop.watch(4)
    assert shop.reports()[-1].labelled_until == "2018-11-02T00:00:00Z"
    for day in (2, 3, 4, 5):
        shop.label(day)
    shop.day(5)
    shop.watch(5)
    assert shop.reports()[-1].labelled_until == shop.reports()[-1].end
    assert len(shop.performance()) == 5


def test_monitor__waits_for_the_labels_of_a_window_that_was_evaluated_again(
    tmp_path: Path,
) -> None:
    shop = MonitoredShop(tmp_path).begin(WATCH, LABELS)
    (shop.checkout / "live/date=2018-11-01").mkdir(parents=True)
    shop.day(2)
    shop.label(2)
    shop.watch(1)
    shop.watch(2)
    first, last = shop.reports()
    assert (first.rows, last.labelled_until) == (0, last.end)
    shop.day(1)
    options = monitor.MonitorOptions(
        revision="HEAD", now=monitored.start(3) + 3600, reevaluate_since=monitored.start(1)
    )
    assert len(monitor.run(shop.world(), options).models[0].windows) == 2
    shop.label(1)
    shop.day(3, rows(seed=3))
    (late,) = shop.watch(3).models[0].performance
    assert late.end == shop.reports()[0].end
