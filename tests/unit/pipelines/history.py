"""Real Git histories from plain mappings, each commit one `git fast-import`: no checkout."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from interlock import wiring
from interlock.commands import plan as planning
from interlock.domain.training.plan import ModelPlan, Plan
from interlock.ports.ledger import Ledger


@dataclass(frozen=True)
class Link:
    target: str


@dataclass(frozen=True)
class Submodule:
    commit: str


@dataclass(frozen=True)
class Program:
    """A file with its executable bit set."""

    text: str


Content = str | bytes | Link | Submodule | Program | None
"""None removes the path."""

MANIFEST = """\
model: digits
owner: "@acme/vision"
objective: Read digits.
task: multiclass
pipeline: {target: train}
outputs: {model: model, predictions: predictions.csv}
environment: [../../uv.lock]
runner: {labels: [self-hosted, gpu], gpus: 1}
evaluate: {primary: f1_macro, slices: [stroke], seed: 7}
gates:
  - {metric: f1_macro, min: 0.95}
  - {metric: model_size_mb, max: 20}
promote: {environments: [staging, production], registry_name: digits}
"""
PIPELINE = """\
stages:
  prepare:
    cmd: python prepare.py
    deps: [prepare.py, ../shared/splitting.py, data/rows.csv]
    params: [split.share]
    outs: [prepared.csv]
  train:
    cmd: python train.py
    deps: [train.py, prepared.csv]
    params: [train.c]
    outs: [model, predictions.csv]
    metrics: [metrics.json]
"""
POINTER = """\
outs:
- md5: {md5}
  size: {size}
  hash: md5
  path: rows.csv
meta:
  rows: {rows}
"""
HERE = "model-manifests/digits"


def pointer(md5: str = "a" * 32, size: int = 21_300, rows: int = 353) -> str:
    return POINTER.format(md5=md5, size=size, rows=rows)


def model(pipeline: str = PIPELINE, **more: Content) -> dict[str, Content]:
    """The files of one model; `more` are files of its folder, `__` for a slash, `_` for a dot."""
    files: dict[str, Content] = {
        "uv.lock": "version = 1\n",
        ".dvc/config": "",
        "model-manifests/shared/splitting.py": "SHARE = 0.5\n",
        f"{HERE}/model.yaml": MANIFEST,
        f"{HERE}/dvc.yaml": pipeline,
        f"{HERE}/params.yaml": "split: {share: 0.5}\ntrain:\n  c: 0.01  # weak\n",
        f"{HERE}/prepare.py": "print('prepare')\n",
        f"{HERE}/train.py": "print('train')\n",
        f"{HERE}/data/rows.csv.dvc": pointer(),
    }
    return files | {f"{HERE}/{name}": content for name, content in more.items()}


class History:
    """A bare repository with one branch, `main`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "--bare", "--template=", "-b", "main")

    def git(self, *arguments: str, stdin: bytes = b"") -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.folder, input=stdin, check=True, capture_output=True
        )
        return done.stdout.decode().strip()

    def commit(self, files: Mapping[str, Content], *, branch: str = "main", start: str = "") -> str:
        """Add files to what the branch (or `start`) holds; returns the commit."""
        ref = f"refs/heads/{branch}"
        lines = [f"commit {ref}\nmark :1\ncommitter o <o@example.com> 0 +0000\ndata 0\n".encode()]
        parent = start or (f"{ref}^0" if (self.folder / ref).exists() else "")
        lines += [f"from {parent}\n".encode()] if parent else []
        lines += [_line(path, content) for path, content in files.items()]
        return self.git(
            "fast-import", "--quiet", "--force", stdin=b"".join([*lines, b"get-mark :1\n"])
        )

    def plan(self, base: str | None, head: str = "main", *, ledger: Ledger | None = None) -> Plan:
        return planning.run(
            planning.PlanContext(
                repository=wiring.repository(self.folder),
                ledger=ledger,
                resolve_templates=wiring.resolve_templates,
            ),
            planning.PlanOptions(base=base, head=head),
        )

    def after(self, files: Mapping[str, Content]) -> ModelPlan:
        """Commit an edit and plan it against what was there; there must be one model."""
        base = self.git("rev-parse", "main")
        self.commit(files)
        (planned,) = self.plan(base).models
        return planned


def _line(path: str, content: Content) -> bytes:
    name = path.encode("utf-8", "surrogateescape")
    name = b'"%s"' % name.replace(b"\x1b", rb"\033")
    if content is None:
        return b"D %s\n" % name
    if isinstance(content, Submodule):
        return b"M 160000 %s %s\n" % (content.commit.encode(), name)
    mode, data = "100644", content
    if isinstance(content, Link):
        mode, data = "120000", content.target
    elif isinstance(content, Program):
        mode, data = "100755", content.text
    raw = data.encode() if isinstance(data, str) else data
    assert isinstance(raw, bytes)
    return b"M %s inline %s\ndata %d\n%s\n" % (mode.encode(), name, len(raw), raw)
