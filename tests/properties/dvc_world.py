"""A repository on disk that DVC takes for reproduced, then an edit: what does DVC want to run?

No command is run: outputs are written by hand and committed with `dvc commit --force`, which
hashes dependencies and outputs into dvc.lock as a run would.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from dvc.repo import Repo

MODEL = """\
model: m
owner: "@acme/vision"
objective: Tell apart what there is to tell apart.
task: multiclass
pipeline: {file: a/dvc.yaml, target: train}
environment: [../../requirements.txt]
outputs: {model: ../../a/model, predictions: ../../a/metrics.json}
evaluate: {primary: accuracy}
gates: [{metric: accuracy, min: 0.5}]
promote: {environments: [staging, production], registry_name: m}
"""


class World:
    """Files in a folder; `definitions` maps a dvc.yaml's folder to its stages."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.definitions: dict[str, dict[str, Any]] = {}
        self.params: dict[str, Any] = {}
        self.style: Callable[[Any], str] = _dump

    def write(self, path: str, text: str) -> None:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")

    def track(self, path: str, content: str | Mapping[str, str]) -> None:
        """Put data behind a pointer, in the workspace and in the cache, as `dvc add` does."""
        entry = (
            self._folder(path, content)
            if isinstance(content, Mapping)
            else self._file(path, content)
        )
        self.write(f"{path}.dvc", _dump({"outs": [{**entry, "path": Path(path).name}]}))

    def _file(self, path: str, text: str) -> dict[str, Any]:
        self.write(path, text)
        return {"md5": self._cache(text.encode()), "size": len(text.encode()), "hash": "md5"}

    def _folder(self, path: str, files: Mapping[str, str]) -> dict[str, Any]:
        shutil.rmtree(self.root / path, ignore_errors=True)
        listing = []
        for name, text in sorted(files.items()):
            self.write(f"{path}/{name}", text)
            listing.append(f'{{"md5": "{self._cache(text.encode())}", "relpath": "{name}"}}')
        md5 = self._cache(f"[{', '.join(listing)}]".encode(), suffix=".dir")
        size = sum(len(text.encode()) for text in files.values())
        return {"md5": md5, "size": size, "nfiles": len(files), "hash": "md5"}

    def _cache(self, data: bytes, *, suffix: str = "") -> str:
        md5 = hashlib.md5(data, usedforsecurity=False).hexdigest() + suffix
        place = self.root / ".dvc/cache/files/md5" / md5[:2] / md5[2:]
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.exists():
            place.write_bytes(data)
        return md5

    def save(self) -> None:
        """Write every dvc.yaml and the parameter file."""
        for folder, stages in self.definitions.items():
            self.write(f"{folder}/dvc.yaml".lstrip("/"), self.style({"stages": stages}))
        self.write("a/params.yaml", self.style(self.params))

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.root, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def commit(self) -> str:
        self.git("add", "-A", ".")
        self.git("commit", "-q", "--allow-empty", "-m", "state")
        return self.git("rev-parse", "HEAD")

    def reproduced(self) -> None:
        """Make every output and have DVC record that all is up to date."""
        for stages in self.definitions.items():
            for name, stage in stages[1].items():
                self._make_outputs(stages[0], name, stage)
        with self.dvc() as repo:
            repo.commit(None, force=True)

    def _make_outputs(self, folder: str, name: str, stage: Mapping[str, Any]) -> None:
        for section in ("outs", "metrics", "plots"):
            for out in stage.get(section, ()):
                path = out if isinstance(out, str) else next(iter(out))
                place = Path(folder, stage.get("wdir", "."), path)
                text = f'{{"made": "{name} {path}"}}\n'
                self.write(f"{place}/part.json" if path == "model" else str(place), text)

    @contextlib.contextmanager
    def dvc(self) -> Iterator[Any]:
        logging.getLogger("dvc").setLevel(logging.CRITICAL)
        with contextlib.chdir(self.root):
            repo = Repo(str(self.root))
            try:
                yield repo
            finally:
                repo.close()

    def dvc_would_run(self, target: str) -> list[str]:
        """Stages that `dvc repro --dry TARGET` would run; raises what DVC raises."""
        with (
            self.dvc() as repo,
            Path(os.devnull).open("w") as sink,
            contextlib.redirect_stdout(sink),
        ):
            return [stage.addressing for stage in repo.reproduce(target, dry=True)]


def template(root: Path) -> Path:
    """An empty repository of Git and DVC, to be copied: making one takes half a second."""
    root.mkdir(parents=True)
    world = World(root)
    world.git("init", "-q", "-b", "main")
    world.git("config", "user.name", "octocat")
    world.git("config", "user.email", "octocat@example.com")
    Repo.init(str(root)).close()
    world.write(".dvc/config", "[core]\n    analytics = false\n    check_update = false\n")
    world.write("requirements.txt", "a\n")
    world.write(".gitignore", "/a/data/d.csv\n/a/data/many\n__pycache__/\n")
    world.write("model-manifests/m/model.yaml", MODEL.replace("a/dvc.yaml", "../../a/dvc.yaml"))
    return root


def indented(value: Any) -> str:
    """The same document in another layout."""
    return yaml.dump(value, sort_keys=True, indent=6, width=20, default_flow_style=None)


def _dump(value: Any) -> str:
    return yaml.safe_dump(value, sort_keys=False)
