"""Target: whole repositories, sound but for a few files: manifests, pipelines, parameters, locks,
programs, notebooks, Makefiles, environments, patterns; planned, validated, looked through."""

from __future__ import annotations

import importlib
import json
import random
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.fuzz.driver import Ending, Target

_MANIFEST = """\
model: {name}
owner: "@acme/vision"
objective: Read {name}.
task: multiclass
pipeline: {{file: ../../{name}/dvc.yaml, target: {target}}}
outputs: {{model: ../../{name}/model.bin, predictions: ../../{name}/rows.csv}}
environment: [{environment}]
evaluate: {{primary: f1_macro, slices: [stroke], seed: 7}}
gates:
  - {{metric: f1_macro, min: 0.95}}
  - {{metric: model_size_mb, max: 20}}
promote: {{environments: [staging, production]}}
"""
_PLAIN = """\
stages:
  train:
    cmd: python train.py
    deps: [train.py]
    params: [lr]
    outs: [model.bin, rows.csv]
"""
_RICH = """\
vars:
  - params.yaml
  - sizes: {small: 1, large: 2}
stages:
  prepare:
    foreach: ${splits}
    do:
      cmd: bash run.sh ${item} ${lr}
      deps: [run.sh, data]
      outs: ["${item}.csv"]
  sweep:
    matrix: {size: [1, 2], kind: [a, b]}
    cmd: make sweep SIZE=${item.size}
    deps: [Makefile]
    outs: ["${key}.out"]
  train:
    cmd:
      - env PYTHONPATH=src nohup python -m digits.train --out model.bin
      - jupyter nbconvert --execute report.ipynb && cd . && echo "$(cat rows.csv)"
    wdir: .
    deps: [src, report.ipynb, one.csv, two.csv, images]
    params:
      - lr
      - extra.json: [a.b]
      - extra.toml: [tool.x]
      - extra.py: [LR]
    outs:
      - model.bin: {cache: true}
      - rows.csv
    metrics: [scores.json: {cache: false}]
    plots: [curve.csv]
metrics: [scores.json]
plots: [curve.csv: {x: a, y: b}]
"""
_POINTER = (
    "outs:\n- md5: 0123456789abcdef0123456789abcdef\n  size: 12\n  hash: md5\n  path: images\n"
)
_LOCK = """\
schema: '2.0'
stages:
  train:
    cmd: python train.py
    deps:
    - {path: train.py, hash: md5, md5: 0123456789abcdef0123456789abcdef, size: 12}
    params: {params.yaml: {lr: 0.1}}
    outs:
    - {path: model.bin, hash: md5, md5: 0123456789abcdef0123456789abcdef, size: 12}
"""
_MAKEFILE = """\
OUT = a.out
NAMES := $(OUT) b
all: sweep
sweep: $(OUT) run.sh ; echo $(NAMES)
\tpython -m digits.train $@
$(OUT):
\t$(MAKE) -C . sweep
"""
_SCRIPT = """\
#!/bin/bash
set -e
cd "$(dirname "$0")"
NAME=${1:-one}
if [[ -f $NAME.csv ]]; then exit 0; fi
python - <<END
import digits.train
END
case $NAME in one) echo 1;; *) echo 2;; esac
python src/digits/train.py "$NAME" > log.txt 2>&1
"""
_PROGRAM = """\
import sys, subprocess
from . import parts
from digits.parts import (one, two)
subprocess.run([sys.executable, "src/digits/parts.py", "--x"])
RATE = {"a": [1, 2.5, -3], "b": "conf/base.yaml"}
"""
_NOTEBOOK = json.dumps(
    {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {},
        "cells": [
            {"cell_type": "markdown", "metadata": {}, "source": ["# report"]},
            {
                "cell_type": "code",
                "metadata": {},
                "outputs": [],
                "execution_count": 1,
                "source": ["!bash run.sh\n", "%run src/digits/parts.py\n", "import digits"],
            },
        ],
    },
    indent=1,
)
_SOUND = {
    ".github/interlock.yml": "manifests: model-manifests/*/model.yaml\nenvironments: [staging]\n",
    ".dvc/config":
        "[core]\n"
        "    remote = s\n"
        "['remote \"s\"']\n"
        "    url = /tmp/x\n"
        "[hydra]\n"
        "    enabled = true\n",
    ".dvcignore": "# logs\n*.log\n!keep.log\n/tmp/**/x[0-9]\n",
    ".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n",
    ".gitmodules": '[submodule "lib"]\n\tpath = lib\n\turl = ../lib\n',
    "model-manifests/digits/model.yaml": _MANIFEST.format(
        name="digits", target="train", environment="../../uv.lock, ../../digits/environment.yml"
    ),
    "model-manifests/letters/model.yaml": _MANIFEST.format(
        name="letters", target="train", environment="../../letters/requirements.txt"
    ),
    "letters/dvc.yaml": _PLAIN,
    "letters/train.py": "import json\n",
    "letters/params.yaml": "lr: 0.1\n",
    "letters/requirements.txt": "numpy==2.3.0\n",
    "digits/dvc.yaml": _RICH,
    "digits/dvc.lock": _LOCK,
    "digits/images.dvc": _POINTER,
    "digits/data/rows.csv": "a,b\n1,2\n",
    "digits/params.yaml":
        "lr: 0.1\n"
        "splits: [one, two]\n"
        "nested: &n {a: 1, b: [1, 2.5, x]}\n"
        "again: *n\n",
    "digits/extra.json": '{"a": {"b": [1, 2.5, null, "x"]}}\n',
    "digits/extra.toml": '[tool]\nx = [1, 2]\n[[table]]\nname = "a"\n',
    "digits/extra.py": "LR = 0.1\nclass Train:\n    size = (1, 2)\n",
    "digits/run.sh": _SCRIPT,
    "digits/Makefile": _MAKEFILE,
    "digits/report.ipynb": _NOTEBOOK,
    "digits/src/digits/train.py": _PROGRAM,
    "digits/src/digits/parts.py": "one = two = 1\n",
    "digits/src/digits/__init__.py": "",
    "digits/conf/config.yaml": "defaults:\n  - base\n  - _self_\nlr: ${base.lr}\n",
    "digits/conf/base.yaml": "base: {lr: 0.1}\n",
    "digits/environment.yml": "dependencies:\n  - python=3.12\n  - pip:\n    - numpy==2.3.0\n",
    "digits/setup.cfg":
        "[metadata]\n"
        "name = digits\n"
        "[options.entry_points]\n"
        "console_scripts =\n"
        "    d = digits.train:main\n",
    "pyproject.toml":
        "[project]\n"
        'name = "digits"\n'
        'dependencies = ["numpy>=2"]\n'
        "[project.scripts]\n"
        'd = "digits.train:main"\n',
    "setup.py":
        "from setuptools import setup\n"
        'setup(entry_points={"console_scripts": ["d = digits.train:main"]})\n',
    "uv.lock": 'version = 1\n[[package]]\nname = "numpy"\nversion = "2.3.0"\n',
    "Pipfile.lock": '{"default": {"numpy": {"version": "==2.3.0"}}}\n',
}  # fmt: skip
_OF_ALL = (".github/", ".dvc", ".git", "pyproject.toml", "setup.py")
"""Files that are every model's: what is wrong with one of them may block all."""

_PLAN = ["plan", "--json", "--base", "HEAD~1"]

_ODD = [
    "", "\n", "\t", " ", "\\", "'", '"', "`", "$", "${", "$(", "{", "}", "[", "]", "(", ")", "#",
    "&a ", "*a", "!!int x", "!!timestamp 1", "!!set {a}", "<<: ", "? ", "- ", "-  ", ": ", "---\n",
    "%YAML 1.1\n", "\ufeff", "\u2028", "\x00", "\x07", "\x1b[31m", "\u202e", "é", "\U0001f600",
    "null", "~", "NaN", ".nan", "Infinity", "-.inf", "1e999", "-0", "0x_", "+_", "0b", "09", "true",
    "9" * 5000, "0x" + "f" * 5000, "1_0", "2026-13-45", "9999999999-01-01", "12:30:45", "=", "**",
    "!", "[z-a]", "[!", "a\\", "/", "//", "..", "../..", "../.git", "../.dvc/tmp", ".git/hooks/x",
    "/etc/passwd", "C:\\x", "x" * 300, "a/" * 3000, "\\ud800", "\\u0000", "\\x00", "a\\nb", "~root",
    "http://127.0.0.1:1/x", "s3://b/k", "${nothing}", "${item}", "${lr}${lr}", "${splits[0]}",
    "-x", "--", "@", "a@b", "a:b", "MODEL.BIN", "dvc.yaml", "x.dvc", "model.bin", "<<<<<<< HEAD\n",
    "@package _global_", "override hydra/x: y", "bash -c 'bash -c x'", "eval eval x", "<<A <<B\n",
    "-r requirements.txt", "-e .", "a @ file:///x", "$(MAKE) all", "make sweep", "pytest .",
]  # fmt: skip
_REPEATED = [
    "[", "{", "(", "-  ", "- ", "? ", "{a: ", "[[", "a: ", "$(", "${", "${lr}", "`", "(cd ", "!",
    "a.", "a/", "**/", "*a", "*", "?", "[a]", "not ", "-", "~", "lambda: ", "+1", ".a", "[0]", "()",
    "elif a: pass\n", "if a:\n", "from a import (\n", "import a,", "@a\n", "f'{", "x ", "env ",
    "nohup ", "bash -c ", "A=$A$A;", "\n", " ", "\t", "\\\n", "#", "'a' ", "1,", "*n,", "a=1\n",
    "all: all\n", "\t$(OUT)\n", "$(NAMES)", "é", "\x00", "a-b>=1\n", "[[a.b]]\n", "dirname $0 ",
]  # fmt: skip


def _repeat(random: random.Random, most: int = 200_000) -> str:
    unit = random.choice(_REPEATED)
    return unit * (random.choice([3, 60, 1000, 30_000, most]) // max(1, len(unit) // 2))


def _bomb(random: random.Random) -> str:
    """YAML or shell in which each line doubles the one before."""
    if random.random() < 0.5:
        return "a0: &a0 [x, x]\n" + "".join(
            f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40)
        )
    return "a=xx; " + "a=$a$a; " * 60


def _insert(random: random.Random, text: str) -> str:
    place = random.randint(0, len(text))
    return text[:place] + _odd(random) + text[place:]


def _odd(random: random.Random) -> str:
    return random.choice([random.choice(_ODD), random.choice(_ODD), _repeat(random), _bomb(random)])


def _replace(random: random.Random, text: str) -> str:
    """One word, number or quoted text by something odd."""
    words = list(re.finditer(r"[\w./$@-]+|\"[^\"\n]*\"", text))
    if not words:
        return _odd(random)
    word = random.choice(words)
    odd = _odd(random)
    quoted = random.choice([odd, json.dumps(odd), f"'{odd}'"])
    return text[: word.start()] + quoted + text[word.end() :]


def _cut(random: random.Random, text: str) -> str:
    start, end = sorted(random.randint(0, len(text)) for _ in range(2))
    return text[:start] + text[end:]


def _double(random: random.Random, text: str) -> str:
    """Some lines once more, or very often."""
    lines = text.splitlines(keepends=True) or ["\n"]
    start = random.randrange(len(lines))
    part = lines[start : start + random.randint(1, 4)]
    times = random.choice([1, 2, 100, 20_000])
    return "".join([*lines[:start], *(part * times), *lines[start:]])[:3_000_000]


def _exchange(random: random.Random, text: str) -> str:
    """What belongs into a file of another kind."""
    del text
    return random.choice(list(_SOUND.values()))


def _large(random: random.Random, text: str) -> str:
    """More values, stages or combinations than anybody needs."""
    many = ", ".join(str(n) for n in range(random.choice([60, 1000, 50_000])))
    return random.choice(
        [
            text.replace("[1, 2]", f"[{many}]").replace("[a, b]", f"[{many}]"),
            text.replace("splits: [one, two]", f"splits: [{many}]"),
            text + f"\nmore: [{many}]\n",
            text + "".join(f"k{n}: {{a: {n}}}\n" for n in range(random.choice([10, 30_000]))),
        ]
    )


_CHANGES: list[Callable[[random.Random, str], str]] = [
    _insert, _insert, _replace, _replace, _replace, _cut, _double, _exchange, _large,
]  # fmt: skip


def warm() -> None:
    for module in ("cli.plan", "cli.validate", "adapters.dvc.templates"):
        importlib.import_module(f"interlock.{module}")
    importlib.import_module("pathspec")


def make(random: random.Random, folder: Path) -> list[list[str]]:
    files: dict[str, bytes] = {path: text.encode() for path, text in _SOUND.items()}
    touched = random.sample(sorted(_SOUND), k=random.randint(1, 3))
    for path in touched:
        text = _SOUND[path]
        for _ in range(random.randint(1, 2)):
            text = random.choice(_CHANGES)(random, text)
        place = _renamed(random, path)
        files[place] = _bytes(random, text)
    _commit(folder / "work", files)
    Path(folder, "touched.json").write_text(json.dumps(touched))
    return [
        _PLAN,
        ["validate", "--json"],
        ["plan", "--suggest-deps", "--json", "--prepare", "pip install -e . && bash digits/run.sh"],
    ]


def _renamed(random: random.Random, path: str) -> str:
    """Mostly itself; sometimes a stranger's, of another folder or another case."""
    if random.random() < 0.85:
        return path
    name = path.rpartition("/")[2]
    return random.choice([f"stranger/{name}", f"digits/data/{name}", path.upper(), f"{path} "])


def _bytes(random: random.Random, text: str) -> bytes:
    data = text.encode("utf-8", "surrogatepass")
    if random.random() < 0.05 and data:
        place = random.randrange(len(data))
        return data[:place] + bytes([random.randrange(256)]) + data[place + 1 :]
    return random.choice([data] * 30 + [text.encode("utf-16", "surrogatepass")])


def _commit(folder: Path, files: dict[str, bytes]) -> None:
    """Two commits: the sound files, and these."""
    subprocess.run(["git", "init", "--quiet", "-b", "main", str(folder)], check=True)
    sound = {path: text.encode() for path, text in _SOUND.items()}
    stream = b"".join(_written(tree, number) for number, tree in enumerate((sound, files), start=1))
    subprocess.run(["git", "-C", str(folder), "fast-import", "--quiet"], input=stream, check=True)


def _written(files: dict[str, bytes], number: int) -> bytes:
    lines = [
        b"commit refs/heads/main\ncommitter O <octocat@example.com> %d +0000\ndata 1\nx\n"
        % (1_900_000_000 + number),
        b"deleteall\n",
    ]
    for path, data in files.items():
        quoted = json.dumps(path).encode()
        lines.append(b"M 100644 inline %s\ndata %d\n%s\n" % (quoted, len(data), data))
    return b"".join(lines)


def check(folder: Path, arguments: list[str], ending: Ending) -> str:
    """A file of one model is that model's problem: the other one is planned as ever."""
    if ending.code not in {0, 2}:
        return f"exit {ending.code}"
    touched = json.loads(Path(folder, "touched.json").read_text())
    if any(path.startswith((*_OF_ALL, "letters", "model-manifests")) for path in touched):
        return ""
    if arguments != _PLAN:
        return ""
    if ending.code:
        return "one model's file stopped the plan"
    letters = [m for m in json.loads(ending.stdout)["models"] if m["model"] == "letters"]
    if [m["decision"] for m in letters] == ["blocked"]:
        return f"another model's file blocked it: {letters[0]['sentence']}"
    return ""


TARGET = Target("trees", warm, make, place="work", check=check)
