"""The templates. Every value is escaped, except values of the type Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from html import escape as escape_html
from urllib.parse import quote

import jinja2

from interlock.domain.basics import figures
from interlock.domain.drift.status import DriftStatus as Drift
from interlock.domain.evaluation.verdict import Finding, Outcome
from interlock.rendering import drift_sentences, escape, sentences, sparkline
from interlock.rendering.escape import Markdown

_SENTENCE_LONGEST = 400
_VALUE_LONGEST = 120
_PICTURE_WIDTH = 720


@cache
def environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("interlock.rendering"),
        # Markdown is escaped, not HTML, and in one place: see _finalize.
        autoescape=False,  # noqa: S701
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=False,
        finalize=_finalize,
    )
    made.filters.update(_FILTERS)
    made.globals.update(GLYPHS=sentences.GLYPHS)
    return made


def render(template: str, **values: object) -> str:
    """Return the template's Markdown, without blank lines at its ends."""
    return environment().get_template(template).render(**values).strip("\n")


def _finalize(value: object) -> object:
    return value if isinstance(value, Markdown) else escape.inline("" if value is None else value)


def _strong(text: str) -> Markdown:
    return Markdown(f"**{escape.inline(text)}**")


def _result(finding: Finding) -> Markdown:
    """The outcome and its reason. A no-break space keeps the symbol and the word on one line."""
    glyph = sentences.OUTCOME_GLYPHS.get(finding.outcome)
    result = f"{glyph}\u00a0{finding.outcome}" if glyph else finding.outcome.value
    # A verdict of an earlier minor version has the sentence alone.
    is_bare = not finding.reason and finding.outcome is not Outcome.PASS
    why = finding.sentence if is_bare else finding.reason
    return Markdown(f"{result}: {escape.inline(why, longest=_SENTENCE_LONGEST)}" if why else result)


def _value(text: str | None) -> Markdown:
    return Markdown("–") if text is None else escape.code(text, longest=_VALUE_LONGEST)


def _picture(url: str | None, name: str) -> Markdown:
    """An image from the ledger, with encoded attributes."""
    if not url:
        return Markdown("–")
    source = escape_html(quote(url, safe=":/?=&%._-~", errors="replace"), quote=True)
    shown = escape_html(escape.flat(name, longest=80), quote=True).replace("|", "∣")
    return Markdown(f'<img src="{source}" alt="{shown}" width="{_PICTURE_WIDTH}">')


def moment(at: str) -> Markdown:
    """`2030-01-01 12:00` for a time in ISO 8601; other text of a record is escaped."""
    match = _TIME.match(at)
    return Markdown(f"{match[1]} {match[2]}") if match else escape.inline(at)


def _drift(verdict: Drift) -> str:
    return f"{drift_sentences.GLYPHS[verdict]}\u00a0{verdict.value}"


def _statistics(statistics: Mapping[str, float]) -> Markdown:
    """`psi 0.213, wasserstein 0.512`, without zeros."""
    parts = (f"{name.replace('_', ' ')} {value:.3g}" for name, value in statistics.items() if value)
    return escape.inline(", ".join(parts), longest=_SENTENCE_LONGEST)


def _spark(history: Sequence[float | None], top: float) -> Markdown:
    return sparkline.titled(
        sparkline.blocks(history, top=max(top, _LEAST_TOP)), title=sparkline.numbers(history)
    )


_LEAST_TOP = 0.2
"""The least scale of a sparkline, so that noise does not look like drift."""
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)", re.ASCII)
_PLURALS = {"more": "more"}
_FILTERS: dict[str, Callable[..., object]] = {
    "asis": Markdown,
    "code": escape.code,
    "count": lambda amount, noun: Markdown(figures.count(amount, noun, _PLURALS.get(noun, ""))),
    "drift": lambda verdict: Markdown(_drift(verdict)),
    "figure": lambda value: "–" if value is None else figures.number(value),
    "glyph": lambda status: Markdown(sentences.glyph(status)),
    "moment": moment,
    "notes": lambda status: escape.inline(sentences.notes(status)),
    "picture": _picture,
    "sentence": lambda text: escape.inline(text, longest=_SENTENCE_LONGEST),
    "summary": lambda status: escape.inline(sentences.summary(status), longest=_SENTENCE_LONGEST),
    "result": _result,
    "share": lambda value: "–" if value is None else Markdown(sparkline.percent(value)),
    "shares": lambda values: Markdown(sparkline.numbers(values)),
    "size": figures.size,
    "spark": _spark,
    "statistics": _statistics,
    "strong": _strong,
    "tally": lambda report: escape.inline(sentences.tally(report), longest=_SENTENCE_LONGEST * 4),
    "value": _value,
    "whole": lambda amount: "–" if amount is None else f"{amount:,}",
}
