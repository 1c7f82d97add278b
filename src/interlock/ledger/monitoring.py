"""Finds the records of monitoring and retraining in the ledger. Nothing is written here."""

from __future__ import annotations

import re
from collections.abc import Iterator

from interlock import errors
from interlock.domain.basics import timestamps
from interlock.domain.monitoring.monitoring_records import (
    DriftReport,
    PerformanceReport,
    ReferenceProfile,
    RetrainingRequest,
    RetrainingStep,
    WindowVerdict,
)
from interlock.ledger import reading, records
from interlock.ledger.window_paths import WindowPaths
from interlock.ports.ledger import Ledger

RECENT = 60
"""Older windows do not affect a decision."""


def drift_windows(ledger: Ledger, *, model: str) -> WindowPaths:
    """Return the windows that were checked for drift, without reading a record."""
    return WindowPaths(ledger, records.folder(DriftReport, model))


def performance_windows(ledger: Ledger, *, model: str) -> WindowPaths:
    """Return the windows with labels; the record with the most rows is the last."""
    return WindowPaths(ledger, records.folder(PerformanceReport, model))


def drift_report(ledger: Ledger, path: str) -> DriftReport:
    """Return the record at one of the paths of `drift_windows`; raises LedgerBroken, too, for a
    time that no reader could compare."""
    report = reading.read(ledger, path, DriftReport)
    times = (report.start, report.labelled_until, *(each.end for each in report.earlier))
    for time in times:
        if time is not None and timestamps.read(time) is None:
            raise errors.LedgerBroken(
                f"{path}: {time!r} is not a valid timestamp",
                hint="`interlock ledger log` lists the commit that added it",
            )
    return report


def performance_report(ledger: Ledger, path: str) -> PerformanceReport:
    """Return the record at one of the paths of `performance_windows`."""
    return reading.read(ledger, path, PerformanceReport)


def window_verdicts(ledger: Ledger, *, model: str) -> Iterator[tuple[str, WindowVerdict]]:
    """Yield path and verdict of the newest windows of a model, the newest first.

    A record has the verdicts of the windows before it. A window that was evaluated again later has
    another name there, so that its own record is read.
    """
    known: dict[str, WindowVerdict] = {}
    for path in drift_windows(ledger, model=model).newest(RECENT):
        name = path.rpartition("/")[2].removesuffix(".json")
        if name not in known:
            report = drift_report(ledger, path)
            known |= {records.window_name(each): each for each in report.earlier}
            known[name] = report.own_verdict
        yield path, known[name]


def performance_reports(
    ledger: Ledger, *, model: str, reference: str
) -> Iterator[PerformanceReport]:
    """Yield the last record of each window with labels of a champion, the newest first.

    `reference` is its fingerprint. After RECENT windows of other versions no older one is read.
    """
    windows, others = performance_windows(ledger, model=model), 0
    for path in filter(None, map(windows.find, windows.newest_first())):
        report = performance_report(ledger, path)
        if report.reference == reference:
            yield report
        elif (others := others + 1) == RECENT:
            return


def find_profile(
    ledger: Ledger, *, model: str, fingerprint: str, rules: str
) -> ReferenceProfile | None:
    path = records.at(ReferenceProfile, model, f"{fingerprint}-{rules}")
    return reading.find(ledger, path, ReferenceProfile)


def retrainings(ledger: Ledger, *, model: str) -> tuple[RetrainingRequest, ...]:
    """Return the retraining requests of a model, oldest first."""
    return reading.read_all(ledger, RetrainingRequest, model)


_RETRAINING = re.compile(rf"[^/]+/([^/]+)/(\w+)-({'|'.join(RetrainingStep)})(?:-(\d+))?\.json")


def retraining_names(
    ledger: Ledger, *, model: str | None = None
) -> tuple[tuple[str, int, RetrainingStep, int | None], ...]:
    """Return the requests of a model, or of all models, from their file names, oldest first.

    Each is: model, time in seconds, step, number of the pull request. No record is read.
    """
    names = []
    parts_of_folder = () if model is None else (model,)
    for path in ledger.list(records.folder(RetrainingRequest, *parts_of_folder)):
        parts = _RETRAINING.fullmatch(path)
        at = timestamps.read_name(parts[2]) if parts else None
        if parts is not None and at is not None:
            pull = int(parts[4]) if parts[4] else None
            names.append((parts[1], at, RetrainingStep(parts[3]), pull))
    return tuple(sorted(names, key=lambda name: name[1]))
