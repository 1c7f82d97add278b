"""A scratch copy of the example models and the programs that work on it; no assertions here."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import yaml

SOURCE = Path(__file__).resolve().parents[2] / "model-manifests"
# What running a model by hand leaves in the source tree.
LEFTOVERS = shutil.ignore_patterns(
    "__pycache__", "prepared", "model", "predictions.parquet", "metrics.json", "*.csv", "dvc.lock"
)


@dataclass(frozen=True, slots=True)
class Workshop:
    """A copy of the examples in a folder of its own, with a home of its own; `programs` may have a
    `dvc` that takes the place of the installed one."""

    root: Path
    programs: Path | None = None

    def folder(self, model: str) -> Path:
        return self.root / "model-manifests" / model

    def run(
        self, model: str, *command: str, status: int = 0, extra: Mapping[str, str] | None = None
    ) -> str:
        """Run a program in the model's folder; return what it printed, both streams together."""
        done = subprocess.run(
            command,
            cwd=self.folder(model),
            env=self.environment() | dict(extra or {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stdout
        return done.stdout

    def environment(self) -> dict[str, str]:
        home = str(home_of(self.root))
        folders = (self.programs, Path(sys.executable).parent, os.environ["PATH"])
        return {
            "PATH": os.pathsep.join(str(folder) for folder in folders if folder),
            "HOME": home,
            "DVC_NO_ANALYTICS": "1",
            "DVC_SITE_CACHE_DIR": f"{home}/dvc",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
        }

    def start_repository(self, model: str) -> None:
        """Make the copy a Git and DVC repository with the model's data in DVC's cache."""
        self.make_data(model)
        self.run(model, "git", "-C", str(self.root), "init", "--quiet")
        self.run(model, "dvc", "--cd", str(self.root), "init", "--quiet")
        self.run(model, "dvc", "commit", "--quiet", f"data/{model}.csv.dvc")

    def set_parameter(self, model: str, name: str, value: float) -> None:
        path = self.folder(model) / "params.yaml"
        document = yaml.safe_load(path.read_text("utf-8"))
        group, key = name.split(".")
        assert document[group][key] != value, "the example must differ from what is committed"
        document[group][key] = value
        path.write_text(yaml.safe_dump(document), "utf-8")

    def take_data(self, model: str, *, from_: Workshop) -> None:
        """Copy the data file that another workshop made: quicker than making it again."""
        name = f"data/{model}.csv"
        shutil.copyfile(from_.folder(model) / name, self.folder(model) / name)

    def take_model(self, model: str, *, from_: Workshop) -> None:
        """Copy the model that another workshop trained."""
        shutil.copytree(from_.folder(model) / "model", self.folder(model) / "model")

    def make_data(self, model: str, *, rows: int | None = None) -> None:
        """Run the model's script, unless the data are there and no number of rows is asked for."""
        if rows or not (self.folder(model) / f"data/{model}.csv").exists():
            self.run(model, "python", "make_data.py", *(["--rows", str(rows)] if rows else []))

    def train(self, model: str, *, rows: int | None = None) -> pl.DataFrame:
        """Run both stages by hand, on data made if need be; return the predictions."""
        self.make_data(model, rows=rows)
        self.run(model, "python", "prepare.py")
        self.run(model, "python", "train.py")
        return self.predictions(model)

    def predictions(self, model: str) -> pl.DataFrame:
        return pl.read_parquet(self.folder(model) / "predictions.parquet")

    def metrics(self, model: str) -> Any:
        return json.loads((self.folder(model) / "metrics.json").read_text("utf-8"))


def home_of(root: Path) -> Path:
    return root.with_name(root.name + "-home")


def open_workshop(root: Path, programs: Path | None = None) -> Workshop:
    """Copy the examples into `root`; its home lies beside it, out of the repository's sight."""
    home_of(root).mkdir(parents=True)
    shutil.copytree(SOURCE, root / "model-manifests", ignore=LEFTOVERS)
    return Workshop(root, programs)
