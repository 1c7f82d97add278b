"""What happens to a pull request, told twice, late, in another order, at once, or not at all: the
end is the same."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, partial
from typing import Any, cast

import pytest

from interlock import rendering
from interlock.adapters.git import GitRepository
from interlock.commands import plan as planning
from interlock.commands import promote as promoting
from interlock.commands import report as reporting
from interlock.commands.report import ReportContext, ReportOptions, repeat_on_new_records
from interlock.domain.model.evidence import Candidate
from interlock.domain.model.snapshot import ModelAt
from interlock.ledger import lookup
from interlock.ports.github import Conclusion, Pull
from interlock.ports.runs import Runs
from interlock.services import snapshots
from tests.fakes.github import FakeGitHub, Hub
from tests.fakes.ledger import FakeLedger, Origin
from tests.fakes.registry import FakeRegistry
from tests.fakes.remembering import Remembering
from tests.fakes.scene import Scene, run

SEEDS = 200
LOST, AGAIN, AT_ONCE = 0.2, 0.3, 0.1
LINKS = rendering.RecordLinks(ledger_branch="interlock-ledger")


class RememberingScene(Scene):
    __hash__ = object.__hash__

    @cached_property
    def repository(self) -> GitRepository:
        return cast(GitRepository, Remembering(super().repository))

    @cache  # noqa: B019 - one scene a module
    def model(self, revision: str, *, model: str = "digits") -> ModelAt:
        return super().model(revision, model=model)

    @cache  # noqa: B019
    def train(self, revision: str, *, model: str = "digits") -> Candidate:
        return super().train(revision, model=model)


@dataclass
class Past:
    """Every commit there will be: served, pushed to the branch twice, merged."""

    scene: RememberingScene
    base: str
    heads: tuple[str, str]
    merge: str
    reader: snapshots.Reader = field(default_factory=snapshots.Reader)


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Past:
    folder = tmp_path_factory.mktemp("past")
    scene = Scene(folder).create()
    scene.write(".github/interlock.yml", "dvc_lock: leave\n")
    base = scene.commit(1.0)
    run(scene.checkout, "switch", "--quiet", "--create", "better")
    heads = (scene.commit(2.0, push=False), scene.commit(3.0, push=False))
    run(scene.checkout, "switch", "--quiet", "main")
    merge = scene.commit(3.0)
    return Past(RememberingScene(folder), base, heads, merge)


class Busy(FakeGitHub):
    """One job's GitHub; between two of its requests another job may run from beginning to end."""

    def __init__(self, hub: Hub, meanwhile: Callable[[], None]) -> None:
        super().__init__(hub)
        self._meanwhile = meanwhile

    def find_pull(self, number: int) -> Pull | None:
        self._meanwhile()
        return super().find_pull(number)

    def upsert_check(self, *arguments: Any, **named: Any) -> str:
        self._meanwhile()
        return super().upsert_check(*arguments, **named)

    def upsert_comment(self, *arguments: Any, **named: Any) -> str:
        self._meanwhile()
        return super().upsert_comment(*arguments, **named)


@dataclass
class World:
    """One run of the steps; `waiting` are jobs that were started and have not run."""

    past: Past
    dice: random.Random
    hub: Hub = field(default_factory=Hub)
    origin: Origin = field(default_factory=Origin)
    registry: FakeRegistry = field(default_factory=FakeRegistry)
    waiting: list[list[Callable[[], None]]] = field(default_factory=list)
    depth: int = 0
    at_once: int = 0
    lost: int = 0

    def begin(self) -> World:
        self.registry.runs = self.past.scene.runs.root
        self.evaluate(self.past.base)
        self.promote(self.past.base)
        self.hub.pulls[1] = Pull(
            number=1,
            title="Better",
            body="",
            author="octocat",
            state="open",
            head_sha=self.past.heads[0],
            head_ref="better",
            head_repository="acme/models",
            base_ref="main",
            base_sha=self.past.base,
            base_repository="acme/models",
        )
        return self

    # What people do.

    def push(self) -> None:
        self.hub.pulls[1] = replace(self.hub.pulls[1], head_sha=self.past.heads[1])

    def merge(self) -> None:
        """Nobody can before the check is green; who waits for it in vain has the jobs run again."""
        if not self.is_green():
            self.evaluate(self.past.heads[1])
            self.report()
        assert self.is_green()
        merged = {"state": "closed", "merged": True, "merge_commit_sha": self.past.merge}
        self.hub.pulls[1] = replace(self.hub.pulls[1], **merged)  # type: ignore[arg-type]

    def is_green(self) -> bool:
        head = self.past.heads[1]
        return [c.conclusion for c in self.hub.checks if c.head_sha == head] == [Conclusion.SUCCESS]

    # What jobs do.

    def evaluate(self, revision: str) -> None:
        ledger = FakeLedger(self.origin)
        fingerprint = self.past.scene.model(revision).fingerprint
        if not lookup.verdicts(ledger, model="digits", fingerprint=str(fingerprint)):
            self.past.scene.judge(revision, ledger)

    def report(self) -> None:
        github = Busy(self.hub, self.meanwhile)
        ledger = FakeLedger(self.origin)
        pull = github.find_pull(1)
        assert pull is not None
        repeat_on_new_records.run(
            partial(self.report_once, github, ledger),
            pull=pull,
            ledger=ledger,
            find_pull=github.find_pull,
        )

    def report_once(
        self, github: FakeGitHub, ledger: FakeLedger, pull: Pull
    ) -> reporting.ReportResult:
        plan = planning.run(
            planning.PlanContext(repository=self.past.scene.repository, ledger=ledger),
            planning.PlanOptions(
                base=reporting.base_of(self.past.scene.repository, pull),
                head=pull.head_sha,
                merge_base=True,
            ),
        )
        context = ReportContext(
            repository=self.past.scene.repository,
            ledger=ledger,
            github=github,
            reader=self.past.reader,
        )
        reporting.refresh(context, branch="main")
        return reporting.run(context, ReportOptions(plan=plan, pull=pull, links=LINKS))

    def promote(self, revision: str) -> None:
        promoting.run(
            promoting.PromotionContext(
                repository=self.past.scene.repository,
                ledger=FakeLedger(self.origin),
                runs=cast(Runs, self.past.scene.runs),
                registry=self.registry,
                github=Busy(self.hub, self.meanwhile),
                reader=self.past.reader,
            ),
            promoting.PromoteOptions(revision=revision, now="2030-01-01T12:00:00+00:00"),
        )

    def meanwhile(self) -> None:
        if self.waiting and self.depth < 2 and self.dice.random() < AT_ONCE:
            self.depth += 1
            self.at_once += 1
            self.step()
            self.depth -= 1

    def step(self) -> None:
        """Run the next job of some event's."""
        jobs = self.dice.choice(self.waiting)
        job = jobs.pop(0)
        self.waiting = [left for left in self.waiting if left]
        job()

    def hear(self, *jobs: Callable[[], None]) -> None:
        """An event: lost, heard, or heard twice."""
        if self.dice.random() < LOST:
            self.lost += 1
            return
        times = 2 if self.dice.random() < AGAIN else 1
        self.waiting += [list(jobs) for _ in range(times)]

    def end(self) -> dict[str, Any]:
        head = self.past.heads[1]
        ledger = FakeLedger(self.origin)
        return {
            "comments": self.hub.comments,
            "checks": [c for c in self.hub.checks if c.head_sha == head],
            "deployments": sorted((d.key, d.state) for d in self.hub.deployments),
            "promotions": lookup.promotions(ledger, model="digits"),
            "aliases": self.registry.aliases,
        }


def steps(world: World) -> list[Callable[[], None]]:
    """What happens, in its order; each has jobs run, some time."""
    first, second = world.past.heads
    report, evaluate = world.report, world.evaluate

    def opened() -> None:
        world.hear(report, partial(evaluate, first), report)

    def pushed() -> None:
        world.push()
        world.hear(report, partial(evaluate, second), report)

    def merged() -> None:
        world.merge()
        world.hear(partial(world.promote, world.past.merge), report)

    def repeated() -> None:
        """Somebody has the release of an old commit run again."""
        world.hear(partial(world.promote, world.past.base), report)

    return [opened, pushed, merged, repeated]


def live(world: World) -> World:
    """What was lost is healed by one later run; what was told twice, late or at once needs none."""
    for happens in steps(world):
        happens()
        for _ in range(world.dice.randrange(4)):
            if world.waiting:
                world.step()
    while world.waiting:
        world.step()
    if world.lost:
        world.evaluate(world.past.heads[1])
        world.promote(world.past.merge)
        world.report()
    return world


class Straight(random.Random):
    """Dice by which everything is heard once, and done at once."""

    def random(self) -> float:
        return 0.999

    def randrange(self, *_: int) -> int:  # type: ignore[override]
        return 9

    def choice(self, seq: Any) -> Any:
        return seq[0]


def test_any_trace__ends_as_the_straight_one(past: Past) -> None:
    wanted = live(World(past, Straight()).begin()).end()
    ((_, body),) = wanted["comments"][1]
    assert body.startswith("🚀 **digits** was promoted as version 2")
    lost = at_once = 0
    for seed in range(SEEDS):
        world = World(past, random.Random(seed)).begin()
        live(world)
        assert world.end() == wanted, f"seed {seed}"
        lost, at_once = lost + world.lost, at_once + world.at_once
    print(f"{SEEDS} traces: {lost} events lost, {at_once} jobs between two requests of another")
    assert min(lost, at_once) > SEEDS / 10
