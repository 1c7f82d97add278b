"""What the steps play on, and what they must remember of one another; no step is told here."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from interlock.demo.assertions import Witness
from interlock.demo.engine import Engine, Run
from interlock.demo.facts import Fact
from interlock.demo.user import Person
from interlock.demo.world import REPOSITORY, SCHEDULES, World


@dataclass(slots=True)
class Stage:
    """What the steps play on, and what they must remember of one another."""

    world: World
    engine: Engine
    witness: Witness
    pulls: dict[str, int] = field(default_factory=dict)
    merges: dict[str, str] = field(default_factory=dict)

    @property
    def person(self) -> Person:
        return self.world.person

    def propose(self, branch: str, title: str, body: str) -> tuple[int, Run]:
        """Commit what was edited, open a pull request, wait for its jobs."""
        self.person.commit_and_push(branch, title)
        number = self.person.open_pull(branch, title=title, body=body)
        self.pulls[branch] = number
        return number, self.engine.settle()

    def merge(self, branch: str, *, method: str) -> Run:
        """Merge as a person does, wait for the jobs of main."""
        answer = self.person.merge(self.pulls[branch], method=method)
        self.merges[branch] = str(answer.body.get("sha", ""))
        return self.engine.settle()

    def tick(self, workflow: str, *, after: date) -> Run:
        """Let the clock of one workflow strike in the morning after a day, wait for its jobs."""
        os.environ["INTERLOCK_NOW"] = f"{after + timedelta(days=1)}T05:17:00Z"
        self.world.hub.strike(REPOSITORY, schedule=SCHEDULES[workflow])
        return self.engine.settle()

    def green(self, pull: int) -> bool:
        return self.witness.check(self.witness.head(pull)) == "success"


Chapter = Callable[[Stage], Iterator[Fact]]
