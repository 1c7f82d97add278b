"""`monitor`: what served models' live data looks like now, window by window, in the ledger.

Nothing is asked for here: retraining reads the record, and so does whoever tells of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from interlock import book, errors, picturing
from interlock.commands.monitor.looking import Looking
from interlock.commands.monitor.nouns import Answer, Request, State, Watched, World
from interlock.commands.monitor.rehearsal import Rehearsal
from interlock.domain import moments, watching
from interlock.domain.manifest import Manifest
from interlock.domain.monitor import Monitor
from interlock.domain.snapshot import Snapshot
from interlock.domain.watching import Served

__all__ = ["Answer", "Request", "State", "Watched", "World", "run"]


def run(request: Request, world: World) -> Answer:
    """Look at the windows that are due and record each once; in order of name.

    What goes wrong with one model is that model's failure and keeps no other from being looked at.
    Raises CannotResolve for an unknown revision or model, CannotReadManifest when a manifest
    cannot be read, CannotReachGit when the ledger cannot.
    """
    if request.dry_run:
        world = replace(world, ledger=Rehearsal(world.ledger), plots=None)
    revision = world.repository.resolve(request.revision)
    world.ledger.refresh()
    snapshot = world.read(world.repository.tree(revision))
    found = [_watch(each, monitor, request, world) for each, monitor in _asked(request, snapshot)]
    return Answer(moments.write(request.now), tuple(found), is_recorded=not request.dry_run)


def _asked(request: Request, snapshot: Snapshot) -> Sequence[tuple[Manifest, Monitor]]:
    unknown = [name for name in request.models if name not in snapshot.models]
    if snapshot.problems and (unknown or not request.models):
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
    return [(each, each.monitor) for each in manifests if each.monitor is not None]


def _watch(manifest: Manifest, monitor: Monitor, request: Request, world: World) -> Watched:
    try:
        return _draw(_look(manifest, monitor, request, world), world)
    except errors.InterlockError as error:
        return Watched(manifest.model, State.FAILED, error.message, failure=error)


def _draw(watched: Watched, world: World) -> Watched:
    """With a picture of what moved. The windows are recorded by now: where it cannot be kept, it is
    told without one."""
    if world.plots is None:
        return watched
    try:
        place = picturing.keep(world.ledger, watched.recent, plots=world.plots)
    except errors.OutsideFailure:
        return watched
    return replace(watched, picture=place)


def _look(manifest: Manifest, monitor: Monitor, request: Request, world: World) -> Watched:
    name = manifest.model
    champion = book.champion(world.ledger, model=name)
    if champion is None:
        return Watched(name, State.UNSERVED, "nothing is served yet: nothing to be held against")
    evidence = book.find_evidence(world.ledger, model=name, fingerprint=champion.fingerprint)
    if evidence is None:
        raise errors.LedgerBroken(
            f"the ledger holds no evidence of {name} {champion.fingerprint[:12]}, which is served",
            hint="interlock ledger verify names the break",
        )
    served = Served(
        model=name,
        fingerprint=champion.fingerprint,
        version=champion.version,
        importance=watching.importance(evidence.candidate.metrics),
    )
    return Looking(world, manifest, monitor, served, evidence, request).look()
