"""The dashboard as the body of an issue, within GitHub's limit."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from interlock.domain.basics import figures
from interlock.domain.drift.status import DriftStatus
from interlock.domain.evaluation import metric_comparison
from interlock.domain.reporting.dashboard import Dashboard, DashboardLine
from interlock.rendering import dashboard_sentences, escape, limits, sentences, sparkline
from interlock.rendering.budget import Group, Section, fit
from interlock.rendering.dashboard_sentences import GLYPHS
from interlock.rendering.environment import moment, render
from interlock.rendering.escape import Markdown
from interlock.rendering.sections import optional

MARKER = "<!-- interlock: dashboard -->"
_FEW = 10
_NONE = Markdown("–")


def body(shown: Dashboard) -> str:
    """The issue's body with its marker. The same dashboard has the same body: without a change, no
    issue is written."""
    ending = f"\n\n{MARKER}"
    limit = limits.COMMENT - limits.measure(ending)
    sections = [
        _headline(shown),
        _sentences(shown),
        _models(shown),
        _details(shown),
        _problems(shown),
        _foot(),
    ]
    group = Group(tuple(section for section in sections if section is not None))
    return fit([group], limit=limit)[0] + ending


def _headline(shown: Dashboard) -> Section:
    glyph = GLYPHS[shown.lines[0].status] if shown.needing_attention else "✅"
    if shown.problems and not shown.needing_attention:
        glyph = "⚠️"
    sentence = escape.inline(dashboard_sentences.headline(shown), longest=600)
    return Section("headline", 100, (f"{glyph} **{sentence}**",))


def _sentences(shown: Dashboard) -> Section | None:
    """A line for each model that is not healthy, the worst first."""
    lines = [
        f"- {GLYPHS[line.status]} **{escape.inline(line.model)}**: "
        f"{escape.inline(dashboard_sentences.sentence(line), longest=400)}"
        for line in shown.not_healthy
    ]
    variants = [
        "\n".join([*lines[:cap], *_more(len(lines), cap, "more")]) for cap in (100, 25, _FEW, 3)
    ]
    return optional("sentences", 90, tuple(variants))


def _models(shown: Dashboard) -> Section | None:
    """The main columns. Healthy models are last, so that a short table drops them first."""
    if not shown.lines:
        return None
    tables = (_table(shown, _COLUMNS, most=most) for most in (500, 250, 100, _FEW))
    return Section("models", 80, tuple(dict.fromkeys(tables)))


def _details(shown: Dashboard) -> Section | None:
    if not shown.lines:
        return None
    opening = "<details><summary>Promotion, environments and cost</summary>"
    tables = (_table(shown, _DETAILS, most=most) for most in (500, 100, _FEW))
    variants = (f"{opening}\n\n{table}\n\n</details>" for table in tables)
    return optional("details", 40, tuple(variants))


def _table(shown: Dashboard, columns: Sequence[_Column], *, most: int) -> str:
    rows = [[cell(line) for _, cell in columns] for line in shown.lines[:most]]
    text = render("table.md.j2", heads=[head for head, _ in columns], rows=rows)
    return "\n\n".join([text, *_more(len(shown.lines), most, "more model")])


def _more(count: int, most: int, noun: str) -> list[str]:
    plural = "more" if noun == "more" else ""
    left = figures.count(count - most, noun, plural)
    bullet = "- " if noun == "more" else ""
    return [f"{bullet}…and {left}."] if count > most else []


def _problems(shown: Dashboard) -> Section | None:
    lines = [f"- ⚠️ {escape.inline(problem, longest=400)}" for problem in shown.problems]
    return optional("problems", 85, ("\n".join([*lines[:_FEW], *_more(len(lines), _FEW, "more")]),))


def _foot() -> Section | None:
    text = (
        "Interlock overwrites manual changes of this text. Live data: the last evaluated windows, "
        "the newest on the right. Times are UTC. The primary metric is compared with the previous "
        "production model."
    )
    return optional("foot", 70, (f"<sub>{text}</sub>",))


def _glyph(line: DashboardLine) -> Markdown:
    return Markdown(GLYPHS[line.status])


def _model(line: DashboardLine) -> Markdown:
    return Markdown(f"**{escape.inline(line.model)}**")


def _version(line: DashboardLine) -> Markdown:
    """The text does not break in a narrow cell."""
    production = line.facts.production
    if production is None:
        return _NONE
    hold = " 📌" if line.facts.hold is not None else ""
    return Markdown(f"{sentences.version(production.version)}{hold}".replace(" ", "\u00a0"))


def _live_data(line: DashboardLine) -> Markdown:
    facts = line.facts
    if not facts.windows:
        return Markdown("not evaluated yet" if facts.monitoring else "not monitored")
    status = facts.newest.verdict.value if facts.newest else "no window of this version yet"
    labels = facts.performance.performance.verdict if facts.performance else DriftStatus.STABLE
    performance = "" if labels is DriftStatus.STABLE else f", performance {labels.value}"
    return Markdown(f"{sparkline.of_verdicts(facts.windows)} {status}{performance}")


def _primary_metric(line: DashboardLine) -> Markdown:
    row, previous = line.facts.primary_metric, line.facts.previous
    if row is None:
        return _NONE
    if previous is None:
        return escape.inline(metric_comparison.measured(row))
    return escape.inline(metric_comparison.against(row, sentences.version(previous.version)))


def _promoted_at(line: DashboardLine) -> Markdown:
    return moment(line.facts.production.at) if line.facts.production else _NONE


def _commit(line: DashboardLine) -> Markdown:
    production = line.facts.production
    return escape.code(figures.short(production.revision) if production else "")


def _environments(line: DashboardLine) -> Markdown:
    production = line.facts.production
    return escape.inline(figures.listing(production.environments)) if production else _NONE


def _retraining(line: DashboardLine) -> Markdown:
    """A reference, which GitHub shows as a link with the title."""
    return _NONE if line.facts.pull is None else Markdown(f"#{line.facts.pull}")


def _evaluated_at(line: DashboardLine) -> Markdown:
    return moment(line.facts.evaluated_at) if line.facts.evaluated_at else _NONE


def _cost(line: DashboardLine) -> Markdown:
    return escape.inline(dashboard_sentences.cost(line.facts.cost))


_Column = tuple[str, Callable[[DashboardLine], Markdown]]
_COLUMNS: tuple[_Column, ...] = (
    ("", _glyph),
    ("Model", _model),
    ("In production", _version),
    ("Live data", _live_data),
    ("Retraining", _retraining),
    ("Primary metric", _primary_metric),
)
_DETAILS: tuple[_Column, ...] = (
    ("Model", _model),
    ("Promoted", _promoted_at),
    ("Commit", _commit),
    ("Environments", _environments),
    ("Live data evaluated", _evaluated_at),
    ("Cost this month", _cost),
)
