"""The report as a comment, a check's output and a job's page, each within its limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from interlock.domain.reporting import pictures
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

MARKER = "<!-- interlock: report -->"

# About as many models as there is room for.
_MOST_MODELS = 50


@dataclass(frozen=True, slots=True)
class RecordLinks:
    """The branches of the ledger and of the pictures, and the URLs below which the branches are;
    without a URL no plots are shown.

    URLs in a comment are relative to its page, so that they survive a renamed repository. A check
    and a job's page need absolute ones. `has_watermark` writes CML's watermark with `cml_label`.
    """

    ledger_branch: str
    pictures_branch: str = "interlock-pictures"
    plots: str = ""
    absolute_plots: str = ""
    cml_label: str = ""
    has_watermark: bool = False

    def picture(self, path: str, *, prefix: str) -> str:
        """Return the URL of a picture, "" without a prefix."""
        branch = self.ledger_branch if pictures.is_in_ledger(path) else self.pictures_branch
        return f"{prefix}{branch}/{path}?raw=true" if prefix else ""


@dataclass(frozen=True, slots=True)
class CheckOutput:
    title: str
    summary: str
    text: str


def comment(report: Report, *, lock: LockNote | None, links: RecordLinks) -> str:
    """The comment with its marker, within GitHub's limit."""
    ending = f"\n\n{MARKER}"
    if links.has_watermark:
        # The older of two commits with the same models: a commit of lock files changes nothing.
        commit = next(iter(report.request.heads), report.request.head)
        ending += f"\n\n{watermark.line(commit, label=links.cml_label)}"
    limit = limits.COMMENT - limits.measure(ending)
    return _text(report, lock, links, links.plots, limit=limit) + ending


def step_summary(
    report: Report, *, lock: LockNote | None, links: RecordLinks, room_bytes: int
) -> str:
    """The text for a job's page; "" if even its shortest variant does not fit."""
    limit = min(room_bytes, limits.STEP_SUMMARY_BYTES) - 2
    text = _text(report, lock, links, links.absolute_plots, limit=limit) + "\n"
    return text if limits.measure(text) <= room_bytes else ""


def check_output(report: Report, *, lock: LockNote | None, links: RecordLinks) -> CheckOutput:
    """The visible sections as the summary, the folded ones as the text."""
    title = escape.flat(sentences.headline(report), longest=limits.CHECK_TITLE)
    models = report.models[:_MOST_MODELS]
    visible = [_group(report, status, _visible(status)) for status in models]
    summary = [_opening(report), *visible, _closing(report, lock)]
    plots = links.absolute_plots
    folded = [_group(report, status, _folded(status, links, plots)) for status in models]
    return CheckOutput(
        title,
        fit(summary, limit=limits.CHECK_OUTPUT)[0],
        fit(folded, limit=limits.CHECK_OUTPUT)[0],
    )


def _text(
    report: Report, lock: LockNote | None, links: RecordLinks, plots: str, *, limit: int
) -> str:
    if len(report.models) == 1:
        # The closing is visible, so it comes before the folded sections of the only model.
        (status,) = report.models
        groups = [
            _opening(report),
            Group(_present(_visible(status))),
            _closing(report, lock),
            Group(_present(_folded(status, links, plots))),
        ]
    else:
        models = [
            _group(report, status, [*_visible(status), *_folded(status, links, plots)])
            for status in report.models[:_MOST_MODELS]
        ]
        groups = [_opening(report), *models, _closing(report, lock)]
    return fit([*groups, Group(_present([sections.commands(report)]))], limit=limit)[0]


def _opening(report: Report) -> Group:
    return Group(_present([sections.verdict(report), sections.scope(report)]))


def _closing(report: Report, lock: LockNote | None) -> Group:
    parts = [sections.next_steps(report), sections.lock(lock), sections.unaffected(report)]
    parts.append(sections.unaffected_warnings(report))
    others = len(report.models) - _MOST_MODELS
    if others > 0:
        text = f"Details are shown for the worst {_MOST_MODELS} models, not for {others:,} others."
        parts.append(Section("details", 98, (text,)))
    return Group(_present([*parts, sections.policy(report)]))


def _group(report: Report, status: ModelStatus, parts: Sequence[Section | None]) -> Group:
    if len(report.models) == 1:
        return Group(_present(parts))
    opening = f"<details><summary>{sentences.glyph(status)} {escape.html(status.model)}</summary>"
    return Group(_present(parts), opening=opening, closing="</details>")


def _present(parts: Sequence[Section | None]) -> tuple[Section, ...]:
    return tuple(section for section in parts if section is not None)


def _visible(status: ModelStatus) -> list[Section | None]:
    return [
        sections.relaxed(status),
        sections.held(status),
        sections.notes(status),
        sections.changed(status),
        skipped_stages.section(status),
        sections.log(status),
        sections.gates(status),
        sections.warnings(status),
    ]


def _folded(status: ModelStatus, links: RecordLinks, plots: str) -> list[Section | None]:
    return [
        metrics.section(status),
        sections.all_changes(status),
        sections.params(status),
        details.data(status),
        details.plots(status, lambda path: links.picture(path, prefix=plots)),
        details.graph(status),
        details.cost(status),
        details.reproduce(status, branch=links.ledger_branch),
    ]
