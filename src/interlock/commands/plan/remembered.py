"""Plans only the models that may differ from a memo; the others are as in the memo."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from interlock import errors
from interlock.domain.training.plan import Decision, ModelPlan, Plan, PlannedCost
from interlock.pipelines import ResolveTemplates
from interlock.ports.git import Repository, Tree
from interlock.ports.plan_memos import PlanMemos
from interlock.services.plan_memo import memo as memos
from interlock.services.plan_memo import record, selection
from interlock.services.plan_memo.memo import KnownModel, Memo
from interlock.services.plan_memo.selection import Selection
from interlock.services.snapshots import Reader

_ATTEMPTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedRevisions:
    """`make` plans the models of a reader between two revisions."""

    repository: Repository
    base: Tree
    head: Tree
    resolve_templates: ResolveTemplates | None
    make: Callable[[Reader, Tree, Tree], Plan]


def plan(data: bytes, comparison: ComparedRevisions) -> Plan | None:
    """Return the plan of all models with a memo; None if everything has to be read."""
    try:
        return _plan(memos.read(data), comparison)
    except errors.InterlockError:  # the plan that reads everything reports it, if it has it, too
        return None


def store(files: PlanMemos, reader: Reader, head: Tree) -> None:
    """Store the memo of a revision that was read completely, if it has none."""
    if files.has(head.revision):
        return
    with contextlib.suppress(errors.InterlockError):  # the plan does not need all that a memo needs
        data = record.make(reader, reader.read(head, look_for_imports=False))
        if data is not None:
            files.write(head.revision, data)


def _plan(memo: Memo, comparison: ComparedRevisions) -> Plan | None:
    known = comparison.repository.tree(memo.commit)
    selected = selection.select(memo, (known, comparison.base, comparison.head))
    for _ in range(_ATTEMPTS):
        if selected is None:
            return None
        reader = Reader(resolve_templates=comparison.resolve_templates, declared=selected.declared)
        base, head = map(selected.narrow, (comparison.base, comparison.head))
        part = comparison.make(reader, base, head)
        snapshots = [reader.read(tree, look_for_imports=False) for tree in (base, head)]
        if not all(selected.agrees(reader, snapshot) for snapshot in snapshots):
            return None
        missing = {n for each in snapshots for n in selected.missing(reader, each)}
        if not missing:
            return _complete(part, selected)
        selected = Selection(memo, selected.models, selected.files | missing)
    return None


def _complete(part: Plan, selected: Selection) -> Plan:
    """Add the models that were not read."""
    others = (m for n, m in enumerate(selected.memo.models) if n not in selected.models)
    models = (*part.models, *map(_unaffected, others))
    return replace(part, models=tuple(sorted(models, key=lambda m: (m.model, m.manifest))))


def _unaffected(known: KnownModel) -> ModelPlan:
    return ModelPlan(
        model=known.model,
        manifest=known.manifest,
        decision=Decision.UNAFFECTED,
        sentence=known.sentence,
        fingerprint=known.fingerprint,
        base_fingerprint=known.fingerprint,
        cost=PlannedCost(bytes_to_pull=0),
    )
