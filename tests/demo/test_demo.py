"""The demo from outside: Git, MLflow's database and the file system."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests import kept_demo

SCHEMAS = Path(__file__).parents[2] / "src" / "interlock" / "schemas"
DEMO = [sys.executable, "-m", "interlock", "demo"]


def environment(folder: Path) -> dict[str, str]:
    """Variables with an empty temporary folder."""
    (folder / "tmp").mkdir()
    return os.environ | {"TMPDIR": str(folder / "tmp")}


@dataclass(frozen=True)
class KeptDemo:
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
def demo(tmp_path_factory: pytest.TempPathFactory) -> KeptDemo:
    folder = kept_demo.folder(tmp_path_factory)
    stderr = (folder / "stderr").read_text()
    assert (folder / "code").read_text() == "0", stderr[-4000:]
    return KeptDemo(folder, json.loads((folder / "stdout").read_text()), stderr)


def test_demo__all_assertions_pass(demo: KeptDemo) -> None:
    jsonschema.validate(demo.document, json.loads((SCHEMAS / "demo.v1.json").read_text()))
    assert [step["number"] for step in demo.document["steps"]] == list(range(1, 13))
    assertions = [each for step in demo.document["steps"] for each in step["assertions"]]
    assert len(assertions) >= 50
    assert [each["sentence"] for each in assertions if not each["passed"]] == []


def test_demo__trains_eight_times_and_never_twice(demo: KeptDemo) -> None:
    trained = [model for step in demo.document["steps"] for model in step["trained"]]
    assert sorted(trained) == ["diabetes"] * 4 + ["digits"] * 4
    runs = demo.rows("select value from tags where key = 'interlock.fingerprint'")
    assert len(runs) == len(set(runs)) == 8


def test_demo__registry_agrees_with_main(demo: KeptDemo) -> None:
    versions = demo.rows("select name, version from model_versions order by name, version")
    assert versions == [("diabetes", n) for n in (1, 2, 3)] + [("digits", n) for n in (1, 2)]
    aliases = demo.rows(
        "select name, alias, version from registered_model_aliases order by name, alias"
    )
    assert aliases == [
        ("diabetes", "production", 3),
        ("diabetes", "staging", 3),
        ("digits", "production", 1),
        ("digits", "staging", 1),
    ]


def test_demo__ledger_agrees_with_the_registry(demo: KeptDemo) -> None:
    done = [r for r in demo.records("promotions/digits/") if r["phase"] == "done"]
    assert [(r["kind"], r["version"]) for r in done] == [
        ("promotion", 1),
        ("promotion", 2),
        ("rollback", 1),
    ]
    evaluated = {r["candidate"]["model"]["sha256"] for r in demo.records("evidence/digits/")}
    assert {r["sha256"] for r in done} <= evaluated
    subjects = demo.git("log", "--format=%s", "interlock-ledger").splitlines()
    assert len(subjects) == len(demo.git("rev-list", "interlock-ledger").splitlines())
    command = [sys.executable, "-m", "interlock", "ledger", "verify", "--repo", str(demo.bare)]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0


def test_demo__has_one_report_per_window_and_one_retraining(demo: KeptDemo) -> None:
    windows = [(r["end"][:10], r["verdict"]) for r in demo.records("drift/diabetes/")]
    days = ("stable", "stable", "warning", "drift", "broken")
    assert windows[:5] == [(f"2026-03-{15 + n}", verdict) for n, verdict in enumerate(days)]
    assert len(windows) == 6
    # One record before the pull request is opened, and one with its number.
    steps = [(r["step"], r["pull"]) for r in demo.records("retrainings/")]
    assert sorted(steps, key=str) == [("opened", 7), ("opened", None)]


def test_demo__dvc_lock_on_main_names_the_production_model(demo: KeptDemo) -> None:
    lock = demo.git("show", "main:model-manifests/diabetes/dvc.lock")
    [production] = [
        r
        for r in demo.records("evidence/diabetes/")
        if r["candidate"]["fingerprint"] == demo.records("promotions/diabetes/")[-1]["fingerprint"]
    ]
    entry = production["candidate"]["lock"]["model-manifests/diabetes/dvc.lock"]["train"]
    assert all(out["md5"] in lock for out in entry["outs"])


def test_demo__writes_nothing_outside_its_folder(demo: KeptDemo) -> None:
    assert list((demo.folder / "home").iterdir()) == []
    assert list((demo.folder / "tmp").iterdir()) == []
    expected = {"home", "tmp", "kept", "stdout", "stderr", "code", "exchanges", "git", "counted"}
    assert {path.name for path in demo.folder.iterdir()} == expected


def test_demo__interrupted_deletes_its_files(tmp_path: Path) -> None:
    env = environment(tmp_path)
    with subprocess.Popen(
        DEMO, env=env, cwd=tmp_path, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as demo:
        assert demo.stderr is not None
        training = next(line for line in demo.stderr if "train" in line)
        demo.send_signal(signal.SIGINT)
        rest = demo.stderr.read()
    assert demo.returncode == 130, training + rest
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


def test_demo__starts_a_bounded_number_of_git_processes(demo: KeptDemo) -> None:
    verbs = Counter(line.split()[0] for line in (demo.folder / "git").read_text().splitlines())
    # Without what one process answers for a whole job or server they are more than 5,000.
    assert verbs.total() <= 600, verbs
