"""Predictions from the run store, as the training left them or not at all; scores nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from interlock import errors
from interlock.commands.evaluate.context import EvaluateContext
from interlock.domain.evaluation.model_evaluation import EvaluationCase
from interlock.domain.model import candidates
from interlock.domain.model.evidence import Artifact, Candidate
from interlock.domain.model.manifest import RowsRule
from interlock.domain.monitoring import monitoring_records
from interlock.ledger import lookup
from interlock.ports.runs import Runs
from interlock.ports.scoring import Predictions, Scoring
from interlock.services import artifacts


class CannotEvaluateError(Exception):
    """A candidate of which there can be no verdict; told as a refusal, never to a caller.

    `is_unusable`: the training itself left what cannot be scored, so that another try is needed.
    """

    def __init__(self, reason: str, *, is_unusable: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_unusable = is_unusable


@dataclass(frozen=True, slots=True)
class ChampionPredictions:
    """The champion that a candidate is held against; `problem` is why its rows are not at hand."""

    candidate: Candidate | None = None
    predictions: Predictions | None = None
    problem: str = ""
    served: Predictions | None = None


@dataclass(frozen=True, slots=True)
class PredictionsReader:
    """Fetches below `folder`, checks what it fetched against what was recorded, reads it."""

    context: EvaluateContext
    runs: Runs
    scoring: Scoring
    folder: Path

    def read_candidate(
        self, case: EvaluationCase, candidate: Candidate, *, is_judged: bool
    ) -> Predictions:
        """Raises CannotJudgeError for other bytes than recorded, of the model too (evidence of a
        model that nobody can fetch is for good), and for predictions that are unusable."""
        path = self._checked(candidate, candidate.predictions, is_judged=is_judged)
        self._checked(candidate, candidate.model, is_judged=is_judged)
        try:
            return self.scoring.read(
                path,
                name=case.manifest.outputs.predictions,
                task=case.manifest.task,
                slices=case.request.slices,
                positive=case.request.positive,
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
                found=sha256,
                is_judged=is_judged,
            )
        )

    def read_rival(self, case: EvaluationCase) -> ChampionPredictions:
        """Whatever is wrong with the champion is the rival's problem, not an error: gates that
        need it fail, and those that do not are judged."""
        served = case.standing.champion
        if served is None or not case.is_compared:
            return ChampionPredictions()
        known = lookup.find_evidence(self.context.ledger, model=case.name, fingerprint=served)
        if known is None:
            return ChampionPredictions(problem="the ledger holds no evidence of the champion")
        champion, artifact = known.candidate, known.candidate.predictions
        folder = self.folder / "champion"
        path = artifacts.fetch(self.runs, champion.run_id, artifact, to=folder)
        if path is None:
            return ChampionPredictions(
                champion, problem="the champion's predictions are not those recorded"
            )
        try:
            read = self.scoring.read(
                path,
                name=f"the champion's {artifact.path}",
                task=case.manifest.task,
                positive=case.request.positive,
            )
        except errors.CannotScore as error:
            return ChampionPredictions(champion, problem=error.line)
        return ChampionPredictions(champion, read, served=self._read_served(case, champion))

    def _read_served(self, case: EvaluationCase, champion: Candidate) -> Predictions | None:
        """What the champion answered in its newest windows, with the truth; None when no labels
        came. Bytes that are not those recorded are left out: their rows are then compared nowhere,
        and a gate on them fails."""
        if case.request.rows is not RowsRule.GROWING:
            return None
        reports = lookup.performance_reports(self.context.ledger, model=case.name)
        paths = []
        for run_id, artifact in monitoring_records.labelled_rows(
            reports, reference=champion.fingerprint
        ):
            path = artifacts.fetch(self.runs, run_id, artifact, to=self.folder / "served")
            paths += [] if path is None else [path]
        if not paths:
            return None
        try:
            name = "what the champion served"
            return self.scoring.read_served(
                paths, name=name, task=case.manifest.task, positive=case.request.positive
            )
        except errors.CannotScore:
            return None
