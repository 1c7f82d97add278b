"""After a report the branch agrees with itself: DVC sees nothing to do, and the new numbers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from interlock import rendering, wiring
from interlock.commands import plan as planning
from interlock.commands import report as reporting
from interlock.commands.report import ReportContext, ReportOptions, ReportResult
from interlock.domain.training.dvc_lock import LockFate
from interlock.ports.github import Pull
from interlock.settings import Settings
from tests import migrated
from tests.fakes.github import FakeGitHub, Hub

HOME = "models/m"
TRAIN = """\
import json, os
open(os.environ["TRAININGS"], "a").write("train\\n")
a = int(open("params.yaml").read().split("a:")[1])
open("model.txt", "w").write("w" * a)
open("metrics.json", "w").write(json.dumps({"f1": a / 10}))
open("extra.png", "w").write("no picture" * a)
os.makedirs("live", exist_ok=True)
open("live/loss.csv", "w").write("step,loss\\n" + "".join(f"{i},{a}\\n" for i in range(3)))
open("live/summary.yaml", "w").write(f"loss: {a}\\n")
rows = "".join(f"{i},{i % 2},{i % 2}\\n" for i in range(200))
open("predictions.csv", "w").write("id,target,prediction\\n" + rows)
"""
FILES = {
    f"{HOME}/model.yaml": """\
model: m
owner: "@acme/x"
objective: o
task: binary
pipeline: {target: train}
outputs: {model: model.txt, predictions: predictions.csv}
environment: [../../requirements.txt]
evaluate: {primary: f1}
gates: [{metric: f1, min: 0.5}]
promote: {environments: [staging, production]}
""",
    f"{HOME}/dvc.yaml": """\
stages:
  prepare:
    cmd: python prepare.py
    deps: [prepare.py]
    outs: [rows.txt]
    metrics: [{rows.json: {cache: false}}]
  train:
    cmd: python train.py
    deps: [train.py, rows.txt]
    params: [a]
    outs: [model.txt, predictions.csv, {extra.png: {cache: false}}, {live: {cache: false}}]
    metrics: [{metrics.json: {cache: false}}]
metrics: [live/summary.yaml]
plots: [live/loss.csv]
""",
    f"{HOME}/prepare.py": """\
open("rows.txt", "w").write("rows")
open("rows.json", "w").write('{"rows": 4}')
""",
    f"{HOME}/train.py": TRAIN,
    f"{HOME}/params.yaml": "a: 1\n",
    ".github/interlock.yml": 'version: 1\nmanifests: "models/*/model.yaml"\n',
    "requirements.txt": "x==1\n",
}


@dataclass
class Shop:
    """A clone of `origin.git`, its DVC remote, its run store and how often it trained."""

    folder: Path
    env: dict[str, str]

    @property
    def clone(self) -> Path:
        return self.folder / "clone"

    @property
    def trainings(self) -> int:
        return len((self.folder / "trainings").read_text().split())

    def run(self, *command: str, at: Path | None = None) -> str:
        done = subprocess.run(
            command, cwd=at or self.clone, env=self.env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    def dvc(self, *arguments: str, at: Path | None = None) -> str:
        return self.run("dvc", *arguments, at=at)

    def interlock(self, *arguments: str) -> str:
        return self.run("interlock", *arguments)

    def push(self, branch: str) -> str:
        self.run("git", "add", "--all")
        self.run("git", "commit", "--quiet", "--message", "Change")
        self.run("git", "push", "--quiet", "origin", f"HEAD:refs/heads/{branch}")
        return self.run("git", "rev-parse", "HEAD")

    def report(self) -> ReportResult:
        self.run("git", "fetch", "--quiet", "origin")
        head, base = (self.run("git", "rev-parse", f"origin/{b}") for b in ("better", "main"))
        name = "acme/models"
        fields = (1, "t", "", "octocat", "open", head, "better", name, "main", base)
        pull = Pull(*fields, base_repository=name)
        repository = wiring.repository(self.clone)
        ledger = wiring.ledger(repository, Settings())
        ledger.refresh()
        plan = planning.run(
            planning.PlanContext(repository=repository, ledger=ledger),
            planning.PlanOptions(base=base, head=head),
        )
        links = rendering.RecordLinks(ledger_branch="interlock-ledger")
        return reporting.run(
            ReportContext(repository=repository, ledger=ledger, github=FakeGitHub(Hub())),
            ReportOptions(plan=plan, pull=pull, links=links),
        )


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, programs: Path) -> Shop:
    """`main` has what `a: 1` left, all of it committed; `better` asks for `a: 7` and was judged."""
    folder = tmp_path_factory.mktemp("shop")
    who = {
        f"GIT_{role}_{part}": value
        for role in ("AUTHOR", "COMMITTER")
        for part, value in (("NAME", "octocat"), ("EMAIL", "o@example.com"))
    }
    folders = (programs, Path(sys.executable).parent, os.environ["PATH"])
    path = os.pathsep.join(map(str, folders))
    env = os.environ | who | {"DVC_NO_ANALYTICS": "1", "PATH": path}
    env |= {"TRAININGS": str(folder / "trainings"), "HOME": str(folder)}
    env |= {"MLFLOW_TRACKING_URI": migrated.copy(tmp_path_factory, folder / "mlflow")}
    shop = Shop(folder, env)
    shop.run("git", "init", "-q", "--bare", "-b", "main", "origin.git", at=folder)
    shop.run("git", "clone", "-q", "origin.git", "clone", at=folder)
    shop.dvc("init", "-q")
    shop.dvc("remote", "add", "-q", "-d", "store", str(folder / "store"))
    for name, text in FILES.items():
        (shop.clone / name).parent.mkdir(parents=True, exist_ok=True)
        (shop.clone / name).write_text(text)
    shop.dvc("repro", "-q", f"{HOME}/dvc.yaml")
    shop.dvc("push", "-q")
    shop.push("main")
    shop.run("git", "switch", "-q", "-c", "better")
    (shop.clone / HOME / "params.yaml").write_text("a: 7\n")
    shop.push("better")
    shop.interlock("train", "m")
    shop.interlock("evaluate", "m")
    return shop


@pytest.fixture(scope="module")
def reported(shop: Shop) -> ReportResult:
    return shop.report()


def test_report__commits_the_lock_and_the_measures_in_one_commit(
    shop: Shop, reported: ReportResult
) -> None:
    assert reported.lock is not None
    assert reported.lock.fate is LockFate.RECORDED
    shop.run("git", "fetch", "-q", "origin")
    changed = shop.run("git", "diff", "--name-only", "better", "origin/better").split()
    assert changed == [
        f"{HOME}/dvc.lock",
        f"{HOME}/live/loss.csv",
        f"{HOME}/live/summary.yaml",
        f"{HOME}/metrics.json",
    ]
    assert shop.run("git", "rev-list", "--count", "better..origin/better") == "1"


def test_report__says_what_it_leaves_and_how_to_get_it(shop: Shop, reported: ReportResult) -> None:
    assert reported.lock is not None
    ((path, reason),) = [(each.path, each.reason) for each in reported.lock.left]
    assert path == f"{HOME}/extra.png"
    assert reason == "it is declared neither as a metric nor as a plot"
    line = next(line for line in reported.comment.splitlines() if "extra.png" in line)
    command = line.partition("`mlflow")[2].partition("`")[0].split()
    (fetched,) = [Path(shop.run(sys.executable, "-m", "mlflow", *command).splitlines()[-1])]
    assert fetched.read_text() == "no picture" * 7


def test_report__again_and_by_a_plan_of_before_is_about_the_same(
    shop: Shop, reported: ReportResult
) -> None:
    again = shop.report()
    assert again.lock is not None
    assert again.lock.fate is LockFate.RECORDED
    assert again.report.merge_status is reported.report.merge_status
    assert again.report.request.heads == (reported.report.request.head,)


def test_branch__agrees_with_itself(shop: Shop, reported: ReportResult) -> None:
    """What a person does after `git pull`: nothing trains, nothing is dirty, numbers are new."""
    assert reported.lock is not None
    shop.run("git", "clone", "-q", "-b", "better", "origin.git", "person", at=shop.folder)
    person = shop.folder / "person"
    # The one file that the report left to people.
    (person / HOME / "extra.png").write_text("no picture" * 7)
    before = shop.trainings

    shop.dvc("pull", "-q", at=person)
    assert json.loads(shop.dvc("status", "--json", at=person)) == {}
    text = shop.dvc("repro", f"{HOME}/dvc.yaml:train", at=person)

    assert shop.trainings == before
    assert "Running stage" not in text
    metrics = json.loads(shop.dvc("metrics", "show", "--json", at=person))
    values = {path: each["data"] for path, each in metrics[""]["data"].items()}
    assert values[f"{HOME}/metrics.json"] == {"f1": 0.7}
    assert values[f"{HOME}/rows.json"] == {"rows": 4}
    assert values[f"{HOME}/live/summary.yaml"] == {"loss": 7}
    assert (person / HOME / "model.txt").read_text() == "w" * 7
    assert shop.run("git", "diff", "--name-only", at=person) == f"{HOME}/extra.png"
