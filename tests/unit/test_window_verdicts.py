"""One record of a model tells the verdicts of its last windows."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from interlock import documents, errors
from interlock.domain.basics import timestamps
from interlock.domain.drift.status import DriftStatus
from interlock.domain.monitoring.monitoring_records import DriftReport
from interlock.ledger import lookup
from tests import drift_cases
from tests.fakes.ledger import FakeLedger

SHOWN = 14
FIRST = 1_893_456_000  # 2030-01-01


class CountingLedger(FakeLedger):
    reads = 0

    def read(self, path: str) -> dict[str, Any] | None:
        self.reads += 1
        return super().read(path)


def chain(days: int) -> list[DriftReport]:
    """A window a day; each has the verdicts of the thirteen windows before it."""
    reports: list[DriftReport] = []
    for day in range(1, days + 1):
        earlier = tuple(each.own_verdict for each in reports[1 - SHOWN :])
        verdict = DriftStatus.WARNING if day % 5 == 0 else DriftStatus.STABLE
        end = timestamps.write(FIRST + day * timestamps.DAY_SECONDS)
        reports.append(replace(drift_cases.window(1, verdict), end=end, earlier=earlier))
    return reports


def ledger_with(reports: Sequence[DriftReport]) -> CountingLedger:
    ledger = CountingLedger()
    records = {lookup.path_of(report): documents.dump(report) for report in reports}
    ledger.append(records, message="Windows")
    ledger.reads = 0
    return ledger


def newest(ledger: FakeLedger, most: int) -> list[tuple[str, DriftStatus]]:
    verdicts = itertools.islice(lookup.window_verdicts(ledger, model="digits"), most)
    return [(each.end, each.verdict) for _, each in verdicts]


def expected(reports: Sequence[DriftReport], most: int) -> list[tuple[str, DriftStatus]]:
    return [(each.end, each.verdict) for each in reversed(reports[-most:])]


@pytest.mark.parametrize("days", [20, 400])
def test_window_verdicts__of_the_last_windows_need_one_record(days: int) -> None:
    reports = chain(days)
    ledger = ledger_with(reports)
    assert newest(ledger, SHOWN) == expected(reports, SHOWN)
    assert ledger.reads == 1


def test_window_verdicts__of_more_windows_need_a_record_for_every_fourteen() -> None:
    reports = chain(100)
    ledger = ledger_with(reports)
    assert newest(ledger, 99) == expected(reports, 60)
    assert ledger.reads == 5


def test_window_verdicts__of_earlier_versions_are_read_one_by_one() -> None:
    reports = [replace(report, earlier=()) for report in chain(20)]
    ledger = ledger_with(reports)
    assert newest(ledger, SHOWN) == expected(reports, SHOWN)
    assert ledger.reads == SHOWN


def test_window_verdicts__a_window_that_was_evaluated_again_counts_as_it_is_now() -> None:
    reports = chain(20)
    again = replace(reports[15], verdict=DriftStatus.DRIFT, revision=1)
    ledger = ledger_with([*reports, again])
    reports[15] = again
    assert newest(ledger, SHOWN) == expected(reports, SHOWN)
    assert ledger.reads == 2


@pytest.mark.parametrize("time", ["", "soon", "2030-02-30T00:00:00Z", "-1"])
@pytest.mark.parametrize("place", ["start", "labelled_until", "earlier"])
def test_drift_report__refuses_a_time_that_is_none(place: str, time: str) -> None:
    (report,) = chain(1)
    earlier = (replace(report.own_verdict, end=time),)
    bad: dict[str, Any] = {place: earlier if place == "earlier" else time}
    ledger = ledger_with([replace(report, **bad)])
    with pytest.raises(errors.LedgerBroken, match="is not a valid timestamp"):
        newest(ledger, 1)
