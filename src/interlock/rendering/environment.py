"""The templates, with every value escaped unless it says that it is Markdown already."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from html import escape as escape_html
from urllib.parse import quote

import jinja2

from interlock.domain.basics import figures, numbers
from interlock.domain.drift.status import DriftStatus as Drift
from interlock.domain.evaluation import metric_comparison
from interlock.domain.evaluation.verdict import Comparison, Finding, Outcome
from interlock.rendering import drift_sentences, escape, sentences, sparkline
from interlock.rendering.escape import Markdown

_SAYS_LONGEST = 400
_VALUE_LONGEST = 120
_PICTURE_WIDTH = 720


@cache
def environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("interlock.rendering"),
        # Not HTML's escaping but Markdown's, and at one place: see _finalize.
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


def _observed(finding: Finding) -> Markdown:
    """The number, or the difference with its interval where the champion is the measure; of a gate
    on slices the worst of them."""
    shown = escape.inline(_number(finding))
    if finding.observed is None or not finding.value:
        return shown
    worst = f", the worst of {finding.values:,}" if finding.values > 1 else ""
    return Markdown(f"{shown} in {escape.code(finding.value, longest=_VALUE_LONGEST)}{worst}")


def _number(finding: Finding) -> str:
    observed, rule = finding.observed, finding.rule
    if observed is None:
        return "–"
    if rule.against is None:
        return numbers.text(observed, beside=rule.max if rule.min is None else rule.min)
    row = Comparison(rule.metric, None, difference=observed, interval=finding.interval)
    edges = [edge for edge in (rule.max_rise, rule.max_drop and -rule.max_drop) if edge]
    return " ".join(
        filter(
            None, (metric_comparison.difference(row, edges), metric_comparison.interval(row, edges))
        )
    )


def _result(finding: Finding) -> Markdown:
    """The outcome and its reason. A no-break space keeps the symbol and the word on one line."""
    glyph = sentences.OUTCOME_GLYPHS.get(finding.outcome)
    result = f"{glyph}\u00a0{finding.outcome}" if glyph else finding.outcome.value
    # A verdict of an earlier minor version has the sentence alone.
    is_bare = not finding.reason and finding.outcome is not Outcome.PASS
    why = finding.sentence if is_bare else finding.reason
    return Markdown(f"{result}: {escape.inline(why, longest=_SAYS_LONGEST)}" if why else result)


def _value(text: str | None) -> Markdown:
    return Markdown("–") if text is None else escape.code(text, longest=_VALUE_LONGEST)


def _picture(url: str | None, name: str) -> Markdown:
    """An image from the ledger; what would leave its place in the attribute is encoded."""
    if not url:
        return Markdown("–")
    source = escape_html(quote(url, safe=":/?=&%._-~", errors="replace"), quote=True)
    shown = escape_html(escape.flat(name, longest=80), quote=True).replace("|", "∣")
    return Markdown(f'<img src="{source}" alt="{shown}" width="{_PICTURE_WIDTH}">')


def moment(at: str) -> Markdown:
    """`2030-01-01 12:00` of a time in ISO 8601; a record could hold anything else."""
    found = _TIME.match(at)
    return Markdown(f"{found[1]} {found[2]}") if found else escape.inline(at)


def _drift(verdict: Drift) -> str:
    return f"{drift_sentences.GLYPHS[verdict]}\u00a0{verdict.value}"


def _statistics(found: Mapping[str, float]) -> Markdown:
    """`psi 0.213, wasserstein 0.512`, in their order; naughts are left out."""
    told = (f"{name.replace('_', ' ')} {value:.3g}" for name, value in found.items() if value)
    return escape.inline(", ".join(told), longest=_SAYS_LONGEST)


def _spark(history: Sequence[float | None], top: float) -> Markdown:
    return sparkline.titled(
        sparkline.blocks(history, top=max(top, _LEAST_TOP)), title=sparkline.numbers(history)
    )


_LEAST_TOP = 0.2
"""Below it noise would look like drift: a medium effect is about half of it."""
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
    "observed": _observed,
    "picture": _picture,
    "said": lambda text: escape.inline(text, longest=_SAYS_LONGEST),
    "says": lambda status: escape.inline(sentences.says(status), longest=_SAYS_LONGEST),
    "result": _result,
    "share": lambda value: "–" if value is None else Markdown(sparkline.percent(value)),
    "shares": lambda values: Markdown(sparkline.numbers(values)),
    "size": figures.size,
    "spark": _spark,
    "statistics": _statistics,
    "strong": _strong,
    "tally": lambda report: escape.inline(sentences.tally(report), longest=_SAYS_LONGEST * 4),
    "value": _value,
    "whole": lambda amount: "–" if amount is None else f"{amount:,}",
}
