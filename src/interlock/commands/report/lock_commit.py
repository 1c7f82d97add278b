"""Commit dvc.lock, metrics and plots of passed models to the branch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from interlock import errors
from interlock.commands.report import kept_files, lock_text
from interlock.commands.report.observation import ReportSources
from interlock.domain.basics import figures
from interlock.domain.evaluation.verdict import Outcome
from interlock.domain.model.evidence import Candidate
from interlock.domain.model.policy import LockPolicy
from interlock.domain.reporting.model_status import ModelStage, ModelStatus, PullRequestFacts
from interlock.domain.training import dvc_lock
from interlock.domain.training.dvc_lock import LockFate, LockNote
from interlock.ports.git import Repository


@dataclass(frozen=True, slots=True)
class _Unreadable:
    path: str


def record(
    sources: ReportSources,
    *,
    request: PullRequestFacts,
    statuses: Iterable[ModelStatus],
    dry_run: bool,
) -> tuple[LockNote | None, str]:
    """Return the result for the lock files, metrics and plots, and the new head of the branch.

    Only models that passed their gates are recorded. An acceptance is for one commit, so no commit
    is added for it.
    """
    passed = [s for s in statuses if s.stage is ModelStage.EVALUATED and _has_passed(s)]
    entries = _entries(sources, passed)
    if not entries or request.is_merged:
        return None, request.head
    targets = tuple(
        f"{s.facts.manifest.pipeline.file}:{s.facts.manifest.pipeline.target}"
        for s in passed
        if s.facts.manifest is not None
    )
    files = _files(sources.repository, request.head, entries)
    if isinstance(files, _Unreadable):
        return LockNote(LockFate.UNREADABLE, (files.path,), targets), request.head
    measured = kept_files.gather(
        sources.ledger, sources.repository.tree(request.head), sources.head, _candidates(passed)
    )
    files |= measured.files
    paths = (*sorted(entries), *sorted(measured.paths))
    if files and not request.is_open:
        return None, request.head
    fate = _intended(request, sources.ruling.policy.dvc_lock) if files else LockFate.RECORDED
    head = request.head
    if files and fate is LockFate.RECORDED and not dry_run:
        fate, head = _push(sources.repository, request, files, [s.model for s in passed])
    return LockNote(fate, paths, targets, left=tuple(measured.left)), head


def _has_passed(status: ModelStatus) -> bool:
    return status.verdict is not None and status.verdict.outcome is Outcome.PASS


def _candidates(statuses: Iterable[ModelStatus]) -> dict[str, Candidate]:
    return {s.model: s.facts.evidence.candidate for s in statuses if s.facts.evidence}


def _entries(sources: ReportSources, statuses: Iterable[ModelStatus]) -> dict[str, dict[str, Any]]:
    """For each lock file the entries of its stages, by the dvc.yaml of the head."""
    entries: dict[str, dict[str, Any]] = {}
    for model, candidate in _candidates(statuses).items():
        lineage = sources.head.models[model].lineage
        stages = lineage.stages if lineage else ()
        for path, stage_entries in dvc_lock.of_stages(candidate.lock, stages).items():
            entries.setdefault(path, {}).update(stage_entries)
    return entries


def _files(
    repository: Repository, head: str, entries: Mapping[str, Mapping[str, Any]]
) -> dict[str, bytes] | _Unreadable:
    """The lock files that change, with their new content."""
    tree = repository.tree(head)
    files: dict[str, bytes] = {}
    for path, stages in entries.items():
        data = tree.read(path)
        current = None if data is None else lock_text.parse(data, path=path)
        if data is not None and current is None:
            return _Unreadable(path)
        if dvc_lock.needs(current, stages):
            files[path] = lock_text.dump(dvc_lock.merge(current, stages))
    return files


def _intended(request: PullRequestFacts, policy: LockPolicy) -> LockFate:
    if request.is_fork:
        return LockFate.FORK
    return LockFate.LEFT if policy is LockPolicy.LEAVE else LockFate.RECORDED


def _push(
    repository: Repository, request: PullRequestFacts, files: Mapping[str, bytes], models: list[str]
) -> tuple[LockFate, str]:
    message = f"{dvc_lock.SUBJECT} {figures.listing(sorted(models))}\n"
    commit = repository.commit(request.head, files, message=message)
    ref = f"refs/heads/{request.head_ref}"
    try:
        moved = repository.push(commit, ref, expected=request.head)
    except errors.CannotReachGit:
        return LockFate.REFUSED, request.head
    return (LockFate.RECORDED, commit) if moved else (LockFate.MOVED, request.head)
