"""Pass refreshed pointers from the job `refresh` to the job `write`, which compares them with the
manifest on main."""

from __future__ import annotations

import hashlib

from interlock import errors
from interlock.commands.retrain.context import RetrainContext, RetrainSubject
from interlock.domain.basics.refusal import Refusal
from interlock.domain.retraining import refresh_results
from interlock.domain.retraining.data_difference import RefreshedPointer
from interlock.domain.retraining.refresh_results import DvcPointer, RefreshResult, RefreshResults
from interlock.pipelines import dvcfiles, index
from interlock.ports.git import Tree
from interlock.ports.pipeline import RunEnd
from interlock.ports.refreshing import Refreshed


def pack(context: RetrainContext, subject: RetrainSubject, done: Refreshed) -> RefreshResult:
    """Return the document of a successful refresh."""
    tree = context.repository.tree(subject.tip)
    pointers = tuple(
        DvcPointer(
            path,
            pointer.text.decode("utf-8"),
            _digest(tree.read(path)),
            before=pointer.before,
            after=pointer.after,
        )
        for path, pointer in sorted(done.changed.items())
    )
    return RefreshResult(subject.name, pointers=pointers)


def check(context: RetrainContext, subject: RetrainSubject) -> Refusal | None:
    """Refuse a model that the other job did not refresh, or with a pointer that has changed
    since."""
    if context.refreshed is None:
        return None
    refresh = context.refreshed.find(subject.name)
    if refresh is None:
        return Refusal("not refreshed in this run; the next run does it")
    tree, declared = context.repository.tree(subject.tip), subject.facts.rule.refresh.pointers
    ours = (p for p in refresh.pointers if p.path in declared)
    moved = [p.path for p in ours if _digest(tree.read(p.path)) != p.was]
    if not moved:
        return None
    return Refusal(f"{moved[0]} has changed on main since; the next run continues")


def take(context: RetrainContext, results: RefreshResults, subject: RetrainSubject) -> Refreshed:
    """Return the refresh of a model. Raises Refused for a change that the manifest does not allow,
    and CannotFingerprint for a file that is not a pointer."""
    refresh = results.find(subject.name) or RefreshResult(subject.name)
    if refresh.failure:
        return Refreshed(RunEnd.FAILED, "", refresh.failure)
    declared = subject.facts.rule.refresh.pointers
    _require(subject, refresh_results.check_paths(refresh, declared=declared))
    tree = context.repository.tree(subject.tip)
    for pointer in refresh.pointers:
        _require(subject, _check_text(tree, pointer))
    changed = {
        pointer.path: RefreshedPointer(pointer.text.encode(), pointer.before, pointer.after)
        for pointer in refresh.pointers
    }
    return Refreshed(RunEnd.DONE, "", changed=changed)


def _check_text(tree: Tree, pointer: DvcPointer) -> Refusal | None:
    """Refuse a text in which more than the data has changed."""
    path, text = pointer.path, pointer.text.encode()
    index.read_pointer(text, path=path)
    old = dvcfiles.pointer(tree.read(path) or b"", path=path)
    place = refresh_results.find_other_change(old, dvcfiles.pointer(text, path=path))
    if place is None:
        return None
    return Refusal(f"{path} differs in `{place}`: a refresh may only change its data")


def _require(subject: RetrainSubject, refusal: Refusal | None) -> None:
    if refusal is not None:
        raise errors.Refused(
            f"the refreshed data of {subject.name} is refused: {refusal}",
            hint="check the program of `refresh.command`, which made this change",
        )


def _digest(text: bytes | None) -> str:
    return hashlib.sha256(text or b"").hexdigest()
