"""Selects the rows on which both candidate and champion were evaluated; no metric is computed
here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from interlock.adapters.scoring import label_columns, label_sets, pairing, predictions, view
from interlock.adapters.scoring.pairing import Pair
from interlock.adapters.scoring.predictions import PredictionsFile
from interlock.adapters.scoring.view import RowsView
from interlock.domain.model.manifest import LABEL, RowsRule

NO_SUCH_ROWS = "the champion was evaluated on no such rows"


@dataclass(frozen=True, slots=True)
class ComparedRows:
    """The place of a comparison: all rows, or one value of a slice. `whole` is the candidate on all
    of its rows there, None if they are the champion's. `positive` is the label of the positive
    class, empty without one."""

    candidate: RowsView
    champion: RowsView | None
    problem: str
    where: tuple[str, str] = ("", "")
    whole: RowsView | None = None
    positive: str = ""


@dataclass(frozen=True, slots=True)
class Sides:
    """`all` are all rows of the candidate, `pair` those that are compared."""

    pair: Pair
    all: Pair
    candidate: RowsView
    champion: RowsView | None
    whole: RowsView | None

    def everywhere(self) -> ComparedRows:
        pair = self.pair
        return ComparedRows(
            self.candidate, self.champion, pair.problem, whole=self.whole, positive=pair.label
        )

    def values(self, column: str) -> Iterator[ComparedRows]:
        """Yield every value of a slice for which the candidate has rows."""
        sliced, shared = (p.candidate.slices[column] for p in (self.all, self.pair))
        for code, value in enumerate(sliced.values):
            mine, both = sliced.codes == code, shared.codes == code
            place = self._value(mine, both, (column, value))
            yield replace(place, positive=self.pair.label)

    def labels(self) -> Iterator[ComparedRows]:
        """Yield every label of a multilabel task, as a binary task."""
        for label in label_columns.labels(self.candidate.columns):
            mine, theirs, whole = (
                None if side is None else label_sets.of_label(side, label)
                for side in (self.candidate, self.champion, self.whole)
            )
            assert mine is not None  # noqa: S101 - the candidate is a side
            yield ComparedRows(mine, theirs, self.pair.problem, (LABEL, label), whole)

    def _value(
        self, mine: npt.NDArray[np.bool_], both: npt.NDArray[np.bool_], where: tuple[str, str]
    ) -> ComparedRows:
        if self.whole is None:
            champion = self.champion.only(both) if self.champion else None
            return ComparedRows(self.candidate.only(both), champion, self.pair.problem, where)
        whole = self.whole.only(mine)
        if self.champion is None or not both.any():
            return ComparedRows(whole, None, NO_SUCH_ROWS, where)
        return ComparedRows(self.candidate.only(both), self.champion.only(both), "", where, whole)


def of(
    candidate: PredictionsFile,
    champion: PredictionsFile | None,
    *,
    rows: RowsRule,
    positive: str | None = None,
) -> Sides:
    """Return both sides; raises like pairing.pair.

    If rows may grow, a candidate that has every row of the champion, with the same target, is
    compared on those: neither model was trained on them. A missing row could be the difficult one,
    so that a candidate with fewer rows is never compared.
    """
    shared = candidate
    if champion is not None and rows is RowsRule.GROWING:
        shared = predictions.only(candidate, candidate.ids.is_in(champion.ids.implode()).to_numpy())
        shared = shared if len(shared.ids) == len(champion.ids) else candidate
    pair = pairing.pair(shared, champion, positive=positive)
    whole = pair if shared is candidate else pairing.pair(candidate, None, positive=positive)
    return Sides(
        pair=pair,
        all=whole,
        candidate=view.of(pair.candidate, positive=pair.positive),
        champion=view.of(pair.champion, positive=pair.positive) if pair.champion else None,
        whole=_grown(whole, pair),
    )


def _grown(whole: Pair, pair: Pair) -> RowsView | None:
    """Return None if the candidate has no other rows than those that are compared."""
    if len(whole.candidate.ids) == len(pair.candidate.ids):
        return None
    return view.of(whole.candidate, positive=whole.positive)
