"""Describes the differences between the rows of two files; a row is its id and its target."""

from __future__ import annotations

import polars as pl

from interlock.adapters.scoring import columns, label_columns
from interlock.adapters.scoring.predictions import PredictionsFile
from interlock.domain.basics import canonical_text, figures
from interlock.domain.model.manifest import Task

PRECISION = 2.0**-11
"""Largest relative difference of two numbers that may be one number in another precision: half the
spacing of IEEE 754 binary16, the coarsest one in use."""


def tell(candidate: PredictionsFile, champion: PredictionsFile) -> str:
    """Return the number of rows that differ, and the difference; empty without any."""
    if candidate.rows == champion.rows:
        return ""
    if other := _of_labels(candidate, champion):
        return other
    mine, theirs = (_targets(p) for p in (candidate, champion))
    both = mine.join(theirs, on="id", how="inner", suffix="_champion")
    changed = both.filter(pl.col("target") != pl.col("target_champion"))
    added, lost = (a.join(b, on="id", how="anti") for a, b in ((mine, theirs), (theirs, mine)))
    counts = (
        (added.height, "only here"),
        (lost.height, "only there"),
        (changed.height, "with another target"),
    )
    parts = ", ".join(f"{count:,} {what}" for count, what in counts if count)
    words = [f"it was evaluated on other rows than the champion ({parts})"]
    words += _of_ids(added["id"], lost["id"])
    if candidate.task is not Task.MULTILABEL:
        words += _of_classes(changed) if candidate.classes else _of_numbers(changed)
    return "; ".join(words)


def _of_labels(candidate: PredictionsFile, champion: PredictionsFile) -> str:
    """The labels of only one file: the sets of all rows differ."""
    mine, theirs = (set(label_columns.labels(each.columns)) for each in (candidate, champion))
    parts = (
        f"{columns.enumerated(tuple(map(repr, sorted(labels))))} only {where}"
        for labels, where in ((mine - theirs, "here"), (theirs - mine, "there"))
        if labels
    )
    listing = ", ".join(parts) if candidate.task is Task.MULTILABEL else ""
    return f"it has other labels than the champion ({listing})" if listing else ""


def _targets(predictions: PredictionsFile) -> pl.DataFrame:
    labels = predictions.classes
    target = pl.Series(predictions.target)
    return pl.DataFrame(
        {
            "id": predictions.ids,
            "target": pl.Series(labels).gather(target) if labels else target,
        }
    )


def _of_ids(added: pl.Series, lost: pl.Series) -> list[str]:
    if added.is_empty() or lost.is_empty():
        return []
    twin = canonical_text.explain(added[0], lost)
    return [twin or f"ids such as {added[0]!r} here and {lost[0]!r} there"]


def _of_classes(changed: pl.DataFrame) -> list[str]:
    if changed.is_empty():
        return []
    id_, mine, theirs = changed.row(0)
    twin = canonical_text.explain(mine, [theirs])
    return [twin or f"the target of id {id_!r} is {mine!r} here and {theirs!r} there"]


def _of_numbers(changed: pl.DataFrame) -> list[str]:
    if changed.is_empty():
        return []
    mine, theirs = changed["target"], changed["target_champion"]
    apart = (mine - theirs).abs()
    size = pl.DataFrame({"mine": mine.abs(), "theirs": theirs.abs()}).max_horizontal()
    is_rounding = bool((apart <= PRECISION * size).all())
    most = float(apart.max())  # type: ignore[arg-type]
    words = f"the targets differ by at most {figures.significant(most)}"
    return [words + (": another precision?" if is_rounding else "")]
