"""Port: scoring of predictions files; no model is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from interlock.domain.evaluation.scores import MetricValue, Scores, ScoringRequest
from interlock.domain.model.column_map import ColumnMap
from interlock.domain.model.evidence import Rows
from interlock.domain.model.manifest import RowMetric, Task


class Predictions(Protocol):
    """A predictions file that was read and passed the checks; only its own Scoring uses its
    content."""

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
        columns: ColumnMap | None = None,
    ) -> Predictions:
        """Read and check a file. `columns` are its own names of the columns, and those in errors.

        Raises CannotScore with the name `name` and all problems, one line each with column and row.
        `slices` are columns that must exist, `positive` is the positive class of a binary task,
        which must be known.
        """
        ...

    def read_served(
        self,
        paths: Sequence[Path],
        *,
        name: str,
        task: Task,
        positive: str | None = None,
        columns: ColumnMap | None = None,
    ) -> Predictions:
        """Read the predictions of a model in production, with the labels, from one file for each
        window. If a row is in two files, the later one counts. Raises CannotScore."""
        ...

    def score(
        self,
        candidate: Predictions,
        *,
        champion: Predictions | None,
        request: ScoringRequest,
        served: Predictions | None = None,
    ) -> Scores:
        """Compute every metric of the task. It is compared with the champion's if both have the
        same rows, or, if rows may grow, if the candidate has all of the champion's rows and more.

        `served` are the champion's predictions in production: the slice RECENT has those of its
        rows that the candidate has, too. Other rows raise no error: Scores.champion_problem has the
        number of rows that differ. Raises CannotScore for problems that only both files together
        show, for example a third class of a binary task.
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
        columns: ColumnMap | None = None,
        own: tuple[RowMetric, ...] = (),
    ) -> MetricValue:
        """Compute one metric of one file, without a comparison, with its bootstrap interval. `own`
        are the manifest's own metrics.

        A prediction may name a class that no row has. Raises CannotScore, like `read`.
        """
        ...
