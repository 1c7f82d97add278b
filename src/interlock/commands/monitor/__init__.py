"""`monitor`: what served models' live data looks like now, window by window, in the ledger.

Nothing is asked for here: retraining reads the record, and so does whoever tells of it.
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


def run(request: MonitorOptions, world: MonitorContext) -> MonitorResult:
    """Look at the windows that are due and record each once; in order of name.

    What goes wrong with one model, a manifest that cannot be read among it, is that model's failure
    and keeps no other from being looked at. Raises CannotResolve for an unknown revision or model,
    CannotReachGit when the ledger cannot be reached.
    """
    if request.dry_run:
        world = replace(world, ledger=DryRunLedger(world.ledger), plots=None)
    revision = world.repository.resolve(request.revision)
    world.ledger.refresh()
    snapshot = world.read(world.repository.tree(revision))
    asked = _asked(request, snapshot)
    each = EachModel(_probes(world))

    def watch(name: str) -> MonitoredModel:
        return _watch(*asked[name], request, world)

    found = [each.do(name, watch, otherwise=_stopped) for name in asked]
    every = (*_unreadable(request, snapshot), *found)
    return MonitorResult(timestamps.write(request.now), every, is_recorded=not request.dry_run)


def _probes(world: MonitorContext) -> Probes:
    """What all models need; of what one needs alone, its live data, nothing follows for others."""
    return {
        errors.CannotReachRegistry: lambda: world.runs().find_candidates(
            model="interlock", fingerprint="0" * 64
        ),
        errors.CannotReachGit: world.ledger.refresh,
        errors.OutsideFailure: lambda: None,
    }


def _stopped(stopped: ModelStopped) -> MonitoredModel:
    said = stopped.error.message if stopped.is_attempted else stopped.sentence
    return MonitoredModel(stopped.model, MonitorOutcome.FAILED, said, failure=stopped.error)


def _unreadable(request: MonitorOptions, snapshot: Snapshot) -> Iterator[MonitoredModel]:
    """A manifest that cannot be read is a model of which nothing is known: it is not watched."""
    bad = [p for p in snapshot.problems if p.severity is Severity.ERROR and not request.models]
    for path in sorted({problem.path for problem in bad}):
        said = "\n".join(str(problem) for problem in bad if problem.path == path)
        error = errors.CannotReadManifest(said)
        yield MonitoredModel(
            path, MonitorOutcome.FAILED, f"it cannot be read: {error.line}", failure=error
        )


def _asked(request: MonitorOptions, snapshot: Snapshot) -> dict[str, tuple[Manifest, Monitor]]:
    """The models that are to be looked at, in order of name."""
    unknown = [name for name in request.models if name not in snapshot.models]
    if snapshot.problems and unknown:
        raise errors.CannotReadManifest("\n".join(str(each) for each in snapshot.problems))
    if unknown:
        known = ", ".join(sorted(snapshot.models)) or "none"
        raise errors.CannotResolve(
            f"there is no model {unknown[0]!r} at {snapshot.revision[:12]}",
            hint=f"models: {known}",
        )
    named = sorted(set(request.models or snapshot.models))
    manifests = [snapshot.models[name].manifest for name in named]
    unwatched = [each.model for each in manifests if each.monitor is None and request.models]
    if unwatched:
        raise errors.CannotResolve(
            f"{unwatched[0]} declares no `monitor:` at {snapshot.revision[:12]}",
            hint="say in its manifest where live data lies; see docs/how-to/monitor.md",
        )
    return {each.model: (each, each.monitor) for each in manifests if each.monitor is not None}


def _watch(
    manifest: Manifest, monitor: Monitor, request: MonitorOptions, world: MonitorContext
) -> MonitoredModel:
    try:
        return _draw(_look(manifest, monitor, request, world), world)
    except errors.MissingSetting as error:
        # Of the URL of its live data: others lie elsewhere.
        return MonitoredModel(manifest.model, MonitorOutcome.FAILED, error.message, failure=error)


def _draw(watched: MonitoredModel, world: MonitorContext) -> MonitoredModel:
    """With a picture of what moved. The windows are recorded by now: where it cannot be kept, it is
    told without one."""
    if world.plots is None:
        return watched
    try:
        place = drift_plots.keep(world.ledger, watched.recent, plots=world.plots)
    except errors.OutsideFailure:
        return watched
    return replace(watched, picture=place)


def _look(
    manifest: Manifest, monitor: Monitor, request: MonitorOptions, world: MonitorContext
) -> MonitoredModel:
    name = manifest.model
    champion = lookup.champion(world.ledger, model=name)
    if champion is None:
        return MonitoredModel(
            name, MonitorOutcome.NOT_DEPLOYED, "nothing is served yet: nothing to be held against"
        )
    evidence = lookup.find_evidence(world.ledger, model=name, fingerprint=champion.fingerprint)
    if evidence is None:
        raise errors.LedgerBroken(
            f"the ledger holds no evidence of {name} {champion.fingerprint[:12]}, which is served",
            hint="interlock ledger verify names the break",
        )
    served = MonitoredChampion(
        model=name,
        fingerprint=champion.fingerprint,
        version=champion.version,
        importance=window_report.importance(evidence.candidate.metrics),
    )
    return DueWindows(world, manifest, monitor, served, evidence, request).look()
