"""`report`'s check run: its conclusion, texts and annotations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import assert_never

from interlock import manifests, rendering
from interlock.commands.report.observation import ReportSources
from interlock.domain.model.lineage import InputKind
from interlock.domain.reporting.model_status import MergeStatus, Report
from interlock.domain.training.dvc_lock import LockNote
from interlock.ports.git import Tree
from interlock.ports.github import VERDICT, Annotation, Check, Conclusion


def build(
    sources: ReportSources,
    report: Report,
    note: LockNote | None,
    links: rendering.RecordLinks,
    *,
    run_url: str,
) -> Check:
    """Return the check of the reported commit."""
    output = rendering.check_output(report, lock=note, links=links)
    conclusion = _conclusion(report.merge_status)
    return Check(
        name=VERDICT,
        head_sha=report.request.head,
        conclusion=conclusion,
        title=output.title,
        summary=output.summary,
        text=output.text,
        # Annotations cannot be removed, so a check in progress has none.
        annotations=() if conclusion is None else _annotations(sources, report),
        details_url=run_url,
    )


def on_each(check: Check, commits: Iterable[str]) -> tuple[Check, ...]:
    """Return the check for each of these commits, once."""
    return tuple(replace(check, head_sha=commit) for commit in dict.fromkeys(commits))


def _annotations(sources: ReportSources, report: Report) -> tuple[Annotation, ...]:
    tree = sources.repository.tree(report.request.head)
    return rendering.annotate(report, lines=_lines(tree, report))


def _conclusion(status: MergeStatus) -> Conclusion | None:
    match status:
        case MergeStatus.PASSED:
            return Conclusion.SUCCESS
        case MergeStatus.INCONCLUSIVE:
            return Conclusion.ACTION_REQUIRED
        case MergeStatus.WAITING:
            return None
        case MergeStatus.FAILED:
            return Conclusion.FAILURE
        case _:
            assert_never(status)


def _lines(tree: Tree, report: Report) -> dict[tuple[str, str], int]:
    """The line of each changed parameter in its file at the head."""
    changed = {
        (c.path, c.name)
        for status in report.models
        for c in status.facts.plan.reasons
        if c.kind is InputKind.PARAMS and c.path.endswith((".yaml", ".yml"))
    }
    maps = _maps(tree, {path for path, _ in changed})
    return {
        (path, name): maps[path].key(tuple(name.split("."))).line
        for path, name in changed
        if path in maps
    }


def _maps(tree: Tree, paths: Iterable[str]) -> dict[str, manifests.LineMap]:
    files = tree.read_many(sorted(paths))
    return {path: manifests.read_yaml(data, path=path)[1] for path, data in files.items()}
