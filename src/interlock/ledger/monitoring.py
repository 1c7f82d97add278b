"""Records of live data and of what it asked for, found in the ledger; nothing is written here."""

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
from interlock.ledger import paths, records
from interlock.ports.ledger import Ledger


def drift_ends(ledger: Ledger, *, model: str) -> dict[int, str]:
    """Which windows were looked at, oldest first: their ends in seconds, and the paths of their
    last records, of which none is opened."""
    return _ends(sorted(ledger.list(f"drift/{model}"), key=_number))


def drift_summary(ledger: Ledger, path: str) -> DriftSummary:
    """What is short of the record at one of the paths of `drift_ends`."""
    return records.read(ledger, path, DriftSummary)


def drift_report(ledger: Ledger, path: str) -> DriftReport:
    """The record at one of the paths of `drift_ends`."""
    return records.read(ledger, path, DriftReport)


def performance_ends(ledger: Ledger, *, model: str) -> dict[int, str]:
    """Of which windows labels were judged, as `drift_ends`; the record with the most rows."""
    paths = ledger.list(f"performance/{model}")
    return _ends(sorted(paths, key=_number))


def performance_report(ledger: Ledger, path: str) -> PerformanceReport:
    """The record at one of the paths of `performance_ends`."""
    return records.read(ledger, path, PerformanceReport)


def _number(path: str) -> int:
    """Of two records of one window the one with the greater number counts."""
    try:
        return int(_name(path).partition("-")[2] or 0)
    except ValueError as error:
        raise errors.LedgerBroken(
            f"{path}: no record can lie there", hint="interlock ledger verify names the commit"
        ) from error


def _name(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".json")


def _ends(paths: Iterable[str]) -> dict[int, str]:
    found = {timestamps.read_name(_name(path).partition("-")[0]): path for path in paths}
    return dict(sorted((end, path) for end, path in found.items() if end is not None))


def find_profile(
    ledger: Ledger, *, model: str, fingerprint: str, rules: str
) -> ReferenceProfile | None:
    path = paths.profile_path(model, fingerprint, rules)
    return records.find(ledger, path, ReferenceProfile)


def performance_reports(ledger: Ledger, *, model: str) -> tuple[PerformanceReport, ...]:
    """Of every window whose labels came, oldest first; the one with the most rows counts."""
    paths = ledger.list(f"performance/{model}")
    return records.every(ledger, paths, PerformanceReport)


def retrainings(ledger: Ledger, *, model: str) -> tuple[RetrainingRequest, ...]:
    """What was asked for on behalf of a model, oldest first."""
    paths = ledger.list(f"retrainings/{model}")
    return records.every(ledger, paths, RetrainingRequest)


_RETRAINING = re.compile(
    rf"retrainings/([^/]+)/(\w+)-({'|'.join(RetrainingStep)})(?:-(\d+))?\.json"
)


def retraining_names(ledger: Ledger) -> tuple[tuple[str, int, RetrainingStep, int | None], ...]:
    """What the names of all models' requests tell, oldest first: model, time in seconds, step, pull
    request; of the records none is opened."""
    found = []
    for path in ledger.list("retrainings"):
        told = _RETRAINING.fullmatch(path)
        at = timestamps.read_name(told[2]) if told else None
        if told is not None and at is not None:
            found.append((told[1], at, RetrainingStep(told[3]), int(told[4]) if told[4] else None))
    return tuple(sorted(found, key=lambda each: each[1]))
