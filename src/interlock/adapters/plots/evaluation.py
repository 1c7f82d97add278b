"""Draws the evaluation data: the champion on the left, the candidate on the right, with the same
scales."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from matplotlib.colors import PowerNorm

from interlock.adapters.plots import figure as canvas
from interlock.domain.evaluation.chart_data import Calibration, Charts, Confusion, Residuals

WIDTH_INCHES, HEIGHT_INCHES = {1: 5.6, 2: 9.0}, 4.6
"""Two panels are 900 pixels wide, about the width of a picture in a comment on GitHub."""
CANDIDATE, CHAMPION = canvas.ORANGE, canvas.BLUE
MOST_NAMED_CLASSES = 25

Panel = tuple[str, str]
"""Title and colour."""


def draw(candidate: Charts, *, champion: Charts | None, names: tuple[str, str]) -> dict[str, bytes]:
    """Draw as described in ports.plots."""
    every: dict[str, Callable[[], bytes | None]] = {
        "confusion": lambda: confusions(_sides(candidate, champion, names, "confusion")),
        "calibration": lambda: _calibrations(_sides(candidate, champion, names, "calibration")),
        "residuals": lambda: _residuals(_sides(candidate, champion, names, "residuals")),
    }
    drawn = {name: make() for name, make in every.items()}
    return {name: png for name, png in drawn.items() if png is not None}


def _sides(
    candidate: Charts, champion: Charts | None, names: tuple[str, str], kind: str
) -> list[tuple[Panel, Any]]:
    """Return the sides with data of a kind, champion first; nothing without the candidate's."""
    mine = getattr(candidate, kind)
    theirs = getattr(champion, kind) if champion is not None else None
    if mine is None:
        return []
    sides = [((names[0], CANDIDATE), mine)]
    return sides if theirs is None else [((names[1], CHAMPION), theirs), *sides]


def confusions(
    sides: Sequence[tuple[Panel, Confusion]],
    *,
    title: str = "Share of each true class that was called each class",
) -> bytes | None:
    if not sides:
        return None
    figure, axes = _figure(len(sides))
    image = None
    for place, (axis, ((name, _), confusion)) in enumerate(zip(axes, sides, strict=True)):
        image = _confusion(axis, confusion)
        axis.set_title(name)
        axis.set_xlabel("predicted")
        if place == 0:
            axis.set_ylabel("true")
    figure.colorbar(image, ax=axes, shrink=0.8, ticks=[0, 0.01, 0.05, 0.2, 0.5, 1])
    return canvas.png(figure, title)


def _confusion(axis: Any, confusion: Confusion) -> Any:
    """Rows sum to 1, so that a rare class is as visible as a common one. The colour scale is not
    linear, so that one error in a hundred is visible."""
    shares = [[n / max(1, sum(row)) for n in row] for row in confusion.counts]
    image = axis.imshow(shares, cmap="Blues", norm=PowerNorm(0.4, 0, 1))
    size = len(confusion.classes)
    step = -(-size // MOST_NAMED_CLASSES)
    ticks = range(0, size, step)
    labels = [canvas.short(confusion.classes[i]) for i in ticks]
    axis.set_xticks(ticks, labels, rotation=90 if max(map(len, labels)) > 2 else 0)
    axis.set_yticks(ticks, labels)
    if size <= 10:
        _write_counts(axis, confusion, shares)
    return image


def _write_counts(axis: Any, confusion: Confusion, shares: list[list[float]]) -> None:
    for row, counts in enumerate(confusion.counts):
        for column, count in enumerate(counts):
            if count:
                colour = "white" if shares[row][column] > 0.3 else "black"
                axis.text(
                    column, row, f"{count}", ha="center", va="center", color=colour, fontsize=8
                )


def _calibrations(sides: Sequence[tuple[Panel, Calibration]]) -> bytes | None:
    if not sides:
        return None
    figure, axes = _figure(len(sides))
    for place, (axis, ((title, colour), each)) in enumerate(zip(axes, sides, strict=True)):
        axis.plot([0, 1], [0, 1], linestyle="--", color="grey", linewidth=1)
        axis.plot(each.scores, each.shares, color=colour, linewidth=1.2, clip_on=False)
        most = max(each.rows)
        sizes = [20 + 180 * rows / most for rows in each.rows]
        axis.scatter(each.scores, each.shares, s=sizes, color=colour, alpha=0.85, clip_on=False)
        axis.set(xlim=(0, 1), ylim=(0, 1), xlabel="mean score of the bin", title=title)
        axis.set_aspect("equal")
        if place == 0:
            axis.set_ylabel("share that was right")
    return canvas.png(figure, "Calibration: on the dashed line, scores are what they say")


def _residuals(sides: Sequence[tuple[Panel, Residuals]]) -> bytes | None:
    if not sides:
        return None
    figure, axes = _figure(len(sides), share=True)
    for place, (axis, ((title, colour), each)) in enumerate(zip(axes, sides, strict=True)):
        axis.axhline(0, linestyle="--", color="grey", linewidth=1)
        axis.scatter(each.predictions, each.residuals, s=12, color=colour, alpha=0.5, linewidths=0)
        axis.set(xlabel="prediction", title=title)
        if place == 0:
            axis.set_ylabel("prediction minus target")
    return canvas.png(figure, "Residuals: level and even around the dashed line is good")


def _figure(panels: int, *, share: bool = False) -> tuple[Any, list[Any]]:
    return canvas.panels(
        panels, width_inches=WIDTH_INCHES[panels], height_inches=HEIGHT_INCHES, share=share
    )
