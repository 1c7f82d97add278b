"""How long a plan takes, beside what it may be compared with: `python tests/benchmarks/plan.py`.

Prints ratios, each pair measured in one run on one machine:
  * 1,000 models, nothing changed and ten changed, against reading and parsing their files once;
  * the same against `dvc status` on the same repository, checked out and reproduced;
  * 10,000 models against 1,000;
  * cold starts of the command itself, on the examples of this repository.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import yaml

from interlock import wiring
from interlock.commands import plan as planning
from interlock.domain.training.plan import Decision

_HERE = Path(__file__).resolve().parents[2]
_OUTPUT = b"made\n"
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", type=int, default=1000)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--no-dvc", action="store_true", help="leave out `dvc status`")
    chosen = parser.parse_args()
    rows: list[tuple[str, float, str]] = []
    with tempfile.TemporaryDirectory(prefix="interlock-benchmark-") as folder:
        rows += _scaling(Path(folder), chosen.models, chosen.repeat, with_dvc=not chosen.no_dvc)
        rows += _cold(Path(folder), chosen.repeat)
    width = max(len(name) for name, _, _ in rows)
    for name, seconds, ratio in rows:
        print(f"{name:<{width}}  {seconds * 1000:9.1f} ms  {ratio}")


def _scaling(
    folder: Path, count: int, repeat: int, *, with_dvc: bool
) -> Iterator[tuple[str, float, str]]:
    root = folder / "repository"
    _make_repository(root, count)
    parse = _time(lambda: _read_and_parse(root), repeat)
    yield f"{count} models: read and parse every file once", parse, ""
    _commit_files(root, {"README.md": "# Changed\n"})
    quiet = _time(lambda: _plan(root, "HEAD~1", trained=0), repeat)
    yield f"{count} models: plan, nothing changed", quiet, f"{quiet / parse:.2f}x parsing (<= 2)"
    _change(root, 10)
    ten = _time(lambda: _plan(root, "HEAD~1", trained=10), repeat)
    yield f"{count} models: plan, ten changed", ten, f"{ten / parse:.2f}x parsing (<= 2)"
    if with_dvc:
        _reproduce(root, count)
        status = _time(lambda: _dvc_status(root), 2)
        slower = f"{status / max(ten, quiet):.1f}x plan (>= 15)"
        yield f"{count} models: dvc status", status, slower
    # Processor time: ten seconds of wall time on a busy machine say more about the machine.
    small = _time(lambda: _plan(root, "HEAD~1", trained=10), repeat, time.process_time)
    large = folder / "large"
    _make_repository(large, 10 * count)
    _change(large, 10)
    seconds = _time(lambda: _plan(large, "HEAD~1", trained=10), 2, time.process_time)
    ratio = f"{seconds / small:.1f}x of a tenth, processor time (10 is linear)"
    yield f"{10 * count} models: plan, ten changed", seconds, ratio


def _cold(folder: Path, repeat: int) -> Iterator[tuple[str, float, str]]:
    root = folder / "examples"
    root.mkdir()
    for name in ("model-manifests", ".github"):
        shutil.copytree(_HERE / name, root / name)
    shutil.copy(_HERE / "uv.lock", root)
    (root / ".dvc").mkdir()
    (root / ".dvc/config").write_text("")
    _git(root, "init", "-q", "-b", "main")
    _commit(root)
    params = root / "model-manifests/digits/params.yaml"
    params.write_text(params.read_text().replace("c: 1.0", "c: 4.0"))
    _commit(root)
    command = [sys.executable, "-m", "interlock"]
    bare = _time(lambda: _run([sys.executable, "-c", "pass"], root), repeat)
    yield "cold: python -c pass", bare, ""
    seconds = _time(lambda: _run([*command, "--help"], root), repeat)
    yield "cold: interlock --help", seconds, "<= 150 ms"
    for base in ("HEAD", "HEAD~1"):
        words = ["plan", "--base", base, "--head", "HEAD"]
        seconds = _time(lambda words=words: _run([*command, *words], root), repeat)  # type: ignore[misc]
        yield f"cold: interlock {' '.join(words)}", seconds, "<= 250 ms"


def _time(
    act: Callable[[], object], repeat: int, clock: Callable[[], float] = time.perf_counter
) -> float:
    """The best of several, as other programs on the machine only ever add to a time; the first,
    which warms Git's and the disk's caches, is not counted."""
    act()
    seconds = []
    for _ in range(repeat):
        start = clock()
        act()
        seconds.append(clock() - start)
    return min(seconds)


def _plan(root: Path, base: str, *, trained: int) -> None:
    plan = planning.run(
        planning.PlanContext(
            repository=wiring.repository(root),
            ledger=None,
            resolve_templates=wiring.resolve_templates,
        ),
        planning.PlanOptions(base=base, head="HEAD"),
    )
    planned = sum(m.decision is Decision.TRAIN for m in plan.models)
    blocked = [m.sentence for m in plan.models if m.decision is Decision.BLOCKED]
    if planned != trained or blocked:
        raise SystemExit(f"the plan is wrong: {planned} train, {trained} expected; {blocked[:1]}")


def _read_and_parse(root: Path) -> None:
    """The yardstick: Git's listing, every file by one `cat-file --batch`, PyYAML's C loader on
    those that are YAML."""
    listing = _git(root, "ls-tree", "-r", "-z", "HEAD").split("\0")[:-1]
    wanted = {}
    for line in listing:
        meta, path = line.split("\t", 1)
        wanted[path] = meta.split(" ")[2]
    batch = subprocess.run(
        ["git", "cat-file", "--batch"],
        cwd=root,
        input="\n".join(wanted.values()).encode(),
        capture_output=True,
        check=True,
    ).stdout
    position = 0
    for path in wanted:
        end = batch.index(b"\n", position)
        size = int(batch[position:end].split()[2])
        if path.endswith((".yaml", ".yml", ".dvc")):
            yaml.load(batch[end + 1 : end + 1 + size], yaml.CSafeLoader)
        position = end + size + 2


def _dvc_status(root: Path) -> None:
    done = _run([sys.executable, "-m", "dvc", "status"], root)
    if "up to date" not in done:
        raise SystemExit(f"dvc does not find the repository reproduced: {done[:400]}")


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


def _make_repository(root: Path, count: int) -> None:
    """Write the history through `git fast-import`: 80,000 files would take minutes otherwise."""
    root.mkdir()
    _git(root, "init", "-q", "-b", "main")
    files = {
        ".dvc/config": "[core]\n    analytics = false\n    check_update = false\n",
        ".dvc/.gitignore": "/config.local\n/tmp\n/cache\n",
        ".github/interlock.yml": "version: 1\nmanifests: model-manifests/*/model.yaml\n",
        "uv.lock": "version = 1\n",
        "model-manifests/shared/splitting.py": "def main(*_): ...\n",
        "model-manifests/shared/outputs.py": "def main(*_): ...\n",
    }
    for number in range(count):
        files.update(_files(number))
    _commit_files(root, files, parent=None)


def _change(root: Path, count: int) -> None:
    """Change the programs of some models and the parameters of others, in one commit."""
    changed = {}
    for number in range(count):
        files = dict(_files(number))
        name = "train.py" if number % 2 else "params.yaml"
        path = f"model-manifests/m{number:05d}/{name}"
        changed[path] = files[path].replace("0.0008", "0.0009") + "# other\n"
    _commit_files(root, changed)


def _commit_files(
    root: Path, files: Mapping[str, str], parent: str | None = "refs/heads/main^0"
) -> None:
    lines = [b"commit refs/heads/main\ncommitter o <o@example.com> 0 +0000\ndata 0\n"]
    lines += [f"from {parent}\n".encode()] if parent else []
    for path, text in files.items():
        data = text.encode()
        lines.append(b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(data), data))
    _run(["git", "fast-import", "--quiet"], root, b"".join(lines))


def _reproduce(root: Path, count: int) -> None:
    """Check out, and write outputs, cache and dvc.lock as if every stage had run."""
    _git(root, "reset", "-q", "--hard", "HEAD")
    for data in (_OUTPUT, _DATA):
        md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
        place = root / ".dvc/cache/files/md5" / md5[:2] / md5[2:]
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    for number in range(count):
        folder = root / f"model-manifests/m{number:05d}"
        (folder / "data/rows.csv").write_bytes(_DATA)
        for name in ("prepared", "model", "predictions.parquet", "metrics.json"):
            (folder / name).write_bytes(_OUTPUT)
        (folder / "dvc.lock").write_text(_lock(folder))


def _lock(folder: Path) -> str:
    pipeline = yaml.load((folder / "dvc.yaml").read_bytes(), yaml.CSafeLoader)
    params = yaml.load((folder / "params.yaml").read_bytes(), yaml.CSafeLoader)
    stages = {}
    for name, stage in pipeline["stages"].items():
        outs = [*stage["outs"], *stage.get("metrics", [])]
        stages[name] = {
            "cmd": stage["cmd"],
            "deps": [_locked(folder, path) for path in stage["deps"]],
            "params": {"params.yaml": {key: _at(params, key) for key in stage["params"]}},
            "outs": [_locked(folder, path) for path in outs],
        }
    return yaml.dump({"schema": "2.0", "stages": stages}, Dumper=yaml.CSafeDumper)


def _locked(folder: Path, path: str) -> dict[str, object]:
    data = (folder / path).read_bytes()
    md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
    return {"path": path, "hash": "md5", "md5": md5, "size": len(data)}


def _at(params: Mapping[str, Mapping[str, object]], key: str) -> object:
    section, name = key.split(".")
    return params[section][name]


def _commit(root: Path) -> None:
    _git(root, "add", "-A")
    identity = ("-c", "user.name=octocat", "-c", "user.email=octocat@example.com")
    _git(root, *identity, "commit", "-q", "-m", "state")


def _git(root: Path, *arguments: str) -> str:
    return _run(["git", *arguments], root)


def _run(command: list[str], folder: Path, stdin: bytes = b"") -> str:
    quiet = {"DVC_NO_ANALYTICS": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    done = subprocess.run(
        command,
        cwd=folder,
        input=stdin,
        capture_output=True,
        check=False,
        env={**os.environ, **quiet, "DVC_SITE_CACHE_DIR": str(folder.parent / "site")},
    )
    if done.returncode != 0:
        raise SystemExit(f"{command} failed: {done.stderr.decode()}")
    return done.stdout.decode()


if __name__ == "__main__":
    main()
