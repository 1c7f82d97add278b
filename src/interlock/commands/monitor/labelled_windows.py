"""Performance on live rows with labels: joined, scored, compared with the champion's score."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
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
from interlock.services import artifacts


@dataclass(frozen=True, slots=True)
class JoinedRows:
    """A file with the labelled rows of a window; `path` is None if no row has a label."""

    rows: int
    path: Path | None


@dataclass(frozen=True, slots=True)
class Labelled:
    """New records of performance, and the time by which no window waits for labels."""

    reports: tuple[PerformanceReport, ...] = ()
    until: int | None = None


@dataclass(slots=True)
class LabelledWindows:
    """The labels of one model. Joined rows in `folder` and their metric are kept until they are
    recorded: after a concurrent write to the ledger the records are decided again."""

    context: MonitorContext
    options: MonitorOptions
    manifest: Manifest
    monitor: Monitor
    folder: Path
    stack: ExitStack = field(default_factory=ExitStack)
    files: tuple[str, ...] | None = None
    joined: dict[int, JoinedRows] = field(default_factory=dict)
    measured: dict[int, MetricValue] = field(default_factory=dict)
    kept: dict[tuple[str, int], Artifact] = field(default_factory=dict)

    def evaluate(
        self, recorded: RecordedWindows, *, new: Sequence[DriftReport], after: int | None
    ) -> Labelled:
        """Evaluate the windows that no longer wait for labels, oldest first: those of `new`, which
        are not written yet, and recorded ones that ended after a time. Raises the errors of reading
        live data and labels."""
        rule = self.monitor.checks.performance
        if rule is None:
            return Labelled()
        with self.stack:
            self.files = None
            return self._evaluate_all(rule, recorded, new, after or 0)

    def _evaluate_all(
        self,
        rule: PerformanceRule,
        recorded: RecordedWindows,
        new: Sequence[DriftReport],
        after: int,
    ) -> Labelled:
        until = max((recorded.end() or 0, *(seconds(report.end) for report in new)))
        reports: list[PerformanceReport] = []
        for window in recorded.unlabelled(after, new=new):
            # If a file of the window is unreadable, the number of missing labels is unknown.
            if not window.rows or window.unread:
                continue
            report = self._report(window, rule, recorded)
            if report is None:
                until = min(until, seconds(window.start))
            else:
                reports.append(report)
        return Labelled(tuple(reports), until)

    def _report(
        self, report: DriftReport, rule: PerformanceRule, recorded: RecordedWindows
    ) -> PerformanceReport | None:
        window = Window(seconds(report.start), seconds(report.end))
        joined = self._join(window, rule, recorded)
        status = windows.label_status(
            window,
            rows=report.rows,
            labelled=joined.rows,
            min_rows=self.monitor.window.min_rows,
            wait_seconds=rule.wait_seconds,
            now=self.options.now,
        )
        if status is windows.LabelStatus.WAITING:
            return None
        evidence = lookup.find_evidence(
            self.context.ledger, model=report.model, fingerprint=report.reference
        )
        result = self._evaluate(joined, rule, evidence, window)
        run_id, labelled_rows = self._keep(joined, evidence, window)
        window_result = window_report.window_result(report, monitor=self.monitor)
        return PerformanceReport(
            model=report.model,
            start=report.start,
            end=report.end,
            reference=report.reference,
            performance=result,
            diagnosis=diagnosis.diagnose(window_result, performance=result),
            at=timestamps.write(self.options.now),
            run_id=run_id,
            labelled_rows=labelled_rows,
        )

    def _join(self, window: Window, rule: PerformanceRule, recorded: RecordedWindows) -> JoinedRows:
        if window.end not in self.joined:
            labels = self._labels(rule)
            to = self.folder / f"{self.manifest.model}-{window.name}.parquet"
            source, time = self.monitor.live, self.monitor.time

            def known() -> dict[str, FileTimeRange]:
                return recorded.files(self.options.now)

            fetched = self.context.live().fetch_window(
                source, time=time, window=window, known=known
            )
            with fetched as live_slice:
                for file in live_slice.failed:
                    raise errors.CannotProfile(
                        f"{file}, so that rows of the window {window} are missing",
                        hint="restore the file; the next run evaluates the labels of the window",
                    )
                rows = self.context.labelling().join(
                    live_slice.files, labels, to=to, names=self.monitor.rows
                )
            self.joined[window.end] = JoinedRows(rows, to if rows else None)
        return self.joined[window.end]

    def _labels(self, rule: PerformanceRule) -> tuple[str, ...]:
        """The label files; none before the first labels arrive."""
        if self.files is None:
            try:
                fetched = self.context.live().fetch_all(rule.labels)
                self.files = self.stack.enter_context(fetched)
            except errors.CannotResolve:
                self.files = ()
        return self.files

    def _evaluate(
        self, joined: JoinedRows, rule: PerformanceRule, evidence: Evidence | None, window: Window
    ) -> Performance:
        if joined.path is None:
            known = evidence.scores.get(rule.metric) if evidence else None
            return performance.missing_labels(rule, reference=known, rows=0)
        if window.end not in self.measured:
            self.measured[window.end] = self._measure(joined, joined.path, rule, window)
        measured = self.measured[window.end]
        min_rows = self.monitor.window.min_rows
        reference = self._reference(evidence, measured)
        return performance.evaluate(measured, rule=rule, reference=reference, min_rows=min_rows)

    def _reference(self, evidence: Evidence | None, measured: MetricValue) -> float | None:
        """The champion's score for the same positive class."""
        if evidence is None:
            return None
        declared = self.manifest.evaluation.positive
        return evidences.score(
            evidence, measured.metric, positive=measured.positive, declared=declared
        )

    def _measure(
        self, joined: JoinedRows, path: Path, rule: PerformanceRule, window: Window
    ) -> MetricValue:
        task = self.manifest.task
        assert task is not None  # noqa: S101 - a rule for performance needs predictions
        own = tuple(m for m in self.manifest.evaluation.metrics if m.name == rule.metric)
        measured = tuple(column for metric in own for column in metric.columns)
        try:
            return self.context.scoring().measure(
                path,
                name=f"labelled live rows from {window}",
                task=task,
                metric=rule.metric,
                confidence=CONFIDENCE,
                seed=self.manifest.evaluation.seed,
                positive=self.manifest.evaluation.positive,
                columns=replace(self.monitor.rows, measured=measured),
                own=own,
            )
        except errors.CannotScore as error:
            return MetricValue(rule.metric, None, None, joined.rows, error.message)

    def _keep(
        self, joined: JoinedRows, evidence: Evidence | None, window: Window
    ) -> tuple[str, Artifact | None]:
        """Store the labelled rows with the champion's run: candidates are compared on them."""
        if joined.path is None or evidence is None:
            return "", None
        run_id = evidence.candidate.run_id
        if (run_id, window.end) not in self.kept:
            artifact = artifacts.measure(
                joined.path, name=f"labelled/{window.name}-{joined.rows}.parquet"
            )
            if not self.options.dry_run:
                self.context.runs().keep(run_id, artifact.path, file=joined.path)
            self.kept[run_id, window.end] = artifact
        return run_id, self.kept[run_id, window.end]
