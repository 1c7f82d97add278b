"""The windows with labels of a champion: the newest ones, however long no label has arrived."""

from __future__ import annotations

from dataclasses import replace

from interlock import documents
from interlock.domain.basics import timestamps
from interlock.domain.model.evidence import Artifact
from interlock.domain.monitoring import monitoring_records
from interlock.domain.monitoring.monitoring_records import PerformanceReport
from interlock.ledger import lookup, monitoring
from tests import retrain_cases
from tests.unit.test_window_verdicts import FIRST, CountingLedger

OTHER = "9" * 64


def window(day: int, *, rows: int = 0, reference: str = retrain_cases.SERVED) -> PerformanceReport:
    report = retrain_cases.labelled(1, reference=reference, run_id="r1")
    artifact = Artifact(f"labelled/{day}-{rows}.parquet", "5a" * 32, 1) if rows else None
    performance = replace(report.performance, rows=rows)
    end = timestamps.write(FIRST + day * timestamps.DAY_SECONDS)
    return replace(report, end=end, labelled_rows=artifact, performance=performance)


def ledger_with(*reports: PerformanceReport) -> CountingLedger:
    ledger = CountingLedger()
    records = {lookup.path_of(report): documents.dump(report) for report in reports}
    ledger.append(records, message="Windows")
    ledger.reads = 0
    return ledger


def labelled_rows(ledger: CountingLedger) -> list[str]:
    reports = lookup.performance_reports(ledger, model="digits", reference=retrain_cases.SERVED)
    return [artifact.path for _, artifact in monitoring_records.labelled_rows(reports)]


def test_labelled_rows__are_those_of_the_newest_windows_oldest_first() -> None:
    ledger = ledger_with(*(window(day, rows=5) for day in range(1, 99)))
    assert labelled_rows(ledger) == [f"labelled/{day}-5.parquet" for day in range(92, 99)]
    assert ledger.reads == 7


def test_labelled_rows__of_a_window_that_was_recorded_twice_are_the_most() -> None:
    assert labelled_rows(ledger_with(window(1, rows=9), window(1, rows=10))) == [
        "labelled/1-10.parquet"
    ]


def test_labelled_rows__before_many_windows_without_labels_are_found() -> None:
    without = (window(day) for day in range(2, 2 + 2 * monitoring.RECENT))
    assert labelled_rows(ledger_with(window(1, rows=5), *without)) == ["labelled/1-5.parquet"]


def test_performance_reports__end_after_many_windows_of_other_versions() -> None:
    others = [window(day, reference=OTHER) for day in range(2, 2 + 2 * monitoring.RECENT)]
    ledger = ledger_with(window(1, rows=5), *others)
    assert labelled_rows(ledger) == []
    assert ledger.reads == monitoring.RECENT
    assert labelled_rows(ledger_with(window(1, rows=5), *others[: monitoring.RECENT - 1])) != []
