"""Sorts one column of scores once, and counts the rows above each score: areas under curves, their
values in resamples, and the influence of each row on them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from interlock.adapters.scoring import batches
from interlock.adapters.scoring.predictions import Codes, Flags, Floats
from interlock.adapters.scoring.resampling import Groups


@dataclass(frozen=True, slots=True)
class _Runs:
    """Runs of equal scores at the places `rows` of the order. For each run: `right` and `wrong` are
    the true and the false rows at or above it, `gained` and `lost` those in it."""

    rows: slice
    right: Floats
    wrong: Floats
    gained: Floats
    lost: Floats

    @property
    def precision(self) -> Floats:
        return self.right / (self.right + self.wrong)

    def below(self, falses: float) -> Floats:
        """The false rows below each run, and half of those in it."""
        return falses - self.wrong + self.lost / 2


@dataclass(frozen=True, slots=True)
class Curve:
    """`order` are the rows in descending order of score. In this order, `true` are rows of the
    class, `ends` are the last rows of each run of equal scores."""

    order: npt.NDArray[np.int32]
    true: Flags
    ends: Flags

    @staticmethod
    def of(score: Floats, true: Flags) -> Curve:
        order = np.argsort(-score).astype(np.int32)
        ranked = score[order]
        return Curve(order, true[order], np.append(ranked[1:] != ranked[:-1], True))

    @property
    def trues(self) -> int:
        return int(np.count_nonzero(self.true))

    @property
    def falses(self) -> int:
        return len(self.true) - self.trues

    def area(self) -> float:
        """The ROC area: the share of pairs in the right order, ties counting half."""
        falses = self.falses
        pairs = sum(float((r.gained * r.below(falses)).sum()) for r in self._runs())
        return pairs / (self.trues * falses) if self.trues * falses else np.nan

    def precision(self) -> float:
        """Average precision: precision at each run, by the recall it adds; 0 without true rows."""
        gained = sum(float((r.gained * r.precision).sum()) for r in self._runs())
        return gained / max(self.trues, 1)

    def areas(self, weights: Floats) -> Floats:
        """The ROC area of each resample, from the weights [resamples, rows] of rows."""
        right, wrong = self._cumulated(weights)
        here = np.diff(wrong, axis=1, prepend=0.0)
        below = wrong[:, -1:] - wrong + here / 2
        pairs = (np.diff(right, axis=1, prepend=0.0) * below).sum(axis=1)
        return _divide(pairs, right[:, -1] * wrong[:, -1])

    def precisions(self, weights: Floats) -> Floats:
        """The average precision of each resample."""
        right, wrong = self._cumulated(weights)
        called = right + wrong
        precision = np.divide(right, called, out=np.zeros_like(right), where=called > 0)
        gained = (np.diff(right, axis=1, prepend=0.0) * precision).sum(axis=1)
        return _divide(gained, right[:, -1])

    def area_influence(self, groups: Groups, area: float) -> Floats:
        """The influence of each group of rows on the ROC area."""
        trues, falses = np.float64(self.trues), np.float64(self.falses)
        totals = np.zeros(groups.count)
        for runs in self._runs():
            above = runs.right - runs.gained / 2
            of_true = (runs.below(falses) / falses - area) / trues
            of_false = (above / trues - area) / falses
            totals += self._totals(runs, of_true, of_false, groups)
        return totals

    def precision_influence(self, groups: Groups, average: float) -> Floats:
        """The influence of each group of rows on the average precision."""
        trues = np.float64(self.trues)
        totals, true_later, false_later = np.zeros(groups.count), 0.0, 0.0
        for runs in self._runs(is_reversed=True):
            # A row counts in the precision of its own run and of every later run.
            called = runs.right + runs.wrong
            share = runs.gained / called**2
            as_true = np.cumsum((share * runs.wrong)[::-1])[::-1] + true_later
            as_false = np.cumsum((share * runs.right)[::-1])[::-1] + false_later
            true_later, false_later = as_true[0], as_false[0]
            of_true = as_true + runs.right / called - average
            totals += self._totals(runs, of_true / trues, -as_false / trues, groups)
        return totals

    def _totals(self, runs: _Runs, of_true: Floats, of_false: Floats, groups: Groups) -> Floats:
        ends = self.ends[runs.rows]
        run: Codes = np.cumsum(ends) - ends
        values = np.where(self.true[runs.rows], of_true[run], of_false[run])
        return groups.totals(values, self.order[runs.rows])

    def _runs(self, *, is_reversed: bool = False) -> Iterator[_Runs]:
        """Yield batches of whole runs, from the highest score or from the lowest."""
        lasts = [batch.stop - 1 for batch in batches.of(len(self.ends))]
        stops = sorted({int(last + self.ends[last:].argmax()) + 1 for last in lasts})
        rows = [slice(start, stop) for start, stop in itertools.pairwise([0, *stops])]
        right = itertools.accumulate((int(np.count_nonzero(self.true[r])) for r in rows), initial=0)
        places = list(zip(rows, right, strict=False))
        for each, before in reversed(places) if is_reversed else places:
            yield self._counted(each, before)

    def _counted(self, rows: slice, before: int) -> _Runs:
        """Count runs that have `before` true rows above them."""
        last = np.flatnonzero(self.ends[rows])
        right = (before + np.cumsum(self.true[rows])[last]).astype(np.float64)
        wrong = rows.start + last + 1 - right
        gained = np.diff(right, prepend=before)
        return _Runs(rows, right, wrong, gained, np.diff(wrong, prepend=rows.start - before))

    def _cumulated(self, weights: Floats) -> tuple[Floats, Floats]:
        """Weights of the true and of the false rows at or above the end of each run."""
        ranked = weights[:, self.order]
        right = np.cumsum(ranked * self.true, axis=1)[:, self.ends]
        return right, np.cumsum(ranked, axis=1)[:, self.ends] - right


def _divide(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.full_like(part, np.nan), where=whole > 0)
