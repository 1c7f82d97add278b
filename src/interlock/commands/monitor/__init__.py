"""`monitor`: detect data drift and performance loss of production models, window by window.

It writes records and starts nothing: `retrain` and `dashboard` read the records.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from interlock import errors
from interlock.commands.monitor.batch import Batch, fail
from interlock.commands.monitor.context import (
    MonitorContext,
    MonitoredModel,
    MonitorOptions,
    MonitorOutcome,
    MonitorResult,
)
from interlock.commands.monitor.dry_run_ledger import DryRunLedger
from interlock.commands.monitor.due_windows import DueWindows
from interlock.commands.monitor.window_reports import RECENT
from interlock.domain.basics import timestamps
from interlock.domain.basics.diagnostics import Severity
from interlock.domain.model.manifest import Manifest
from interlock.domain.model.monitor_rules import Monitor
from interlock.domain.model.snapshot import Snapshot
from interlock.domain.monitoring import window_report
from interlock.domain.monitoring.window_report import MonitoredChampion
from interlock.domain.promotion.promotion import Promotion
from interlock.ledger import lookup, prefetch
from interlock.services import drift_plots, temporary_folders
from interlock.services.each_model import EachModel, ModelStopped, Probes

__all__ = [
    "MonitorContext",
    "MonitorOptions",
    "MonitorOutcome",
    "MonitorResult",
    "MonitoredModel",
    "run",
]

WINDOWS = 16
"""Windows of each model that are fetched together: most models read no others."""
SECONDS_BETWEEN_COMMITS = 600
"""An ordinary run is shorter, and makes one commit."""


def run(context: MonitorContext, options: MonitorOptions) -> MonitorResult:
    """Evaluate each due window once, model by model in order of name, and record all in one commit.

    A failure of one model, such as an invalid manifest, does not stop the others. Raises
    CannotResolve for an unknown revision or model, CannotReachGit if the ledger is unreachable.
    """
    if options.dry_run:
        context = replace(context, ledger=DryRunLedger(context.ledger), plots=None)
    revision = context.repository.resolve(options.revision)
    context.ledger.refresh()
    snapshot = context.read(context.repository.tree(revision))
    selected = _select(options, snapshot)
    prefetch.newest(context.ledger, tuple(selected), windows=WINDOWS, labelled=RECENT)
    with temporary_folders.folder("monitor") as folder:
        results = _Run(context, options, folder).evaluate(selected)
    models = (*_invalid_manifests(options, snapshot), *results)
    return MonitorResult(timestamps.write(options.now), models, is_recorded=not options.dry_run)


@dataclass(slots=True)
class _Run:
    """The models of one run. They are recorded together at its end, and in a long run from time to
    time, so that a crash does not lose the work of hours."""

    context: MonitorContext
    options: MonitorOptions
    folder: Path
    each: EachModel = field(init=False)
    batch: Batch = field(init=False)

    def __post_init__(self) -> None:
        self.each = EachModel(_probes(self.context))
        self.batch = Batch(self.context.ledger, timestamps.write(self.options.now))

    def evaluate(self, selected: Mapping[str, tuple[Manifest, Monitor]]) -> list[MonitoredModel]:
        results: dict[str, MonitoredModel] = {}
        written = self.context.timer()
        for name in selected:
            results[name] = self.each.do(
                name, lambda name: self._one(*selected[name]), otherwise=_stopped
            )
            if self.context.timer() - written > SECONDS_BETWEEN_COMMITS:
                results |= self.batch.write()
                written = self.context.timer()
        results |= self.batch.write()
        return _draw(list(results.values()), self.context)

    def _one(self, manifest: Manifest, monitor: Monitor) -> MonitoredModel:
        name, ledger = manifest.model, self.context.ledger
        promotion = lookup.champion(ledger, model=name)
        if promotion is None:
            sentence = "not deployed yet: there is no champion to compare live data with"
            return MonitoredModel(name, MonitorOutcome.NOT_DEPLOYED, sentence)
        due = _due(self, manifest, monitor, promotion)
        self.batch.models[name] = due
        try:
            return due.decide()[0]
        except errors.InterlockError as error:
            self.batch.failed[name] = fail(name, error)
            if isinstance(error, errors.MissingSetting):
                # It belongs to the URL of this model's live data; others may not need it.
                return self.batch.failed[name]
            raise


def _due(run: _Run, manifest: Manifest, monitor: Monitor, promotion: Promotion) -> DueWindows:
    name, fingerprint = manifest.model, promotion.fingerprint
    evidence = lookup.find_evidence(run.context.ledger, model=name, fingerprint=fingerprint)
    if evidence is None:
        raise errors.LedgerBroken(
            f"the ledger has no evidence of {name} {fingerprint[:12]}, the production model",
            hint="run `interlock ledger verify`: it names the missing record",
        )
    champion = MonitoredChampion(
        model=name,
        fingerprint=fingerprint,
        version=promotion.version,
        importance=window_report.importance(evidence.candidate.metrics),
    )
    return DueWindows(run.context, run.options, manifest, monitor, champion, evidence, run.folder)


def _probes(context: MonitorContext) -> Probes:
    """Systems that all models need. The live data of one model does not concern the others."""
    return {
        errors.CannotReachRegistry: lambda: context.runs().find_candidates(
            model="interlock", fingerprint="0" * 64
        ),
        errors.CannotReachGit: context.ledger.refresh,
        errors.OutsideFailure: lambda: None,
    }


def _stopped(stopped: ModelStopped) -> MonitoredModel:
    result = fail(stopped.model, stopped.error)
    return result if stopped.is_attempted else replace(result, sentence=stopped.sentence)


def _invalid_manifests(options: MonitorOptions, snapshot: Snapshot) -> Iterator[MonitoredModel]:
    """A model with an invalid manifest is not monitored, so it is reported as failed."""
    problems = [p for p in snapshot.problems if p.severity is Severity.ERROR and not options.models]
    for path in sorted({problem.path for problem in problems}):
        lines = "\n".join(str(problem) for problem in problems if problem.path == path)
        error = errors.CannotReadManifest(lines)
        sentence = f"the manifest is not valid: {error.line}"
        yield MonitoredModel(path, MonitorOutcome.FAILED, sentence, failure=error)


def _select(options: MonitorOptions, snapshot: Snapshot) -> dict[str, tuple[Manifest, Monitor]]:
    """The models to monitor, in order of name."""
    unknown = [name for name in options.models if name not in snapshot.models]
    if snapshot.problems and unknown:
        raise errors.CannotReadManifest("\n".join(str(each) for each in snapshot.problems))
    if unknown:
        known = ", ".join(sorted(snapshot.models)) or "none"
        raise errors.CannotResolve(
            f"there is no model {unknown[0]!r} at {snapshot.revision[:12]}",
            hint=f"models: {known}",
        )
    names = sorted(set(options.models or snapshot.models))
    manifests = [snapshot.models[name].manifest for name in names]
    without = [each.model for each in manifests if each.monitor is None and options.models]
    if without:
        raise errors.CannotResolve(
            f"the manifest of {without[0]} has no `monitor:` at {snapshot.revision[:12]}",
            hint="add `monitor:` with the path of the live data; see docs/how-to/monitor.md",
        )
    return {each.model: (each, each.monitor) for each in manifests if each.monitor is not None}


def _draw(results: list[MonitoredModel], context: MonitorContext) -> list[MonitoredModel]:
    """Add histograms of the columns that moved. The windows are recorded already, so a failure
    here is ignored."""
    if context.plots is None or context.pictures is None:
        return results
    recent = {each.model: each.recent for each in results}
    try:
        places = drift_plots.keep(context.pictures, recent, plots=context.plots)
    except errors.OutsideFailure:
        return results
    return [replace(each, picture=places.get(each.model, "")) for each in results]
