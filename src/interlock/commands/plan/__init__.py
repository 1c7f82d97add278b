"""`plan`: two revisions, or one and what is served, to a decision for every model; reads only."""

from __future__ import annotations

import contextlib
import gc
import statistics
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from interlock import errors, manifests
from interlock.domain.model.lineage import Lineage
from interlock.domain.model.snapshot import Snapshot
from interlock.domain.training import plan as planning
from interlock.domain.training import setup_files
from interlock.domain.training.plan import Decision, FetchedInputs, Plan
from interlock.ledger import lookup
from interlock.pipelines import ResolveTemplates, fetching
from interlock.ports.git import Repository, Tree
from interlock.ports.ledger import Ledger
from interlock.services import snapshots


def run(
    *,
    repository: Repository,
    ledger: Ledger | None,
    base: str | None,
    head: str,
    merge_base: bool = False,
    resolve_templates: ResolveTemplates | None = None,
    prepare: str = "",
) -> Plan:
    """Plan `head` against `base` (from where the two parted, with `merge_base`), or, without a
    base, against what the ledger says is served.

    Raises CannotResolve for a revision that does not exist, CannotReadManifest for a policy that
    cannot be read at the head. The ledger is read as it is here: nothing is fetched. `prepare` is
    the command that sets up a training's environment, as far as it is known.
    """
    with _uncollected():
        return _run(
            repository,
            ledger,
            base=None if base is None else _start(repository, base, head, merge_base=merge_base),
            head=head,
            resolve_templates=resolve_templates,
            prepare=prepare,
        )


def _run(
    repository: Repository,
    ledger: Ledger | None,
    *,
    base: str | None,
    head: str,
    resolve_templates: ResolveTemplates | None,
    prepare: str,
) -> Plan:
    reader = snapshots.Reader(resolve_templates=resolve_templates)
    new, old = repository.tree(head), None if base is None else repository.tree(base)
    before = None if old is None else reader.read(old, look_for_imports=False)
    after = reader.read(new, look_for_imports=False)
    _refuse_policy(after)
    served = {} if ledger is None or base is not None else _served(ledger, after.models)
    moved = _moved(before, after, served)
    after = _look(reader, after, moved, changed=_changed(old, new))
    known = None if ledger is None else {name: _known(ledger, name) for name in moved}
    plan = planning.plan(
        base=before,
        head=after,
        known=known,
        served=served,
        minutes=_minutes(ledger, known),
        champions=_champions(ledger, served, moved) if base is None else {},
        obstacles=_obstacles(reader, after, moved, prepare),
    )
    return _with_needs(plan, after, new)


def _with_needs(plan: Plan, head: Snapshot, tree: Tree) -> Plan:
    """What does not train needs nothing."""
    trains = [m.model for m in plan.models if m.decision is Decision.TRAIN]
    lineages = {name: head.models[name].lineage for name in trains}
    found = fetching.find(tree, {name: of for name, of in lineages.items() if of is not None})
    models = (replace(m, needs=found.get(m.model, FetchedInputs())) for m in plan.models)
    return replace(plan, models=tuple(models))


def _obstacles(
    reader: snapshots.Reader, after: Snapshot, moved: Iterable[str], prepare: str
) -> dict[str, tuple[str, ...]]:
    """What the set-up command needs and models that may train do not have among their inputs."""
    needs = reader.needs(after, prepare) if prepare else ()
    found = {name: after.models[name] for name in moved} if needs else {}
    return {
        name: setup_files.refuse(
            needs, inputs={i.path for i in model.lineage.inputs}, manifest=model.manifest
        )
        for name, model in found.items()
        if model.lineage is not None
    }


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Hold Python's cycle collector: what is read lives until the plan is made, and looking
    through a million such objects again and again costs a fifth of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _start(repository: Repository, base: str, head: str, *, merge_base: bool) -> str:
    if not merge_base:
        return base
    found = repository.merge_base(base, head)
    if found is None:
        raise errors.CannotResolve(
            f"{base} and {head} have no commit in common",
            hint="plan without --merge-base, or fetch the whole history (fetch-depth: 0)",
        )
    return found


def _refuse_policy(snapshot: Snapshot) -> None:
    broken = [p for p in snapshot.problems if p.path == manifests.POLICY_PATH]
    if broken:
        raise errors.CannotReadManifest("\n".join(map(str, broken)), hint="mend the policy first")


def _moved(
    before: Snapshot | None, after: Snapshot, served: Mapping[str, str | None]
) -> dict[str, str]:
    """Models (to the fingerprint of the head) that the ledger has to be asked about."""
    old = served
    if before is not None:
        old = {name: model.fingerprint for name, model in before.models.items()}
    now = {name: model.fingerprint for name, model in after.models.items()}
    return {name: f for name, f in now.items() if f is not None and old.get(name) != f}


def _changed(old: Tree | None, new: Tree) -> frozenset[str]:
    """Paths that base and head do not hold alike."""
    if old is None:
        return frozenset()
    before, after = old.entries, new.entries
    moved = {path for path, entry in after.items() if before.get(path) != entry}
    return frozenset(moved | (before.keys() - after.keys()))


def _look(
    reader: snapshots.Reader, after: Snapshot, moved: Collection[str], *, changed: frozenset[str]
) -> Snapshot:
    """Warn where it matters: of models whose evidence is asked for, and of those that use a changed
    file although their inputs are the same."""
    quiet = reader.importers(after, changed) if changed else ()
    return reader.with_imports(after, sorted({*moved, *quiet}), changed=changed)


def _known(ledger: Ledger, model: str) -> frozenset[str]:
    paths = lookup.evidence_paths(ledger, model=model)
    return frozenset(p.rpartition("/")[2].removesuffix(".json") for p in paths)


def _served(ledger: Ledger, models: Iterable[str]) -> dict[str, str | None]:
    champions = {name: lookup.champion(ledger, model=name) for name in models}
    return {name: None if c is None else c.fingerprint for name, c in champions.items()}


def _champions(
    ledger: Ledger | None, served: Mapping[str, str | None], moved: Iterable[str]
) -> dict[str, Lineage]:
    """Lineages of the champions that differ from the head, as their evidence recorded them."""
    found: dict[str, Lineage] = {}
    for name in moved:
        fingerprint = served.get(name)
        if ledger is None or fingerprint is None:
            continue
        evidence = lookup.find_evidence(ledger, model=name, fingerprint=fingerprint)
        if evidence is not None:
            found[name] = evidence.candidate.lineage
    return found


def _minutes(ledger: Ledger | None, known: Mapping[str, frozenset[str]] | None) -> dict[str, float]:
    """The median of what trainings took, for models that have been trained before."""
    found: dict[str, float] = {}
    if ledger is None or known is None:
        return found
    for name, fingerprints in known.items():
        records = (lookup.find_evidence(ledger, model=name, fingerprint=f) for f in fingerprints)
        seconds = [r.candidate.facts.seconds for r in records if r is not None]
        if seconds:
            found[name] = statistics.median(seconds) / 60
    return found
