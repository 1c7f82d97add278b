"""Windows whose labels came: joined, scored, held beside the champion's own score; none twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from interlock import errors
from interlock.commands.monitor.context import MonitorContext, MonitorOptions
from interlock.commands.monitor.recorded_windows import RecordedWindows, seconds
from interlock.domain.basics import timestamps
from interlock.domain.evaluation.scores import CONFIDENCE, MetricValue
from interlock.domain.model import evidence as evidences
from interlock.domain.model.evidence import Artifact, Evidence
from interlock.domain.model.manifest import Manifest
from interlock.domain.model.monitor_rules import Monitor, PerformanceRule
from interlock.domain.monitoring import diagnosis, performance, window_report, windows
from interlock.domain.monitoring.monitoring_records import (
    DriftReport,
    Performance,
    PerformanceReport,
)
from interlock.domain.monitoring.windows import FileTimeRange, Window
from interlock.ledger import lookup
from interlock.services import artifacts, temporary_folders


@dataclass(frozen=True, slots=True)
class JoinedRows:
    """The rows of a window that have a label, in a file; `path` None where there are none."""

    rows: int
    path: Path | None


@dataclass(slots=True)
class LabelledWindows:
    """What was joined for one model is kept until the end, since a record is decided again when
    somebody else writes first."""

    world: MonitorContext
    manifest: Manifest
    monitor: Monitor
    request: MonitorOptions
    folder: Path
    stack: ExitStack
    files: tuple[str, ...] | None = None
    joined: dict[int, JoinedRows] = field(default_factory=dict)

    def reports(
        self, recorded: RecordedWindows, *, new: Sequence[DriftReport]
    ) -> tuple[PerformanceReport, ...]:
        """Return what can be said now of windows that wait for labels, oldest first; `new` are
        windows that are not written yet. Raises what reading live data and labels raises."""
        rule = self.monitor.checks.performance
        if rule is None:
            return ()
        fresh = {seconds(report.end): report for report in new}
        waiting = sorted({*recorded.ends(), *fresh} - recorded.judged())
        reports = (fresh[end] if end in fresh else recorded.at(end) for end in waiting)
        # Of a window of which files could not be read nobody knows which labels are missing.
        whole = (report for report in reports if report.rows and not report.unread)
        found = (self._report(report, rule, recorded) for report in whole)
        return tuple(report for report in found if report is not None)

    def _report(
        self, report: DriftReport, rule: PerformanceRule, recorded: RecordedWindows
    ) -> PerformanceReport | None:
        window = Window(seconds(report.start), seconds(report.end))
        joined = self._join(window, rule, recorded)
        came = windows.labels(
            window,
            rows=report.rows,
            labelled=joined.rows,
            min_rows=self.monitor.window.min_rows,
            wait_seconds=rule.wait_seconds,
            now=self.request.now,
        )
        if came is windows.LabelStatus.WAITING:
            return None
        evidence = lookup.find_evidence(
            self.world.ledger, model=report.model, fingerprint=report.reference
        )
        found = self._judge(joined, rule, evidence, window)
        run_id, labelled_rows = self._keep(joined, evidence, window)
        asked = window_report.window_result(report, monitor=self.monitor)
        return PerformanceReport(
            model=report.model,
            start=report.start,
            end=report.end,
            reference=report.reference,
            performance=found,
            diagnosis=diagnosis.diagnose(asked, performance=found),
            at=timestamps.write(self.request.now),
            run_id=run_id,
            labelled_rows=labelled_rows,
        )

    def _join(self, window: Window, rule: PerformanceRule, recorded: RecordedWindows) -> JoinedRows:
        if window.end not in self.joined:
            labels = self._labels(rule)
            to = self.folder / f"{window.name}.parquet"
            source, time = self.monitor.live, self.monitor.time

            def known() -> dict[str, FileTimeRange]:
                return recorded.files(self.request.now)

            fetched = self.world.live().fetch_window(source, time=time, window=window, known=known)
            with fetched as piece:
                rows = self.world.labelling().join(piece.files, labels, to=to)
            self.joined[window.end] = JoinedRows(rows, to if rows else None)
        return self.joined[window.end]

    def _labels(self, rule: PerformanceRule) -> tuple[str, ...]:
        """The files that hold labels: none, before the first came."""
        if self.files is None:
            try:
                fetched = self.world.live().fetch_all(rule.labels)
                self.files = self.stack.enter_context(fetched)
            except errors.CannotResolve:
                self.files = ()
        return self.files

    def _judge(
        self, joined: JoinedRows, rule: PerformanceRule, evidence: Evidence | None, window: Window
    ) -> Performance:
        if joined.path is None:
            known = evidence.scores.get(rule.metric) if evidence else None
            return performance.missing(rule, reference=known, rows=0)
        measured = self._measure(joined, joined.path, rule, window)
        least = self.monitor.window.min_rows
        reference = self._reference(evidence, measured)
        return performance.judge(measured, rule=rule, reference=reference, min_rows=least)

    def _reference(self, evidence: Evidence | None, measured: MetricValue) -> float | None:
        """The champion's own score, of the same positive class."""
        if evidence is None:
            return None
        given, positive = self.manifest.evaluation.positive, measured.positive
        return evidences.score(evidence, measured.metric, positive=positive, given=given)

    def _measure(
        self, joined: JoinedRows, path: Path, rule: PerformanceRule, window: Window
    ) -> MetricValue:
        try:
            return self.world.scoring().measure(
                path,
                name=f"what was served and labelled from {window}",
                task=self.manifest.task,
                metric=rule.metric,
                confidence=CONFIDENCE,
                seed=self.manifest.evaluation.seed,
                positive=self.manifest.evaluation.positive,
            )
        except errors.CannotScore as error:
            return MetricValue(rule.metric, None, None, joined.rows, error.message)

    def _keep(
        self, joined: JoinedRows, evidence: Evidence | None, window: Window
    ) -> tuple[str, Artifact | None]:
        """Put the labelled rows beside the champion's run, where candidates find them."""
        if joined.path is None or evidence is None:
            return "", None
        run_id = evidence.candidate.run_id
        artifact = artifacts.measure(
            joined.path, name=f"labelled/{window.name}-{joined.rows}.parquet"
        )
        if not self.request.dry_run:
            self.world.runs().keep(run_id, artifact.path, file=joined.path)
        return run_id, artifact


@contextmanager
def opened(
    world: MonitorContext, manifest: Manifest, monitor: Monitor, request: MonitorOptions
) -> Iterator[LabelledWindows]:
    """Labels that can be asked for, and are fetched when they are."""
    with ExitStack() as stack:
        folder = stack.enter_context(temporary_folders.folder("labels"))
        yield LabelledWindows(world, manifest, monitor, request, folder, stack)
