"""Observes every model: main, ledger, registry, deployments, bytes; nothing is decided or written.

It asks the registry and GitHub for all models at once, so that a hundred cost little more than one.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from interlock import errors
from interlock.domain.basics.diagnostics import Severity
from interlock.domain.model.snapshot import Snapshot
from interlock.domain.promotion import hold as holding
from interlock.domain.promotion import promotion, reconciliation
from interlock.domain.promotion.promotion import DesiredState, Promotion
from interlock.domain.promotion.reconciliation import ObservedState, OwnedVersion
from interlock.domain.promotion.registry_state import RegisteredModel
from interlock.ledger import lookup
from interlock.ports.github import GitHub
from interlock.services import artifacts, temporary_folders
from interlock.services.best_effort import Attempts
from interlock.services.each_model import EachModel, ModelStopped
from interlock.services.promotion import model_promotion
from interlock.services.promotion.model_promotion import Main, PromotionContext

# Every promotion moves the ledger twice; nobody promotes without a pause.
_LOOKS = 10


@dataclass(frozen=True, slots=True)
class Observer:
    """`look_at_bytes` is whether what is served is fetched, to compare its SHA-256; `with_acts`
    whether acts may be begun: else what is served by now is all that matters."""

    world: PromotionContext
    main: Main
    snapshot: Snapshot
    each: EachModel
    look_at_bytes: bool = True
    with_acts: bool = True

    def observe(self, models: Sequence[str] = ()) -> dict[str, ObservedState | ModelStopped]:
        """What is seen of these models (of all that main or the ledger knows when none is named),
        by name, and what kept others from being looked at.

        The ledger is read before the registry and after it, until it stayed as it was in between:
        then every version that is seen was asked for by an act that is seen, and whatever an act
        says is done was done before. Raises OutsideFailure when the registry is out of reach.
        """
        for _ in range(_LOOKS):
            head, found = self.world.ledger.head, self._observe(models)
            self.world.ledger.refresh()
            if self.world.ledger.head == head:
                return found
        raise errors.CannotReachGit(
            f"the ledger moved {_LOOKS} times while the registry was being read",
            hint="run it again when fewer promotions are under way",
        )

    def _observe(self, models: Sequence[str]) -> dict[str, ObservedState | ModelStopped]:
        every = sorted({*self.snapshot.models, *lookup.promoted_models(self.world.ledger)})
        found = {name: self._one(name, self._tell) for name in every}
        told = {name: seen for name, seen in found.items() if isinstance(seen, ObservedState)}
        seen = self._with_registry(told)
        chosen = [name for name in every if name in models or not models]
        whole = self._with_deployments([seen[name] for name in chosen if name in seen])
        measured = {one.model: self._one(one.model, self._with_bytes_of(one)) for one in whole}
        return {name: measured.get(name, found[name]) for name in chosen}

    def _one(self, name: str, look: Callable[[str], ObservedState]) -> ObservedState | ModelStopped:
        def otherwise(stopped: ModelStopped) -> ObservedState | ModelStopped:
            return stopped

        return self.each.do(name, look, otherwise=otherwise)

    def _tell(self, name: str) -> ObservedState:
        """What main and the ledger say of one model."""
        ledger, model = self.world.ledger, self.snapshot.models.get(name)
        # Corrections are begun and ended for all models in one commit: one that cannot be read is
        # found here, and is the matter of this model.
        lookup.repairs(ledger, model=name)
        records = lookup.promotions(ledger, model=name)
        holds = lookup.holds(ledger, model=name)
        # Unknown, where a manifest cannot be read: it may declare this very model.
        wanted: DesiredState | str | None = self._unreadable() or None
        if model is not None or holding.active(holds) is not None:
            wanted = model_promotion.desired_state(self.main, model, holds, records)
        objection, top = "", promotion.latest(records)
        doubt = model_promotion.PromotionEffects(self.world, self.main, name, holds).doubt(top)
        if (
            model is not None
            and isinstance(wanted, DesiredState)
            and isinstance(promotion.decide(wanted, records, is_proven=not doubt), promotion.Begin)
        ):
            objection = "it is left to promote"
            if self.with_acts:
                objection = model_promotion.check_evidence(
                    ledger, model, self.snapshot.policy, wanted
                )[1]
        return ObservedState(
            model=name,
            commit=self.main.commit,
            wanted=wanted,
            objection=objection,
            doubt=doubt,
            records=records,
            environments=frozenset(self.snapshot.policy.environments),
        )

    def _unreadable(self) -> str:
        paths = sorted({path for path, _ in unreadable(self.snapshot)})
        if not paths:
            return ""
        return f"{', '.join(paths)} cannot be read, and may declare this very model"

    def _with_registry(self, told: Mapping[str, ObservedState]) -> dict[str, ObservedState]:
        """Each registered model belongs to the model that main declares under its name, else to the
        one that was promoted there last."""
        acts = [act for seen in told.values() for act in seen.records]
        owners = {act.registry_name: act.model for act in sorted(acts, key=lambda a: a.at)}
        declared = dict(self._declared(told.values()))
        owners |= declared
        found = {r.name: r for r in self.world.registry.read(owners)}
        mine: dict[str, dict[str, RegisteredModel]] = {name: {} for name in told}
        for registry_name, registered in found.items():
            if owners[registry_name] in mine:
                mine[owners[registry_name]][registry_name] = registered
        return {
            name: dataclasses.replace(
                seen,
                registered=mine[name],
                known=tuple(act for act in acts if act.registry_name in mine[name]),
                declared=frozenset(declared),
            )
            for name, seen in told.items()
        }

    def _declared(self, told: Iterable[ObservedState]) -> Iterator[tuple[str, str]]:
        for name, model in self.snapshot.models.items():
            yield model.manifest.promote.registry_name, name
        for seen in told:
            if isinstance(seen.wanted, DesiredState):  # a hold may pin another name than main's
                yield seen.wanted.registry_name, seen.model

    def _with_deployments(self, models: Sequence[ObservedState]) -> list[ObservedState]:
        github = self.world.github
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
                seen, deployments=states, unseen=tries.undone if commits[seen.model] else ()
            )
            for seen in models
        ]

    def _with_bytes_of(self, seen: ObservedState) -> Callable[[str], ObservedState]:
        return lambda _: self._with_bytes(seen)

    def _with_bytes(self, seen: ObservedState) -> ObservedState:
        """Fetch what is served, if that is asked for, and always what is doubted or lost."""
        served = reconciliation.expected_version(seen)
        owned = [*reconciliation.unverified(seen)]
        if served is not None and self.look_at_bytes:
            owned.append(served)
        wanted = {(o.version.name, o.version.number): o for o in owned}
        found = {key: self._measure_version(each) for key, each in wanted.items()}
        lost = reconciliation.find_unregistered(seen)
        in_run = None if lost is None else self._measure_run(lost)
        return dataclasses.replace(seen, bytes=found, in_run=in_run)

    def _measure_version(self, owned: OwnedVersion) -> str:
        with temporary_folders.folder("reconcile") as folder:
            try:
                path = self.world.registry.fetch(owned.version, owned.artifact, to=folder)
                return artifacts.measure(path, name="model").sha256
            except (errors.CannotReachRegistry, errors.CannotReadDocument):
                return ""

    def _measure_run(self, act: Promotion) -> str:
        with temporary_folders.folder("reconcile") as folder:
            try:
                path = self.world.runs.fetch(act.run_id, act.artifact, to=folder)
                return artifacts.measure(path, name="model").sha256
            except (errors.CannotReachRegistry, errors.CannotReadDocument):
                return ""


def _states(github: GitHub, commits: set[str]) -> dict[str, str] | None:
    """By a deployment's key."""
    return {d.key: d.state for d in github.deployments(commits)} if commits else {}


def unreadable(snapshot: Snapshot) -> tuple[tuple[str, str], ...]:
    """Path and complaint of every manifest of which nothing is known."""
    bad = [p for p in snapshot.problems if p.severity is Severity.ERROR]
    paths = sorted({problem.path for problem in bad})
    return tuple((p, "; ".join(each.message for each in bad if each.path == p)) for p in paths)
