"""One model's refresh: in a checkout of main's tip, pointers moved on, committed, pushed to the
branch; why it is asked for is not known here."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Mapping

from interlock import errors
from interlock.commands.retrain import handover_files
from interlock.commands.retrain.context import RetrainContext, RetrainSubject
from interlock.domain.retraining import retraining_facts, retraining_reasons
from interlock.ports.pipeline import RunEnd
from interlock.ports.refreshing import Refreshed, RefreshJob


def refresh(world: RetrainContext, subject: RetrainSubject) -> Refreshed:
    """Bring newer data in a checkout that is gone afterwards, or take up what another run brought.

    Raises as Refreshing and handing.take do, and KeyboardInterrupt where it was interrupted: who
    stops one refresh wants no other begun.
    """
    if world.handed is not None:
        return handover_files.take(world, world.handed, subject)
    rule = subject.situation.rule
    with world.repository.worktree(subject.tip) as checkout:
        errand = RefreshJob(
            checkout=checkout,
            pointers=rule.refresh.pointers,
            command=rule.refresh.command,
            folder=posixpath.dirname(subject.model.manifest.path),
            timeout_seconds=subject.model.manifest.runner.timeout_minutes * 60,
            home=world.home,
            env=_environment(subject),
            time=subject.model.manifest.monitor.time if subject.model.manifest.monitor else "",
        )
        done = world.refreshing.refresh(errand, say=world.say)
    if done.ended is RunEnd.INTERRUPTED:
        raise KeyboardInterrupt
    return done


def _environment(subject: RetrainSubject) -> Mapping[str, str]:
    """The window that asked, else the last, and every window since the champion is served."""
    situation = subject.situation
    last = retraining_reasons.newest(situation)
    reference = situation.champion.fingerprint if situation.champion else ""
    own = [report for report in situation.drift if report.reference == reference]
    windows = [
        {"start": r.start, "end": r.end, "rows": r.rows, "verdict": r.verdict.value} for r in own
    ]
    return {
        "INTERLOCK_MODEL": subject.name,
        "INTERLOCK_WINDOW_START": last.start if last else "",
        "INTERLOCK_WINDOW_END": last.end if last else "",
        "INTERLOCK_WINDOWS": json.dumps(windows),
    }


def why_not(done: Refreshed) -> str:
    """Why a refresh left nothing to ask for, "" where it did."""
    if done.ended is not RunEnd.DONE:
        return f"the refresh failed: {last_words(done)}"
    return "" if done.changed else "the refresh brought no other data than main has"


def last_words(done: Refreshed) -> str:
    """Why a refresh failed, and what its program said last."""
    tail = done.log_tail.strip().splitlines()
    return f"{done.reason}; it said last: {tail[-1].strip()}" if tail else done.reason


def push(world: RetrainContext, subject: RetrainSubject, files: Mapping[str, bytes]) -> str:
    """Put the pointers on the branch, over nothing but what was seen there; its head.

    A branch that holds just that is left alone. Raises CannotReachGit when somebody moved it.
    """
    if subject.head is not None and _holds(world, subject.head, subject.tip, files):
        return subject.head
    message = f"Bring newer data for {subject.name}\n"
    commit = world.repository.commit(subject.tip, files, message=message)
    branch = retraining_facts.branch(subject.name)
    if not world.repository.push(commit, f"refs/heads/{branch}", expected=subject.head):
        raise errors.CannotReachGit(
            f"{branch} was moved by somebody else meanwhile", hint="run it again"
        )
    return commit


def _holds(world: RetrainContext, head: str, tip: str, files: Mapping[str, bytes]) -> bool:
    """Whether a branch is main's tip with these files; dvc.lock may have been brought since."""
    tree = world.repository.tree(head)
    is_on_tip = world.repository.is_ancestor(tip, head)
    return is_on_tip and all(tree.read(path) == data for path, data in files.items())
