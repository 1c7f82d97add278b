"""`monitor`: detect data drift and performance loss of production models, window by window.

It writes records and starts nothing: `retrain` and `dashboard` read the records.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from interlock import errors
from interlock.commands.monitor.context import (
    MonitorContext,
    MonitoredModel,
    MonitorOptions,
    MonitorOutcome,
    MonitorResult,
)
from interlock.commands.monitor.dry_run_ledger import DryRunLedger
from interlock.commands.monitor.due_windows import DueWindows
from interlock.domain.basics import timestamps
from interlock.domain.basics.diagnostics import Severity
from interlock.domain.model.manifest import Manifest
from interlock.domain.model.monitor_rules import Monitor
from interlock.domain.model.snapshot import Snapshot
from interlock.domain.monitoring import window_report
from interlock.domain.monitoring.window_report import MonitoredChampion
from interlock.ledger import lookup
from interlock.services import drift_plots
from interlock.services.each_model import EachModel, ModelStopped, Probes

__all__ = [
    "MonitorContext",
    "MonitorOptions",
    "MonitorOutcome",
    "MonitorResult",
    "MonitoredModel",
    "run",
]


def run(context: MonitorContext, options: MonitorOptions) -> MonitorResult:
    """Evaluate and record each due window once, model by model in order of name.

    A failure of one model, such as an invalid manifest, does not stop the others. Raises
    CannotResolve for an unknown revision or model, CannotReachGit if the ledger is unreachable.
    """
    if options.dry_run:
        context = replace(context, ledger=DryRunLedger(context.ledger), plots=None)
    revision = context.repository.resolve(options.revision)
    context.ledger.refresh()
    snapshot = context.read(context.repository.tree(revision))
    selected = _select(options, snapshot)
    each = EachModel(_probes(context))

    def monitor(name: str) -> MonitoredModel:
        return _monitor(*selected[name], context, options)

    results = [each.do(name, monitor, otherwise=_stopped) for name in selected]
    models = (*_invalid_manifests(options, snapshot), *results)
    return MonitorResult(timestamps.write(options.now), models, is_recorded=not options.dry_run)


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
    sentence = stopped.error.message if stopped.is_attempted else stopped.sentence
    return MonitoredModel(stopped.model, MonitorOutcome.FAILED, sentence, failure=stopped.error)


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


def _monitor(
    manifest: Manifest, monitor: Monitor, context: MonitorContext, options: MonitorOptions
) -> MonitoredModel:
    try:
        return _draw(_evaluate(manifest, monitor, context, options), context)
    except errors.MissingSetting as error:
        # The setting belongs to the URL of this model's live data; others may not need it.
        return MonitoredModel(manifest.model, MonitorOutcome.FAILED, error.message, failure=error)


def _draw(result: MonitoredModel, context: MonitorContext) -> MonitoredModel:
    """Add histograms of the columns that moved. The windows are recorded already, so a failure
    here is ignored."""
    if context.plots is None:
        return result
    try:
        picture = drift_plots.keep(context.ledger, result.recent, plots=context.plots)
    except errors.OutsideFailure:
        return result
    return replace(result, picture=picture)


def _evaluate(
    manifest: Manifest, monitor: Monitor, context: MonitorContext, options: MonitorOptions
) -> MonitoredModel:
    name = manifest.model
    promotion = lookup.champion(context.ledger, model=name)
    if promotion is None:
        sentence = "not deployed yet: there is no champion to compare live data with"
        return MonitoredModel(name, MonitorOutcome.NOT_DEPLOYED, sentence)
    fingerprint = promotion.fingerprint
    evidence = lookup.find_evidence(context.ledger, model=name, fingerprint=fingerprint)
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
    return DueWindows(context, options, manifest, monitor, champion, evidence).evaluate()
