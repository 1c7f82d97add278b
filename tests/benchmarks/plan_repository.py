"""Generates a repository of many models, and reads and parses each of its files once.

    python -m tests.benchmarks.plan_repository FOLDER

Reads and parses: the yardstick of a plan, in a process of its own.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

_DATA = b"id,target\n1,0\n"

_MANIFEST = """\
# yaml-language-server: $schema=../../src/interlock/schemas/manifest.v1.json
model: {name}
owner: "@acme/vision"
objective: Tell the {name} apart; below 0.94 macro F1 a clerk re-keys every form.
task: multiclass
pipeline: {{target: train}}
outputs: {{model: model, predictions: predictions.parquet}}
environment: [../../uv.lock]
runner: {{labels: [self-hosted], gpus: 0, timeout_minutes: 10}}
evaluate: {{primary: f1_macro, slices: [stroke], seed: 7}}
gates:
  - {{metric: f1_macro, min: 0.94}}
  - {{metric: f1_macro, max_drop: 0.005, against: champion, confidence: 0.95}}
  - {{metric: model_size_mb, max: 20}}
promote: {{environments: [staging, production], registry_name: {name}}}
"""
_PIPELINE = """\
stages:
  prepare:
    cmd: python prepare.py --model {name}
    deps:
      - prepare.py
      - ../shared/splitting.py
      - data/rows.csv
    params:
      - split.salt
      - split.test_share
    outs:
      - prepared
  train:
    cmd: python train.py --model {name}
    deps:
      - train.py
      - ../shared/outputs.py
      - prepared
    params:
      - kernel.components
      - kernel.gamma
      - classifier.c
    outs:
      - model
      - predictions.parquet
    metrics:
      - metrics.json
"""
_PARAMS = """\
split:
  salt: {name}
  test_share: 0.5
kernel:
  components: {number}
  gamma: 0.0008
classifier:
  c: 1.0
"""
_SHARED = """\
stages:
  train:
    cmd: python train.py
    deps: [train.py]
    outs: [model, predictions.parquet]
"""
_PROGRAM = """\
import json
import sys
from pathlib import Path

import polars
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from shared import {shared}

NAME = "{name}"
if __name__ == "__main__":
    {shared}.main(NAME, json, polars)
"""


def make(root: Path, count: int, *, others: int = 0) -> None:
    """Write the models and `others` more files through `git fast-import`."""
    root.mkdir()
    _git(root, "init", "-q", "-b", "main")
    files = {
        ".dvc/config": "[core]\n    analytics = false\n    check_update = false\n",
        ".github/interlock.yml": "version: 1\nmanifests: model-manifests/*/model.yaml\n",
        "uv.lock": "version = 1\n",
        "model-manifests/shared/splitting.py": "def main(*_): ...\n",
        "model-manifests/shared/outputs.py": "def main(*_): ...\n",
    }
    for number in range(count):
        files.update(_files(number))
    for number in range(others):
        files[f"images/{number % 100:02d}/{number:06d}.jpg"] = ""
    commit(root, files, is_first=True)


def make_manifests(root: Path, count: int) -> None:
    """Write manifests that share one pipeline."""
    root.mkdir()
    _git(root, "init", "-q", "-b", "main")
    files = {
        ".dvc/config": "",
        ".github/interlock.yml": "version: 1\nmanifests: model-manifests/*/model.yaml\n",
        "uv.lock": "version = 1\n",
        "train.py": "import json\n",
        "dvc.yaml": _SHARED,
    }
    for number in range(count):
        path = f"model-manifests/m{number:05d}/model.yaml"
        text = dict(_files(number))[path].replace("{target:", "{file: ../../dvc.yaml, target:")
        text = text.replace("{model: model, ", "{model: ../../model, ")
        files[path] = text.replace("predictions: predictions", "predictions: ../../predictions")
    commit(root, files, is_first=True)


def change(root: Path, number: int = 0) -> None:
    """Change one parameter of one model."""
    path = f"model-manifests/m{number:05d}/params.yaml"
    commit(root, {path: dict(_files(number))[path].replace("0.0008", "0.0009")})


def _files(number: int) -> Iterator[tuple[str, str]]:
    name = f"m{number:05d}"
    words = {"name": name, "number": str(100 + number)}
    folder = f"model-manifests/{name}"
    md5 = hashlib.md5(_DATA, usedforsecurity=False).hexdigest()
    pointer = f"outs:\n- md5: {md5}\n  size: {len(_DATA)}\n  hash: md5\n  path: rows.csv\n"
    yield f"{folder}/model.yaml", _MANIFEST.format(**words)
    yield f"{folder}/dvc.yaml", _PIPELINE.format(**words)
    yield f"{folder}/params.yaml", _PARAMS.format(**words)
    yield f"{folder}/prepare.py", _PROGRAM.format(**words, shared="splitting")
    yield f"{folder}/train.py", _PROGRAM.format(**words, shared="outputs")
    yield f"{folder}/data/rows.csv.dvc", f"{pointer}meta:\n  rows: {number}\n"
    yield f"{folder}/data/.gitignore", "/rows.csv\n"
    ignored = ("prepared", "model", "predictions.parquet", "metrics.json")
    yield f"{folder}/.gitignore", "".join(f"/{path}\n" for path in ignored)


def commit(root: Path, files: Mapping[str, str], *, is_first: bool = False) -> None:
    lines = [b"commit refs/heads/main\ncommitter o <o@example.com> 0 +0000\ndata 0\n"]
    lines += [] if is_first else [b"from refs/heads/main^0\n"]
    for path, text in files.items():
        data = text.encode()
        lines.append(b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(data), data))
    _git(root, "fast-import", "--quiet", stdin=b"".join(lines))


def parse_once(root: Path, ends: tuple[str, ...] = (".yaml", ".yml", ".dvc")) -> None:
    """Read every file by one `cat-file --batch`, and those that are YAML with PyYAML's C loader."""
    wanted = {}
    for line in _git(root, "ls-tree", "-r", "-z", "HEAD").decode().split("\0")[:-1]:
        meta, path = line.split("\t", 1)
        wanted[path] = meta.split(" ")[2]
    batch = _git(root, "cat-file", "--batch", stdin="\n".join(wanted.values()).encode())
    position = 0
    for path in wanted:
        end = batch.index(b"\n", position)
        size = int(batch[position:end].split()[2])
        if path.endswith(ends):
            yaml.load(batch[end + 1 : end + 1 + size], yaml.CSafeLoader)
        position = end + size + 2


def _git(root: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    done = subprocess.run(
        ["git", *arguments], cwd=root, input=stdin, capture_output=True, check=True
    )
    return done.stdout


if __name__ == "__main__":
    parse_once(Path(sys.argv[1]))
