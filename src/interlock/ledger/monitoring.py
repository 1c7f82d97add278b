"""Finds the records of monitoring and retraining in the ledger. Nothing is written here."""

from __future__ import annotations

import re
from collections.abc import Iterable

from interlock import errors
from interlock.domain.basics import timestamps
from interlock.domain.monitoring.monitoring_records import (
    DriftReport,
    DriftSummary,
    PerformanceReport,
    ReferenceProfile,
    RetrainingRequest,
    RetrainingStep,
)
from interlock.ledger import reading, records
from interlock.ports.ledger import Ledger


def drift_ends(ledger: Ledger, *, model: str) -> dict[int, str]:
    """Return the windows that were checked for drift, oldest first, without reading a record.

    Each is the window's end in seconds, and the path of its last record.
    """
    return _ends(ledger.list(records.folder(DriftReport, model)))


def drift_summary(ledger: Ledger, path: str) -> DriftSummary:
    """Return the record at one of the paths of `drift_ends`, without its columns."""
    return reading.read(ledger, path, DriftSummary)


def drift_report(ledger: Ledger, path: str) -> DriftReport:
    """Return the record at one of the paths of `drift_ends`."""
    return reading.read(ledger, path, DriftReport)


def performance_ends(ledger: Ledger, *, model: str) -> dict[int, str]:
    """Return the windows with labels, as `drift_ends`; the record with the most rows counts."""
    return _ends(ledger.list(records.folder(PerformanceReport, model)))


def performance_report(ledger: Ledger, path: str) -> PerformanceReport:
    """Return the record at one of the paths of `performance_ends`."""
    return reading.read(ledger, path, PerformanceReport)


def performance_reports(ledger: Ledger, *, model: str) -> tuple[PerformanceReport, ...]:
    """Return every performance record of a model, oldest window first."""
    return reading.read_all(ledger, PerformanceReport, model)


def find_profile(
    ledger: Ledger, *, model: str, fingerprint: str, rules: str
) -> ReferenceProfile | None:
    path = records.at(ReferenceProfile, model, f"{fingerprint}-{rules}")
    return reading.find(ledger, path, ReferenceProfile)


def retrainings(ledger: Ledger, *, model: str) -> tuple[RetrainingRequest, ...]:
    """Return the retraining requests of a model, oldest first."""
    return reading.read_all(ledger, RetrainingRequest, model)


_RETRAINING = re.compile(rf"[^/]+/([^/]+)/(\w+)-({'|'.join(RetrainingStep)})(?:-(\d+))?\.json")


def retraining_names(ledger: Ledger) -> tuple[tuple[str, int, RetrainingStep, int | None], ...]:
    """Return the requests of all models from their file names, oldest first.

    Each is: model, time in seconds, step, number of the pull request. No record is read.
    """
    names = []
    for path in ledger.list(records.folder(RetrainingRequest)):
        parts = _RETRAINING.fullmatch(path)
        at = timestamps.read_name(parts[2]) if parts else None
        if parts is not None and at is not None:
            pull = int(parts[4]) if parts[4] else None
            names.append((parts[1], at, RetrainingStep(parts[3]), pull))
    return tuple(sorted(names, key=lambda name: name[1]))


def _ends(paths: Iterable[str]) -> dict[int, str]:
    """Return the last path of each window; of two the one with the greater number is the last."""
    ends = {timestamps.read_name(_name(p).partition("-")[0]): p for p in sorted(paths, key=_number)}
    return dict(sorted((end, path) for end, path in ends.items() if end is not None))


def _number(path: str) -> int:
    try:
        return int(_name(path).partition("-")[2] or 0)
    except ValueError as error:
        raise errors.LedgerBroken(
            f"{path} is not a valid path of a record", hint=reading.HINT
        ) from error


def _name(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".json")
