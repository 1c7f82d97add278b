"""A tiny Git and DVC repository with one model, whose programs count how often they run.

Everything is written by hand: DVC's own commands take half a second each.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

DATA = "id,target\n1,a\n2,b\n3,a\n"

PREPARE = """\
import os, pathlib
open(os.environ["TINY_COUNT"], "a").write("prepare\\n")
pathlib.Path("prepared.csv").write_text(pathlib.Path("data.csv").read_text())
"""

TRAIN = """\
import json, os, pathlib
open(os.environ["TINY_COUNT"], "a").write("train\\n")
print("training", flush=True)
rows = pathlib.Path("prepared.csv").read_text().splitlines()[1:]
size = int(pathlib.Path("params.yaml").read_text().split("size:")[1].split()[0])
pathlib.Path("model").mkdir(exist_ok=True)
pathlib.Path("model/weights.txt").write_text("w" * size)
pathlib.Path("predictions.csv").write_text(
    "id,target,prediction\\n" + "".join(f"{row},a\\n" for row in rows)
)
pathlib.Path("metrics.json").write_text(json.dumps({"test": {"rows": len(rows), "note": "n"}}))
"""

PIPELINE = """\
stages:
  prepare:
    cmd: python prepare.py
    deps: [prepare.py, data.csv]
    outs: [prepared.csv]
  train:
    cmd: python train.py
    deps: [train.py, prepared.csv]
    params: [size]
    outs: [model, predictions.csv]
    metrics: [metrics.json]
"""

MANIFEST = """\
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
promote: {environments: [staging, production], registry_name: tiny}
"""

POLICY = """\
version: 1
manifests: "*/model.yaml"
cost_per_hour:
  self-hosted: {amount: 3600, currency: EUR}
"""


@dataclass(frozen=True, slots=True)
class Tiny:
    """`root` is a checkout, `remote` its DVC remote, `count` the file the programs write to."""

    root: Path
    remote: Path
    count: Path

    @property
    def ran(self) -> list[str]:
        return self.count.read_text().split() if self.count.exists() else []

    def git(self, *arguments: str) -> str:
        command = ["git", "-C", str(self.root), "-c", "user.name=octocat", "-c", "user.email=o@x"]
        done = subprocess.run([*command, *arguments], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def commit(self, **files: str) -> str:
        """Write files of the model's folder (`train_py` is train.py) and commit all there is."""
        for name, text in files.items():
            stem, _, suffix = name.rpartition("_")
            (self.root / "tiny" / f"{stem}.{suffix}").write_text(text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "Change")
        return self.git("rev-parse", "HEAD")

    def object(self, content: str) -> Path:
        """Where the remote keeps these bytes."""
        name = md5(content)
        return self.remote / "files" / "md5" / name[:2] / name[2:]

    def status(self) -> str:
        return self.git("status", "--porcelain", "--ignored")


def make(folder: Path) -> Tiny:
    """Make the repository; the programs need TINY_COUNT in their environment."""
    tiny = Tiny(folder / "work", folder / "remote", folder / "count")
    (tiny.root / "tiny").mkdir(parents=True)
    (tiny.root / ".dvc").mkdir()
    (tiny.root / ".github").mkdir()
    settings = f"[core]\n    remote = store\n['remote \"store\"']\n    url = {tiny.remote}\n"
    (tiny.root / ".dvc" / "config").write_text(settings)
    (tiny.root / ".dvc" / ".gitignore").write_text("/config.local\n/tmp\n/cache\n")
    (tiny.root / ".github" / "interlock.yml").write_text(POLICY)
    (tiny.root / "env.lock").write_text("numpy==2.0\n")
    store(tiny, DATA)
    pointer = f"outs:\n- md5: {md5(DATA)}\n  size: {len(DATA)}\n  hash: md5\n  path: data.csv\n"
    (tiny.root / "tiny" / "data.csv.dvc").write_text(pointer)
    ignored = "/data.csv\n/prepared.csv\n/model\n/predictions.csv\n/metrics.json\n"
    (tiny.root / "tiny" / ".gitignore").write_text(ignored)
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", str(tiny.root)], check=True)
    tiny.commit(
        prepare_py=PREPARE,
        train_py=TRAIN,
        dvc_yaml=PIPELINE,
        model_yaml=MANIFEST,
        params_yaml="size: 5\n",
    )
    return tiny


def md5(content: str) -> str:
    return hashlib.md5(content.encode(), usedforsecurity=False).hexdigest()


def store(tiny: Tiny, content: str) -> None:
    tiny.object(content).parent.mkdir(parents=True, exist_ok=True)
    tiny.object(content).write_text(content)


def document(text: str) -> dict[str, object]:
    """The one JSON document of standard output."""
    actual: dict[str, object] = json.loads(text)
    return actual


def environment(tiny: Tiny, home: Path, uri: str) -> dict[str, str]:
    """The variables of a process that trains: nothing of the user's own, nothing left in /var."""
    (home / "tmp").mkdir(parents=True, exist_ok=True)
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TMPDIR": str(home / "tmp"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "MLFLOW_TRACKING_URI": uri,
        "INTERLOCK_MLFLOW_DEADLINE_SECONDS": "20",
        "TINY_COUNT": str(tiny.count),
    }
