"""The state of one model after a run: that of its newest conclusive window or of its labels."""

from __future__ import annotations

from collections.abc import Sequence

from interlock import errors
from interlock.commands.monitor.context import STATES, MonitorOutcome
from interlock.domain.drift.status import DriftStatus
from interlock.domain.monitoring.monitoring_records import DriftReport, PerformanceReport
from interlock.domain.monitoring.window_report import MonitoredChampion


def of(
    recent: Sequence[DriftReport],
    labelled: PerformanceReport | None,
    *,
    champion: MonitoredChampion,
) -> tuple[MonitorOutcome, str]:
    """Return state and sentence by the newest conclusive record of this champion; `recent` are the
    last windows, oldest first, and `labelled` is the newest conclusive evaluation of labels."""
    own = [report for report in recent if report.reference == champion.fingerprint]
    if not own:
        sentence = f"no window has ended since version {champion.version} was promoted"
        return MonitorOutcome.WAITING, sentence
    conclusive = [r for r in own if r.verdict is not DriftStatus.INSUFFICIENT]
    newest = (conclusive or own)[-1]
    if (
        labelled is not None
        and labelled.reference == champion.fingerprint
        and labelled.performance.verdict is DriftStatus.DRIFT
        and newest.verdict is not DriftStatus.BROKEN
    ):
        return MonitorOutcome.DRIFT, labelled.diagnosis.sentence
    return STATES[newest.verdict], newest.diagnosis.sentence


def unlabelled(failure: errors.InterlockError) -> tuple[MonitorOutcome, str]:
    """Return the state of a model with labels that cannot be read."""
    return MonitorOutcome.FAILED, f"labels cannot be joined: {failure.message}"
