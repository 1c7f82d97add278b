"""What of an earlier training may stand for a part of this one; nothing of it is fetched here."""

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
    """`accepted` is by the key of a stage, as of ports.pipeline.Job; so is `own_cache`.
    `checkpoints` are those of ports.checkpoints to go on from: None for all that are there."""

    accepted: dict[str, Accepted] = field(default_factory=dict)
    own_cache: bool = False
    checkpoints: frozenset[str] | None = frozenset()


def checkpoints(subject: TrainingSubject, context: TrainContext) -> frozenset[str] | None:
    """The marks that attempts of this commit name in the ledger; on one's own machine no other
    job has written there."""
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
    """Look into the ledger and the checkout.

    Evidence counts where its code was reviewed or is part of what trains: its fingerprint was
    promoted, or is that of a commit which this branch has and the default branch has not. Evidence
    of another branch is in the ledger, too, and its program may have written what it liked into an
    honest stage's outputs. So does the evidence of this model alone count: a change to another
    model is read with other eyes.
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
    """A record that cannot be read proves nothing; `interlock ledger verify` says what it is."""
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
    """Whether a commit of this branch alone is what was trained. Its run says which one, and a
    hostile one may name any: so the fingerprint must be that commit's own. Of the default branch's
    past anybody can bring a fingerprint back that nobody has judged, in a branch of their own.

    A commit that this clone lacks, or whose line it does not know whole, is not.
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
    """Whether the cache beside the settings came with a commit, or lies behind a link of one."""
    home = f"{subject.training_tree.root}/.dvc".lstrip("/")
    entries = context.repository.tree("HEAD").entries
    folders = [home[:at] for at, mark in enumerate(f"{home}/") if mark == "/"]
    is_linked = any(entries[each].mode == LINK for each in folders if each in entries)
    return is_linked or any(f"{path}/".startswith(f"{home}/cache/") for path in entries)
