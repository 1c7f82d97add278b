"""Drift reports as Markdown within GitHub's limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from interlock.domain.monitoring import drift_table
from interlock.domain.monitoring.drift_table import WindowHistory
from interlock.domain.monitoring.monitoring_records import Cause, DriftReport, PerformanceReport
from interlock.rendering import drift_sentences, escape, limits
from interlock.rendering.budget import Group, Section, fit
from interlock.rendering.environment import render
from interlock.rendering.escape import Markdown
from interlock.rendering.sections import capped, optional

TABLE_LIMIT = 30_000
"""Leaves room for the rest of a pull request's text."""

_MANY, _SOME, _FEW = 40, 10, 3
_MODELS = 50


def table(
    reports: Sequence[DriftReport],
    *,
    labelled: Sequence[PerformanceReport] = (),
    picture: str = "",
    headline: bool = True,
    limit: int = TABLE_LIMIT,
) -> str:
    """One model's newest window, with sparklines of the windows before it; "" without any window.

    `labelled` are its windows with labels, `picture` is the URL of its plot, "" without one. The
    text has at most `limit` bytes by limits.measure.
    """
    view = drift_table.arrange(reports, labelled=labelled)
    if view is None:
        return ""
    group = _group(view, picture=picture)
    shown = group if headline else Group(group.sections[1:])
    return fit([shown], limit=limit)[0]


def summary(
    reports: Sequence[DriftReport],
    *,
    labelled: Sequence[PerformanceReport] = (),
    pictures: Mapping[str, str] | None = None,
    room_bytes: int = limits.STEP_SUMMARY_BYTES,
) -> str:
    """The newest window of every model for a job's page, the worst first; "" without any window, or
    if it does not fit. `pictures` has the URL of the plot of each model."""
    views = drift_table.by_model(reports, labelled=labelled)
    if not views:
        return ""
    urls = pictures or {}
    groups = [_group(view, picture=urls.get(view.newest.model, "")) for view in views[:_MODELS]]
    if len(views) > 1:
        folded = [_folded(v, g) for v, g in zip(views, groups, strict=False)]
        groups = [Group((_tally(views),)), *folded]
    text = fit(groups, limit=min(room_bytes, limits.STEP_SUMMARY_BYTES) - 2)[0] + "\n"
    return text if limits.measure(text) <= room_bytes else ""


def _folded(view: WindowHistory, group: Group) -> Group:
    glyph = drift_sentences.GLYPHS[view.verdict]
    opening = f"<details><summary>{glyph} {escape.html(view.newest.model)}</summary>"
    return Group(group.sections, opening=opening, closing="</details>")


def _tally(views: Sequence[WindowHistory]) -> Section:
    lines = [_headline(view) for view in views]
    variants = ["\n".join(f"- {line}" for line in lines[:_MODELS])]
    variants.append("\n".join(f"- {line}" for line in lines[:_SOME]))
    return Section("models", 100, tuple(dict.fromkeys(variants)))


def _headline(view: WindowHistory) -> Markdown:
    glyph = drift_sentences.GLYPHS[view.verdict]
    sentence = escape.inline(drift_sentences.summary(view), longest=600)
    return Markdown(f"{glyph} **{escape.inline(view.newest.model)}** {sentence}")


def _group(view: WindowHistory, *, picture: str) -> Group:
    sections = [
        Section("drift", 100, (_headline(view),)),
        _evidence(view),
        _columns(view),
        _problems(view),
        _picture(picture),
        _numbers(view),
    ]
    return Group(tuple(section for section in sections if section is not None))


def _evidence(view: WindowHistory) -> Section | None:
    """The reason, the rows that were compared, and the performance on labelled rows."""
    diagnosis = view.diagnosis
    # Without a cause the first line has the sentence already.
    has_cause = diagnosis.cause is not Cause.NONE
    sentence = drift_sentences.with_full_stop(diagnosis.sentence) if has_cause else ""
    why = escape.inline(sentence, longest=600)
    report, moved = view.newest, len(view.moved)
    scope = render("drift_scope.md.j2", report=report, moved=moved, labelled=view.labelled)
    return optional("evidence", 95, (f"{why}\n\n{scope}" if why else scope, scope))


def _columns(view: WindowHistory) -> Section | None:
    rows = view.moved
    if not rows:
        return None
    variants = capped(
        "drift_columns.md.j2", (_MANY, _SOME, _FEW), len(rows), rows=rows, top=view.top
    )
    return optional("columns", 85, variants)


def _problems(view: WindowHistory) -> Section | None:
    problems = view.newest.problems
    lines = [f"- ⚠️ {escape.inline(problem, longest=400)}" for problem in problems]
    if len(lines) > _SOME:
        lines[_SOME:] = [f"- …and {len(problems) - _SOME:,} more"]
    return optional("problems", 90, ("\n".join(lines),))


def _picture(url: str) -> Section | None:
    if not url:
        return None
    return optional("pictures", 60, (render("drift_picture.md.j2", url=url),))


def _numbers(view: WindowHistory) -> Section | None:
    if not view.rows:
        return None
    variants = capped("drift_numbers.md.j2", (100, _SOME, _FEW), len(view.rows), rows=view.rows)
    return optional("numbers", 30, variants)
