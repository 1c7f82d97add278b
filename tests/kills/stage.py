"""The story whose verbs are killed: one tiny model, from its first training to its retraining.

The world is one folder, always at the same place, so that what holds absolute paths (MLflow, DVC)
can be put back as it was before any verb.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

import github_sandbox
from interlock.adapters.mlflow import client
from tests import tiny

REPOSITORY = "acme/models"
ROWS = 300
NOW = "2030-03-18T06:00:00Z"
_TRAIN = """\
import csv, json, pathlib
rows = list(csv.DictReader(open("data.csv")))
size = int(pathlib.Path("params.yaml").read_text().split("size:")[1].split()[0])
pathlib.Path("model").mkdir(exist_ok=True)
pathlib.Path("model/weights.txt").write_text("w" * size)
def guess(row):
    wrong = (int(row["id"]) * 7919 + size) % 12 == 0
    return ("b" if row["target"] == "a" else "a") if wrong else row["target"]
with open("predictions.csv", "w") as file:
    file.write("id,target,prediction,x\\n")
    for row in rows:
        file.write(f"{row['id']},{row['target']},{guess(row)},{row['x']}\\n")
pathlib.Path("metrics.json").write_text(json.dumps({"rows": len(rows)}))
"""
_PIPELINE = """\
stages:
  train:
    cmd: python train.py
    deps: [train.py, data.csv]
    params: [size]
    outs: [model, predictions.csv]
    metrics: [metrics.json]
"""
_MANIFEST = """\
model: tiny
owner: "@acme/vision"
objective: Show that a model is trained.
task: multiclass
pipeline: {target: train}
outputs: {model: model/, predictions: predictions.csv}
environment: [../env.lock]
runner: {labels: [self-hosted], timeout_minutes: 5}
evaluate: {primary: accuracy}
gates:
  - {metric: accuracy, min: 0.1}
  - {metric: accuracy, max_drop: 0.001, against: champion}
promote: {environments: [staging, production], registry_name: tiny}
monitor:
  live: {live}/live/date=*/*.csv
  time: date
  reference: data.csv
  window: {every: 1d, min_rows: 100}
  columns: {exclude: [id, target]}
  checks: {drift: {persist: 1 of 2}}
  retrain:
    refresh: {pointers: [data.csv.dvc], command: python refresh.py}
    reviewers: ["@mona"]
"""
_REFRESH = """\
import pathlib
file = pathlib.Path("data.csv")
file.write_text(file.read_text() + "9001,a,0.5\\n9002,b,0.25\\n")
"""
_POLICY = 'version: 1\nmanifests: "*/model.yaml"\ninconclusive: ask\n'
_WORKFLOW = "pull-request.yml"


def _table(rows: int, *, seed: int, shift: float = 0.0) -> str:
    chance = random.Random(seed)
    lines = [
        f"{number},{chance.choice('ab')},{chance.gauss(shift, 1):.4f}\n" for number in range(rows)
    ]
    return "id,target,x\n" + "".join(lines)


@dataclass(frozen=True, slots=True)
class Verb:
    """A command line, and what happens in the world before it."""

    name: str
    arguments: Callable[[Stage], list[str]]
    before: Callable[[Stage], None] = lambda _: None
    is_kept: bool = True
    """Whether the story goes on from where the verb ended, not from before it."""


@dataclass
class Stage:
    """`folder` is the world; `hub` is its GitHub, while it is served at `url`."""

    folder: Path
    hub: github_sandbox.Sandbox = field(init=False)
    url: str = ""
    tokens: dict[str, str] = field(default_factory=dict)
    heads: dict[str, str] = field(default_factory=dict)

    @property
    def clone(self) -> Path:
        return self.folder / "clone"

    @property
    def checkout(self) -> Path:
        """The person's."""
        return self.folder / "octocat" / "work"

    @property
    def mlflow_uri(self) -> str:
        return f"sqlite:///{self.folder}/mlflow/mlflow.db"

    def environment(self) -> dict[str, str]:
        who = {f"GIT_{r}_NAME": "interlock" for r in ("AUTHOR", "COMMITTER")}
        who |= {f"GIT_{r}_EMAIL": "interlock@example.com" for r in ("AUTHOR", "COMMITTER")}
        (self.folder / "tmp").mkdir(exist_ok=True)
        return who | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder / "tmp"),
            "MPLCONFIGDIR": str(self.folder.parent / "matplotlib"),
            "GIT_CONFIG_NOSYSTEM": "1",
            "DVC_NO_ANALYTICS": "1",
            "MLFLOW_TRACKING_URI": self.mlflow_uri,
            "GITHUB_API_URL": f"{self.url}/api",
            "GITHUB_SERVER_URL": self.url,
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_TOKEN": self.tokens["interlock"],
            "INTERLOCK_GITHUB_LOGIN": "interlock[bot]",
            # The same workflow run started again, as after a runner that was lost.
            "GITHUB_RUN_ID": "7",
            "GITHUB_EVENT_NAME": "issue_comment",
            "GITHUB_EVENT_PATH": str(self.folder / "event.json"),
            "INTERLOCK_ACTOR": "mona",
        }

    @contextmanager
    def served(self) -> Iterator[None]:
        self.hub = github_sandbox.Sandbox(self.folder / "hub")
        try:
            with self.hub.serve() as url:
                self.url = url
                if self.clone.exists():
                    self._address(self.clone, "interlock")
                    self._address(self.checkout, "octocat")
                yield
        finally:
            self.hub.close()

    def _address(self, clone: Path, login: str) -> None:
        address = self.hub.git_url(REPOSITORY, self.tokens[login])
        git(clone, "remote", "set-url", "origin", address)

    def ask(self, method: str, path: str, body: object = None, *, by: str = "octocat") -> Any:
        answer = httpx.request(
            method,
            f"{self.url}/api/repos/{REPOSITORY}{path}",
            json=body,
            headers={"Authorization": f"Bearer {self.tokens[by]}"},
        )
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def say(self, text: str) -> None:
        """A comment by mona, whose event the next job gets."""
        events: list[github_sandbox.Event] = []
        self.hub.on_event(events.append)
        self.ask("POST", "/issues/1/comments", {"body": text}, by="mona")
        (self.folder / "event.json").write_text(json.dumps(events[-1].payload))

    def fetch(self) -> None:
        """A job's checkout knows what there was when it began."""
        git(self.clone, "fetch", "--quiet", "origin", "+refs/heads/*:refs/remotes/origin/*")
        git(self.clone, "checkout", "--quiet", "--detach", "origin/main")

    def create(self) -> None:
        self.folder.mkdir(parents=True)
        for name in ("home", "tmp", "mlflow"):
            (self.folder / name).mkdir()
        hub = github_sandbox.Sandbox(self.folder / "hub")
        hub.create_repository(REPOSITORY)
        for login, permission in {"octocat": "write", "mona": "admin"}.items():
            hub.create_user(login, repository=REPOSITORY, permission=permission)
            self.tokens[login] = hub.create_token(login)
        self.tokens["interlock"] = hub.create_token("interlock", bot=True)
        hub.close()
        client.Connection(self.mlflow_uri, deadline_seconds=120).open()
        with self.served():
            self._push()

    def _push(self) -> None:
        made = tiny.make(self.folder / "octocat")
        shutil.rmtree(made.remote)
        made = tiny.Tiny(made.root, self.folder / "remote", made.count)
        data = _table(ROWS, seed=1)
        tiny.store(made, data)
        config = made.root / ".dvc" / "config"
        config.write_text(config.read_text().replace("octocat/remote", "remote"))
        pointer = f"outs:\n- md5: {tiny.md5(data)}\n  size: {len(data)}\n  hash: md5\n"
        (made.root / "tiny" / "data.csv.dvc").write_text(pointer + "  path: data.csv\n")
        (made.root / ".github" / "interlock.yml").write_text(_POLICY)
        (made.root / ".github" / "workflows").mkdir()
        flow = made.root / ".github" / "workflows" / _WORKFLOW
        flow.write_text("on: workflow_dispatch\n")
        (made.root / "tiny" / "prepare.py").unlink()
        # A URL, for a checkout's own folder is gone with the job.
        manifest = _MANIFEST.replace("{live}", self.folder.as_uri())
        made.commit(train_py=_TRAIN, dvc_yaml=_PIPELINE, model_yaml=manifest, refresh_py=_REFRESH)
        address = self.hub.git_url(REPOSITORY, self.tokens["octocat"])
        made.git("remote", "add", "origin", address)
        made.git("push", "--quiet", "origin", "main")
        self.heads["main"] = made.git("rev-parse", "main")
        address = self.hub.git_url(REPOSITORY, self.tokens["interlock"])
        git(self.folder, "clone", "--quiet", address, "clone")

    def propose(self) -> None:
        made = tiny.Tiny(self.checkout, self.folder / "remote", self.folder / "count")
        made.git("switch", "--quiet", "--create", "better")
        self.heads["better"] = made.commit(params_yaml="size: 6\n")
        made.git("push", "--quiet", "origin", "better")
        self.ask("POST", "/pulls", {"title": "Better", "head": "better", "base": "main"})
        self.fetch()

    def merge(self) -> None:
        head = self.ask("GET", "/pulls/1")["head"]["sha"]
        self.ask("PUT", "/pulls/1/merge", {"merge_method": "squash", "sha": head})
        self.fetch()
        self.heads["main"] = git(self.clone, "rev-parse", "origin/main")

    def move_alias(self) -> None:
        with client.connect(self.mlflow_uri).reaching("move it") as mlflow:
            mlflow.set_registered_model_alias("tiny", "production", "1")

    def live(self) -> None:
        for day in (16, 17):
            place = self.folder / "live" / f"date=2030-03-{day}" / "rows.csv"
            place.parent.mkdir(parents=True)
            rows = _table(400, seed=day, shift=2.0).splitlines()
            lines = ["prediction", *(row.split(",")[1] for row in rows[1:])]
            place.write_text("".join(f"{row},{p}\n" for row, p in zip(rows, lines, strict=True)))


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), "-c", "gc.auto=0", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def _rev(name: str, *more: str) -> Callable[[Stage], list[str]]:
    return lambda stage: [*more, "--rev", stage.heads[name]]


PROLOGUE = (
    Verb("train", _rev("main", "tiny")),
    Verb("evaluate", _rev("main", "tiny")),
    Verb("promote", _rev("main")),
)
STORY = (
    Verb(
        "plan",
        lambda s: ["--base", s.heads["main"], "--head", s.heads["better"], "--merge-base"],
        before=Stage.propose,
    ),
    Verb("validate", _rev("better")),
    Verb("train", _rev("better", "tiny")),
    Verb("evaluate", lambda s: [*_rev("better", "tiny")(s), "--base", s.heads["main"]]),
    Verb("report", lambda _: ["--pull", "1"]),
    Verb(
        "command",
        lambda _: [],
        before=lambda s: s.say(f"/interlock accept {s.heads['better']} few rows"),
        is_kept=False,
    ),
    Verb("accept", _rev("better", "tiny", "--reason", "few rows", "--by", "mona")),
    Verb("report", lambda _: ["--pull", "1"]),
    Verb("promote", _rev("main"), before=Stage.merge),
    Verb(
        "command",
        lambda _: [],
        before=lambda s: s.say("/interlock hold tiny the camera broke"),
        is_kept=False,
    ),
    Verb("reconcile", lambda _: [], before=Stage.move_alias),
    Verb("monitor", _rev("main", "--exit-zero", "--now", NOW), before=Stage.live),
    Verb("retrain", lambda _: ["--now", NOW, "--dispatch", _WORKFLOW]),
    Verb("dashboard", _rev("main", "--now", NOW)),
    Verb("ledger", lambda _: ["verify"]),
)
