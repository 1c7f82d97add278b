"""The effects of one promotion. Each effect reads the current state before it writes.

`domain.promotion` decides which promotion wins; docs/explanation/promotion.md explains why every
interleaving and every crash ends in the same state.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field

from interlock import documents, errors
from interlock.domain.basics.refusal import Refusal
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
from interlock.services import artifacts, snapshots, temporary_folders
from interlock.services.best_effort import Attempts
from interlock.services.promotion.main_line import Main
from interlock.services.promotion.registry_listing import RegistryListing


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionContext:
    """The ports of `promote` and `reconcile`; `github` is None without a token for it.

    `attempts` collects failures to record deployments on GitHub: they never stop a promotion.
    """

    repository: Repository
    ledger: Ledger
    runs: Runs
    registry: Registry
    github: GitHub | None
    reader: snapshots.Reader = field(default_factory=snapshots.Reader)
    attempts: Attempts = field(default_factory=Attempts)


@dataclass(frozen=True, slots=True)
class PromotionEffects:
    """The effects of the promotions of one model.

    `holds` are the holds that existed when the promotion was decided. With a `listing` a model
    without a change needs no request of its own.
    """

    context: PromotionContext
    main: Main
    model: str
    holds: tuple[Hold, ...] = ()
    listing: RegistryListing | None = None

    @property
    def hold(self) -> Hold | None:
        return holding.active(self.holds)

    @property
    def epoch(self) -> int:
        return holding.epoch(self.holds)

    def records(self) -> tuple[Promotion, ...]:
        return lookup.promotions(self.context.ledger, model=self.model)

    def refuse(self, refusal: Refusal) -> PromotionResult:
        return promotion.refuse(self.model, refusal.reason)

    def carry_out(self, intent: Promotion) -> PromotionResult:
        """Begin or resume an intent and finish it, unless a newer promotion supersedes it."""
        is_recorded = intent in self.records()
        refusal = (self.check_proof(intent) if is_recorded else None) or self.check_run(intent)
        if refusal is not None:
            return self.refuse(refusal)
        # The check is done twice. Before the intent, to write no needless record. After it, because
        # a process that finds its model in production leaves no record; it did so before it could
        # read this intent, and then main had its commit before this second check.
        if not is_recorded:
            if self._is_overtaken(intent):
                return self.supersede(None, by=promotion.latest(self.records()))
            written = self._write(intent)
            refusal = self.check_proof(written) if written != intent else None
            if refusal is not None:
                return self.refuse(refusal)
            intent = written
        if self._is_overtaken(intent):
            return self.supersede(intent, by=self._previous(intent))
        return self._apply(intent)

    def _apply(self, intent: Promotion) -> PromotionResult:
        """Register the version, set the aliases, record the deployments; stop if superseded."""
        version = self._register(intent)
        if isinstance(version, Refusal):
            return self.refuse(version)
        self.set_aliases()
        deployed = self._record_deployments(intent, version=version)
        if not self._is_latest(intent):
            self._record_deployments(
                intent, version=version, environments=deployed, state="inactive"
            )
            return self.supersede(intent, by=promotion.latest(self.records()))
        return self._finish(intent, version=version)

    def _finish(self, intent: Promotion, *, version: int) -> PromotionResult:
        done = dataclasses.replace(intent, phase=Phase.DONE, version=version, at=self.main.now)
        if self._write(done).phase is not Phase.DONE:
            return self.supersede(None, by=promotion.latest(self.records()))
        places = ", ".join(intent.environments)
        if intent.kind is PromotionKind.ROLLBACK:
            sentence = f"rolled back to version {version} ({places}); nothing was trained"
            return self._result(PromotionOutcome.ROLLED_BACK, sentence, intent, version)
        sentence = f"promoted to version {version} ({places})"
        return self._result(PromotionOutcome.PROMOTED, sentence, intent, version)

    def keep(self, done: Promotion) -> PromotionResult:
        """Keep the production model; repair aliases that point to another version."""
        version = self._find_in_production(done)
        if version is not None:
            sentence = f"version {version} is already in production"
            return self._result(PromotionOutcome.UNCHANGED, sentence, done, version)
        version = self.find_version(done)
        if version is None:
            registered = self.check_run(done) or self._register(done)
            if isinstance(registered, Refusal):
                return self.refuse(registered)
            version = registered
        repaired = ", ".join(self._misplaced(done, version))
        self.set_aliases()
        self._record_deployments(done, version=version)
        sentence = f"version {version} was already in production; repaired aliases: {repaired}"
        return self._result(PromotionOutcome.REPAIRED, sentence, done, version)

    def _find_in_production(self, done: Promotion) -> int | None:
        """Return the version of a promotion if it has all its aliases."""
        listed = self.listing.find_in_production(done) if self.listing else None
        if listed is not None:
            return listed
        version = self.find_version(done)
        return version if version is not None and not self._misplaced(done, version) else None

    def supersede(self, own: Promotion | None, *, by: Promotion | None) -> PromotionResult:
        """Close the intent of this process, if any, and set the aliases of the latest promotion."""
        if own is not None:
            closed = dataclasses.replace(own, phase=Phase.SUPERSEDED, at=self.main.now)
            self._write(closed)
        self.set_aliases()
        sentence = f"the model of a newer commit of {self.main.branch} is already in production"
        if by is not None and by.epoch > self.epoch:
            sentence = "a user held or released the model in the meantime; run the command again"
        elif by is not None and by.position > self.main.position:
            status = "is in production" if by.phase is Phase.DONE else "is being promoted"
            sentence = f"{by.revision[:12]} is newer on {self.main.branch} and {status}"
        version = None if by is None else self.find_version(by)
        return PromotionResult(self.model, PromotionOutcome.SUPERSEDED, sentence, version=version)

    def _result(
        self, outcome: PromotionOutcome, sentence: str, act: Promotion, version: int
    ) -> PromotionResult:
        return PromotionResult(
            self.model, outcome, sentence, version=version, fingerprint=act.fingerprint
        )

    def check_proof(self, act: Promotion | None) -> Refusal | None:
        """Allow a promotion only if earlier records of the ledger prove it.

        A finished promotion is not compared with its manifest: later rules do not undo it.
        """
        if act is None:
            return None
        is_done = any(r.act == act.act and r.phase is Phase.DONE for r in self.records())
        manifest = None if is_done else self.main.find_manifest(self.model, act.revision)
        ledger = self.context.ledger
        history = lookup.history(ledger, model=self.model, fingerprint=act.fingerprint)
        refusal = proof.check_proof(act, history, manifest=manifest)
        if refusal is None:
            return None
        return Refusal(
            f"the {act.kind} of {act.revision[:12]} at position {act.position} has no proof in the "
            f"ledger: {refusal}; see `interlock ledger verify`, and add a commit to "
            f"{self.main.branch} or `/interlock rollback {self.model}`"
        )

    def check_run(self, act: Promotion) -> Refusal | None:
        """Allow a promotion only if its run has the evaluated artifact."""
        with temporary_folders.folder("promote") as folder:
            path = self.context.runs.fetch(act.run_id, act.artifact, to=folder)
            measured = artifacts.measure(path, name=act.artifact)
        return _check_digest(f"the model in run {act.run_id}", measured, act)

    def _register(self, act: Promotion) -> int | Refusal:
        """Find or create the version of a promotion, and return its number.

        Its artifact is measured again, because a user can replace the artifact at its location.
        """
        version = self.context.registry.register(act)
        with temporary_folders.folder("promote") as folder:
            path = self.context.registry.fetch(version, act.artifact, to=folder)
            measured = artifacts.measure(path, name=act.artifact)
        return _check_digest(f"version {version.number}", measured, act) or version.number

    def _is_overtaken(self, own: Promotion) -> bool:
        if self.hold is not None:
            return False  # a held version does not follow main
        later = self.main.later_fingerprints(self.model)
        return promotion.is_overtaken(own, self.records(), later=later)

    def _previous(self, own: Promotion) -> Promotion | None:
        return promotion.latest(p for p in self.records() if p.order < own.order)

    def _is_latest(self, act: Promotion) -> bool:
        """Read the ledger again; True if this promotion is still the latest."""
        self.context.ledger.refresh()
        newest = promotion.latest(self.records())
        return newest is not None and newest.act == act.act

    def _write(self, record: Promotion) -> Promotion:
        """Append a record; return the record of another process if that was first."""
        path = lookup.path_of(record)
        verb = f"{record.kind} of {record.model} at {record.revision[:12]}"
        try:
            self.context.ledger.append(
                {path: documents.dump(record)}, message=f"{record.phase.capitalize()}: {verb}"
            )
        except errors.LedgerBroken:
            self.context.ledger.refresh()
            first = lookup.find_promotion(self.context.ledger, path)
            if first is None:
                raise
            return first
        return record

    def set_aliases(self) -> None:
        """Set the aliases to the latest promotion, until it is still the latest after the writes.

        A promotion without a version is left to its own process, which sets the aliases after it
        registers the version, and so after every write here. An alias never points to a promotion
        without proof.
        """
        while (latest := promotion.latest(self.records())) is not None:
            is_proven = self.check_proof(latest) is None
            version = self.find_version(latest) if is_proven else None
            if version is None:
                return
            done = all(self._set_alias(latest, e, version=version) for e in latest.environments)
            if done and self._is_latest(latest):
                return

    def _set_alias(self, latest: Promotion, environment: str, *, version: int) -> bool:
        """Set one alias; return False, without a write, if there is a newer promotion by now."""
        if not self._is_latest(latest):
            return False
        registry, name = self.context.registry, latest.registry_name
        if registry.find_alias(name, environment) != version:
            if self.listing is not None:
                self.listing.forget(name)
            registry.set_alias(name, environment, version=version)
        return True

    def find_version(self, act: Promotion) -> int | None:
        version = self.context.registry.find_version(act)
        return None if version is None else version.number

    def _misplaced(self, act: Promotion, version: int) -> tuple[str, ...]:
        find = self.context.registry.find_alias
        return tuple(e for e in act.environments if find(act.registry_name, e) != version)

    def _record_deployments(
        self,
        act: Promotion,
        *,
        version: int,
        environments: Sequence[str] | None = None,
        state: str = "success",
    ) -> tuple[str, ...]:
        """Record the deployment of each environment on GitHub; return the recorded environments.

        Failures are reported, and `reconcile` repairs them.
        """
        names = act.environments if environments is None else environments
        return tuple(e for e in names if self._attempt(act, e, version=version, state=state))

    def _attempt(self, act: Promotion, environment: str, *, version: int, state: str) -> bool:
        return self.context.attempts.attempt(
            f"{act.model} version {version}: its deployment to {environment} is not recorded on "
            "GitHub until the next reconcile",
            lambda: self.upsert_deployment(act, environment, version=version, state=state),
            otherwise=False,
            of=f"deployments to {environment}",
        )

    def upsert_deployment(
        self, act: Promotion, environment: str, *, version: int, state: str
    ) -> bool:
        """Record one deployment on GitHub if the promotion is still the latest."""
        github = self.context.github
        if github is None or (state == "success" and not self._is_latest(act)):
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


def _check_digest(name: str, measured: Artifact, act: Promotion) -> Refusal | None:
    if measured.sha256 == act.sha256:
        return None
    return Refusal(
        f"{name} is not the evaluated artifact: its SHA-256 is {measured.sha256[:12]}, the "
        f"evidence has {act.sha256[:12]}"
    )
