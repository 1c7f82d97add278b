"""Computes a new verdict on one model: chooses its candidate, checks it and scores it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from interlock import errors
from interlock.commands.evaluate import kept_files
from interlock.commands.evaluate.context import EvaluateContext, ModelVerdict, NoVerdict
from interlock.commands.evaluate.ledger_writes import LedgerEntries
from interlock.commands.evaluate.plots import PlotWriter, VerdictPlots
from interlock.commands.evaluate.run_predictions import (
    CannotEvaluateError,
    ChampionPredictions,
    PredictionsReader,
)
from interlock.domain.evaluation import model_evaluation as cases
from interlock.domain.evaluation.model_evaluation import EvaluationCase
from interlock.domain.evaluation.scores import WITHOUT_ROWS, Scores
from interlock.domain.model import candidates, data_digests
from interlock.domain.model.candidates import Bad, Choice
from interlock.domain.model.evidence import Attempt, Candidate, Evidence, Origin
from interlock.domain.model.snapshot import ModelAt
from interlock.ledger import lookup
from interlock.ports.scoring import Predictions
from interlock.services import temporary_folders
from interlock.services.attested_runs import AttestedRuns


@dataclass(slots=True)
class ModelEvaluation:
    """`entries` are for the ledger, `scores` for the run; `origins` are those of attested runs."""

    context: EvaluateContext
    at: ModelAt
    case: EvaluationCase
    attested: AttestedRuns | None = None
    entries: LedgerEntries = field(init=False)
    scores: dict[str, dict[str, float]] = field(default_factory=dict)
    origins: Mapping[str, Origin] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.entries = LedgerEntries(self.case.name)

    def result(self) -> ModelVerdict | NoVerdict | None:
        """Return the result, None for a fingerprint without a training run."""
        names = {"model": self.case.name, "fingerprint": self.case.fingerprint}
        known = lookup.find_evidence(self.context.ledger, **names)
        runs = self.context.runs().find_candidates(**names)
        if self.attested is not None and known is None:
            runs = self.attested.select(runs, self.context.runs())
            self.origins = runs.origins or {}
        while True:
            choice = candidates.choose(runs, known)
            if choice.objection:
                return self._refuse(choice.objection, choice)
            if choice.candidate is None:
                return self._without_candidate(choice)
            damaged = self._attempt(choice, choice.candidate, known)
            if not isinstance(damaged, Bad):
                return damaged
            runs = runs.without(damaged)

    def _attempt(
        self, choice: Choice, candidate: Candidate, known: Evidence | None
    ) -> ModelVerdict | NoVerdict | Bad:
        """Evaluate a candidate. Bad: its run has lost its artifacts; another run has them."""
        is_last = known is not None or len(choice.candidates) == 1
        try:
            with temporary_folders.folder("evaluate") as folder:
                reader = PredictionsReader(
                    self.context, self.context.runs(), self.context.scoring(), folder
                )
                return self._evaluate(candidate, known, reader, choice)
        except CannotEvaluateError as problem:
            if problem.is_unusable:
                self.entries.add(_failed(candidate, problem.reason))
            elif not is_last:
                return Bad(candidate.run_id, problem.reason)
            return self._refuse(problem.reason, choice, candidate.log_tail)
        except errors.CannotReachRegistry as error:
            if is_last:
                raise
            return Bad(candidate.run_id, error.message, is_out_of_reach=True)

    def _refuse(self, reason: str, choice: Choice, log_tail: str = "") -> NoVerdict:
        return NoVerdict(self.case.name, self.case.fingerprint, reason, log_tail, choice=choice)

    def _without_candidate(self, choice: Choice) -> NoVerdict | None:
        """Report the last failed attempt, or the runs that cannot be read."""
        runs = self.context.runs()
        attempts = runs.find_attempts(model=self.case.name, fingerprint=self.case.fingerprint)
        tried: Sequence[Attempt] = attempts.records
        if self.attested is not None:
            tried = self.attested.without_checkpoints(attempts, runs)
        for attempt in tried:
            self.entries.add(attempt)
        choice = replace(choice, bad=(*choice.bad, *attempts.bad))
        if attempts.records:
            last = attempts.records[-1]
            return self._refuse(last.sentence, choice, last.log_tail)
        if not choice.bad:
            return None
        is_out_of_reach = any(each.is_out_of_reach for each in choice.bad)
        code = errors.EXIT_OUTSIDE if is_out_of_reach else errors.EXIT_NO
        refused = self._refuse(f"no candidate: {choice.bad[0].sentence}", choice)
        return replace(refused, exit_code=code)

    def _evaluate(
        self,
        candidate: Candidate,
        known: Evidence | None,
        reader: PredictionsReader,
        choice: Choice,
    ) -> ModelVerdict:
        case = self.case
        data = tuple(data_digests.of_candidate(candidate)) if known is None else ()
        replaced = data_digests.check(data, lookup.find_data(self.context.ledger, data))
        if replaced is not None:
            raise CannotEvaluateError(replaced.reason)
        mine = reader.read_candidate(case, candidate, is_judged=known is not None)
        champion = reader.read_champion(case)
        scored = self._score(mine, champion, reader)
        comparisons = cases.comparisons(
            case, scored, candidate=candidate, champion=champion.candidate, problem=champion.problem
        )
        drawn = self._draw(scored, candidate, champion, reader)
        self.scores[candidate.run_id] = cases.values(comparisons)
        if known is None:
            scores, positive = cases.values(comparisons), cases.positive(comparisons)
            origin = self.origins.get(candidate.run_id)
            self.entries.add(
                Evidence(candidate, scored.rows, scores, drawn.paths, positive, origin)
            )
            self._keep(candidate, reader)
            for each in data:
                self.entries.add(each)
        verdict = cases.verdict(case, comparisons, pictures=drawn.paths, unshown=drawn.unshown)
        self.entries.add(verdict)
        return ModelVerdict(case.name, verdict, is_new=True, choice=choice)

    def _score(
        self, mine: Predictions | None, champion: ChampionPredictions, reader: PredictionsReader
    ) -> Scores:
        if mine is None:
            return WITHOUT_ROWS
        try:
            return reader.scoring.score(
                mine,
                champion=champion.predictions,
                request=self.case.request,
                served=champion.served,
            )
        except errors.CannotScore as error:
            raise CannotEvaluateError(error.line, is_unusable=True) from error

    def _keep(self, candidate: Candidate, reader: PredictionsReader) -> None:
        kept = kept_files.read(self.at, candidate, reader.runs, folder=reader.folder / "kept")
        if kept is not None:
            self.entries.add(kept)

    def _draw(
        self,
        scored: Scores,
        candidate: Candidate,
        champion: ChampionPredictions,
        reader: PredictionsReader,
    ) -> VerdictPlots:
        context = self.context
        if context.plots is None or context.pictures is None:
            return VerdictPlots()
        plots, pictures = context.plots(), context.pictures
        writer = PlotWriter(plots, pictures, reader.runs, reader.folder, self.case)
        drawn = writer.draw(scored, self.at.plots, candidate=candidate, champion=champion.candidate)
        self.entries.draw(drawn.files)
        return drawn


def _failed(candidate: Candidate, reason: str) -> Attempt:
    """A training with unusable predictions is a failed training."""
    return Attempt(
        name=candidate.name,
        fingerprint=candidate.fingerprint,
        revision=candidate.revision,
        run_id=candidate.run_id,
        reason=reason,
        log_tail=candidate.log_tail,
        seconds=candidate.facts.seconds,
    )
