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
_STORIES = 50


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
    told = report.stories[:_STORIES]
    top = [_group(report, story, _seen_at_once(story)) for story in told]
    summary = _fit([_opening(report), *top, _closing(report, lock)], limit=limits.CHECK_OUTPUT)
    pictures = place.absolute_pictures
    folded = [_group(report, story, _folded(story, place, pictures)) for story in told]
    return CheckOutput(title, summary, _fit(folded, limit=limits.CHECK_OUTPUT))


def _whole(
    report: Report, lock: LockNote | None, place: RecordLinks, pictures: str, *, limit: int
) -> str:
    stories = [
        _group(report, story, [*_seen_at_once(story), *_folded(story, place, pictures)])
        for story in report.stories[:_STORIES]
    ]
    # With one story what closes the report stands before what is folded away under it.
    if len(stories) == 1:
        story = report.stories[0]
        seen, folded = (
            Group(_seen(_seen_at_once(story))),
            Group(_seen(_folded(story, place, pictures))),
        )
        groups = [_opening(report), seen, _closing(report, lock), folded]
    else:
        groups = [_opening(report), *stories, _closing(report, lock)]
    return _fit([*groups, Group(_seen([sections.asked(report)]))], limit=limit)


def _opening(report: Report) -> Group:
    return Group(_seen([sections.verdict(report), sections.scope(report)]))


def _closing(report: Report, lock: LockNote | None) -> Group:
    found = [sections.awaited(report), sections.lock(lock)]
    found += [sections.untouched(report), sections.doubts(report)]
    untold = len(report.stories) - _STORIES
    if untold > 0:
        text = f"Details are given of the gravest {_STORIES} models, not of the other {untold:,}."
        found.append(Section("details", 98, (text,)))
    return Group(_seen([*found, sections.policy(report)]))


def _group(report: Report, story: ModelStatus, found: Sequence[Section | None]) -> Group:
    if len(report.stories) == 1:
        return Group(_seen(found))
    opening = f"<details><summary>{sentences.glyph(story)} {escape.html(story.model)}</summary>"
    return Group(_seen(found), opening=opening, closing="</details>")


def _seen(found: Sequence[Section | None]) -> tuple[Section, ...]:
    return tuple(section for section in found if section is not None)


def _seen_at_once(story: ModelStatus) -> list[Section | None]:
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
    return [tell(story) for tell in tellers]


def _folded(story: ModelStatus, place: RecordLinks, pictures: str) -> list[Section | None]:
    return [
        metrics.section(story),
        sections.reasons(story),
        sections.params(story),
        details.data(story),
        details.plots(story, prefix=pictures),
        details.graph(story),
        details.cost(story),
        details.reproduce(story, branch=place.ledger_branch),
    ]


def _fit(groups: Sequence[Group], *, limit: int) -> str:
    return fit(groups, limit=limit, notice=_notice)[0]


def _notice(kinds: Sequence[str]) -> Markdown:
    named = ", ".join(kinds)
    return Markdown(f"_Shortened to stay within GitHub's limit: {named}._")
