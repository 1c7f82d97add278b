"""Drift reports as Markdown within GitHub's limits; what is true was decided before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from interlock.domain.monitoring import drift_table
from interlock.domain.monitoring.drift_table import WindowHistory
from interlock.domain.monitoring.monitoring_records import Cause, DriftReport, PerformanceReport
from interlock.rendering import escape, limits
from interlock.rendering.budget import Group, Section, fit
from interlock.rendering.environment import render
from interlock.rendering.escape import Markdown
from interlock.rendering.sections import capped, optional

TABLE_LIMIT = 30_000
"""Leaves room for what else a pull request says."""

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
    """One model's newest window, and the windows before it as sparklines; "" without any.

    Without `headline` its caller says what it comes to. `labelled` are its windows whose labels
    came: the last of them may be the graver. `picture` is the URL of its before and after, "" for
    none. At most `limit` by limits.measure.
    """
    view = drift_table.look(reports, labelled=labelled)
    if view is None:
        return ""
    group = _group(view, picture=picture)
    return _fit([group if headline else Group(group.sections[1:])], limit=limit)


def summary(
    reports: Sequence[DriftReport],
    *,
    labelled: Sequence[PerformanceReport] = (),
    pictures: Mapping[str, str] | None = None,
    room_bytes: int = limits.STEP_SUMMARY_BYTES,
) -> str:
    """The newest window of every model for a job's page, the gravest first; "" without any, or
    without room for it. `pictures` are URLs by model."""
    views = drift_table.by_model(reports, labelled=labelled)
    if not views:
        return ""
    urls = pictures or {}
    groups = [_group(view, picture=urls.get(view.newest.model, "")) for view in views[:_MODELS]]
    if len(views) > 1:
        folded = [_folded(v, g) for v, g in zip(views, groups, strict=False)]
        groups = [Group((_tally(views),)), *folded]
    text = _fit(groups, limit=min(room_bytes, limits.STEP_SUMMARY_BYTES) - 2) + "\n"
    return text if limits.measure(text) <= room_bytes else ""


def _folded(view: WindowHistory, group: Group) -> Group:
    glyph = drift_table.GLYPHS[view.verdict]
    opening = f"<details><summary>{glyph} {escape.html(view.newest.model)}</summary>"
    return Group(group.sections, opening=opening, closing="</details>")


def _tally(views: Sequence[WindowHistory]) -> Section:
    lines = [_headline(view) for view in views]
    variants = ["\n".join(f"- {line}" for line in lines[:_MODELS])]
    variants.append("\n".join(f"- {line}" for line in lines[:_SOME]))
    return Section("models", 100, tuple(dict.fromkeys(variants)))


def _headline(view: WindowHistory) -> Markdown:
    glyph = drift_table.GLYPHS[view.verdict]
    said = escape.inline(drift_table.says(view), longest=600)
    return Markdown(f"{glyph} **{escape.inline(view.newest.model)}** {said}")


def _group(view: WindowHistory, *, picture: str) -> Group:
    found = [
        Section("drift", 100, (_headline(view),)),
        _told(view),
        _columns(view),
        _problems(view),
        _picture(picture),
        _numbers(view),
    ]
    return Group(tuple(section for section in found if section is not None))


def _told(view: WindowHistory) -> Section | None:
    """Why, then which rows were held against which, then what labels say of how it did."""
    found = view.diagnosis
    # Without a cause the first line has it already.
    why = escape.inline(
        drift_table.ended(found.sentence) if found.cause is not Cause.NONE else "", longest=600
    )
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


def _fit(groups: Sequence[Group], *, limit: int) -> str:
    return fit(groups, limit=limit, notice=_notice)[0]


def _notice(kinds: Sequence[str]) -> Markdown:
    return Markdown(f"_Shortened to stay within GitHub's limit: {', '.join(kinds)}._")
