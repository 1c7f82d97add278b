"""`plan`: decides for every model of a revision if it trains; reads only."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from interlock import errors, manifests
from interlock.domain.basics.refusal import Refusal
from interlock.domain.model.lineage import Lineage
from interlock.domain.model.snapshot import Snapshot
from interlock.domain.training import plan as planning
from interlock.domain.training.plan import Decision, FetchedInputs, Plan
from interlock.ledger import evidence_names
from interlock.pipelines import ResolveTemplates, fetching, tree_changes
from interlock.ports.git import WHOLE, Repository, Tree
from interlock.ports.ledger import Ledger
from interlock.services import garbage_collection, snapshots

if TYPE_CHECKING:
    from interlock.ports.plan_memos import PlanMemos


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanContext:
    """The local state of the ledger is read: nothing is fetched. `reader` may have read some of the
    revisions already. Without `memos`, everything is read."""

    repository: Repository
    ledger: Ledger | None
    resolve_templates: ResolveTemplates | None = None
    reader: snapshots.Reader | None = None
    memos: PlanMemos | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOptions:
    """Without a `base`, models are compared with their champions. `prepare` are the commands that
    make the training environment."""

    base: str | None
    head: str
    merge_base: bool = False
    prepare: str = ""


def run(context: PlanContext, options: PlanOptions) -> Plan:
    """Plan the models of `head`.

    Raises CannotResolve for a revision that does not exist, CannotReadManifest for an invalid
    policy at the head.
    """
    with garbage_collection.paused():
        return _run(context, options)


def _run(context: PlanContext, options: PlanOptions) -> Plan:
    base = _base(context.repository, options)
    new = context.repository.tree(options.head)
    old = None if base is None else context.repository.tree(base)
    memos = None if old is None or options.prepare else context.memos
    plan = None if memos is None or old is None else _remembered(context, options, memos, old, new)
    if plan is not None:
        return plan
    reader = context.reader or snapshots.Reader(resolve_templates=context.resolve_templates)
    plan = _plan(context, options, reader, old, new)
    if memos is not None and _has_memo(context.repository, plan, fewest=memos.fewest):
        from interlock.commands.plan import remembered  # noqa: PLC0415 - few plans have a memo

        remembered.store(memos, reader, new)
    return plan


def _has_memo(repository: Repository, plan: Plan, *, fewest: int) -> bool:
    """A memo needs the programs of all models, which a partial clone would have to fetch."""
    return len(plan.models) >= fewest and not repository.is_partial


def _remembered(
    context: PlanContext, options: PlanOptions, memos: PlanMemos, old: Tree, new: Tree
) -> Plan | None:
    """Return the plan with a memo; None if everything has to be read."""
    data = memos.read((old.revision, new.revision))
    if data is None:
        return None
    from interlock.commands.plan import remembered  # noqa: PLC0415 - few plans have a memo

    comparison = remembered.ComparedRevisions(
        repository=context.repository,
        base=old,
        head=new,
        resolve_templates=context.resolve_templates,
        make=functools.partial(_plan, context, options),
    )
    return remembered.plan(data, comparison)


def _plan(
    context: PlanContext,
    options: PlanOptions,
    reader: snapshots.Reader,
    old: Tree | None,
    new: Tree,
) -> Plan:
    ledger = context.ledger
    before = None if old is None else reader.read(old, look_for_imports=False)
    after = reader.read(new, look_for_imports=False)
    _require_policy(after)
    served = {} if ledger is None or old is not None else _served(ledger, after)
    changed = frozenset() if old is None else tree_changes.find(old, new)
    moved = _moved(before, after, served)
    after = _add_warnings(reader, after, moved, changed=changed)
    known = None if ledger is None else _known(ledger, moved)
    plan = planning.plan(
        base=before,
        head=after,
        known=known,
        served=served,
        minutes=_minutes(ledger, known),
        champions=_champions(ledger, served, moved),
        obstacles=_obstacles(reader, after, moved, options.prepare),
    )
    return _with_fetched_inputs(plan, after, new)


def _with_fetched_inputs(plan: Plan, head: Snapshot, tree: Tree) -> Plan:
    """Add the inputs that a training has to fetch, for the models that train."""
    trains = [m.model for m in plan.models if m.decision is Decision.TRAIN]
    lineages = {name: head.models[name].lineage for name in trains}
    needs = fetching.find(tree, {name: of for name, of in lineages.items() if of is not None})
    models = (replace(m, needs=needs.get(m.model, FetchedInputs())) for m in plan.models)
    return replace(plan, models=tuple(models))


def _obstacles(
    reader: snapshots.Reader, after: Snapshot, moved: Iterable[str], prepare: str
) -> dict[str, tuple[Refusal, ...]]:
    """Refuse models that cannot train: `prepare` needs files that are not inputs."""
    if not prepare:
        return {}
    from interlock.domain.training import setup_files  # noqa: PLC0415 - few plans have `prepare`

    needs = reader.needs(after, prepare)
    candidates = {name: after.models[name] for name in moved} if needs else {}
    refusals = {
        name: setup_files.check(
            needs, inputs={i.path for i in model.lineage.inputs}, manifest=model.manifest
        )
        for name, model in candidates.items()
        if model.lineage is not None
    }
    return {name: (refusal,) for name, refusal in refusals.items() if refusal}


def _base(repository: Repository, options: PlanOptions) -> str | None:
    if options.base is None or not options.merge_base:
        return options.base
    commit = repository.merge_base(options.base, options.head)
    if commit is None:
        raise errors.CannotResolve(
            f"{options.base} and {options.head} have no commit in common",
            hint=f"plan without --merge-base, or fetch the whole history (fetch-depth: {WHOLE})",
        )
    return commit


def _require_policy(snapshot: Snapshot) -> None:
    problems = [p for p in snapshot.problems if p.path == manifests.POLICY_PATH]
    if problems:
        message = "\n".join(map(str, problems))
        raise errors.CannotReadManifest(message, hint="fix the policy first")


def _moved(
    before: Snapshot | None, after: Snapshot, served: Mapping[str, str | None]
) -> dict[str, str]:
    """Return the models (and their fingerprints at the head) that differ from before."""
    old = served
    if before is not None:
        old = {name: model.fingerprint for name, model in before.models.items()}
    now = {name: model.fingerprint for name, model in after.models.items()}
    return {name: f for name, f in now.items() if f is not None and old.get(name) != f}


def _add_warnings(
    reader: snapshots.Reader, after: Snapshot, moved: Collection[str], *, changed: frozenset[str]
) -> Snapshot:
    """Add warnings to models that moved, and to models with the same inputs that use a changed
    file."""
    unmoved = reader.importers(after, changed) if changed else ()
    return reader.with_imports(after, sorted({*moved, *unmoved}), changed=changed)


def _known(ledger: Ledger, models: Iterable[str]) -> dict[str, frozenset[str]]:
    return {name: evidence_names.fingerprints(ledger, model=name) for name in models}


def _served(ledger: Ledger, head: Snapshot) -> dict[str, str | None]:
    from interlock.commands.plan import recorded  # noqa: PLC0415 - most plans read no record

    return recorded.champion_fingerprints(ledger, head)


def _champions(
    ledger: Ledger | None, served: Mapping[str, str | None], moved: Iterable[str]
) -> dict[str, Lineage]:
    if ledger is None or not served:
        return {}
    from interlock.commands.plan import recorded  # noqa: PLC0415 - see _served

    return recorded.lineages(ledger, served, moved)


def _minutes(ledger: Ledger | None, known: Mapping[str, frozenset[str]] | None) -> dict[str, float]:
    if ledger is None or known is None or not any(known.values()):
        return {}
    from interlock.commands.plan import recorded  # noqa: PLC0415 - see _served

    return recorded.minutes(ledger, known)
