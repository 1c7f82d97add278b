"""The report as a comment, a check's output and a step summary, each within its limit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from interlock.domain.reporting.model_status import ModelStatus, Report
from interlock.domain.training.dvc_lock import LockNote
from interlock.rendering import (
    details,
    escape,
    limits,
    metrics,
    sections,
    sentences,
    skipped_stages,
    watermark,
)
from interlock.rendering.budget import Group, Section, fit
from interlock.rendering.escape import Markdown

MARKER = "<!-- interlock: report -->"

# More than can be read, and about as many as there is room for.
_MOST_MODELS = 50


@dataclass(frozen=True, slots=True)
class RecordLinks:
    """Where records are read: the ledger's branch, and the URLs below which its files are shown.

    A comment's are relative to its page, so that they hold wherever the repository is moved to; a
    check and a job's page lie elsewhere and need whole ones. "" shows no pictures. `cml_label` is
    the label of CML's watermark on the comment.
    """

    ledger_branch: str
    pictures: str = ""
    absolute_pictures: str = ""
    cml_label: str = ""


@dataclass(frozen=True, slots=True)
class CheckOutput:
    title: str
    summary: str
    text: str


def comment(report: Report, *, lock: LockNote | None, place: RecordLinks) -> str:
    """The comment, markers included, within GitHub's limit whatever the report holds."""
    # Of two commits that stand for one state the older: a commit of lock files is no news.
    commit = next(iter(report.request.heads), report.request.head)
    # So that the two tools share one comment.
    cml = watermark.line(commit, label=place.cml_label)
    markers = f"\n\n{MARKER}\n\n{cml}"
    limit = limits.COMMENT - limits.measure(markers)
    return _whole(report, lock, place, place.pictures, limit=limit) + markers


def step_summary(
    report: Report, *, lock: LockNote | None, place: RecordLinks, room_bytes: int
) -> str:
    """The same for a job's page, "" when there is no room for even the shortest form."""
    limit = min(room_bytes, limits.STEP_SUMMARY_BYTES) - 2
    text = _whole(report, lock, place, place.absolute_pictures, limit=limit) + "\n"
    return text if limits.measure(text) <= room_bytes else ""


def check_output(report: Report, *, lock: LockNote | None, place: RecordLinks) -> CheckOutput:
    """What is seen at once in the summary, what is folded away in the text."""
    title = escape.flat(sentences.headline(report), longest=limits.CHECK_TITLE)
    told = report.models[:_MOST_MODELS]
    top = [_group(report, status, _seen_at_once(status)) for status in told]
    summary = _fit([_opening(report), *top, _closing(report, lock)], limit=limits.CHECK_OUTPUT)
    pictures = place.absolute_pictures
    folded = [_group(report, status, _folded(status, place, pictures)) for status in told]
    return CheckOutput(title, summary, _fit(folded, limit=limits.CHECK_OUTPUT))


def _whole(
    report: Report, lock: LockNote | None, place: RecordLinks, pictures: str, *, limit: int
) -> str:
    statuses = [
        _group(report, status, [*_seen_at_once(status), *_folded(status, place, pictures)])
        for status in report.models[:_MOST_MODELS]
    ]
    # With one status what closes the report stands before what is folded away under it.
    if len(statuses) == 1:
        status = report.models[0]
        seen, folded = (
            Group(_seen(_seen_at_once(status))),
            Group(_seen(_folded(status, place, pictures))),
        )
        groups = [_opening(report), seen, _closing(report, lock), folded]
    else:
        groups = [_opening(report), *statuses, _closing(report, lock)]
    return _fit([*groups, Group(_seen([sections.asked(report)]))], limit=limit)


def _opening(report: Report) -> Group:
    return Group(_seen([sections.verdict(report), sections.scope(report)]))


def _closing(report: Report, lock: LockNote | None) -> Group:
    found = [sections.awaited(report), sections.lock(lock)]
    found += [sections.untouched(report), sections.unaffected_warnings(report)]
    untold = len(report.models) - _MOST_MODELS
    if untold > 0:
        text = (
            f"Details are given of the gravest {_MOST_MODELS} models, not of the other {untold:,}."
        )
        found.append(Section("details", 98, (text,)))
    return Group(_seen([*found, sections.policy(report)]))


def _group(report: Report, status: ModelStatus, found: Sequence[Section | None]) -> Group:
    if len(report.models) == 1:
        return Group(_seen(found))
    opening = f"<details><summary>{sentences.glyph(status)} {escape.html(status.model)}</summary>"
    return Group(_seen(found), opening=opening, closing="</details>")


def _seen(found: Sequence[Section | None]) -> tuple[Section, ...]:
    return tuple(section for section in found if section is not None)


def _seen_at_once(status: ModelStatus) -> list[Section | None]:
    tellers: tuple[Callable[[ModelStatus], Section | None], ...] = (
        sections.relaxed,
        sections.held,
        sections.notes,
        sections.changed,
        skipped_stages.section,
        sections.log,
        sections.gates,
        sections.warnings,
    )
    return [tell(status) for tell in tellers]


def _folded(status: ModelStatus, place: RecordLinks, pictures: str) -> list[Section | None]:
    return [
        metrics.section(status),
        sections.reasons(status),
        sections.params(status),
        details.data(status),
        details.plots(status, prefix=pictures),
        details.graph(status),
        details.cost(status),
        details.reproduce(status, branch=place.ledger_branch),
    ]


def _fit(groups: Sequence[Group], *, limit: int) -> str:
    return fit(groups, limit=limit, notice=_notice)[0]


def _notice(kinds: Sequence[str]) -> Markdown:
    named = ", ".join(kinds)
    return Markdown(f"_Shortened to stay within GitHub's limit: {named}._")
