"""Metrics and plots that a training left for Git: committed with dvc.lock, and nothing else is."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path
from typing import Any

import pytest
import yaml

from interlock import documents
from interlock.commands.report import ReportResult
from interlock.domain.model.evidence import Artifact, Candidate
from interlock.domain.model.git_outputs import LARGEST_BYTES, KeptFiles
from interlock.domain.training.dvc_lock import LockFate
from interlock.ledger import lookup
from tests.fakes.scene import run
from tests.report_stage import LOCK, LockedScene, Stage

HOME = "model-manifests/digits"
PIPELINE = """\
stages:
  prepare:
    cmd: python prepare.py
    deps: [train.py]
    outs: [rows.csv, {table.csv: {cache: false}}]
  train:
    cmd: python train.py
    deps: [train.py, rows.csv]
    params: [train.c]
    outs: [model, predictions.csv, {live: {cache: false}}]
    metrics:
      - metrics.json: {cache: false}
      - .hidden/metrics.json: {cache: false}
      - cached.json
      - readme.md: {cache: false}
      - train.yaml: {cache: false}
    plots:
      - loss.csv: {cache: false}
metrics: [live/summary.yaml, top.toml, ../../.github/interlock.yml]
plots: [cached.json, other/dvc.yaml]
"""
GOOD = {
    "metrics.json": b'{"f1": 0.5}\n',
    "loss.csv": b"step,loss\r\n1,0.5\r\n",
    "live/summary.yaml": "naïve: 1\n".encode(),
    "top.toml": b"f1 = 0.5\n",
}


def md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


@dataclasses.dataclass
class Leaving(LockedScene):
    """Its trainings leave `kept`, by path below the model's folder, and say so."""

    kept: dict[str, bytes] = dataclasses.field(default_factory=lambda: dict(GOOD))
    recorded: dict[str, Any] = dataclasses.field(default_factory=dict)
    """Fields of an artifact that are not those of its bytes, by path."""

    def train(self, revision: str, *, model: str = "digits") -> Candidate:
        outs = [{"path": p, "hash": "md5", "md5": md5(data)} for p, data in self.kept.items()]
        self.locks = {LOCK: {"train": {"cmd": "python train.py", "outs": outs}}}
        kept = tuple(self._artifact(path, data) for path, data in self.kept.items())
        return dataclasses.replace(super().train(revision, model=model), kept=kept)

    def _artifact(self, path: str, data: bytes) -> Artifact:
        place = path.removeprefix("/") if path.startswith("/") else f"{HOME}/{path}"
        artifact = Artifact(place, hashlib.sha256(data).hexdigest(), len(data))
        return dataclasses.replace(artifact, **self.recorded.get(path, {}))


class Bench(Stage):
    scene: Leaving

    def leave(self, kept: dict[str, bytes], **recorded: Any) -> ReportResult:
        """A training of the head leaves these files and passes; what the report said."""
        self.scene.kept, self.scene.recorded = kept, recorded
        head = self.pull().head_sha
        candidate = self.scene.train(head)
        texts = {
            artifact.path: data.decode("utf-8", "replace")
            for artifact, data in zip(candidate.kept, kept.values(), strict=True)
        }
        noun = KeptFiles("digits", candidate.fingerprint, texts)
        self.ledger.append({lookup.path_of(noun): documents.dump(noun)}, message="Keep")
        self.judge(head)
        return self.report()

    def committed(self) -> dict[str, bytes]:
        """The files of the model's folder that the branch's last commit changed."""
        self.git("fetch", "--quiet", "origin")
        names = self.git("diff", "--name-only", "better", "origin/better").splitlines()
        return {
            name: self.scene.repository.tree("origin/better").read(name) or b"" for name in names
        }


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    scene = Leaving(tmp_path)
    scene.create()
    scene.write(f"{HOME}/dvc.yaml", PIPELINE)
    scene.write(f"{HOME}/prepare.py", "print()\n")
    bench = Bench(scene)
    bench.serve_first()
    bench.branch()
    return bench


def left(report_result: ReportResult) -> dict[str, str]:
    assert report_result.lock is not None
    return {each.path.removeprefix(f"{HOME}/"): each.reason for each in report_result.lock.left}


def test_measures__are_committed_with_the_lock_byte_by_byte(bench: Bench) -> None:
    head = bench.pull().head_sha
    report_result = bench.leave(GOOD)
    assert report_result.lock is not None
    assert report_result.lock.fate is LockFate.RECORDED
    assert report_result.lock.left == ()
    contents = bench.committed()
    assert {
        path.removeprefix(f"{HOME}/"): data for path, data in contents.items() if path != LOCK
    } == GOOD
    assert bench.git("rev-parse", "origin/better^") == head
    assert set(report_result.lock.paths) == set(contents)
    new = bench.pull().head_sha
    assert bench.scene.fingerprint(new) == bench.scene.fingerprint(head)


def test_measures__once_they_are_there_nothing_is_committed_again(bench: Bench) -> None:
    report_result = bench.leave(GOOD)
    new = bench.pull().head_sha
    again = bench.report()
    assert again.lock == report_result.lock
    assert bench.pull().head_sha == new
    # What was judged is the same commit's.
    assert again.report.request.heads == (report_result.report.request.head,)


def test_measures__by_the_plan_of_before_the_commit_change_no_word(bench: Bench) -> None:
    plan = bench.plan(bench.pull())
    bench.leave(GOOD)
    before = bench.comment()
    assert not bench.report(plan=plan).is_outdated
    assert bench.comment() == before


@pytest.mark.parametrize(
    ("path", "data", "reason"),
    [
        ("table.csv", b"a\n1\n", "neither as a metric nor as a plot"),
        ("live/other.json", b"{}", "neither as a metric nor as a plot"),
        (".hidden/metrics.json", b"{}", "begins with a dot"),
        ("/.github/interlock.yml", b"version: 1\n", "begins with a dot"),
        ("other/dvc.yaml", b"stages: {}\n", "DVC's own"),
        ("readme.md", b"words", "not JSON, YAML, TOML or CSV"),
        ("metrics.json", b"{", "cannot be read"),
        ("loss.csv", b"a,b\n1\n", "different lengths"),
        ("loss.csv", b"", "different lengths"),
        ("loss.csv", b'a\n"1\n', "cannot be read"),
        ("top.toml", b"= 1", "cannot be read"),
        ("live/summary.yaml", b"a: [\n", "cannot be read"),
        ("metrics.json", b'"' + b"x" * LARGEST_BYTES + b'"', "larger than 1 MB"),
    ],
)
def test_measures__what_is_not_committed_says_why(
    bench: Bench, path: str, data: bytes, reason: str
) -> None:
    report_result = bench.leave({path: data})
    assert set(bench.committed()) == {LOCK}
    ((name, text),) = left(report_result).items()
    assert name == path.removeprefix("/")
    assert reason in text
    assert (
        f"`{name if path.startswith('/') else f'{HOME}/{name}'}` belongs in Git"
        in report_result.comment
    )


@pytest.mark.parametrize(
    "path",
    [
        "cached.json",
        "model/config.json",
        "undeclared.json",
        "/setup.cfg",
        "/../up.json",
        "/x/y.csv",
    ],
)
def test_measures__what_dvc_yaml_does_not_leave_to_git_is_not_looked_at(
    bench: Bench, path: str
) -> None:
    """Whatever the training job names: it ran the change's own code."""
    report_result = bench.leave({path: b"{}"})
    assert set(bench.committed()) == {LOCK}
    assert left(report_result) == {}


def test_measures__an_input_of_any_model_is_not_overwritten(bench: Bench) -> None:
    """Another model reads, as its parameters, what this one declares as a metric."""
    bench.scene.declare("wine")
    bench.scene.write(
        "model-manifests/wine/dvc.yaml",
        PIPELINE.replace("params: [train.c]", "params: [{../digits/train.yaml: [a]}]").replace(
            "train.yaml: {cache", "own.yaml: {cache"
        ),
    )
    bench.scene.write("model-manifests/wine/train.py", "print()\n")
    bench.scene.write(f"{HOME}/train.yaml", "a: 1\n")
    digits = PIPELINE.replace("      - train.yaml: {cache: false}\n", "")
    digits = digits.replace("metrics: [live", "metrics: [train.yaml, live")
    bench.scene.write(f"{HOME}/dvc.yaml", digits)
    bench.push(3.0)
    report_result = bench.leave({"train.yaml": b"a: 2\n"})
    assert set(bench.committed()) == {LOCK}
    assert left(report_result) == {"train.yaml": "a model is made from it"}


@pytest.mark.parametrize("place", ["metrics.json", "live"])
def test_measures__never_through_a_link(bench: Bench, place: str) -> None:
    """A model whose output lies behind a link is blocked, so that there is nothing to leave."""
    (bench.scene.checkout / HOME / place).symlink_to("../../somewhere")
    model_at = bench.scene.model(bench.scene.commit(3.0))
    assert model_at.lineage is None
    assert place in model_at.blocked
    assert "link" in model_at.blocked


def test_measures__other_bytes_than_the_training_recorded(bench: Bench) -> None:
    report_result = bench.leave({"metrics.json": b"{}"}, **{"metrics.json": {"sha256": "0" * 64}})
    assert set(bench.committed()) == {LOCK}
    assert left(report_result) == {
        "metrics.json": "the ledger has another file than the training run recorded"
    }


def test_measures__other_bytes_than_the_lock_records(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.unit.commands.test_report_measures.md5", lambda _: "0" * 32)
    report_result = bench.leave({"metrics.json": b"{}"})
    assert left(report_result) == {"metrics.json": "dvc.lock records another file"}


def test_lock__holds_no_stage_that_dvc_yaml_does_not_have(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    candidate = bench.scene.train(bench.pull().head_sha)
    evil = {"evil": {"cmd": "evil"}}
    lock = {LOCK: {**candidate.lock[LOCK], **evil}, "dvc.lock": evil, f"{HOME}/sub/dvc.lock": evil}
    named = dataclasses.replace(candidate, lock=lock)
    monkeypatch.setattr(bench.scene, "train", lambda *_, **__: named)
    bench.judge(bench.pull().head_sha)
    bench.report()
    assert set(bench.committed()) == {LOCK}
    assert yaml.safe_load(bench.committed()[LOCK])["stages"].keys() == {"train"}


@pytest.mark.parametrize(
    ("path", "data", "same"),
    [
        (f"{HOME}/metrics.json", "{}", True),
        (f"{HOME}/live/summary.yaml", "a: 1\n", True),
        (f"{HOME}/live/other.json", "{}", False),
        (f"{HOME}/train.py", "print(1)\n", False),
        (f"{HOME}/undeclared.json", "{}", False),
        (".github/interlock.yml", "version: 1\n", False),
    ],
)
def test_commit__of_measures_alone_is_about_what_was_judged(
    bench: Bench, path: str, data: str, same: bool
) -> None:
    """By whoever it is: an acceptance of the commit before holds for it, and for no other."""
    before = bench.pull().head_sha
    bench.scene.write(path, data)
    run(bench.scene.checkout, "add", "--force", path)
    bench.push(2.0)
    report_result = bench.report()
    assert report_result.report.request.heads == ((before,) if same else ())
