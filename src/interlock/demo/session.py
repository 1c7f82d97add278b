"""The state that the steps of the demo share."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from interlock.demo.job_queue import JobQueue, JobResults
from interlock.demo.project import REPOSITORY, SCHEDULES, DemoProject
from interlock.demo.results import Assertion
from interlock.demo.state import DemoState
from interlock.demo.user import User


@dataclass(slots=True)
class DemoSession:
    """The project, its jobs and its state; pull requests and merge commits by branch."""

    project: DemoProject
    queue: JobQueue
    state: DemoState
    pulls: dict[str, int] = field(default_factory=dict)
    merges: dict[str, str] = field(default_factory=dict)

    @property
    def user(self) -> User:
        return self.project.user

    def propose(self, branch: str, title: str, body: str) -> tuple[int, JobResults]:
        """Commit the edited files, open a pull request, and run its jobs."""
        self.user.commit_and_push(branch, title)
        number = self.user.open_pull(branch, title=title, body=body)
        self.pulls[branch] = number
        return number, self.queue.run_pending()

    def merge(self, branch: str, *, method: str) -> JobResults:
        """Merge a pull request and run the jobs of main."""
        answer = self.user.merge(self.pulls[branch], method=method)
        self.merges[branch] = str(answer.body.get("sha", ""))
        return self.queue.run_pending()

    def tick(self, workflow: str, *, after: date) -> JobResults:
        """Start a scheduled workflow in the morning after a day, and run its jobs."""
        os.environ["INTERLOCK_NOW"] = f"{after + timedelta(days=1)}T05:17:00Z"
        self.project.hub.emit_schedule(REPOSITORY, cron=SCHEDULES[workflow])
        return self.queue.run_pending()

    def green(self, pull: int) -> bool:
        return self.state.check(self.state.head(pull)) == "success"


Step = Callable[[DemoSession], Iterator[Assertion]]
