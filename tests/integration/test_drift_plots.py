"""Before and after in one picture: which columns, how large, and that no name can break it."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from matplotlib import image

from interlock.adapters.plots import MatplotlibPlots
from interlock.domain.monitoring.monitoring_records import ColumnReport, Share
from tests import drift_cases


def column(name: str, *labels: str, bins: int = 10) -> ColumnReport:
    names = labels or tuple(f"{i} to {i + 1}" for i in range(bins))
    size = len(names)
    shares = tuple(Share(n, 1 / size, 2 * i / size / size) for i, n in enumerate(names))
    return replace(drift_cases.column(name), shares=shares)


def draw(*columns: ColumnReport) -> bytes:
    png = MatplotlibPlots().draw_shares(columns)
    assert png is not None
    return png


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(image.imread(io.BytesIO(png)))[..., :3]


@pytest.mark.parametrize(("count", "width"), [(1, 560), (2, 900), (7, 900)])
def test_picture__fits_a_comment(count: int, width: int) -> None:
    png = draw(*(column(f"column {i}", bins=20) for i in range(count)))
    assert pixels(png).shape[1] == width
    assert len(png) < 120_000


def test_picture__is_of_the_first_three() -> None:
    columns = [column(f"column {i}", "a", "b") for i in range(4)]
    assert draw(*columns) == draw(*columns[:3]) != draw(*columns[1:])


def test_picture__skips_what_has_no_shares() -> None:
    bare = replace(column("bare"), shares=())
    assert draw(bare, column("age")) == draw(column("age"))
    assert MatplotlibPlots().draw_shares((bare,)) is None
    assert MatplotlibPlots().draw_shares(()) is None


@pytest.mark.parametrize(
    "names",
    [
        ("$x$", "$\\frac{", "a\nb"),
        ("\x00\x07", "\u202edlrow", "数字"),
        ("W" * 500, "%s {0} \\", ""),
    ],
)
def test_picture__survives_any_name_and_cuts_none(
    names: tuple[str, ...], recwarn: pytest.WarningsRecorder
) -> None:
    shown = pixels(draw(*(column(name, name, "WWWWWWWWWWWWWWWWWW") for name in names)))
    edge = (shown[0], shown[-1], shown[:, 0], shown[:, -1])
    assert all(bool((line == 1.0).all()) for line in edge)
    assert not recwarn.list


def test_picture__of_nothing_live_is_drawn() -> None:
    gone = replace(column("age"), shares=(Share("below 30", 1.0, 0.0), Share("30 and up", 0, 0)))
    assert draw(gone)
