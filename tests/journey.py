"""The life of a pull request on the local GitHub: each job has its own adapter, as in a process.

Training, evaluation and the registry are fakes.
"""

from __future__ import annotations

import copy
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import httpx

import github_sandbox
from github_sandbox import RandomFaults, discussion, limits
from interlock import errors, rendering
from interlock.adapters.github import PyGithubAdapter, RetryPolicy
from interlock.commands import plan as planning
from interlock.commands import promote as promoting
from interlock.commands import report as reporting
from interlock.commands.report import ReportContext, ReportOptions
from interlock.domain.promotion.promotion import PromotionOutcome
from interlock.ports.runs import Runs
from tests.fakes.ledger import FakeLedger
from tests.fakes.registry import FakeRegistry
from tests.fakes.scene import run
from tests.report_stage import REPOSITORY, LockedScene

WORKFLOW = "github-actions[bot]"
NUMBER = 1
CHAT = "What a nice day."
LINKS = rendering.RecordLinks(ledger_branch="interlock-ledger", plots="../blob/")


@dataclass
class Clock:
    """Time that passes only in `sleep`."""

    seconds: float = 1_900_000_000.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        self.slept.append(seconds)


@dataclass
class Journey:
    """Version 1 is in production, and pull request 1 is open from the branch `better`."""

    folder: Path
    hub: github_sandbox.Sandbox
    client: httpx.Client
    clock: Clock = field(default_factory=Clock)
    ledger: FakeLedger = field(default_factory=FakeLedger)
    registry: FakeRegistry = field(default_factory=FakeRegistry)
    reruns: int = 0

    def begin(self) -> Journey:
        self.folder.mkdir()
        self.person = self.hub.create_token("octocat")
        self.token = self.hub.create_token(WORKFLOW, bot=True)
        self.client.headers["Authorization"] = f"Bearer {self.person}"
        self.scene = LockedScene(self.folder)
        self.scene.create()
        self.registry.runs = self.scene.runs.root
        self.git("remote", "set-url", "origin", self.hub.git_url(REPOSITORY, self.token))
        self.base = self.scene.commit(1.0)
        self.judge(self.base)
        self.promote()
        self.git("switch", "--quiet", "--create", "better")
        self.scene.commit(2.0, push=False)
        self.git("push", "--quiet", "origin", "better")
        self.ask("POST", "/pulls", {"title": "Better", "head": "better", "base": "main"})
        self.hub.reset_counts()
        self.clock.slept.clear()
        return self

    def take_up(self, begun: Journey) -> None:
        self.person, self.token, self.base = begun.person, begun.token, begun.base
        self.client.headers["Authorization"] = f"Bearer {self.person}"
        self.scene = LockedScene(self.folder)
        self.registry.runs = self.scene.runs.root
        self.git("remote", "set-url", "origin", self.hub.git_url(REPOSITORY, self.token))

    def git(self, *arguments: str) -> str:
        return run(self.scene.checkout, *arguments)

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """A request of a user, outside the injected faults."""
        answer = self.client.request(method, f"/api/repos/{REPOSITORY}{path}", json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def github(self, token: str = "", *, pause_seconds: float = 0.0) -> PyGithubAdapter:
        return PyGithubAdapter(
            api_url=str(self.client.base_url).rstrip("/") + "/api",
            repository=REPOSITORY,
            token=token or self.token,
            login=WORKFLOW,
            pause_seconds=pause_seconds,
            patience=RetryPolicy(sleep=self.clock.sleep, now=self.clock.now),
        )

    def head(self) -> str:
        return self.git("ls-remote", "origin", "refs/heads/better").split("\t")[0]

    def judge(self, revision: str) -> None:
        self.git("fetch", "--quiet", "origin")
        self.scene.judge(revision, FakeLedger(self.ledger.origin))

    def report(self, token: str = "") -> reporting.ReportResult:
        """The job that reports on any event of the pull request."""
        github, repository = self.github(token), self.scene.repository
        pull = github.find_pull(NUMBER)
        assert pull is not None
        repository.fetch("+refs/heads/*:refs/remotes/origin/*")
        ledger = FakeLedger(self.ledger.origin)
        ledger.refresh()
        plan = planning.run(
            planning.PlanContext(repository=repository, ledger=ledger),
            planning.PlanOptions(
                base=reporting.base_of(repository, pull), head=pull.head_sha, merge_base=True
            ),
        )
        return reporting.run(
            ReportContext(repository=repository, ledger=ledger, github=github),
            ReportOptions(plan=plan, pull=pull, links=LINKS, is_workflow_token=True),
        )

    def merge(self) -> None:
        self.ask("PUT", f"/pulls/{NUMBER}/merge", {"merge_method": "squash"})

    def promote(self) -> tuple[PromotionOutcome, ...]:
        self.git("fetch", "--quiet", "origin")
        results = promoting.run(
            promoting.PromotionContext(
                repository=self.scene.repository,
                ledger=FakeLedger(self.ledger.origin),
                runs=cast(Runs, self.scene.runs),
                registry=self.registry,
                github=self.github(),
            ),
            promoting.PromoteOptions(revision="origin/main", now="2030-01-01T12:00:00+00:00"),
        )
        return tuple(result.outcome for result in results)

    def insist(self, job: str, faults: RandomFaults | None = None) -> None:
        """Run a job with random faults, and again while its error is temporary."""
        for _ in range(5):
            failure = self._attempt(job, faults)
            if failure is None:
                return
            assert failure.exit_code == errors.EXIT_OUTSIDE, failure
            self.reruns += 1
        raise AssertionError(f"{job} failed five times")

    def _attempt(self, job: str, faults: RandomFaults | None) -> errors.InterlockError | None:
        if faults is not None:
            self.hub.faults.start(faults)
        try:
            result = getattr(self, job)()
        except errors.OutsideFailure as error:
            return error
        finally:
            if faults is not None:
                self.hub.faults.clear()
        return result.failure if isinstance(result, reporting.ReportResult) else None

    def live(self, faults: RandomFaults | None = None) -> Journey:
        """Run all jobs from the first comment to the promotion; only jobs get faults."""
        self.insist("report", faults)
        self.judge(self.head())
        self.insist("report", faults)
        self.merge()
        self.insist("promote", faults)
        self.insist("report", faults)
        return self

    def state(self) -> dict[str, Any]:
        """The state from outside, without the parts that differ between two runs."""
        self.git("fetch", "--quiet", "origin")
        heads = self.git("rev-list", "--reverse", f"{self.base}..origin/better").split()
        runs = [
            (heads.index(sha), run["name"], run["conclusion"], run["output"]["title"])
            for sha in heads
            for run in self.ask("GET", f"/commits/{sha}/check-runs?filter=all")["check_runs"]
        ]
        main = self.git("ls-remote", "origin", "refs/heads/main").split("\t")[0]
        deployments = [
            (d["environment"], d["description"], [s["state"] for s in self.statuses(d["id"])])
            for d in self.ask("GET", f"/deployments?sha={main}")
        ]
        return {
            "comments": self.comments(),
            "checks": runs,
            "deployments": sorted(deployments),
            "records": sorted(self.ledger.origin.tree(self.ledger.origin.heads[-1])),
            "versions": [v.number for v in self.registry.versions("digits")],
            "aliases": dict(self.registry.aliases),
            "commits": len(heads),
        }

    def comments(self) -> list[tuple[str, str]]:
        """Author and text of every comment, without chat."""
        return [(c["author"], c["body"]) for c in self._comments() if c["body"] != CHAT]

    def _comments(self) -> list[dict[str, Any]]:
        return self.hub.instance.store.list("comment", repository=REPOSITORY, parent=NUMBER)

    def comment(self) -> str:
        """The one comment."""
        ((_, body),) = self.comments()
        return body

    def our_id(self) -> int:
        (comment,) = (c["id"] for c in self._comments() if c["author"] == WORKFLOW)
        return int(comment)

    def say(self, text: str) -> None:
        self.ask("POST", f"/issues/{NUMBER}/comments", {"body": text})

    def chat(self, count: int) -> None:
        """Store comments of users directly in the state."""
        world, now = self.hub.instance, limits.now()
        with world.transaction():
            for _ in range(count):
                comment = {
                    "id": world.store.next("id"),
                    "number": NUMBER,
                    "author": "octocat",
                    "body": CHAT,
                    "association": "COLLABORATOR",
                    "created_at": now,
                    "updated_at": now,
                }
                discussion.save_comment(world, REPOSITORY, comment)

    def statuses(self, deployment: int) -> list[dict[str, Any]]:
        return list(self.ask("GET", f"/deployments/{deployment}/statuses"))


@contextmanager
def prepare(folder: Path) -> Iterator[Journey]:
    """Create the start state; `resume` continues in copies of it."""
    hub = github_sandbox.Sandbox(folder / "hub")
    hub.create_repository(REPOSITORY)
    hub.create_user("octocat", repository=REPOSITORY, permission="write")
    with hub.serve() as url, httpx.Client(base_url=url) as client:
        yield Journey(folder / "work", hub, client).begin()
    hub.close()


@contextmanager
def resume(begun: Journey, folder: Path) -> Iterator[Journey]:
    """Continue in a copy of a start state, with its own GitHub."""
    shutil.copytree(begun.folder.parent, folder, symlinks=True)
    hub = github_sandbox.Sandbox(folder / "hub")
    with hub.serve() as url, httpx.Client(base_url=url) as client:
        journey = Journey(
            folder / "work",
            hub,
            client,
            ledger=FakeLedger(copy.deepcopy(begun.ledger.origin)),
            registry=copy.deepcopy(begun.registry),
        )
        journey.take_up(begun)
        yield journey
    hub.close()
