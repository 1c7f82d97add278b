"""What DVC refuses of a dvc.yaml beyond its schema blocks the plan, and what it takes does not."""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from dvc.repo import Repo

from interlock import wiring
from interlock.services import snapshots

MANIFEST = """\
model: m
owner: "@acme/vision"
objective: Tell apart what there is to tell apart.
task: binary
pipeline: {file: ../../dvc.yaml, target: train}
outputs: {model: ../../model, predictions: ../../p.csv}
environment: [../../requirements.txt]
evaluate: {primary: f1}
gates: [{metric: f1, min: 0.5}]
promote: {environments: [staging, production], registry_name: m}
"""
SOUND = """\
stages:
  train:
    cmd: python train.py
    deps: [train.py]
    params: [a]
    outs: [model, p.csv]
"""
OTHER = "{cmd: x, deps: [b.py], outs: [z]}"


def swap(old: str, new: str) -> str:
    assert old in SOUND
    return SOUND.replace(old, new)


def outs(*more: str) -> str:
    return swap("[model, p.csv]", f"[{', '.join(['model', 'p.csv', *more])}]")


def beside(name: str, stage: str = OTHER) -> str:
    return f"{SOUND}  {name}: {stage}\n"


TEXTS = {
    "sound": SOUND,
    "output twice": outs("model"),
    "output in two sections": SOUND + "    metrics: [p.csv]\n",
    "output of two stages": beside("other", "{cmd: x, deps: [b.py], outs: [p.csv]}"),
    "output inside an output": outs("model/x"),
    "output that is a dependency": swap("[train.py]", "[train.py, model]"),
    "output in .dvc": outs(".dvc/x"),
    "output in .git": outs(".git/x"),
    "output that .dvcignore hides": outs("x.hidden"),
    "output that is a dvc.yaml": outs("sub/dvc.yaml"),
    "output that is a pointer": outs("x.dvc"),
    "output of several paths": swap("[model, p.csv]", "[{model: {cache: true}, p.csv: {}}]"),
    "output of no path": outs("{}"),
    "output with options": swap("[model,", "[{model: {persist: true, labels: [a]}},"),
    "dependency twice": swap("[train.py]", "[train.py, train.py]"),
    "dependency on dvc.yaml": swap("[train.py]", "[train.py, dvc.yaml]"),
    "empty command": swap("python train.py", "''"),
    "no commands": swap("cmd: python train.py", "cmd: []"),
    "name with a slash": beside("a/b"),
    "name with a dot": beside("a.b"),
    "name with a colon": beside("'a:b'"),
    "name with an @": beside("a@b"),
    "empty name": beside("''"),
    "keys that are no list": swap("[a]", "[{params.yaml: a}]"),
    "keys that are a mapping": swap("[a]", "[{params.yaml: {a: 1}}]"),
    "keys of a whole file": swap("[a]", "[{params.yaml: }]"),
    "missing parameter": swap("[a]", "[b]"),
    "missing parameter file": swap("[a]", "[{q.yaml: [a]}]"),
    "missing wdir": SOUND + "    wdir: nowhere\n",
    "several plots of a file": SOUND + "    plots: [{q.csv: [{x: a}, {x: b}]}]\n",
    "vars with a template": "vars: ['${a}']\n" + SOUND,
    "vars of a missing file": "vars: [nowhere.yaml]\n" + SOUND,
    "vars said twice": "vars: [{a: 1}]\n" + SOUND,
    "vars of a stage": SOUND + "    vars: [{q: 1}]\n",
    "vars of a stage of a missing file": SOUND + "    vars: [nowhere.yaml]\n",
    "vars of another stage": beside("other", "{cmd: x, deps: [b.py], vars: [nowhere.yaml]}"),
    "foreach of nothing": beside("other", "{foreach: [], do: {cmd: x}}"),
    "foreach of a text": beside("other", "{foreach: abc, do: {cmd: x}}"),
    "matrix of nothing": beside("other", "{matrix: {}, cmd: x}"),
    "matrix of a text": beside("other", "{matrix: {a: abc}, cmd: x}"),
    "foreach and matrix": beside("other", "{foreach: [a], matrix: {a: [1]}, do: {cmd: x}}"),
    "unknown variable elsewhere": beside("other", "{cmd: 'x ${nothing}'}"),
    "open brace elsewhere": beside("other", "{cmd: 'x ${nothing'}"),
    "unknown variable in metrics": "metrics: ['${nothing}']\n" + SOUND,
    "unknown variable in plots": "plots: ['${nothing}']\n" + SOUND,
    "datasets that are a number": "datasets: 3\n" + SOUND,
    "datasets that are empty": "datasets:\n" + SOUND,
    "merge keys": SOUND.replace("  train:", f"  base: &b {OTHER}\n  train:\n    <<: *b"),
    "byte order mark": "\ufeff" + SOUND,
    "two documents": SOUND + "---\na: 1\n",
    "version of YAML": "%YAML 1.1\n---\n" + SOUND,
    "tag": swap("python train.py", "!!str python train.py"),
    "bytes": swap("python train.py", "!!binary YQ=="),
    "control character": SOUND + "# \x07\n",
    "carriage returns": SOUND.replace("\n", "\r\n"),
    "set": swap("[train.py]", "!!set {train.py}"),
    "dates": SOUND + "    meta: {a: 2026-11-29, b: 12:30:00, c: 2026-11-29T12:00:00Z}\n",
    "day that is none": SOUND + "    meta: {a: 2026-02-30}\n",
    "hour that is none": SOUND + "    meta: {a: 2026-02-01 25:00:00}\n",
}
# DVC only fails later, when it runs the stage, or takes what nothing identifies.
STRICTER = {
    "commands that are numbers": swap("cmd: python train.py", "cmd: [1, 2]"),
    "frozen without a lock": SOUND + "    frozen: true\n",
    "empty key": swap("[a]", "['']"),
    "ordered mapping": SOUND + "    meta: !!omap [a: 1]\n",
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    root = tmp_path_factory.mktemp("refusals")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(root / "home"))
        patch.setenv("DVC_SITE_CACHE_DIR", str(root / "site"))
        patch.setenv("DVC_NO_ANALYTICS", "1")
        patch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
        git(root, "init", "-q", "-b", "main")
        Repo.init(str(root)).close()
        files = {"train.py": "", "b.py": "", "params.yaml": "a: 1\n", "requirements.txt": "x==1\n"}
        files |= {"model-manifests/m/model.yaml": MANIFEST, ".dvcignore": "*.hidden\n/site\n"}
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        yield root


def git(root: Path, *arguments: str) -> None:
    who = ["-c", "user.name=octocat", "-c", "user.email=octocat@example.com"]
    subprocess.run(["git", *who, *arguments], cwd=root, check=True, capture_output=True)


def dvc_refuses(root: Path) -> str:
    logging.getLogger("dvc").setLevel(logging.CRITICAL)
    with (
        contextlib.chdir(root),
        Path(os.devnull).open("w") as sink,
        contextlib.redirect_stdout(sink),
    ):
        repo = Repo(".")
        try:
            repo.reproduce("dvc.yaml:train", dry=True)
        except Exception as error:  # noqa: BLE001 - DVC itself lets many kinds escape
            return str(error) or type(error).__name__
        finally:
            repo.close()
    return ""


def blocked(root: Path, text: str) -> str:
    (root / "dvc.yaml").write_bytes(text.encode())
    git(root, "add", "--all")
    git(root, "commit", "-q", "--allow-empty", "-m", "state")
    tree = wiring.repository(root).tree("HEAD")
    return snapshots.read_model(tree, "m", resolve_templates=wiring.resolve_templates).blocked


@pytest.mark.parametrize("name", TEXTS)
def test_plan__is_blocked_exactly_by_what_dvc_refuses(root: Path, name: str) -> None:
    ours, theirs = blocked(root, TEXTS[name]), dvc_refuses(root)
    assert bool(ours) == bool(theirs), f"ours: {ours or 'takes it'}; DVC: {theirs or 'takes it'}"


@pytest.mark.parametrize("name", STRICTER)
def test_plan__is_blocked_where_dvc_would_fail_later(root: Path, name: str) -> None:
    assert blocked(root, STRICTER[name])
    assert dvc_refuses(root) == ""
