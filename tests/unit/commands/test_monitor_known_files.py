"""The known files of live data: read from few records, and the same as those of all records."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlock import documents
from interlock.commands.monitor.recorded_windows import RecordedWindows, seconds
from interlock.domain.basics import timestamps
from interlock.domain.monitoring import known_files
from interlock.domain.monitoring.monitoring_records import DriftReport
from interlock.domain.monitoring.windows import FileTimeRange
from interlock.ledger import lookup
from tests import drift_cases, monitored
from tests.fakes.ledger import FakeLedger
from tests.unit.commands.test_monitor_files_of_windows import BY_COLUMN, Shop
from tests.unit.test_prefetch import PartialClone

DAY = timestamps.DAY_SECONDS
_LATER = 1_000 * DAY
Files = tuple[FileTimeRange, ...]
FILE = st.builds(FileTimeRange, st.sampled_from("abcdef"), st.just("t"), st.sampled_from("123"))
WINDOWS = st.lists(st.lists(FILE, max_size=3).map(tuple), min_size=1, max_size=4)
RUNS = st.one_of(
    st.tuples(st.sampled_from(["due", "earlier version", "lost race"]), WINDOWS),
    st.tuples(st.sampled_from(["reevaluate", "both"]), WINDOWS, st.integers(0, 12)),
    st.tuples(st.just("promote")),
)


@dataclass
class History:
    """Runs that write windows; the files of a window are those that a run checked for it."""

    ledger: FakeLedger = field(default_factory=FakeLedger)
    champion: str = drift_cases.CHAMPION
    days: int = 0
    model: str = "digits"

    def run(self, kind: str, windows: Sequence[Files] = (), since: int = 0) -> None:
        if kind == "promote":
            (self.champion,) = {drift_cases.CHAMPION, drift_cases.EARLIER} - {self.champion}
            return
        recorded = RecordedWindows(self.ledger, self.model)
        again = self._again(recorded, windows, since) if kind in ("reevaluate", "both") else []
        recorded.files(_LATER)
        if kind == "lost race":
            recorded.listed(self._due(recorded, windows))
            self.run("due", windows[::-1])
            self.run("reevaluate", windows, since=self.days // 2)
            assert recorded.files(_LATER) == self.all_files(_LATER)
        due = [] if kind == "reevaluate" else self._due(recorded, windows)
        new = [*again, *due]
        self.write(new if kind == "earlier version" else recorded.listed(new))

    def _due(self, recorded: RecordedWindows, windows: Sequence[Files]) -> list[DriftReport]:
        last = (recorded.end() or self.days * DAY) // DAY
        self.days = last + len(windows)
        return [self.report(last + place, files) for place, files in enumerate(windows, 1)]

    def _again(
        self, recorded: RecordedWindows, windows: Sequence[Files], since: int
    ) -> list[DriftReport]:
        own = (r for r in recorded.after(since * DAY) if r.reference == self.champion)
        return [
            replace(each, files=files, known_files=None, revision=each.revision + 1)
            for each, files in zip(own, itertools.cycle(windows), strict=False)
        ]

    def report(self, day: int, files: Files) -> DriftReport:
        return replace(
            drift_cases.window(1, model=self.model, reference=self.champion),
            start=timestamps.write((day - 1) * DAY),
            end=timestamps.write(day * DAY),
            files=files,
        )

    def write(self, new: Iterable[DriftReport]) -> None:
        records = {lookup.path_of(report): documents.dump(report) for report in new}
        self.ledger.append(records, message="Monitor")

    def all_files(self, until: int) -> dict[str, FileTimeRange]:
        """The last entry of each file in all records."""
        return files_of(RecordedWindows(self.ledger, self.model).after(0), until)


def files_of(reports: Iterable[DriftReport], until: int) -> dict[str, FileTimeRange]:
    known = (report for report in reports if seconds(report.end) <= until)
    return {file.name: file for report in known for file in report.files}


@settings(max_examples=100, deadline=None)
@given(st.lists(RUNS, max_size=9), st.sampled_from([2, known_files.MOST_LISTS]))
def test_files__are_those_of_all_records(runs: list[tuple[str]], most: int) -> None:
    history = History()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(known_files, "MOST_LISTS", most)
        for run in runs:
            history.run(*run)
            reports = tuple(RecordedWindows(history.ledger, "digits").after(0))
            for day in range(history.days + 2):
                recorded = RecordedWindows(history.ledger, "digits")
                assert recorded.files(day * DAY) == files_of(reports, day * DAY)


def test_files__after_a_reevaluation_behind_windows_of_another_champion() -> None:
    old, new, other = (FileTimeRange(*each) for each in ("at1", "at2", "bt1"))
    history = History()
    history.run("due", [(old,)])
    history.run("promote")
    history.run("due", [(other,)])
    history.run("promote")
    recorded = RecordedWindows(history.ledger, "digits")
    assert recorded.files(_LATER) == {"a": old, "b": other}
    history.run("reevaluate", [(new,)])
    assert recorded.files(_LATER) == {"a": new, "b": other}


def fetched(folder: Path, *, days: int, models: int = 1) -> tuple[int, int]:
    """The records of windows that one run reads, and its requests to origin, after windows with a
    file each on some days."""
    folder.mkdir()
    shop = Shop(folder)
    assert isinstance(shop.ledger, FakeLedger)
    for number in range(models):
        shop.begin(BY_COLUMN, model=f"digits{number}")
        history = History(
            shop.ledger, model=f"digits{number}", days=monitored.start(1) // DAY - days
        )
        for day in range(days):
            history.run("due", [(FileTimeRange(f"live/{day}.parquet", "t", "1"),)])
    shop.part(1, "d1.parquet")
    shop.watch(1)
    shop.part(2, "d2.parquet")
    shop.ledger = clone = PartialClone(shop.ledger.origin)
    (window,) = shop.watch(2).models[0].windows
    assert [file.name for file in window.files] == ["live/d2.parquet"]
    return sum(path.startswith("drift/") for path in clone.local), clone.requests


def test_monitor__reads_as_many_records_after_years_as_after_months(tmp_path: Path) -> None:
    few, many = (fetched(tmp_path / str(days), days=days) for days in (100, 400))
    assert many[0] <= few[0] + 3
    assert few[1] <= many[1] == 3


def test_monitor__fetches_the_lists_of_all_models_at_once(tmp_path: Path) -> None:
    one, three = (fetched(tmp_path / str(models), days=40, models=models) for models in (1, 3))
    assert one[1] == three[1] <= 3
