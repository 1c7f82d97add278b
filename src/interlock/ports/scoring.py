"""Port: scoring of predictions files; no model is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from interlock.domain.evaluation.scores import MetricValue, Scores, ScoringRequest
from interlock.domain.model.evidence import Rows
from interlock.domain.model.manifest import Task


class Predictions(Protocol):
    """A predictions file that was read and found sound; only its own Scoring looks inside."""

    @property
    def rows(self) -> Rows: ...


class Scoring(Protocol):
    def read(
        self,
        path: Path,
        *,
        name: str,
        task: Task,
        slices: tuple[str, ...] = (),
        positive: str | None = None,
    ) -> Predictions:
        """Read and check a file; raises CannotScore, which calls it `name` and says all that is
        wrong, a line each with column and row. `slices` are columns that must be there, `positive`
        is the positive class of a binary task, which must be known."""
        ...

    def read_served(
        self, paths: Sequence[Path], *, name: str, task: Task, positive: str | None = None
    ) -> Predictions:
        """Read what a model answered in production, with the truth, from one file a window; of a
        row that is in two files the later one's counts. Raises CannotScore."""
        ...

    def score(
        self,
        candidate: Predictions,
        *,
        champion: Predictions | None,
        request: ScoringRequest,
        served: Predictions | None = None,
    ) -> Scores:
        """Compute every metric of the task, beside the champion's when its rows are the same, or
        where rows may grow, when the candidate has all of them and more.

        `served` is what the champion answered in production: the slice RECENT is of those of its
        rows that the candidate has. Other rows raise nothing: Scores.champion_problem says how
        many differ. Raises CannotScore for what only both files together show, as a third class
        of a binary task.
        """
        ...

    def measure(
        self,
        path: Path,
        *,
        name: str,
        task: Task,
        metric: str,
        confidence: float,
        seed: int,
        positive: str | None = None,
    ) -> MetricValue:
        """Compute one metric of one file beside no other, with its bootstrap interval.

        A prediction may name a class that no row is. Raises CannotScore, as `read` does.
        """
        ...
