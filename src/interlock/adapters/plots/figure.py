"""The common parts of all pictures: a figure without a window, its fonts, its bytes."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

DPI = 100
ORANGE, BLUE = "#D55E00", "#0072B2"
"""Two colours of Okabe and Ito's palette, which users with colour blindness can distinguish."""
_STYLE = {"font.family": "DejaVu Sans", "font.size": 10, "axes.titlesize": 11}


@contextmanager
def drawing() -> Iterator[None]:
    """Draw with the same style everywhere, without the settings of the machine or a `matplotlibrc`.
    matplotlib reads that file before any other, and with `text.usetex` in it would start LaTeX."""
    with mpl.rc_context(), warnings.catch_warnings():
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE)
        # A name in a script that the font lacks is drawn as boxes, without a warning.
        warnings.simplefilter("ignore")
        yield


def panels(
    count: int, *, width_inches: float, height_inches: float, share: bool = False
) -> tuple[Any, list[Any]]:
    """Return a figure and its panels, side by side."""
    figure = Figure(figsize=(width_inches, height_inches), dpi=DPI, layout="compressed")
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, count, squeeze=False, sharex=share, sharey=share)
    return figure, list(axes[0])


def png(figure: Any, title: str) -> bytes:
    figure.suptitle(title, fontsize=12)
    data = io.BytesIO()
    # Without matplotlib's version in it, the same numbers give the same bytes for longer.
    figure.savefig(data, format="png", metadata={"Software": None})
    return data.getvalue()


def short(name: str, *, most: int = 12) -> str:
    """Shorten a name and escape it for matplotlib; a dollar sign would start mathematics."""
    plain = "".join(c if c.isprintable() else "?" for c in name)
    cut = plain if len(plain) <= most else plain[: most - 1] + "…"
    return cut.replace("$", r"\$")
