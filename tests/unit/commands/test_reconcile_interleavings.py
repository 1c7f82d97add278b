"""A promoter and a reconciler at once, step by step: whoever is stopped or dies, one served model
comes of it, and the next pass finds nothing to do.

The story and the fakes are those of tests/unit/domain/test_promotion_interleavings.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlock.commands import reconcile
from interlock.commands.reconcile.apply_repairs import Repairer
from interlock.commands.reconcile.observation import Observer
from interlock.domain.model.manifest import Manifest
from interlock.domain.model.policy import Policy
from interlock.domain.model.snapshot import Snapshot
from interlock.domain.promotion import reconciliation, registry_state
from interlock.domain.promotion.promotion import PromotionResult
from interlock.domain.promotion.reconciliation import Difference, ObservedState
from interlock.domain.promotion.registry_state import ModelVersion
from interlock.ledger import lookup
from interlock.ports.git import Repository
from interlock.ports.github import GitHub
from interlock.ports.ledger import Ledger
from interlock.ports.registry import Registry
from interlock.ports.runs import Runs
from interlock.services.each_model import EachModel
from interlock.services.promotion.model_promotion import Main, PromotionContext
from tests.fakes.ledger import FakeLedger
from tests.racing.search import Search
from tests.racing.turns import Step, Stepping, Turns, at_once, in_order
from tests.unit.domain import test_promotion_interleavings as racing
from tests.unit.domain.test_promotion_interleavings import model_at

pytestmark = pytest.mark.no_cover
RECONCILER = 200


@dataclass
class Line:
    """Main as the reconciler saw it when it began."""

    story: Story
    position: int
    step: Step
    commit: str
    branch: str = "main"
    now: str = "2030-01-01T00:00:00+00:00"
    pull: int | None = None

    def find_manifest(self, model: str, revision: str) -> Manifest:
        return racing.MANIFEST

    def later_fingerprints(self, model: str) -> Iterator[str | None]:
        pushed = self.step("main", lambda: self.story.pushed)
        for letter in self.story.line[self.position : pushed]:
            yield model_at(letter).fingerprint


@dataclass
class Story(racing.Story):
    """Numbers from RECONCILER on reconcile with what is pushed by then."""

    def promoter(self, position: int, *, step: Step) -> PromotionResult:
        if position < RECONCILER:
            return super().promoter(position, step=step)
        self.reconcile(step=step)
        return cast(PromotionResult, None)

    def reconcile(self, *, step: Step = at_once) -> tuple[Difference, ...]:
        pushed = step("main", lambda: self.pushed)
        ledger = cast(Ledger, Stepping("ledger", FakeLedger(self.origin), step))
        ledger.refresh()
        world = PromotionContext(
            repository=cast(Repository, None),
            ledger=ledger,
            runs=cast(Runs, racing.CopyingRuns()),
            registry=cast(Registry, Stepping("registry", self.registry, step)),
            github=cast(GitHub, Stepping("github", self.github, step)),
        )
        main = cast(Main, Line(self, pushed, step, f"{pushed:040x}"))
        snapshot = Snapshot(main.commit, Policy(), {"digits": model_at(self.line[pushed - 1])})
        each = EachModel()
        observer, repairer = (
            Observer(world, main, snapshot, each, with_artifacts=False),
            Repairer(world, main, snapshot, each, EachModel()),
        )
        while True:
            observed = observer.observe()["digits"]
            assert isinstance(observed, ObservedState)
            plan = reconciliation.plan(observed)
            if reconcile._repair(repairer, {"digits": plan}, over=ledger.head) is not None:
                break
        return plan


def settle(story: Story, turns: Turns) -> None:
    """Where nobody died all agrees; else after one pass, and no promotion is run again."""
    if not turns.crashed:
        story.check()
    story.reconcile()
    story.check()
    before = story.writes
    assert story.reconcile() == ()
    assert story.writes == before


@pytest.mark.parametrize(("line", "through"), [("AB", 1), ("ABA", 2)])
def test_promoter_and_reconciler__every_schedule_and_every_crash(line: str, through: int) -> None:
    """An alias was moved before; either may die anywhere."""
    actors = [len(line), RECONCILER]
    for story, done in Search(lambda: moved(line, through), actors, mortal=actors).worlds():
        settle(story, done)


def moved(line: str, through: int) -> Story:
    story = Story.begun(line, through)
    story.registry.remove_alias("digits", "production")
    return story


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_promoters_and_reconcilers__any_schedule_and_any_crash(data: st.DataObject) -> None:
    line = data.draw(st.sampled_from(["AB", "ABA", "ABB", "ABCA"]))
    through = data.draw(st.integers(1, len(line) - 1))
    story = Story.begun(line, through)
    if data.draw(st.booleans()):
        story.registry.remove_alias("digits", "staging")
    positions = [*range(through, len(line) + 1), RECONCILER, RECONCILER + 1]
    crashes = data.draw(st.dictionaries(st.sampled_from(positions), st.integers(1, 30), max_size=3))
    runs = data.draw(st.lists(st.tuples(st.integers(0, 4), st.integers(1, 20)), max_size=10))
    order = [index for index, length in runs for _ in range(length)]
    settle(story, Turns(story, positions, in_order(order), crashes=crashes).run())


def test_promoter_and_reconciler__no_schedule_records_a_repair_that_never_happened() -> None:
    """An alias was moved, and a promotion of other bytes is about to move it as well."""
    for story, _ in Search(lambda: moved("AB", 1), [2, RECONCILER]).worlds():
        ledger = FakeLedger(story.origin)
        numbers = [lookup.repairs(ledger, model="digits")[0], len(ledger.list("repairs/digits"))]
        # Begun and ended once, over the ledger in which it differed; or the promotion did it.
        assert numbers in ([0, 0], [1, 2])
        assert orphans(story) == []


def test_promoter_and_reconciler__no_schedule_marks_what_is_served() -> None:
    """Nothing was wrong: nothing is put right, however the two take turns."""
    for story, _ in Search(lambda: Story.begun("AB", 1), [2, RECONCILER]).worlds():
        assert orphans(story) == []
        assert FakeLedger(story.origin).list("repairs/digits") == ()


def orphans(story: Story) -> list[ModelVersion]:
    versions = story.registry.versions("digits")
    return [version for version in versions if registry_state.ORPHANED in version.tags]
