"""A promoter and a reconciler at once, step by step: whoever is stopped or dies, one served model
comes of it, and the next pass finds nothing to do.

The story, the fakes and the turns are those of tests/unit/domain/test_promotion_interleavings.py.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
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
from interlock.ledger import lookup
from interlock.ports.git import Repository
from interlock.ports.github import GitHub
from interlock.ports.ledger import Ledger
from interlock.ports.registry import Registry
from interlock.ports.runs import Runs
from interlock.services.each_model import EachModel
from interlock.services.promotion.model_promotion import Main, PromotionContext
from tests.fakes.ledger import FakeLedger
from tests.unit.domain import test_promotion_interleavings as racing
from tests.unit.domain.test_promotion_interleavings import Stepping, Turns, in_order, model_at

RECONCILER = 200


@dataclass
class Line:
    """Main as the reconciler saw it when it began."""

    story: Story
    position: int
    step: Callable[[], None]
    commit: str
    branch: str = "main"
    now: str = "2030-01-01T00:00:00+00:00"
    pull: int | None = None

    def find_manifest(self, model: str, revision: str) -> Manifest:
        return racing.MANIFEST

    def later_fingerprints(self, model: str) -> Iterator[str | None]:
        self.step()
        for letter in self.story.line[self.position : self.story.pushed]:
            yield model_at(letter).fingerprint


@dataclass
class Story(racing.Story):
    """Numbers from RECONCILER on reconcile with what is pushed by then."""

    def promoter(self, position: int, *, step: Callable[[], None]) -> PromotionResult:
        if position < RECONCILER:
            return super().promoter(position, step=step)
        self.reconcile(step=step)
        return cast(PromotionResult, None)

    def reconcile(self, *, step: Callable[[], None] = lambda: None) -> tuple[Difference, ...]:
        step()
        ledger = cast(Ledger, Stepping(FakeLedger(self.origin), step))
        ledger.refresh()
        world = PromotionContext(
            repository=cast(Repository, None),
            ledger=ledger,
            runs=cast(Runs, racing.CopyingRuns(self.root)),
            registry=cast(Registry, Stepping(self.registry, step)),
            github=cast(GitHub, Stepping(self.github, step)),
        )
        main = cast(Main, Line(self, self.pushed, step, f"{self.pushed:040x}"))
        snapshot = Snapshot(main.commit, Policy(), {"digits": model_at(self.line[self.pushed - 1])})
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


def begun(line: str, through: int) -> Story:
    story = Story(line, racing.FOLDER)
    for position in range(1, through + 1):
        racing.alone(story, position)
    return story


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
@pytest.mark.parametrize("first", [0, 1])
def test_promoter_and_reconciler__every_schedule_of_three_switches(
    line: str, through: int, first: int
) -> None:
    """An alias was moved before; the promoter may die in the step after the first switch."""
    steps = racing.length(line, len(line) - 1) + 1
    number = 0
    for before, between in itertools.product(range(1, steps + 1), (1, 2, 4, 8, 99)):
        for crashes in ({}, {len(line): before + 1}):
            story = begun(line, through)
            story.registry.remove_alias("digits", "production")
            order = [first] * before + [1 - first] * between + [first] * 99
            positions = [len(line), RECONCILER]
            settle(story, Turns(story, positions, in_order(order), crashes=crashes).run())
            number += 1
    print(f"{number} schedules")


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_promoters_and_reconcilers__any_schedule_and_any_crash(data: st.DataObject) -> None:
    line = data.draw(st.sampled_from(["AB", "ABA", "ABB", "ABCA"]))
    through = data.draw(st.integers(1, len(line) - 1))
    story = begun(line, through)
    if data.draw(st.booleans()):
        story.registry.remove_alias("digits", "staging")
    positions = [*range(through, len(line) + 1), RECONCILER, RECONCILER + 1]
    crashes = data.draw(st.dictionaries(st.sampled_from(positions), st.integers(1, 30), max_size=3))
    runs = data.draw(st.lists(st.tuples(st.integers(0, 4), st.integers(1, 20)), max_size=10))
    order = [index for index, length in runs for _ in range(length)]
    settle(story, Turns(story, positions, in_order(order), crashes=crashes).run())


@pytest.mark.parametrize("first", [0, 1])
def test_promoter_and_reconciler__no_schedule_records_a_repair_that_never_happened(
    first: int,
) -> None:
    """An alias was moved, and a promotion of other bytes is about to move it as well."""
    steps = racing.length("AB", 1) + 1
    for before, between in itertools.product(range(1, steps + 1), (1, 2, 3, 4, 8, 99)):
        story = begun("AB", 1)
        story.registry.remove_alias("digits", "production")
        order = [first] * before + [1 - first] * between + [first] * 99
        Turns(story, [2, RECONCILER], in_order(order)).run()
        ledger = FakeLedger(story.origin)
        numbers = [lookup.repairs(ledger, model="digits")[0], len(ledger.list("repairs/digits"))]
        # Begun and ended once, over the ledger in which it differed; or the promotion did it.
        assert numbers in ([0, 0], [1, 2]), (before, between)
        strays = [
            v.number for v in story.registry.versions("digits") if registry_state.ORPHANED in v.tags
        ]
        assert strays == [], (before, between)


@pytest.mark.parametrize("first", [0, 1])
def test_promoter_and_reconciler__no_schedule_marks_what_is_served(first: int) -> None:
    """Nothing was wrong: nothing is put right, however the two take turns."""
    steps = racing.length("AB", 1) + 1
    for before, between in itertools.product(range(1, steps + 1), (1, 2, 3, 4, 8, 99)):
        story = begun("AB", 1)
        order = [first] * before + [1 - first] * between + [first] * 99
        Turns(story, [2, RECONCILER], in_order(order)).run()
        strays = [
            v.number for v in story.registry.versions("digits") if registry_state.ORPHANED in v.tags
        ]
        assert strays == [], (before, between)
        assert FakeLedger(story.origin).list("repairs/digits") == (), (before, between)
