"""Two models that were promoted twice and once, and a world around them that anybody may damage."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from interlock import documents
from interlock.commands import promote, reconcile
from interlock.commands.command import hold_verbs
from interlock.commands.reconcile import ReconcileResult
from interlock.domain.access import comment_command
from interlock.domain.promotion.hold import HoldChange
from interlock.domain.promotion.promotion import Phase, Promotion, PromotionResult
from interlock.domain.promotion.reconciliation import RepairStatus
from interlock.ledger import lookup
from interlock.ports.runs import Runs
from interlock.services.best_effort import Attempts
from interlock.services.promotion.effects import PromotionContext
from tests.fakes.github import FakeGitHub
from tests.fakes.ledger import FakeLedger
from tests.fakes.registry import FakeRegistry
from tests.fakes.scene import Scene

NOW = "2030-01-02T12:00:00+00:00"


@dataclass
class Stage:
    """`commits` are those of digits, one a promotion."""

    scene: Scene
    ledger: FakeLedger = field(default_factory=FakeLedger)
    registry: FakeRegistry = field(default_factory=FakeRegistry)
    github: FakeGitHub = field(default_factory=FakeGitHub)
    commits: list[str] = field(default_factory=list)

    def copy(self, folder: Path) -> Stage:
        """A world of its own, with the same past."""
        scene = self.scene.copy(folder)
        registry = copy.deepcopy(self.registry)
        registry.runs = scene.runs.root
        ledger = FakeLedger(copy.deepcopy(self.ledger.origin))
        return Stage(scene, ledger, registry, copy.deepcopy(self.github), list(self.commits))

    def rival(self) -> Stage:
        """Another process: the same world, seen through a clone of its own."""
        other = copy.copy(self)
        other.ledger = FakeLedger(self.ledger.origin)
        return other

    def ship(self, c: float, *, model: str = "digits") -> str:
        commit = self.scene.commit(c, model=model)
        self.scene.judge(commit, self.ledger, model=model)
        self.promote(commit)
        if model == "digits":
            self.commits.append(commit)
        return commit

    def promote(self, revision: str) -> tuple[PromotionResult, ...]:
        options = promote.PromoteOptions(revision=revision, now="2030-01-01T12:00:00+00:00")
        return promote.run(self.promotion_context(), options)

    def promotion_context(self, attempts: Attempts | None = None) -> PromotionContext:
        return PromotionContext(
            repository=self.scene.repository,
            ledger=self.ledger,
            runs=cast(Runs, self.scene.runs),
            registry=self.registry,
            github=self.github,
            attempts=attempts or Attempts(),
        )

    def reconcile(
        self,
        *models: str,
        dry_run: bool = False,
        with_artifacts: bool = True,
        with_promotions: bool = True,
        now: str = NOW,
    ) -> ReconcileResult:
        return reconcile.run(
            self.promotion_context(),
            reconcile.ReconcileOptions(
                now=now,
                models=models,
                dry_run=dry_run,
                with_artifacts=with_artifacts,
                with_promotions=with_promotions,
            ),
        )

    def say(self, text: str) -> HoldChange:
        """A hold, rollback or release, as written into the ledger by a comment."""
        command = comment_command.parse(f"/interlock {text}")
        assert isinstance(command, comment_command.CommentCommand)
        turn = hold_verbs.write(self.ledger, command, by="octocat", now="2030-01-01T13:00:00+00:00")
        assert isinstance(turn, HoldChange), turn
        return turn

    def act(self, *, number: int = -1, phase: Phase = Phase.DONE) -> Promotion:
        """One of the acts of digits."""
        acts = lookup.promotions(self.ledger, model="digits")
        return [act for act in acts if act.phase is phase][number]

    def write(self, *nouns: object) -> None:
        records = {lookup.path_of(noun): documents.dump(noun) for noun in nouns}
        self.ledger.append(records, message="By hand")

    @property
    def writes(self) -> tuple[int, int, int]:
        return (len(self.ledger.origin.heads), self.registry.writes, self.github.hub.writes)

    @property
    def served(self) -> dict[str, int]:
        return {
            alias: n
            for (name, alias), n in sorted(self.registry.aliases.items())
            if name == "digits"
        }


def create(folder: Path) -> Stage:
    stage = Stage(Scene(folder).create("digits", "wine"))
    stage.registry.runs = stage.scene.runs.root
    stage.scene.commit(1.0, model="wine")
    stage.ship(5.0, model="wine")
    stage.ship(1.0)
    stage.ship(2.0)
    return stage


def rows(answer: ReconcileResult) -> list[tuple[str, str, str | None, str | None]]:
    """Kind, resource, actual and expected value of every difference."""
    return [
        (c.difference.kind.value, c.difference.resource, c.difference.actual, c.difference.expected)
        for model in answer.models
        for c in model.differences
    ]


def statuses(answer: ReconcileResult) -> set[RepairStatus]:
    return {c.status for model in answer.models for c in model.differences}


def refusals(answer: ReconcileResult) -> Iterable[str]:
    for model in answer.models:
        for each in model.differences:
            if each.status is RepairStatus.REFUSED:
                yield each.sentence
