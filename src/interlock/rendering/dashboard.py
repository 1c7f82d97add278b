"""The dashboard as an issue's body within GitHub's limit; what is true was decided before."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from interlock.domain.basics import figures
from interlock.domain.drift.status import DriftStatus
from interlock.domain.evaluation import metric_comparison
from interlock.domain.reporting import dashboard
from interlock.domain.reporting.dashboard import Dashboard, DashboardLine, HealthStatus
from interlock.rendering import escape, limits, sentences, sparkline
from interlock.rendering.budget import Group, Section, fit
from interlock.rendering.environment import moment, render
from interlock.rendering.escape import Markdown
from interlock.rendering.sections import optional

MARKER = "<!-- interlock: dashboard -->"
_FEW = 10


def body(shown: Dashboard) -> str:
    """The issue's body, its marker included, whatever there is to show. It has no clock of its own:
    where nothing has changed it is the same, and nothing is written."""
    ending = f"\n\n{MARKER}"
    limit = limits.COMMENT - limits.measure(ending)
    found = [
        _tally(shown),
        _told(shown),
        _models(shown),
        _details(shown),
        _problems(shown),
        _foot(),
    ]
    sections = tuple(section for section in found if section is not None)
    return fit([Group(sections)], limit=limit, notice=_notice)[0] + ending


def _tally(shown: Dashboard) -> Section:
    worst = next(iter(shown.lines), None)
    calm = "⚠️" if shown.problems else dashboard.GLYPHS[HealthStatus.CALM]
    glyph = dashboard.GLYPHS[worst.state] if worst and shown.needing else calm
    said = escape.inline(dashboard.tally(shown), longest=600)
    return Section("tally", 100, (f"{glyph} **{said}**",))


def _told(shown: Dashboard) -> Section | None:
    """What there is to know, a line a model, the gravest first."""
    lines = [
        f"- {dashboard.GLYPHS[line.state]} **{escape.inline(line.model)}**: "
        f"{escape.inline(line.sentence, longest=400)}"
        for line in shown.told
    ]
    variants = [
        "\n".join([*lines[:cap], *_more(len(lines), cap, "more")]) for cap in (100, 25, _FEW, 3)
    ]
    return optional("sentences", 90, tuple(variants))


def _models(shown: Dashboard) -> Section | None:
    """What is looked for first; where there is no room the calm go first, for they come last."""
    if not shown.lines:
        return None
    shapes = (_table(shown, _SEEN, most=most) for most in (500, 250, 100, _FEW))
    return Section("models", 80, tuple(dict.fromkeys(shapes)))


def _details(shown: Dashboard) -> Section | None:
    if not shown.lines:
        return None
    opening = "<details><summary>Since when, where, and at what cost</summary>"
    shapes = (_table(shown, _FOLDED, most=most) for most in (500, 100, _FEW))
    variants = (f"{opening}\n\n{table}\n\n</details>" for table in shapes)
    return optional("details", 40, tuple(variants))


def _table(shown: Dashboard, columns: Sequence[_Column], *, most: int) -> str:
    rows = [[tell(line) for _, tell in columns] for line in shown.lines[:most]]
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
    said = (
        "Kept by Interlock: what is written here by hand is written over. Windows are the last "
        "that were looked at, the newest on the right; times are UTC; the difference is to the "
        "version that was in production before."
    )
    return optional("foot", 70, (f"<sub>{said}</sub>",))


def _glyph(line: DashboardLine) -> Markdown:
    return Markdown(dashboard.GLYPHS[line.state])


def _model(line: DashboardLine) -> Markdown:
    return Markdown(f"**{escape.inline(line.model)}**")


def _served(line: DashboardLine) -> Markdown:
    served = line.facts.served
    if served is None:
        return Markdown("–")
    held = " 📌" if line.facts.hold is not None else ""
    return _unbroken(f"{sentences.version(served.version)}{held}")


def _live(line: DashboardLine) -> Markdown:
    facts = line.facts
    if not facts.windows:
        return Markdown("not seen yet" if facts.is_watched else "not watched")
    said = facts.newest.verdict.value if facts.newest else "no window of it yet"
    labels = facts.performance.performance.verdict if facts.performance else DriftStatus.STABLE
    told = "" if labels is DriftStatus.STABLE else f", by its labels {labels.value}"
    return Markdown(f"{sparkline.of_verdicts(facts.windows)} {said}{told}")


def _metric(line: DashboardLine) -> Markdown:
    row, before = line.facts.measured, line.facts.before
    if row is None:
        return Markdown("–")
    if before is None:
        return escape.inline(metric_comparison.measured(row))
    return escape.inline(metric_comparison.against(row, sentences.version(before.version)))


def _unbroken(text: str) -> Markdown:
    """Text of ours that stays on one line of a narrow cell."""
    return Markdown(text.replace(" ", "\u00a0"))


def _since(line: DashboardLine) -> Markdown:
    return moment(line.facts.served.at) if line.facts.served else Markdown("–")


def _commit(line: DashboardLine) -> Markdown:
    served = line.facts.served
    return escape.code(figures.short(served.revision) if served else "")


def _places(line: DashboardLine) -> Markdown:
    served = line.facts.served
    return escape.inline(figures.listing(served.environments)) if served else Markdown("–")


def _pull(line: DashboardLine) -> Markdown:
    """A reference of our own making, which GitHub turns into a link with the title."""
    pull = line.facts.pull
    return Markdown("–" if pull is None else f"#{pull}")


def _seen(line: DashboardLine) -> Markdown:
    return moment(line.facts.last_seen) if line.facts.last_seen else Markdown("–")


_Column = tuple[str, Callable[[DashboardLine], Markdown]]
_SEEN: tuple[_Column, ...] = (
    ("", _glyph),
    ("model", _model),
    ("in production", _served),
    ("live data", _live),
    ("retraining", _pull),
    ("against its predecessor", _metric),
)
_FOLDED: tuple[_Column, ...] = (
    ("model", _model),
    ("since", _since),
    ("commit", _commit),
    ("where", _places),
    ("looked at", _seen),
    ("cost this month", lambda line: escape.inline(str(line.facts.cost))),
)


def _notice(kinds: Sequence[str]) -> Markdown:
    return Markdown(f"_Shortened to stay within GitHub's limit: {', '.join(kinds)}._")
