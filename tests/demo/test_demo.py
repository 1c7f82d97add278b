"""The demo as a newcomer runs it, checked from outside: Git, MLflow's database, the file system."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests import kept_demo

SCHEMAS = Path(__file__).parents[2] / "src" / "interlock" / "schemas"
DEMO = [sys.executable, "-m", "interlock", "demo"]


def environment(folder: Path) -> dict[str, str]:
    """A person whose temporary folder is empty."""
    (folder / "tmp").mkdir()
    return os.environ | {"TMPDIR": str(folder / "tmp")}


@dataclass(frozen=True)
class Told:
    folder: Path
    document: dict[str, Any]
    stderr: str

    @property
    def bare(self) -> Path:
        return self.folder / "kept" / "github" / "repositories" / "acme" / "models.git"

    def git(self, *arguments: str) -> str:
        command = ["git", "-C", str(self.bare), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def records(self, prefix: str) -> list[dict[str, Any]]:
        paths = self.git("ls-tree", "-r", "--name-only", "interlock-ledger", prefix).splitlines()
        return [json.loads(self.git("show", f"interlock-ledger:{path}")) for path in paths]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.folder / "kept" / "mlflow" / "mlflow.db") as database:
            return database.execute(query).fetchall()


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    folder = kept_demo.folder(tmp_path_factory)
    stderr = (folder / "stderr").read_text()
    assert (folder / "code").read_text() == "0", stderr[-4000:]
    return Told(folder, json.loads((folder / "stdout").read_text()), stderr)


def test_demo__every_step_is_as_promised(told: Told) -> None:
    jsonschema.validate(told.document, json.loads((SCHEMAS / "demo.v1.json").read_text()))
    assert [step["number"] for step in told.document["steps"]] == list(range(1, 13))
    facts = [fact for step in told.document["steps"] for fact in step["facts"]]
    assert len(facts) >= 50
    assert [fact["sentence"] for fact in facts if not fact["holds"]] == []


def test_demo__trains_eight_times_and_never_twice(told: Told) -> None:
    trained = [model for step in told.document["steps"] for model in step["trained"]]
    assert sorted(trained) == ["diabetes"] * 4 + ["digits"] * 4
    runs = told.rows("select value from tags where key = 'interlock.fingerprint'")
    assert len(runs) == len(set(runs)) == 8


def test_demo__registry_ends_where_main_says(told: Told) -> None:
    versions = told.rows("select name, version from model_versions order by name, version")
    assert versions == [("diabetes", n) for n in (1, 2, 3)] + [("digits", n) for n in (1, 2)]
    aliases = told.rows(
        "select name, alias, version from registered_model_aliases order by name, alias"
    )
    assert aliases == [
        ("diabetes", "production", 3),
        ("diabetes", "staging", 3),
        ("digits", "production", 1),
        ("digits", "staging", 1),
    ]


def test_demo__ledger_tells_the_same(told: Told) -> None:
    done = [r for r in told.records("promotions/digits/") if r["phase"] == "done"]
    assert [(r["kind"], r["version"]) for r in done] == [
        ("promotion", 1),
        ("promotion", 2),
        ("rollback", 1),
    ]
    judged = {r["candidate"]["model"]["sha256"] for r in told.records("evidence/digits/")}
    assert {r["sha256"] for r in done} <= judged
    subjects = told.git("log", "--format=%s", "interlock-ledger").splitlines()
    assert len(subjects) == len(told.git("rev-list", "interlock-ledger").splitlines())
    command = [sys.executable, "-m", "interlock", "ledger", "verify", "--repo", str(told.bare)]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0


def test_demo__each_window_is_reported_once_and_one_retraining_asked_for(told: Told) -> None:
    windows = [(r["end"][:10], r["verdict"]) for r in told.records("drift/diabetes/")]
    days = ("stable", "stable", "warning", "drift", "broken")
    assert windows[:5] == [(f"2026-03-{15 + n}", verdict) for n, verdict in enumerate(days)]
    assert len(windows) == 6
    # The word before the effects, and once more with the number that they brought.
    asked = [(r["step"], r["pull"]) for r in told.records("retrainings/")]
    assert sorted(asked, key=str) == [("opened", 7), ("opened", None)]


def test_demo__main_pulls_the_champion(told: Told) -> None:
    """What serves is what dvc.lock on main names: `dvc pull` there gives the champion."""
    lock = told.git("show", "main:model-manifests/diabetes/dvc.lock")
    [served] = [
        r
        for r in told.records("evidence/diabetes/")
        if r["candidate"]["fingerprint"] == told.records("promotions/diabetes/")[-1]["fingerprint"]
    ]
    entry = served["candidate"]["lock"]["model-manifests/diabetes/dvc.lock"]["train"]
    assert all(out["md5"] in lock for out in entry["outs"])


def test_demo__writes_nothing_outside_its_folder(told: Told) -> None:
    assert list((told.folder / "home").iterdir()) == []
    assert list((told.folder / "tmp").iterdir()) == []
    told_by_us = {"home", "tmp", "kept", "stdout", "stderr", "code", "exchanges"}
    assert {path.name for path in told.folder.iterdir()} == told_by_us


def test_demo__interrupted_leaves_nothing(tmp_path: Path) -> None:
    env = environment(tmp_path)
    with subprocess.Popen(
        DEMO, env=env, cwd=tmp_path, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as demo:
        assert demo.stderr is not None
        heard = next(line for line in demo.stderr if "train" in line)
        demo.send_signal(signal.SIGINT)
        rest = demo.stderr.read()
    assert demo.returncode == 130, heard + rest
    assert "Traceback" not in rest
    assert list((tmp_path / "tmp").iterdir()) == []


def test_demo__folder_that_is_not_empty_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("precious")
    done = subprocess.run(
        [*DEMO, "--keep", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "is not empty" in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]
