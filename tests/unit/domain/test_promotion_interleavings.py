"""Promoters that run at once, are stopped between any two steps, and crash: the newest wins.

The real decision and the real order of effects run over fakes of everything outside. Each promoter
is a thread that waits for its turn before every look and every write, so that a schedule is a list
of whose turn it is, and every schedule can be told again.
"""

from __future__ import annotations

import functools
import itertools
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlock import documents
from interlock.commands.command import hold_verbs
from interlock.domain.access.comment_command import CommentCommand, Verb
from interlock.domain.evaluation import gates
from interlock.domain.evaluation.verdict import Finding, Verdict
from interlock.domain.evaluation.verdict import Outcome as Judged
from interlock.domain.model.evidence import Artifact, Candidate, Evidence, Rows, RunFacts
from interlock.domain.model.lineage import Input, InputKind, Lineage
from interlock.domain.model.manifest import (
    Evaluation,
    GateRule,
    Manifest,
    Outputs,
    Pipeline,
    Promote,
    Runner,
    Task,
)
from interlock.domain.model.policy import Policy
from interlock.domain.model.snapshot import ModelAt, Snapshot
from interlock.domain.promotion import hold as holds
from interlock.domain.promotion.promotion import Phase, PromotionOutcome, PromotionResult
from interlock.domain.promotion.registry_state import ModelVersion
from interlock.ledger import lookup
from interlock.ports.git import Repository
from interlock.ports.github import GitHub
from interlock.ports.ledger import Ledger
from interlock.ports.registry import Registry
from interlock.ports.runs import Runs
from interlock.services import artifacts
from interlock.services.promotion import model_promotion
from interlock.services.promotion.effects import PromotionContext
from interlock.services.promotion.main_line import Main
from tests.fakes.github import FakeGitHub
from tests.fakes.ledger import FakeLedger, Origin
from tests.fakes.registry import FakeRegistry

_HOME = tempfile.TemporaryDirectory(prefix="interlock-runs-")
FOLDER = Path(_HOME.name)
ENVIRONMENTS = ("staging", "production")
RULE = GateRule("f1_macro", min=0.9)
MANIFEST = Manifest(
    path="model-manifests/digits/model.yaml",
    model="digits",
    owner="@acme/vision",
    objective="Read digits.",
    task=Task.MULTICLASS,
    pipeline=Pipeline("model-manifests/digits/dvc.yaml", "train"),
    outputs=Outputs("model", "predictions.csv"),
    environment=(),
    runner=Runner(),
    evaluation=Evaluation("f1_macro"),
    gates=(RULE,),
    promote=Promote(ENVIRONMENTS, "digits"),
)


class Crash(BaseException):
    """The process is gone: not even its handlers run."""


@functools.cache
def model_at(content: str) -> ModelAt:
    digest = f"value:{content}"
    return ModelAt(MANIFEST, Lineage("digits", (Input(InputKind.CODE, "train.py", digest),), ()))


class StillRegistry(FakeRegistry):
    """Copies nothing: thousands of schedules fetch the same bytes."""

    def fetch(self, version: ModelVersion, artifact: str, *, to: Path) -> Path:
        return self.runs / version.source


@dataclass
class Story:
    """What main said, one letter a revision ("ABA": changed and reverted), all of it judged."""

    line: str
    root: Path
    origin: Origin = field(default_factory=Origin)
    registry: StillRegistry = field(default_factory=StillRegistry)
    github: FakeGitHub = field(default_factory=FakeGitHub)
    pushed: int = 0
    words: Mapping[int, Verb] = field(default_factory=dict)
    """What people say meanwhile, by a number of their own, that is no position."""

    def __post_init__(self) -> None:
        self.registry.runs = self.root
        FakeLedger(self.origin).append(judged(self.root), message="Judged")

    def person(self, number: int, *, step: Callable[[], None]) -> None:
        """One command, from its look at the ledger to its one write."""
        step()
        ledger = cast(Ledger, Stepping(FakeLedger(self.origin), step))
        command = CommentCommand(self.words[number], model="digits")
        hold_verbs.write(ledger, command, by="octocat", now="2030-01-01T00:00:00+00:00")

    def promoter(self, position: int, *, step: Callable[[], None]) -> PromotionResult:
        """One process from its push to its end; `step` is called before every look and write."""
        step()
        self.pushed = max(self.pushed, position)
        ledger = cast(Ledger, Stepping(FakeLedger(self.origin), step))
        ledger.refresh()
        world = PromotionContext(
            repository=cast(Repository, None),
            ledger=ledger,
            runs=cast(Runs, CopyingRuns(self.root)),
            registry=cast(Registry, Stepping(self.registry, step)),
            github=cast(GitHub, Stepping(self.github, step)),
        )
        main = cast(Main, MainLine(self, position, step))
        model = model_at(self.line[position - 1])
        snapshot = Snapshot(f"{position:040x}", Policy(), {"digits": model})
        return model_promotion.promote(world, main, snapshot, "digits")

    def check(self) -> None:
        """Everything agrees with the newest revision, once, and nothing is left open."""
        newest = model_at(self.line[self.pushed - 1]).fingerprint
        ledger = FakeLedger(self.origin)
        records = lookup.promotions(ledger, model="digits")
        turns = lookup.holds(ledger, model="digits")
        assert [turn.epoch for turn in turns] == list(range(1, len(turns) + 1))
        held = holds.active(turns)
        if held is not None:
            newest = held.fingerprint
        champion = lookup.champion(ledger, model="digits")
        assert champion is not None
        assert champion.fingerprint == newest
        versions = self.registry.versions("digits")
        assert len({v.fingerprint for v in versions}) == len(versions)
        (served,) = [v.number for v in versions if v.fingerprint == newest]
        for environment in ENVIRONMENTS:
            assert self.registry.find_alias("digits", environment) == served
        begun = {r.act for r in records if r.phase is Phase.INTENT}
        left = begun - {r.act for r in records if r.phase is not Phase.INTENT}
        # Who begins under an epoch that is over and dies leaves an act that nobody asks for again.
        assert all(epoch < len(turns) for epoch, _, _ in left)
        live = [d for d in self.github.hub.deployments if d.sha == champion.revision]
        assert {d.environment for d in live} == set(ENVIRONMENTS)
        if not turns:
            assert len(live) == len(ENVIRONMENTS)

    @property
    def writes(self) -> tuple[int, int, int]:
        return (len(self.origin.heads), self.registry.writes, self.github.hub.writes)


@functools.cache
def judged(root: Path) -> dict[str, Any]:
    """Evidence of every letter, and a passing verdict of it against every champion."""
    models = {letter: model_at(letter) for letter in "ABC"}
    prints = {letter: str(model.fingerprint) for letter, model in models.items()}
    nouns: list[object] = []
    for letter, model in models.items():
        folder = root / f"run-{letter}" / "model"
        folder.mkdir(parents=True)
        (folder / "weights.bin").write_bytes(letter.encode())
        measured = artifacts.measure(folder, name="model")
        nouns.append(evidence(model, prints[letter], measured, run_id=f"run-{letter}"))
        for champion, rollback in itertools.product([None, *prints.values()], [False, True]):
            nouns.append(verdict(prints[letter], champion, rollback=rollback))
    return {lookup.path_of(noun): documents.dump(noun) for noun in nouns}


def evidence(model: ModelAt, fingerprint: str, measured: Artifact, *, run_id: str) -> Any:
    assert model.lineage is not None
    candidate = Candidate(
        name="digits",
        fingerprint=fingerprint,
        revision="0" * 40,
        run_id=run_id,
        lineage=model.lineage,
        model=measured,
        predictions=Artifact("predictions.csv", "0" * 64, 1),
        files=(),
        facts=RunFacts(1.0),
    )
    return Evidence(candidate, Rows(1, "1" * 64), {})


def verdict(fingerprint: str, champion: str | None, *, rollback: bool) -> Verdict:
    key = gates.key(
        fingerprint=fingerprint,
        manifest=MANIFEST,
        policy=Policy(),
        champion=champion,
        rollback=rollback,
    )
    passed = Finding(RULE, Judged.PASS, 0.95, "at least 0.9", "f1_macro is 0.95")
    return Verdict(
        key, "digits", fingerprint, "0" * 40, Judged.PASS, "", (passed,), (), champion=champion
    )


class Stepping:
    """Waits for its turn before every call."""

    def __init__(self, inner: Any, step: Callable[[], None]) -> None:
        self._inner, self._step = inner, step

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._inner, name)
        # What a ledger has read is its own memory: only refresh and append touch the world. What a
        # version holds is nobody's to change here.
        if not callable(value) or name in {"read", "read_bytes", "list", "fetch"}:
            return value

        def act(*arguments: Any, **named: Any) -> Any:
            self._step()
            return value(*arguments, **named)

        return act


class CopyingRuns:
    def __init__(self, root: Path) -> None:
        self._root = root

    def fetch(self, run_id: str, artifact: str, *, to: Path) -> Path:
        return self._root / run_id / artifact


@dataclass
class MainLine:
    """Main as one promoter sees it: what is pushed by now."""

    story: Story
    position: int
    step: Callable[[], None]
    branch: str = "main"
    now: str = "2030-01-01T00:00:00+00:00"
    pull: int | None = None

    @property
    def commit(self) -> str:
        return f"{self.position:040x}"

    def find_manifest(self, model: str, revision: str) -> Manifest:
        return MANIFEST

    def later_fingerprints(self, model: str) -> Iterator[str | None]:
        self.step()
        for letter in self.story.line[self.position : self.story.pushed]:
            yield model_at(letter).fingerprint


class Turns:
    """Runs promoters one step at a time; `choose` says whose turn it is among those alive.

    `crashes` maps a promoter to the step before which it is gone.
    """

    def __init__(
        self,
        story: Story,
        positions: Sequence[int],
        choose: Callable[[list[int]], int],
        *,
        crashes: Mapping[int, int] | None = None,
    ) -> None:
        self._story, self._choose, self._crashes = story, choose, crashes or {}
        self.steps = dict.fromkeys(positions, 0)
        self.crashed: set[int] = set()
        self._ended: set[int] = set()
        self._failures: list[BaseException] = []
        self._go = {position: threading.Semaphore(0) for position in positions}
        self._back = threading.Semaphore(0)

    def run(self) -> Turns:
        alive = list(self.steps)
        for position in alive:
            threading.Thread(target=self._live, args=(position,), daemon=True).start()
            self._back.acquire()
        while alive:
            position = self._choose(alive)
            self._go[position].release()
            self._back.acquire()
            alive = [position for position in alive if position not in self._ended]
        if self._failures:
            raise self._failures[0]
        return self

    def _live(self, position: int) -> None:
        try:
            act = self._story.person if position in self._story.words else self._story.promoter
            act(position, step=lambda: self._wait(position))
        except Crash:
            self.crashed.add(position)
        except BaseException as error:  # noqa: BLE001 - raised again where the test can see it
            self._failures.append(error)
        finally:
            self._ended.add(position)
            self._back.release()

    def _wait(self, position: int) -> None:
        self._back.release()
        self._go[position].acquire()
        self.steps[position] += 1
        if self.steps[position] == self._crashes.get(position):
            raise Crash


def alone(story: Story, position: int) -> PromotionResult:
    return story.promoter(position, step=lambda: None)


def in_order(order: Sequence[int]) -> Callable[[list[int]], int]:
    """Each turn as listed (an index among those alive); afterwards the first to the end."""
    turns = iter(order)
    return lambda alive: alive[next(turns, 0) % len(alive)]


def settle(story: Story, done: Turns) -> None:
    """Run again whoever crashed; everything must agree, and one more round must write nothing.

    What people said is said once; the next promotion, of whatever main is then, follows.
    """
    for position in sorted(done.crashed - story.words.keys()):
        alone(story, position)
    if story.words:
        alone(story, story.pushed)
    story.check()
    before = story.writes
    for position in done.steps.keys() - story.words.keys():
        assert alone(story, position).outcome in {
            PromotionOutcome.UNCHANGED,
            PromotionOutcome.SUPERSEDED,
        }
    assert story.writes == before


# What main says, and who is through before the race starts.
RACES = [("AB", 0), ("ABA", 1)]


@pytest.mark.parametrize(("line", "through"), RACES)
@pytest.mark.parametrize("first", [0, 1])
def test_two_promoters__every_schedule_of_three_switches(
    line: str, through: int, first: int
) -> None:
    """One runs some steps, then the other some, then the one to its end, then the other."""
    older, newer = len(line) - 1, len(line)
    for before, between in every_pair(line, through):
        story = begun(line, through)
        # Once one is through, every index names the other.
        order = [first] * before + [1 - first] * between + [first] * 99
        settle(story, Turns(story, [older, newer], in_order(order)).run())


@pytest.mark.parametrize(("line", "through"), RACES)
@pytest.mark.parametrize("last_steps", [1, 2])
def test_two_promoters__the_older_is_stopped_goes_on_and_crashes(
    line: str, through: int, last_steps: int
) -> None:
    """What it does in its last steps, it does without knowing what the newer did meanwhile."""
    older, newer = len(line) - 1, len(line)
    for before, between in every_pair(line, through):
        story = begun(line, through)
        order = [0] * before + [1] * between + [0] * 99
        crashes = {older: before + last_steps}
        settle(story, Turns(story, [older, newer], in_order(order), crashes=crashes).run())


def every_pair(line: str, through: int) -> Iterator[tuple[int, int]]:
    steps = range(1, length(line, through) + 1)
    return itertools.product(steps, steps)


def begun(line: str, through: int) -> Story:
    """A story in which the first `through` promoters ran to their end, one after the other."""
    story = Story(line, FOLDER)
    for position in range(1, through + 1):
        alone(story, position)
    return story


def length(line: str, through: int) -> int:
    """How many steps a promoter takes that nobody disturbs."""
    turns = Turns(begun(line, through), [len(line) - 1], in_order([])).run()
    return turns.steps[len(line) - 1]


@pytest.mark.parametrize("order", [[0, 0, 2, 2, 3, 0, 3, 2], [0, 0, 1, 1, 3, 0, 3, 1]])
def test_four_promoters__none_yields_to_one_that_yields_to_it(order: list[int]) -> None:
    """Found by the search below: an act finished on behalf of a newer revision kept the older's
    place, so that two acts each took the other for the newer."""
    story = Story("ABCA", FOLDER)
    settle(story, Turns(story, [1, 2, 3, 4], in_order(order)).run())


LINES = ["AB", "ABA", "AA", "ABB", "ABAB", "ABCA"]


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_promoters__any_schedule_and_any_crash_then_reruns(data: st.DataObject) -> None:
    story = Story(data.draw(st.sampled_from(LINES)), FOLDER)
    positions = list(range(1, len(story.line) + 1))
    crashes = data.draw(
        st.dictionaries(st.sampled_from(positions), st.integers(1, 30), max_size=len(positions))
    )
    runs = data.draw(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 20)), max_size=10))
    order = [index for index, length in runs for _ in range(length)]
    settle(story, Turns(story, positions, in_order(order), crashes=crashes).run())


HOLDING = [
    # What main said, and through how far; what is said meanwhile, and what was said before.
    ("AB", 1, [Verb.HOLD]),
    ("AB", 2, [Verb.ROLLBACK]),
    ("ABC", 2, [Verb.ROLLBACK]),
    ("ABC", 2, [Verb.ROLLBACK, Verb.RELEASE]),
    ("ABA", 2, [Verb.HOLD, Verb.RELEASE]),
]


@pytest.mark.parametrize(("line", "through", "sentence"), HOLDING)
@pytest.mark.parametrize("first", [0, 1])
def test_promoter_and_person__every_schedule_of_three_switches(
    line: str, through: int, sentence: list[Verb], first: int
) -> None:
    """A promoter of the newest revision, while somebody holds or releases; it may crash, too."""
    *earlier, last = sentence
    steps = length(line, min(through, len(line) - 1)) + 1
    for before, between in itertools.product(range(1, steps + 1), range(1, 4)):
        for crashes in ({}, {len(line): before + 1}):
            story = begun(line, through)
            story.words = {100: last, **dict(enumerate(earlier, start=101))}
            for number in sorted(story.words)[1:]:
                story.person(number, step=lambda: None)
                alone(story, through)
            order = [first] * before + [1 - first] * between + [first] * 99
            turns = Turns(story, [len(line), 100], in_order(order), crashes=crashes)
            settle(story, turns.run())


def test_hold__nothing_newer_is_served_until_it_is_released() -> None:
    story = begun("ABC", 2)
    story.words = {100: Verb.ROLLBACK, 101: Verb.RELEASE}
    story.person(100, step=lambda: None)
    for position in (1, 2, 3, 2):
        alone(story, position)
        story.check()
    assert alone(story, 3).outcome is PromotionOutcome.UNCHANGED
    story.person(101, step=lambda: None)
    assert alone(story, 3).outcome is PromotionOutcome.PROMOTED
    assert alone(story, 2).outcome is PromotionOutcome.SUPERSEDED
    story.check()


VERBS = [Verb.HOLD, Verb.ROLLBACK, Verb.RELEASE]


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_promoters_and_people__any_schedule_and_any_crash_then_reruns(data: st.DataObject) -> None:
    line = data.draw(st.sampled_from(LINES))
    through = data.draw(st.integers(0, len(line)))
    story = begun(line, through)
    verbs = data.draw(st.lists(st.sampled_from(VERBS), min_size=1, max_size=4))
    story.words = dict(enumerate(verbs, start=100))
    actors = [*range(1, len(line) + 1), *story.words]
    crashes = data.draw(
        st.dictionaries(st.sampled_from(actors), st.integers(1, 30), max_size=len(actors))
    )
    runs = data.draw(st.lists(st.tuples(st.integers(0, 7), st.integers(1, 20)), max_size=12))
    order = [index for index, length in runs for _ in range(length)]
    settle(story, Turns(story, actors, in_order(order), crashes=crashes).run())


def test_release__a_job_of_before_does_not_bring_its_revision_back() -> None:
    story = begun("AB", 2)
    story.words = {100: Verb.HOLD, 101: Verb.RELEASE}
    for number in story.words:
        story.person(number, step=lambda: None)
    assert alone(story, 1).outcome is PromotionOutcome.SUPERSEDED
    story.check()
