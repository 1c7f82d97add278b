"""The refresh of one model: update the data pointers in a checkout of main's tip, and push them to
the retraining branch."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Mapping

from interlock import errors
from interlock.commands.retrain import observation, refreshed_pointers
from interlock.commands.retrain.context import RetrainContext, RetrainSubject
from interlock.domain.basics.refusal import Refusal
from interlock.domain.retraining import retraining_facts, retraining_reasons
from interlock.ports.pipeline import RunEnd
from interlock.ports.refreshing import Refreshed, RefreshJob


def refresh(context: RetrainContext, subject: RetrainSubject) -> Refreshed:
    """Refresh the data in a temporary checkout, or use the refresh of another job.

    Raises like Refreshing and `refreshed_pointers.take`. Raises KeyboardInterrupt after an
    interruption, so that no other refresh starts.
    """
    if context.refreshed is not None:
        return refreshed_pointers.take(context, context.refreshed, subject)
    rule = subject.facts.rule
    with context.repository.worktree(subject.tip) as checkout:
        job = RefreshJob(
            checkout=checkout,
            pointers=rule.refresh.pointers,
            command=rule.refresh.command,
            folder=posixpath.dirname(subject.model.manifest.path),
            timeout_seconds=subject.model.manifest.runner.timeout_minutes * 60,
            home=context.home,
            env=_environment(context, subject),
            prepare=context.prepare,
            time=subject.model.manifest.monitor.time if subject.model.manifest.monitor else "",
        )
        done = context.refreshing.refresh(job, say=context.say)
    if done.ended is RunEnd.INTERRUPTED:
        raise KeyboardInterrupt
    return done


def _environment(context: RetrainContext, subject: RetrainSubject) -> Mapping[str, str]:
    """The newest window, and all windows since the champion was promoted."""
    facts = subject.facts
    last = retraining_reasons.newest(facts)
    reference = facts.champion.fingerprint if facts.champion else ""
    reports = observation.compared_windows(context.ledger, model=subject.name, reference=reference)
    windows = [
        {"start": r.start, "end": r.end, "rows": r.rows, "verdict": r.verdict.value}
        for r in reports
    ]
    uri = context.tracking_uri
    return {
        **({"MLFLOW_TRACKING_URI": uri} if uri else {}),
        "INTERLOCK_MODEL": subject.name,
        "INTERLOCK_WINDOW_START": last.start if last else "",
        "INTERLOCK_WINDOW_END": last.end if last else "",
        "INTERLOCK_WINDOWS": json.dumps(windows),
    }


def check(done: Refreshed) -> Refusal | None:
    """Refuse a refresh that failed or changed nothing."""
    if done.ended is not RunEnd.DONE:
        return Refusal(f"the refresh failed: {failure(done)}")
    return None if done.changed else Refusal("the refresh brought no new data")


def failure(done: Refreshed) -> str:
    """Return the reason of a failed refresh, and the last line of its log."""
    tail = done.log_tail.strip().splitlines()
    return f"{done.reason}; last line of its log: {tail[-1].strip()}" if tail else done.reason


def push(context: RetrainContext, subject: RetrainSubject, files: Mapping[str, bytes]) -> str:
    """Push the pointers to the branch and return its head. A branch that has them stays as it is.

    Raises CannotReachGit when the branch has moved since it was read.
    """
    if subject.head is not None and _has_files(context, subject.head, subject.tip, files):
        return subject.head
    message = f"Update the data of {subject.name}\n"
    commit = context.repository.commit(subject.tip, files, message=message)
    branch = retraining_facts.branch(subject.name)
    if not context.repository.push(commit, f"refs/heads/{branch}", expected=subject.head):
        raise errors.CannotReachGit(
            f"{branch} was changed by another user during this run", hint="run it again"
        )
    return commit


def _has_files(context: RetrainContext, head: str, tip: str, files: Mapping[str, bytes]) -> bool:
    """True if the branch is main's tip with these files; dvc.lock may differ."""
    tree = context.repository.tree(head)
    is_on_tip = context.repository.is_ancestor(tip, head)
    return is_on_tip and all(tree.read(path) == data for path, data in files.items())
