"""Between a run that refreshes data and one that writes: what was refreshed, made ready to be
handed over and, on the other side, held to what the manifest on main declares."""

from __future__ import annotations

import hashlib

from interlock import errors
from interlock.commands.retrain.context import RetrainContext, RetrainSubject
from interlock.domain.retraining import refresh_result
from interlock.domain.retraining.data_difference import RefreshedPointer
from interlock.domain.retraining.refresh_result import DvcPointer, Handover, RefreshResult
from interlock.pipelines import dvcfiles, index
from interlock.ports.git import Tree
from interlock.ports.pipeline import RunEnd
from interlock.ports.refreshing import Refreshed


def pack(world: RetrainContext, subject: RetrainSubject, done: Refreshed) -> RefreshResult:
    """A refresh that ended well, to be handed over."""
    tree = world.repository.tree(subject.tip)
    pointers = tuple(
        DvcPointer(
            path,
            brought.text.decode("utf-8"),
            _digest(tree.read(path)),
            before=brought.before,
            after=brought.after,
        )
        for path, brought in sorted(done.changed.items())
    )
    return RefreshResult(subject.name, pointers=pointers)


def why_not(world: RetrainContext, subject: RetrainSubject) -> str:
    """Why nothing of what was handed over is for a model now; "" where something is, or where
    nothing was handed over and it is refreshed here."""
    if world.handed is None:
        return ""
    found = world.handed.find(subject.name)
    if found is None:
        return "it was not refreshed in this run; the next one does that"
    tree, declared = world.repository.tree(subject.tip), subject.situation.rule.refresh.pointers
    ours = (p for p in found.pointers if p.path in declared)
    moved = [p.path for p in ours if _digest(tree.read(p.path)) != p.was]
    return f"{moved[0]} has moved on main since; the next run goes on from there" if moved else ""


def take(world: RetrainContext, handed: Handover, subject: RetrainSubject) -> Refreshed:
    """What was refreshed for a model. Raises Refused where it is more than the manifest lets a
    refresh change, and CannotFingerprint for what is no pointer."""
    found = handed.find(subject.name) or RefreshResult(subject.name)
    if found.failure:
        return Refreshed(RunEnd.FAILED, "", found.failure)
    declared = subject.situation.rule.refresh.pointers
    _require(subject, refresh_result.objection(found, declared=declared))
    tree = world.repository.tree(subject.tip)
    for pointer in found.pointers:
        _require(subject, _objection(tree, pointer))
    changed = {
        pointer.path: RefreshedPointer(pointer.text.encode(), pointer.before, pointer.after)
        for pointer in found.pointers
    }
    return Refreshed(RunEnd.DONE, "", changed=changed)


def _objection(tree: Tree, pointer: DvcPointer) -> str:
    """Why a pointer's new text may not be taken up, "" when only the data that it names differs."""
    path, text = pointer.path, pointer.text.encode()
    index.read_pointer(text, path=path)
    old = dvcfiles.pointer(tree.read(path) or b"", path=path)
    place = refresh_result.difference(old, dvcfiles.pointer(text, path=path))
    return place and f"{path} differs in `{place}`: a refresh changes which data it names, no more"


def _require(subject: RetrainSubject, objection: str) -> None:
    if objection:
        said = f"what was refreshed for {subject.name} is not taken up: {objection}"
        hint = "the job that refreshed it ran a program of the repository: read that program"
        raise errors.Refused(said, hint=hint)


def _digest(text: bytes | None) -> str:
    return hashlib.sha256(text or b"").hexdigest()
