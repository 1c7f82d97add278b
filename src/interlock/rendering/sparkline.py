"""Numbers as a row of Unicode blocks, with the numbers as text for screen readers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape as escape_html
from itertools import groupby

from interlock.domain.drift.status import DriftStatus
from interlock.rendering.escape import Markdown

_BLOCKS = "▁▂▃▄▅▆▇█"
_NOTHING = "·"
_VERDICTS = {
    DriftStatus.STABLE: _BLOCKS[0],
    DriftStatus.WARNING: _BLOCKS[3],
    DriftStatus.DRIFT: _BLOCKS[7],
    DriftStatus.BROKEN: "╳",
    DriftStatus.INSUFFICIENT: _NOTHING,
}


def blocks(values: Sequence[float | None], *, top: float) -> str:
    """`▁▁▃█`: one block per value on a scale from 0 to `top`, a dot for a missing value."""
    return "".join(_block(value, top=top) for value in values)


def numbers(values: Iterable[float | None]) -> str:
    """`1 %, 2 %, 41 %`: shares as text."""
    return ", ".join("–" if value is None else percent(value) for value in values)


def percent(share: float) -> str:
    """`41 %`, with a decimal if the whole number would be zero."""
    decimals = 1 if 0.0005 <= abs(share) < 0.01 else 0
    return f"{share * 100:.{decimals}f} %"


def of_verdicts(verdicts: Sequence[DriftStatus]) -> Markdown:
    """One block per window, oldest first; the title has the words: `12 stable, 1 warning`."""
    runs = ((verdict, len(list(same))) for verdict, same in groupby(verdicts))
    title = ", ".join(f"{count} {verdict.value}" for verdict, count in runs)
    return titled("".join(_VERDICTS[verdict] for verdict in verdicts), title=title)


def titled(text: str, *, title: str) -> Markdown:
    """Text in a fixed-width font with a tooltip. Neither may contain names."""
    if not text:
        return Markdown("–")
    return Markdown(f'<code title="{escape_html(title, quote=True)}">{text}</code>')


def _block(value: float | None, *, top: float) -> str:
    if value is None:
        return _NOTHING
    share = value / top if top > 0 else 0.0
    place = round(min(1.0, max(0.0, share)) * (len(_BLOCKS) - 1))
    return _BLOCKS[place]
