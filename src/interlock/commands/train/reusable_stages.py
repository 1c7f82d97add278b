"""Finds the stages of earlier trainings that can be reused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from interlock import errors
from interlock.commands.train.context import TrainContext, TrainingSubject
from interlock.domain.model import stage_runs
from interlock.domain.model.evidence import Candidate, Evidence
from interlock.domain.model.stage_runs import Accepted
from interlock.domain.promotion.promotion import Phase
from interlock.ledger import lookup
from interlock.ports.git import LINK
from interlock.ports.ledger import Ledger


@dataclass(frozen=True, slots=True)
class ReusableParts:
    """`accepted` is by the key of a stage, as in ports.pipeline.PipelineJob; so is `own_cache`.
    `checkpoints` are those of ports.checkpoints from which a training may continue: None for
    all."""

    accepted: dict[str, Accepted] = field(default_factory=dict)
    own_cache: bool = False
    checkpoints: frozenset[str] | None = frozenset()


def checkpoints(subject: TrainingSubject, context: TrainContext) -> frozenset[str] | None:
    """Return the checkpoints that the ledger has for attempts of this commit; None (all) on the
    user's own machine, where no other job writes."""
    if context.is_own_machine:
        return None
    if context.ledger is None:
        return frozenset()
    try:
        tried = lookup.attempts(context.ledger, model=subject.name, fingerprint=subject.fingerprint)
    except errors.InterlockError:
        return frozenset()
    mine = (each for each in tried if each.revision == subject.tree.revision)
    return frozenset(saved.mark for each in mine for saved in each.checkpoints)


def find(subject: TrainingSubject, context: TrainContext) -> ReusableParts:
    """Find reusable stages in the ledger and the checkout.

    Evidence counts when its code was reviewed or is part of this branch: its fingerprint was
    promoted, or belongs to a commit of this branch that the default branch lacks. Evidence of
    another branch does not count, because its program may have changed the outputs of any stage.
    Evidence of another model does not count either.
    """
    named = [] if context.ledger is None else list(_counted(subject, context.ledger, context))
    accepted = stage_runs.accepted((e.candidate.fingerprint, e.candidate.stages) for e in named)
    own_cache = context.is_own_machine and not _is_cache_committed(subject, context)
    return ReusableParts(accepted, own_cache=own_cache, checkpoints=checkpoints(subject, context))


def _counted(subject: TrainingSubject, ledger: Ledger, context: TrainContext) -> Iterator[Evidence]:
    promoted = _promoted(subject, ledger)
    for path in lookup.evidence_paths(ledger, model=subject.name):
        record = _read(ledger, path)
        if record is None:
            continue
        candidate = record.candidate
        if candidate.fingerprint in promoted or _is_behind(candidate, subject, context):
            yield record


def _read(ledger: Ledger, path: str) -> Evidence | None:
    """Read a record; None when it is unreadable, which `interlock ledger verify` reports."""
    try:
        return lookup.read_evidence(ledger, path)
    except errors.InterlockError:
        return None


def _promoted(subject: TrainingSubject, ledger: Ledger) -> frozenset[str]:
    try:
        acts = lookup.promotions(ledger, model=subject.name)
    except errors.InterlockError:
        return frozenset()
    return frozenset(act.fingerprint for act in acts if act.phase is Phase.DONE)


def _is_behind(candidate: Candidate, subject: TrainingSubject, context: TrainContext) -> bool:
    """True if the candidate was trained at a commit of this branch that the default branch lacks.
    A run names its commit and may be forged, so the fingerprint of that commit must agree. A commit
    in the past of the default branch does not count: any branch can bring its fingerprint back.

    False for a commit or a history that this clone does not have.
    """
    repository, default = context.repository, context.find_tip()
    try:
        known = repository.resolve(candidate.revision)
        if default is None or repository.is_ancestor(known, default):
            return False
        if not repository.is_ancestor(known, subject.tree.revision):
            return False
        at = context.read_model(repository.tree(known), subject.name)
    except errors.InterlockError:
        return False
    return at.fingerprint == candidate.fingerprint


def _is_cache_committed(subject: TrainingSubject, context: TrainContext) -> bool:
    """True if the DVC cache is part of a commit, or behind a link of a commit."""
    home = f"{subject.training_tree.root}/.dvc".lstrip("/")
    entries = context.repository.tree("HEAD").entries
    folders = [home[:at] for at, mark in enumerate(f"{home}/") if mark == "/"]
    is_linked = any(entries[each].mode == LINK for each in folders if each in entries)
    return is_linked or any(f"{path}/".startswith(f"{home}/cache/") for path in entries)
