"""What the steps play on, and what they must remember of one another; no step is told here."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from interlock.demo.assertions import Witness
from interlock.demo.engine import Engine, EngineRun
from interlock.demo.facts import Fact
from interlock.demo.user import User
from interlock.demo.world import REPOSITORY, SCHEDULES, DemoWorld


@dataclass(slots=True)
class DemoStage:
    """What the steps play on, and what they must remember of one another."""

    world: DemoWorld
    engine: Engine
    witness: Witness
    pulls: dict[str, int] = field(default_factory=dict)
    merges: dict[str, str] = field(default_factory=dict)

    @property
    def person(self) -> User:
        return self.world.person

    def propose(self, branch: str, title: str, body: str) -> tuple[int, EngineRun]:
        """Commit what was edited, open a pull request, wait for its jobs."""
        self.person.commit_and_push(branch, title)
        number = self.person.open_pull(branch, title=title, body=body)
        self.pulls[branch] = number
        return number, self.engine.settle()

    def merge(self, branch: str, *, method: str) -> EngineRun:
        """Merge as a person does, wait for the jobs of main."""
        answer = self.person.merge(self.pulls[branch], method=method)
        self.merges[branch] = str(answer.body.get("sha", ""))
        return self.engine.settle()

    def tick(self, workflow: str, *, after: date) -> EngineRun:
        """Let the clock of one workflow strike in the morning after a day, wait for its jobs."""
        os.environ["INTERLOCK_NOW"] = f"{after + timedelta(days=1)}T05:17:00Z"
        self.world.hub.strike(REPOSITORY, schedule=SCHEDULES[workflow])
        return self.engine.settle()

    def green(self, pull: int) -> bool:
        return self.witness.check(self.witness.head(pull)) == "success"


Chapter = Callable[[DemoStage], Iterator[Fact]]
