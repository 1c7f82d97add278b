"""Reads predictions from the run store and checks them against the recorded SHA-256."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from interlock import errors
from interlock.commands.evaluate.context import EvaluateContext
from interlock.domain.evaluation.model_evaluation import EvaluationCase
from interlock.domain.model import candidates
from interlock.domain.model.column_map import ColumnMap
from interlock.domain.model.evidence import Artifact, Candidate
from interlock.domain.model.manifest import RowsRule
from interlock.domain.monitoring import monitoring_records
from interlock.ledger import lookup
from interlock.ports.runs import Runs
from interlock.ports.scoring import Predictions, Scoring
from interlock.services import artifacts


class CannotEvaluateError(Exception):
    """There can be no verdict on a candidate.

    `is_unusable`: the training wrote predictions that cannot be scored, so it counts as failed.
    """

    def __init__(self, reason: str, *, is_unusable: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_unusable = is_unusable


@dataclass(frozen=True, slots=True)
class ChampionPredictions:
    """The champion of a comparison; `problem` is the reason why its predictions are missing."""

    candidate: Candidate | None = None
    predictions: Predictions | None = None
    problem: str = ""
    served: Predictions | None = None


@dataclass(frozen=True, slots=True)
class PredictionsReader:
    """Fetches predictions into `folder`, compares their SHA-256 with the record, and reads them."""

    context: EvaluateContext
    runs: Runs
    scoring: Scoring
    folder: Path

    def read_candidate(
        self, case: EvaluationCase, candidate: Candidate, *, is_judged: bool
    ) -> Predictions | None:
        """Read the candidate's predictions, None if the manifest declares none. Raises
        CannotEvaluateError when the predictions or the model differ from the record, and for
        missing and unusable predictions."""
        self._checked(candidate, candidate.model, is_judged=is_judged)
        declared, artifact = case.manifest.outputs.predictions, candidate.predictions
        if declared is None:
            return None
        if artifact is None:
            raise CannotEvaluateError(f"run {candidate.run_id} has no predictions: train it again")
        path = self._checked(candidate, artifact, is_judged=is_judged)
        try:
            return self.scoring.read(
                path,
                name=declared.path,
                task=case.request.task,
                slices=case.request.slices,
                positive=case.request.positive,
                columns=declared.columns,
            )
        except errors.CannotScore as error:
            raise CannotEvaluateError(error.line, is_unusable=True) from error

    def _checked(self, candidate: Candidate, artifact: Artifact, *, is_judged: bool) -> Path:
        run_id = candidate.run_id
        folder = self.folder / "candidate" / run_id
        try:
            path = artifacts.fetch_any(self.runs, run_id, artifact, to=folder)
            sha256 = artifacts.measure(path, name=artifact.path).sha256
        except errors.CannotReadDocument as error:
            raise CannotEvaluateError(f"{artifact.path} of run {run_id}: {error.line}") from error
        if sha256 == artifact.sha256:
            return path
        raise CannotEvaluateError(
            candidates.changed(
                run_id=run_id,
                artifact=artifact.path,
                recorded=artifact.sha256,
                actual=sha256,
                is_judged=is_judged,
            )
        )

    def read_champion(self, case: EvaluationCase) -> ChampionPredictions:
        """Read the champion's predictions. A fault of them is a `problem`, not an error: only the
        gates that need the champion fail."""
        served = case.standing.champion
        if served is None or not case.is_compared:
            return ChampionPredictions()
        known = lookup.find_evidence(self.context.ledger, model=case.name, fingerprint=served)
        if known is None:
            return ChampionPredictions(problem="the ledger has no evidence of the champion")
        declared = case.manifest.outputs.predictions
        if declared is None:
            return ChampionPredictions(known.candidate)
        return self._read_champion(case, known.candidate, declared.columns)

    def _read_champion(
        self, case: EvaluationCase, champion: Candidate, columns: ColumnMap | None
    ) -> ChampionPredictions:
        artifact = champion.predictions
        if artifact is None:
            return ChampionPredictions(champion, problem="the champion has no predictions file")
        # Only the candidate's rows are grouped, and the champion's are the same. A metric may be
        # newer than the champion: then the others are still compared.
        columns = columns and replace(columns, group="", is_partial=True)
        path = artifacts.fetch(self.runs, champion.run_id, artifact, to=self.folder / "champion")
        if path is None:
            return ChampionPredictions(
                champion, problem="the champion's predictions differ from the record"
            )
        try:
            read = self.scoring.read(
                path,
                name=f"the champion's {artifact.path}",
                task=case.request.task,
                positive=case.request.positive,
                columns=columns,
            )
        except errors.CannotScore as error:
            return ChampionPredictions(champion, problem=error.line)
        return ChampionPredictions(
            champion, read, served=self._read_served(case, champion, columns)
        )

    def _read_served(
        self, case: EvaluationCase, champion: Candidate, columns: ColumnMap | None
    ) -> Predictions | None:
        """Return the champion's live predictions with labels, of its newest windows; None without
        labels. Files that differ from the record are left out."""
        if case.request.rows is not RowsRule.GROWING:
            return None
        reports = lookup.performance_reports(
            self.context.ledger, model=case.name, reference=champion.fingerprint
        )
        paths = []
        for run_id, artifact in monitoring_records.labelled_rows(reports):
            path = artifacts.fetch(self.runs, run_id, artifact, to=self.folder / "served")
            paths += [] if path is None else [path]
        if not paths:
            return None
        try:
            name = "the champion's live data"
            return self.scoring.read_served(
                paths,
                name=name,
                task=case.request.task,
                positive=case.request.positive,
                columns=columns,
            )
        except errors.CannotScore:
            return None
