"""The effects of one promotion, each of which finds what is there before it writes.

Which act wins is decided in domain.promotion; why every interleaving and every crash ends well is
argued in docs/explanation/promotion.md.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field

from interlock import documents, errors
from interlock.domain.model.evidence import Artifact
from interlock.domain.promotion import hold as holding
from interlock.domain.promotion import promotion, proof
from interlock.domain.promotion.hold import Hold
from interlock.domain.promotion.promotion import (
    Phase,
    Promotion,
    PromotionKind,
    PromotionOutcome,
    PromotionResult,
)
from interlock.ledger import lookup
from interlock.ports.git import Repository
from interlock.ports.github import Deployment, GitHub
from interlock.ports.ledger import Ledger
from interlock.ports.registry import Registry
from interlock.ports.runs import Runs
from interlock.services import artifacts, temporary_folders
from interlock.services.best_effort import Attempts
from interlock.services.promotion.main_line import Main


@dataclass(frozen=True, slots=True)
class PromotionContext:
    """What is observed and acted upon; `github` is None where there is no token for it. `attempts`
    are what is told to GitHub: it gates no promotion."""

    repository: Repository
    ledger: Ledger
    runs: Runs
    registry: Registry
    github: GitHub | None
    attempts: Attempts = field(default_factory=Attempts)


@dataclass(frozen=True, slots=True)
class PromotionEffects:
    """The effects of promoting one model, each of which finds what is there before it writes.

    `holds` are those that were there when it was decided what to promote.
    """

    world: PromotionContext
    main: Main
    model: str
    holds: tuple[Hold, ...] = ()

    @property
    def hold(self) -> Hold | None:
        return holding.active(self.holds)

    @property
    def epoch(self) -> int:
        return holding.epoch(self.holds)

    def records(self) -> tuple[Promotion, ...]:
        return lookup.promotions(self.world.ledger, model=self.model)

    def refuse(self, sentence: str) -> PromotionResult:
        return promotion.refuse(self.model, sentence)

    def carry_out(self, intent: Promotion) -> PromotionResult:
        """Do what an intent says, begun before or not; give way as soon as a newer one stands."""
        objection = self.doubt(intent) if intent in self.records() else ""
        objection = objection or self.tampered(intent)
        if objection:
            return self.refuse(objection)
        # Looked at twice: before the intent, to leave no needless record; after it, because whoever
        # found itself served and left no record did so before our intent could be read, and then
        # main had its commit before this second look.
        if intent not in self.records():
            if self._overtaken(intent):
                return self.give_way(None, to=promotion.latest(self.records()))
            written = self._write(intent)
            if written != intent and (objection := self.doubt(written)):
                return self.refuse(objection)
            intent = written
        if self._overtaken(intent):
            return self.give_way(intent, to=self._below(intent))
        return self._serve(intent)

    def _serve(self, intent: Promotion) -> PromotionResult:
        """Register, point the aliases and tell GitHub, as long as an intent stands."""
        version = self._register(intent)
        if isinstance(version, str):
            return self.refuse(version)
        self.converge()
        deployed = self._tell(intent, version=version)
        if not self._stands(intent):
            self._tell(intent, version=version, environments=deployed, state="inactive")
            return self.give_way(intent, to=promotion.latest(self.records()))
        return self._finish(intent, version=version)

    def _finish(self, intent: Promotion, *, version: int) -> PromotionResult:
        done = dataclasses.replace(intent, phase=Phase.DONE, version=version, at=self.main.now)
        if self._write(done).phase is not Phase.DONE:
            return self.give_way(None, to=promotion.latest(self.records()))
        places = ", ".join(intent.environments)
        if intent.kind is PromotionKind.ROLLBACK:
            sentence = f"rolled back to version {version} ({places}); nothing was trained"
            return self._result(PromotionOutcome.ROLLED_BACK, sentence, intent, version)
        sentence = f"promoted to version {version} ({places})"
        return self._result(PromotionOutcome.PROMOTED, sentence, intent, version)

    def keep(self, done: Promotion) -> PromotionResult:
        """Leave alone what is served already; put an alias right that somebody else has moved."""
        version = self.find_version(done)
        if version is not None and self._misplaced(done, version) == ():
            sentence = f"version {version} is served already"
            return self._result(PromotionOutcome.UNCHANGED, sentence, done, version)
        if version is None:
            registered = self.tampered(done) or self._register(done)
            if isinstance(registered, str):
                return self.refuse(registered)
            version = registered
        wrong = ", ".join(self._misplaced(done, version))
        self.converge()
        self._tell(done, version=version)
        sentence = f"version {version} was served already; put right: {wrong}"
        return self._result(PromotionOutcome.REPAIRED, sentence, done, version)

    def give_way(self, own: Promotion | None, *, to: Promotion | None) -> PromotionResult:
        """Close our own intent, if there is one, and make the aliases agree with what stands."""
        if own is not None:
            closed = dataclasses.replace(own, phase=Phase.SUPERSEDED, at=self.main.now)
            self._write(closed)
        self.converge()
        sentence = f"{self.main.branch} has moved on to what is served already"
        if to is not None and to.epoch > self.epoch:
            sentence = "somebody held or released it meanwhile; run it again"
        elif to is not None and to.position > self.main.position:
            doing = "is served" if to.phase is Phase.DONE else "is being promoted"
            sentence = f"{to.revision[:12]} is newer on {self.main.branch} and {doing}"
        version = None if to is None else self.find_version(to)
        return PromotionResult(self.model, PromotionOutcome.SUPERSEDED, sentence, version=version)

    def _result(
        self, outcome: PromotionOutcome, sentence: str, act: Promotion, version: int
    ) -> PromotionResult:
        return PromotionResult(
            self.model, outcome, sentence, version=version, fingerprint=act.fingerprint
        )

    def doubt(self, act: Promotion | None) -> str:
        """Why nothing that was written before an act proves it; "" where something does, and of no
        act. What is done already is not held against its manifest: no rule of today unseats it."""
        if act is None:
            return ""
        is_done = any(r.act == act.act and r.phase is Phase.DONE for r in self.records())
        manifest = None if is_done else self.main.find_manifest(self.model, act.revision)
        ledger = self.world.ledger
        found = lookup.history(ledger, model=self.model, fingerprint=act.fingerprint)
        why = proof.check_proof(act, found, manifest=manifest)
        return why and (
            f"nothing proves the {act.kind} of {act.revision[:12]} that the ledger has at position "
            f"{act.position}: {why}; see `interlock ledger verify`, and add a commit to "
            f"{self.main.branch} or `/interlock rollback {self.model}`"
        )

    def tampered(self, act: Promotion) -> str:
        """Why the bytes in the run are not those that were judged; empty when they are."""
        with temporary_folders.folder("promote") as folder:
            path = self.world.runs.fetch(act.run_id, act.artifact, to=folder)
            measured = artifacts.measure(path, name=act.artifact)
        return _differing(f"the model in run {act.run_id}", measured, act)

    def _register(self, act: Promotion) -> int | str:
        """Find or make the version of an act: its number, or why it is not the act's. What it holds
        is measured, too: where it lies says which bytes it had, and no store says that it has them
        still."""
        version = self.world.registry.register(act)
        with temporary_folders.folder("promote") as folder:
            path = self.world.registry.fetch(version, act.artifact, to=folder)
            measured = artifacts.measure(path, name=act.artifact)
        return _differing(f"version {version.number}", measured, act) or version.number

    def _overtaken(self, own: Promotion) -> bool:
        if self.hold is not None:
            return False  # what is pinned does not follow main
        later = self.main.later_fingerprints(self.model)
        return promotion.is_overtaken(own, self.records(), later=later)

    def _below(self, own: Promotion) -> Promotion | None:
        return promotion.latest(p for p in self.records() if p.order < own.order)

    def _stands(self, act: Promotion) -> bool:
        """Whether, as of now, no newer act was written."""
        self.world.ledger.refresh()
        newest = promotion.latest(self.records())
        return newest is not None and newest.act == act.act

    def _write(self, record: Promotion) -> Promotion:
        """Append a record; return the one that is there when another process was first."""
        path = lookup.path_of(record)
        verb = f"{record.kind} of {record.model} at {record.revision[:12]}"
        try:
            self.world.ledger.append(
                {path: documents.dump(record)}, message=f"{record.phase.capitalize()}: {verb}"
            )
        except errors.LedgerBroken:
            self.world.ledger.refresh()
            there = lookup.find_promotion(self.world.ledger, path)
            if there is None:
                raise
            return there
        return record

    def converge(self) -> None:
        """Point the aliases at the act that stands, until it is still the one after the last write.

        An act whose bytes are not registered yet is left to its own promoter, who sets the aliases
        after registering, and so after anything that is written here. To one that nothing proves no
        alias is ever pointed.
        """
        while (top := promotion.latest(self.records())) is not None:
            version = None if self.doubt(top) else self.find_version(top)
            if version is None:
                return
            pointed = all(self._point(top, e, version=version) for e in top.environments)
            if pointed and self._stands(top):
                return

    def _point(self, top: Promotion, environment: str, *, version: int) -> bool:
        """Set one alias, unless something newer stands by now: then say False."""
        if not self._stands(top):
            return False
        registry, name = self.world.registry, top.registry_name
        if registry.find_alias(name, environment) != version:
            registry.set_alias(name, environment, version=version)
        return True

    def find_version(self, act: Promotion) -> int | None:
        found = self.world.registry.find_version(act)
        return None if found is None else found.number

    def _misplaced(self, act: Promotion, version: int) -> tuple[str, ...]:
        find = self.world.registry.find_alias
        return tuple(e for e in act.environments if find(act.registry_name, e) != version)

    def _tell(
        self,
        act: Promotion,
        *,
        version: int,
        environments: Sequence[str] | None = None,
        state: str = "success",
    ) -> tuple[str, ...]:
        """Tell GitHub, per environment, as long as the act stands; return where that was done. What
        GitHub refuses is reported, and `reconcile` puts it right."""
        wanted = act.environments if environments is None else environments
        return tuple(e for e in wanted if self._attempt(act, e, version=version, state=state))

    def _attempt(self, act: Promotion, environment: str, *, version: int, state: str) -> bool:
        return self.world.attempts.attempt(
            f"{act.model} version {version}: its deployment to {environment} is not recorded on "
            "GitHub until the next reconcile",
            lambda: self.deploy(act, environment, version=version, state=state),
            otherwise=False,
            of=f"deployments to {environment}",
        )

    def deploy(self, act: Promotion, environment: str, *, version: int, state: str) -> bool:
        """Tell GitHub of one environment, as long as the act stands; whether that was done."""
        github = self.world.github
        if github is None or (state == "success" and not self._stands(act)):
            return False
        github.upsert_deployment(
            Deployment(
                key=promotion.deployment_key(act, environment),
                sha=act.revision,
                environment=environment,
                description=f"{act.model} version {version}",
                state=state,
            )
        )
        return True


def _differing(what: str, measured: Artifact, act: Promotion) -> str:
    """Why bytes are not those that were judged; empty when they are."""
    if measured.sha256 == act.sha256:
        return ""
    return (
        f"{what} is not the one that was judged: its SHA-256 is {measured.sha256[:12]}, the "
        f"evidence says {act.sha256[:12]}"
    )
