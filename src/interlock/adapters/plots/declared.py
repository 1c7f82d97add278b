"""Draws the plots that a pipeline declares: lines, points, bars and confusion like DVC's templates,
and pictures. The candidate and the champion are next to each other, or in one panel."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from itertools import cycle
from typing import Any

from interlock.adapters.plots import evaluation, tables
from interlock.adapters.plots import figure as canvas
from interlock.adapters.plots.tables import PlotLine
from interlock.domain.evaluation.chart_data import Confusion
from interlock.domain.model.declared_plots import PICTURES, Plot
from interlock.ports.plots import PlotSide

_WIDTH_INCHES, _HEIGHT_INCHES = 9.0, 4.2
_COLOURS = (canvas.ORANGE, canvas.BLUE)
"""The colours of the candidate and of the champion, as in the other pictures."""
_STYLES = ("-", "--", ":", "-.")
_MOST_PIXELS = 30_000_000
_MOST_CLASSES, _MOST_BARS, _BAR = 50, 50, 0.38
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP")


def draw(plot: Plot, sides: Sequence[PlotSide]) -> bytes | str:
    """Draw as described in ports.plots."""
    try:
        if plot.y[0].path.lower().endswith(PICTURES):
            return _pictures(plot, sides)
        lines = [tables.lines(plot, side.files) for side in sides]
        return _template(plot)(plot, sides, lines)
    except tables.NotDrawn as error:
        return str(error)
    except (ValueError, TypeError, ArithmeticError, RuntimeError, MemoryError) as error:
        # The numbers may have any size: a number that matplotlib cannot scale must not fail an
        # evaluation.
        return f"it cannot be drawn ({type(error).__name__})"


_Draw = Callable[[Plot, Sequence[PlotSide], Sequence[Sequence[PlotLine]]], bytes]


def _template(plot: Plot) -> _Draw:
    draw = _TEMPLATES.get(plot.template.removesuffix(".json"))
    if draw is None:
        raise tables.NotDrawn(f"its template {plot.template} is none that is drawn here")
    return draw


def _series(plot: Plot, sides: Sequence[PlotSide], lines: Sequence[Sequence[PlotLine]]) -> bytes:
    """Draw lines; the candidate is last, above the champion."""
    figure, (axis,) = canvas.panels(1, width_inches=_WIDTH_INCHES, height_inches=_HEIGHT_INCHES)
    for colour, side, side_lines in reversed(list(zip(_COLOURS, sides, lines, strict=False))):
        for style, line in zip(cycle(_STYLES), side_lines, strict=False):
            label = side.name if len(side_lines) == 1 else f"{side.name}: {line.name}"
            shown = {"color": colour, "label": canvas.short(label, most=40)}
            if plot.template.startswith("scatter"):
                axis.scatter(line.x, line.y, s=12, alpha=0.6, linewidths=0, **shown)
            else:
                axis.plot(line.x, line.y, style, linewidth=1.4, **shown)
    first = lines[0]
    _name(axis, plot, first[0].across, first[0].name if len(first) == 1 else "")
    axis.legend(frameon=False)
    return canvas.png(figure, _title(plot))


def _bars(plot: Plot, sides: Sequence[PlotSide], lines: Sequence[Sequence[PlotLine]]) -> bytes:
    """Draw one bar for each name: the vertical column has the names, the horizontal one the
    numbers."""
    figure, (axis,) = canvas.panels(1, width_inches=_WIDTH_INCHES, height_inches=_HEIGHT_INCHES)
    values = [dict(zip(map(str, of_side[0].y), of_side[0].x, strict=True)) for of_side in lines]
    names = list(dict.fromkeys(name for side in values for name in side))
    if plot.template.endswith("_sorted"):
        names.sort(key=lambda name: -values[0].get(name, 0.0))
    if len(names) > _MOST_BARS:
        raise tables.NotDrawn(f"it has {len(names)} bars")
    for place, (colour, side, bars) in enumerate(zip(_COLOURS, sides, values, strict=False)):
        at = [n + place * _BAR for n in range(len(names))]
        numbers = [bars.get(name, 0.0) for name in names]
        axis.barh(at, numbers, _BAR, color=colour, label=canvas.short(side.name, most=40))
    middle = _BAR / 2 * (len(values) - 1)
    axis.set_yticks([n + middle for n in range(len(names))], [canvas.short(n) for n in names])
    axis.invert_yaxis()
    _name(axis, plot, lines[0][0].across, lines[0][0].name)
    axis.legend(frameon=False)
    return canvas.png(figure, _title(plot))


def _confusion(plot: Plot, sides: Sequence[PlotSide], lines: Sequence[Sequence[PlotLine]]) -> bytes:
    every = [tables.confusion(of_side[0]) for of_side in lines]
    names = sorted({name for counts in every for pair in counts for name in pair})
    if len(names) > _MOST_CLASSES:
        raise tables.NotDrawn(f"it has {len(names)} classes")
    counted = [
        Confusion(tuple(names), tuple(tuple(counts[a, p] for p in names) for a in names))
        for counts in every
    ]
    # The champion is on the left, as in the other pictures.
    panels = [((side.name, ""), one) for side, one in zip(sides, counted, strict=True)]
    return evaluation.confusions(panels[::-1], title=_title(plot)) or b""


def _pictures(plot: Plot, sides: Sequence[PlotSide]) -> bytes:
    images = [_image(side.files[plot.y[0].path]) for side in sides]
    figure, axes = canvas.panels(
        len(sides), width_inches=_WIDTH_INCHES, height_inches=_HEIGHT_INCHES
    )
    for axis, side, image in zip(axes, reversed(sides), reversed(images), strict=True):
        axis.imshow(image)
        axis.set_title(side.name)
        axis.set_axis_off()
    return canvas.png(figure, _title(plot))


def _image(data: bytes) -> Any:
    """Decode the picture, and draw it again in a smaller size, so that the ledger has only PNG
    files of Interlock."""
    from PIL import Image  # noqa: PLC0415 - of pictures alone

    try:
        image = Image.open(io.BytesIO(data), formats=_FORMATS)
        if image.width * image.height > _MOST_PIXELS:
            raise tables.NotDrawn(f"it is {image.width} by {image.height} pixels large")
        image.thumbnail((1800, 1800))
        return image.convert("RGBA")
    except tables.NotDrawn:
        raise
    except Exception as error:
        # There is no list of the errors that a decoder raises for damaged data: struct.error,
        # zlib.error, …
        raise tables.NotDrawn("it is not a readable image") from error


def _name(axis: Any, plot: Plot, across: str, up: str) -> None:
    axis.set_xlabel(canvas.short(plot.labels[0] or across, most=40))
    axis.set_ylabel(canvas.short(plot.labels[1] or up, most=40))


def _title(plot: Plot) -> str:
    return canvas.short(plot.title or plot.name, most=70)


_TEMPLATES: dict[str, _Draw] = {
    "": _series,
    "linear": _series,
    "simple": _series,
    "smooth": _series,
    "scatter": _series,
    "scatter_jitter": _series,
    "bar_horizontal": _bars,
    "bar_horizontal_sorted": _bars,
    "confusion": _confusion,
    "confusion_normalized": _confusion,
}
"""DVC's own: https://dvc.org/doc/user-guide/experiment-management/visualizing-plots"""
