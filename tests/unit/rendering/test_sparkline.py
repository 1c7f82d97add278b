"""Numbers as blocks: the scale, what is missing, and the words beside them."""

from __future__ import annotations

import pytest

from interlock.domain.drift.status import DriftStatus
from interlock.rendering import sparkline


@pytest.mark.parametrize(
    ("values", "top", "sentence"),
    [
        ((0.0, 0.5, 1.0), 1.0, "▁▅█"),
        ((0.0, None, 2.0, -1.0), 1.0, "▁·█▁"),
        ((0.0, 0.0), 0.0, "▁▁"),
        ((), 1.0, ""),
    ],
)
def test_blocks__are_on_one_scale(
    values: tuple[float | None, ...], top: float, sentence: str
) -> None:
    assert sparkline.blocks(values, top=top) == sentence


def test_numbers__read_out_what_the_blocks_show() -> None:
    assert sparkline.numbers((0.0, 0.0002, 0.004, 0.41, None)) == "0 %, 0 %, 0.4 %, 41 %, –"


def test_verdicts__have_a_block_and_a_word_each() -> None:
    markdown = sparkline.of_verdicts(tuple(DriftStatus))
    title, shown = markdown.removeprefix('<code title="').removesuffix("</code>").split('">')
    assert title.split(", ") == [f"1 {verdict.value}" for verdict in DriftStatus]
    assert len(set(shown)) == len(DriftStatus)


def test_verdicts__that_repeat_are_counted() -> None:
    stable = (DriftStatus.STABLE,) * 3
    markdown = sparkline.of_verdicts((*stable, DriftStatus.DRIFT, DriftStatus.STABLE))
    assert markdown == '<code title="3 stable, 1 drift, 1 stable">▁▁▁█▁</code>'


def test_titled__of_nothing_is_a_dash() -> None:
    assert sparkline.of_verdicts(()) == "–"
