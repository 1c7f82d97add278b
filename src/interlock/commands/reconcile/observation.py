"""Observes every model: main, ledger, registry, deployments, artifacts. Writes nothing.

Registry and GitHub are read once for all models, so that 100 models cost little more than one.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from interlock import errors
from interlock.domain.basics.diagnostics import Severity
from interlock.domain.basics.refusal import Refusal
from interlock.domain.model.snapshot import ModelAt, Snapshot
from interlock.domain.promotion import hold as holding
from interlock.domain.promotion import promotion, reconciliation
from interlock.domain.promotion.promotion import DesiredState, Promotion
from interlock.domain.promotion.reconciliation import ObservedState
from interlock.domain.promotion.registry_state import RegisteredModel
from interlock.ledger import lookup
from interlock.ports.github import GitHub
from interlock.services import artifacts, temporary_folders
from interlock.services.best_effort import Attempts
from interlock.services.each_model import EachModel, ModelStopped
from interlock.services.promotion import model_promotion
from interlock.services.promotion.model_promotion import Main, PromotionContext

# Every promotion writes to the ledger twice; there are pauses between promotions.
_TRIES = 10


@dataclass(frozen=True, slots=True)
class Observer:
    """`with_artifacts` downloads the production models to compare their SHA-256; without
    `with_promotions` no promotion is begun."""

    context: PromotionContext
    main: Main
    snapshot: Snapshot
    each: EachModel
    with_artifacts: bool = True
    with_promotions: bool = True

    def observe(self, models: Sequence[str] = ()) -> dict[str, ObservedState | ModelStopped]:
        """Observe these models (all models of main and the ledger when none is named), by name.

        The ledger is read before and after the registry, until both reads agree: then the observed
        promotions include the one of every observed version. Raises OutsideFailure when the
        registry cannot be reached.
        """
        for _ in range(_TRIES):
            head, observed = self.context.ledger.head, self._observe(models)
            self.context.ledger.refresh()
            if self.context.ledger.head == head:
                return observed
        raise errors.CannotReachGit(
            f"the ledger changed {_TRIES} times while the registry was being read",
            hint="run it again when fewer promotions are in progress",
        )

    def _observe(self, models: Sequence[str]) -> dict[str, ObservedState | ModelStopped]:
        every = sorted({*self.snapshot.models, *lookup.promoted_models(self.context.ledger)})
        states = {name: self._one(name, self._from_ledger) for name in every}
        readable = {name: s for name, s in states.items() if isinstance(s, ObservedState)}
        registered = self._with_registry(readable)
        chosen = [name for name in every if name in models or not models]
        deployed = self._with_deployments([registered[n] for n in chosen if n in registered])
        measured = {s.model: self._one(s.model, self._with_digests_of(s)) for s in deployed}
        return {name: measured.get(name, states[name]) for name in chosen}

    def _one(
        self, name: str, observe: Callable[[str], ObservedState]
    ) -> ObservedState | ModelStopped:
        def otherwise(stopped: ModelStopped) -> ObservedState | ModelStopped:
            return stopped

        return self.each.do(name, observe, otherwise=otherwise)

    def _from_ledger(self, name: str) -> ObservedState:
        """The desired state and the promotions of one model, from main and the ledger."""
        ledger, model = self.context.ledger, self.snapshot.models.get(name)
        # Repairs of all models are recorded in one commit. A repair that cannot be read raises
        # here, and so stops this model only.
        lookup.repairs(ledger, model=name)
        records = lookup.promotions(ledger, model=name)
        holds = lookup.holds(ledger, model=name)
        # Unknown if any manifest cannot be read: it may declare this model.
        desired: DesiredState | Refusal | None = self._unreadable()
        if model is not None or holding.active(holds) is not None:
            desired = model_promotion.desired_state(self.main, model, holds, records)
        effects = model_promotion.PromotionEffects(self.context, self.main, name, holds)
        unproven = effects.check_proof(promotion.latest(records))
        return ObservedState(
            model=name,
            commit=self.main.commit,
            desired=desired,
            not_allowed=self._check_begin(model, desired, records, unproven),
            unproven=unproven,
            records=records,
            environments=frozenset(self.snapshot.policy.environments),
        )

    def _check_begin(
        self,
        model: ModelAt | None,
        desired: DesiredState | Refusal | None,
        records: Sequence[Promotion],
        unproven: Refusal | None,
    ) -> Refusal | None:
        """Check the evidence of a promotion that has to begin."""
        if model is None or not isinstance(desired, DesiredState):
            return None
        decision = promotion.decide(desired, records, unproven=unproven)
        if not isinstance(decision, promotion.Begin):
            return None
        if not self.with_promotions:
            return Refusal("`promote` promotes it")
        ledger, policy = self.context.ledger, self.snapshot.policy
        evidence = model_promotion.check_evidence(ledger, model, policy, desired)
        return evidence if isinstance(evidence, Refusal) else None

    def _unreadable(self) -> Refusal | None:
        paths = sorted({path for path, _ in unreadable(self.snapshot)})
        if not paths:
            return None
        return Refusal(f"{', '.join(paths)} cannot be read, and may declare this model")

    def _with_registry(self, states: Mapping[str, ObservedState]) -> dict[str, ObservedState]:
        """A registered model belongs to the model that main declares under its name, else to the
        model that was promoted to it last."""
        promotions = [p for state in states.values() for p in state.records]
        owners = {p.registry_name: p.model for p in sorted(promotions, key=lambda p: p.at)}
        declared = dict(self._declared(states.values()))
        owners |= declared
        owned: dict[str, dict[str, RegisteredModel]] = {name: {} for name in states}
        for registered in self.context.registry.read(owners):
            if owners[registered.name] in owned:
                owned[owners[registered.name]][registered.name] = registered
        return {
            name: dataclasses.replace(
                state,
                registered=owned[name],
                promotions=tuple(p for p in promotions if p.registry_name in owned[name]),
                declared=frozenset(declared),
            )
            for name, state in states.items()
        }

    def _declared(self, states: Iterable[ObservedState]) -> Iterator[tuple[str, str]]:
        for name, model in self.snapshot.models.items():
            yield model.manifest.promote.registry_name, name
        for state in states:
            if isinstance(state.desired, DesiredState):  # a hold may have another name than main
                yield state.desired.registry_name, state.model

    def _with_deployments(self, models: Sequence[ObservedState]) -> list[ObservedState]:
        github = self.context.github
        if github is None:
            return list(models)
        commits = {each.model: reconciliation.deployed_commits(each) for each in models}
        tries = Attempts()
        states = tries.attempt(
            "its deployments on GitHub were not compared",
            lambda: _states(github, {sha for shas in commits.values() for sha in shas}),
            otherwise=None,
        )
        return [
            dataclasses.replace(
                model,
                deployments=states,
                not_compared=tries.undone if commits[model.model] else (),
            )
            for model in models
        ]

    def _with_digests_of(self, observed: ObservedState) -> Callable[[str], ObservedState]:
        return lambda _: self._with_digests(observed)

    def _with_digests(self, observed: ObservedState) -> ObservedState:
        """Measure the production model, if required, and always unverified or missing artifacts."""
        registry, runs = self.context.registry, self.context.runs
        expected = reconciliation.expected_version(observed)
        owned = [*reconciliation.unverified(observed)]
        if expected is not None and self.with_artifacts:
            owned.append(expected)
        by_number = {(each.version.name, each.version.number): each for each in owned}
        digests = {
            key: _measure(partial(registry.fetch, each.version, each.artifact))
            for key, each in by_number.items()
        }
        lost = reconciliation.find_unregistered(observed)
        run_digest = _measure(partial(runs.fetch, lost.run_id, lost.artifact)) if lost else None
        return dataclasses.replace(observed, digests=digests, run_digest=run_digest)


def _measure(fetch: Callable[..., Path]) -> str:
    """Return the SHA-256 of a fetched artifact, "" if it cannot be read."""
    with temporary_folders.folder("reconcile") as folder:
        try:
            return artifacts.measure(fetch(to=folder), name="model").sha256
        except (errors.CannotReachRegistry, errors.CannotReadDocument):
            return ""


def _states(github: GitHub, commits: set[str]) -> dict[str, str] | None:
    """Read the state of each deployment, by its key."""
    return {d.key: d.state for d in github.deployments(commits)} if commits else {}


def unreadable(snapshot: Snapshot) -> tuple[tuple[str, str], ...]:
    """Return path and messages of every manifest that cannot be read."""
    bad = [p for p in snapshot.problems if p.severity is Severity.ERROR]
    paths = sorted({problem.path for problem in bad})
    return tuple((p, "; ".join(each.message for each in bad if each.path == p)) for p in paths)
