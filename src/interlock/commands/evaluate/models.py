"""Evaluates one model after the other and writes the records in one commit."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from interlock import errors
from interlock.commands.evaluate import ledger_writes
from interlock.commands.evaluate.context import EvaluateContext, ModelVerdict, NoVerdict
from interlock.commands.evaluate.ledger_writes import LedgerEntries
from interlock.commands.evaluate.one_model import ModelEvaluation
from interlock.domain.evaluation.model_evaluation import EvaluationCase
from interlock.domain.model.policy import Policy
from interlock.domain.model.snapshot import ModelAt, Snapshot
from interlock.domain.promotion import relation_to_champion
from interlock.ledger import lookup
from interlock.services.attested_runs import AttestedRuns
from interlock.services.each_model import EachModel, ModelStopped


@dataclass(slots=True)
class ModelEvaluations:
    """`entries` are new records by model, `scores` metrics by run."""

    context: EvaluateContext
    head: Snapshot
    base: Snapshot | None
    policy: Policy
    entries: dict[str, LedgerEntries] = field(default_factory=dict)
    scores: dict[str, dict[str, float]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    each: EachModel = field(init=False)
    attested: AttestedRuns | None = field(init=False)

    def __post_init__(self) -> None:
        self.attested = self.context.attested(self.policy)
        self.each = EachModel({errors.CannotReachRegistry: self._probe})

    def result(self, name: str, *, is_named: bool) -> ModelVerdict | NoVerdict | None:
        """Return the result of one model; None for a model without a training run, if the user has
        not named it. Earlier entries of the model are dropped.
        """
        self.entries.pop(name, None)
        outcome = self.each.do(name, self._evaluate, otherwise=self._stopped)
        return self._unknown(name) if outcome is None and is_named else outcome

    def write(self, message: str) -> tuple[str, ...]:
        """Write all entries; return the models to evaluate again, because another job has written
        another candidate of the same fingerprint first."""
        # Before the records: after a crash, a recorded verdict is not drawn again.
        entries, pictures = self.entries.values(), self.context.pictures
        problem = ledger_writes.store_pictures(entries, pictures, message=message)
        self.warnings += filter(None, [problem])
        late = ledger_writes.write(self.entries, self.context.ledger, message=message)
        written = [name for name in self.entries if name not in late]
        for name in written:
            del self.entries[name]
        return late

    def _probe(self) -> object:
        """Check that the run store answers; no manifest can have an empty model name."""
        return self.context.runs().find_attempts(model="", fingerprint="")

    def _stopped(self, stopped: ModelStopped) -> NoVerdict:
        at = self.head.models[stopped.model]
        return NoVerdict(
            stopped.model, at.fingerprint, stopped.sentence, exit_code=stopped.exit_code
        )

    def _unknown(self, name: str) -> NoVerdict:
        return NoVerdict(
            name,
            self.head.models[name].fingerprint,
            f"it was not trained yet: run `interlock train {name} --rev {self.head.revision}`",
        )

    def _evaluate(self, name: str) -> ModelVerdict | NoVerdict | None:
        at = self.head.models[name]
        if at.fingerprint is None:
            return NoVerdict(name, None, f"it cannot be fingerprinted: {at.blocked}")
        case = self._case(at, at.fingerprint)
        known = lookup.find_verdict(
            self.context.ledger, model=name, fingerprint=case.fingerprint, key=case.key
        )
        if known is not None:
            # The relaxed rules depend on the base as well, which the key does not contain.
            return ModelVerdict(name, replace(known, relaxed=case.relaxed), is_new=False)
        evaluation = ModelEvaluation(self.context, at, case, self.attested)
        outcome = evaluation.result()
        self.entries[name] = evaluation.entries
        self.scores |= evaluation.scores
        return outcome

    def _case(self, at: ModelAt, fingerprint: str) -> EvaluationCase:
        name = at.manifest.model
        before = self.base.models.get(name) if self.base else None
        return EvaluationCase(
            manifest=at.manifest,
            base=before.manifest if before else None,
            policy=self.policy,
            fingerprint=fingerprint,
            revision=self.head.revision,
            standing=relation_to_champion.find(
                lookup.promotions(self.context.ledger, model=name), fingerprint=fingerprint
            ),
        )
