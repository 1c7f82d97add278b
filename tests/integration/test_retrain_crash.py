"""A retraining that dies before any of its effects, dies again when it goes on, and is run once
more, ends as one that did not: real Git, real DVC, a GitHub on loopback, processes really gone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

import github_sandbox
from interlock import documents
from interlock.adapters import git
from interlock.adapters.ledger import GitLedger
from interlock.domain.basics import timestamps
from interlock.domain.drift.status import DriftStatus
from interlock.ledger import lookup
from tests import crashing, tiny
from tests import retrain_cases as cases
from tests.crashing import KILLED
from tests.integration.retrain_program import WORKFLOW
from tests.retrain_stage import BRANCH, GROWN, POINTER, WATCH, Stage

PROGRAM = "tests.integration.retrain_program"
GROW = "import pathlib\np = pathlib.Path('data.csv')\np.write_text(p.read_text() + '4,b\\n')\n"
# What each run does before it dies: "after" its n-th effect. The request is written; on it goes:
# refresh; refresh and branch; refresh and pull request, the branch being there; and from then on
# what follows on its opening: the workflow, a person, a team, its auto-merge; labels, where that
# is on; the record.
OPENING = (1, 1, 2, 2, 1, 2, 3, 4, 4, 5)
# The request; refresh; refresh and workflow, the data being the same; those and the text.
UPDATING = (1, 1, 2, 3)
# The record; the pull request.
CLOSING = (1, 1)


@dataclass
class Case:
    """One repository on the sandbox, and a clone of it."""

    hub: github_sandbox.Sandbox
    url: str
    token: str
    clone: Path

    @property
    def name(self) -> str:
        return f"acme/{self.clone.name}"

    @property
    def ledger(self) -> GitLedger:
        return GitLedger(git.open_repository(self.clone))

    def window(self, number: int, verdict: DriftStatus, reference: str) -> None:
        noun = cases.window(number, verdict, model="tiny", reference=reference)
        self.ledger.append({lookup.path_of(noun): documents.dump(noun)}, message="Look")

    def job(self, minute: int, crash: Any, brings: dict[str, str] | None) -> dict[str, Any]:
        return {
            "clone": str(self.clone),
            "api": f"{self.url}/api",
            "repository": self.name,
            "token": self.token,
            "now": timestamps.write(cases.NOON + 5 * 86_400 + 60 * minute),
            "brings": brings,
            "crash": crash,
        }

    def state(self) -> dict[str, Any]:
        """All that anybody can see, times and commit ids left out."""
        ledger = self.ledger
        ledger.refresh()
        path = f"{self.url}/api/repos/{self.name}"
        headers = {"Authorization": f"Bearer {self.token}"}
        pulls = httpx.get(f"{path}/pulls?state=all", headers=headers).json()
        bare = git.open_repository(self.hub.instance.git(self.name).path)
        requests = lookup.retrainings(ledger, model="tiny")
        return {
            "requests": sorted((r.step, str(r.pull), r.window_end) for r in requests),
            "pulls": [
                (
                    pull["number"],
                    pull["state"],
                    pull["title"],
                    pull["body"],
                    sorted(label["name"] for label in pull["labels"]),
                    [user["login"] for user in pull["requested_reviewers"]],
                    [team["slug"] for team in pull["requested_teams"]],
                    bool(pull["auto_merge"]),
                )
                for pull in pulls
            ],
            "pointer": bare.tree(BRANCH).read(POINTER),
            "commits": len(bare.log(BRANCH)),
        }


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    made = Stage(tmp_path_factory.mktemp("stage")).begin(WATCH)
    flows = made.tiny.root / ".github" / "workflows"
    flows.mkdir()
    (flows / WORKFLOW).write_text("on: workflow_dispatch\n")
    with (flows.parent / "interlock.yml").open("a") as policy:
        policy.write("retrain: {auto_merge: true}\n")
    made.tiny.commit(refresh_py=GROW)
    return made


@pytest.fixture
def make(stage: Stage, tmp_path: Path) -> Iterator[Any]:
    hub = github_sandbox.Sandbox(tmp_path / "hub")
    promotion = cases.served(
        model="tiny",
        fingerprint=stage.fingerprint,
        revision=stage.tiny.git("rev-parse", "main"),
    )
    token = hub.create_token("interlock", bot=True)

    with hub.serve() as url:

        def one(name: str) -> Case:
            repository = f"acme/{name}"
            hub.create_repository(repository)
            hub.create_user("mona", repository=repository, permission="write")
            hub.require_check(repository)
            hub.allow_auto_merge(repository)
            clone = tmp_path / name
            shutil.copytree(stage.tiny.root, clone)
            own = tiny.Tiny(clone, stage.tiny.remote, stage.tiny.count)
            own.git("remote", "set-url", "origin", hub.git_url(repository, token))
            own.git("push", "--quiet", "origin", "main")
            case = Case(hub, url, token, clone)
            record = {lookup.path_of(promotion): documents.dump(promotion)}
            case.ledger.append(record, message="Serve")
            return case

        yield one
    hub.close()


def test_retrain__killed_after_each_effect_ends_the_same(stage: Stage, make: Any) -> None:
    whole, killed = make("whole"), make("killed")
    brings: dict[str, str] | None = None
    for window, verdict, word, deaths in (
        (4, DriftStatus.DRIFT, "open", OPENING),
        (5, DriftStatus.DRIFT, "update", UPDATING),
        (6, DriftStatus.STABLE, "close", CLOSING),
    ):
        for case in (whole, killed):
            case.window(window, verdict, stage.fingerprint)
        minute = window * 100
        # A real DVC once; after that its pointer is known, and takes no second to make.
        [[first]] = crashing.carry_out(PROGRAM, [[whole.job(minute, None, brings)]])
        assert first["decision"] == word, first
        text = git.open_repository(whole.clone).tree(f"origin/{BRANCH}").read(POINTER)
        assert text is not None
        brings = {POINTER: text.decode()}
        jobs = [killed.job(minute + n, ["after", death], brings) for n, death in enumerate(deaths)]
        jobs += [killed.job(minute + 50, None, brings)]
        *died, last = crashing.carry_out(PROGRAM, [[job] for job in jobs])
        assert died == [[{"code": KILLED}]] * len(deaths), word
        assert (last[0]["decision"], last[0]["effects"]) == ("nothing", 0), last
        assert killed.state() == whole.state(), word
        assert killed.state()["pulls"][0][-1] is (word != "close")
    assert stage.tiny.object(GROWN).read_text() == GROWN
    assert [pull[:2] for pull in whole.state()["pulls"]] == [(1, "closed")]
