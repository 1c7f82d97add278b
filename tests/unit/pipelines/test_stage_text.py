"""Dependencies that are added to the text of a dvc.yaml: nothing else in it moves."""

from __future__ import annotations

import difflib
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from interlock import errors
from interlock.pipelines import stage_text
from interlock.yaml_reader import dvc

BLOCK = """\
# The pipeline.
stages:
  train:   # learns
    cmd: python train.py
    deps:
    - train.py  # the program
    - data.csv
    # and what it makes
    outs: [model]
  other: {cmd: x}
"""
TEXTS: dict[str, tuple[str, str]] = {
    "a list of lines": (
        BLOCK,
        BLOCK.replace("    - data.csv\n", "    - data.csv\n    - a b.py\n    - c\n"),
    ),
    "indented further": (
        "stages:\n  train:\n    deps:\n      - x # y\n    cmd: z",
        "stages:\n  train:\n    deps:\n      - x # y\n      - a b.py\n      - c\n    cmd: z",
    ),
    "at the end of a file without a newline": (
        "stages:\n  train:\n    cmd: z\n    deps:\n    - x",
        "stages:\n  train:\n    cmd: z\n    deps:\n    - x\n    - a b.py\n    - c",
    ),
    "lines that end as on Windows": (
        "stages:\r\n  train:\r\n    deps:\r\n    - x\r\n    cmd: z\r\n",
        "stages:\r\n  train:\r\n    deps:\r\n    - x\r\n    - a b.py\r\n    - c\r\n    cmd: z\r\n",
    ),
    "in brackets": (
        "stages: {train: {cmd: x, deps: [x, 'y']}}\n",
        "stages: {train: {cmd: x, deps: [x, 'y', a b.py, c]}}\n",
    ),
    "in brackets over lines": (
        "stages:\n  train:\n    deps: [\n      x,  # why\n    ]\n    cmd: z\n",
        "stages:\n  train:\n    deps: [\n      x, a b.py, c,  # why\n    ]\n    cmd: z\n",
    ),
    "in empty brackets": (
        "stages:\n  train: {deps: [], cmd: z}\n",
        "stages:\n  train: {deps: [a b.py, c], cmd: z}\n",
    ),
    "empty": (
        "stages:\n  train:\n    deps:  # none\n    cmd: z\n",
        "stages:\n  train:\n    deps: [a b.py, c]  # none\n    cmd: z\n",
    ),
    "missing": (
        "stages:\n  train:\n    cmd: >-x # y\n    outs: [m]\n".replace(">-x", "x"),
        "stages:\n  train:\n    cmd: x # y\n    deps:\n      - a b.py\n      - c\n    outs: [m]\n",
    ),
    "missing behind a command of lines": (
        "stages:\n  train:\n    cmd: |\n      x\n      y\n\n    outs: [m]\n",
        "stages:\n  train:\n    deps:\n      - a b.py\n      - c\n    cmd: |\n      x\n      y\n\n"
        "    outs: [m]\n",
    ),
    "missing behind a list of commands": (
        "stages:\n  train:\n    cmd:\n    - x\n    - y\n  other:\n    cmd: z\n",
        "stages:\n  train:\n    cmd:\n    - x\n    - y\n    deps:\n      - a b.py\n      - c\n"
        "  other:\n    cmd: z\n",
    ),
    "missing behind commands in brackets": (
        "stages:\n  train:\n    cmd: [x,\n      y]\n",
        "stages:\n  train:\n    cmd: [x,\n      y]\n    deps:\n      - a b.py\n      - c\n",
    ),
    "missing in braces": (
        "stages:\n  train: {cmd: x}\n",
        "stages:\n  train: {deps: [a b.py, c], cmd: x}\n",
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_add__keeps_comments_and_layout(name: str) -> None:
    before, after = TEXTS[name]
    after = after.replace("a b.py", "'a b.py'")
    assert stage_text.add(before, "train", ["a b.py", "c"], path="dvc.yaml") == after


OUTS = {
    "behind its dependencies": (
        "stages:\n  train:\n    cmd: x\n    deps:\n    - [y]\n    metrics: [m]\n",
        "stages:\n  train:\n    cmd: x\n    deps:\n    - [y]\n    outs:\n"
        "      - a\n    metrics: [m]\n",
    ),
    "behind parameters of a file": (
        "stages:\n  train:\n    cmd: x\n    params:\n    - p.yaml:\n      - z\n    metrics: [m]\n",
        "stages:\n  train:\n    cmd: x\n    params:\n    - p.yaml:\n      - z\n    outs:\n"
        "      - a\n    metrics: [m]\n",
    ),
    "to those that are there": (
        "stages:\n  train:\n    cmd: x\n    outs: [y]\n",
        "stages:\n  train:\n    cmd: x\n    outs: [y, a]\n",
    ),
}


@pytest.mark.parametrize("name", OUTS)
def test_add__outputs(name: str) -> None:
    before, after = OUTS[name]
    assert stage_text.add(before, "train", ["a"], path="dvc.yaml", section="outs") == after


REFUSED = {
    "stages:\n  train:\n    foreach: [1]\n    do: {cmd: x, deps: [y]}\n": "from a template",
    "stages:\n  train:\n    matrix: {a: [1]}\n    cmd: x\n    deps: [y]\n": "from a template",
    "stages:\n  a: &a {cmd: x, deps: [y]}\n  train:\n    <<: *a\n    cmd: z\n": "merged from",
    "stages:\n  a:\n    cmd: x\n    deps: &d [y]\n  train:\n    cmd: x\n    deps: *d\n": (
        "not a list"
    ),
    "stages:\n  train:\n    cmd: x\n    deps: y\n": "not a list",
    "stages:\n  other:\n    cmd: x\n": "not written out in the file",
    "stages: [a\n": "is not YAML",
    "- a\n": "not written out in the file",
    "stages:\n  train:\n    outs: [x]\n": "no command",
}


@pytest.mark.parametrize("text", REFUSED)
def test_add__refuses_what_has_no_place_for_it(text: str) -> None:
    with pytest.raises(errors.CannotFingerprint, match=REFUSED[text]):
        stage_text.add(text, "train", ["a"], path="dvc.yaml")


NAMES = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), min_size=1)
PIPELINES = st.builds(
    lambda deps, cmd, more: {"cmd": cmd} | ({} if deps is None else {"deps": deps}) | more,
    st.none() | st.lists(NAMES, max_size=3),
    st.sampled_from(["python x.py", "a\nb\n", ["x", "y\nz"], "a: b # c"]),
    st.fixed_dictionaries({}, optional={"outs": st.lists(NAMES, max_size=2), "desc": NAMES}),
)


@example(
    before={"cmd": "x"},
    other={"cmd": "x", "desc": "0E0"},
    wanted=["0E0"],
    style=None,
    indent=2,
    first=False,
)
@given(
    before=PIPELINES,
    other=PIPELINES,
    wanted=st.lists(NAMES, min_size=1, max_size=3),
    style=st.sampled_from([None, True, False]),
    indent=st.integers(2, 6),
    first=st.booleans(),
)
def test_add__adds_exactly_these_and_takes_no_line_away(
    before: dict[str, Any],
    other: dict[str, Any],
    wanted: list[str],
    *,
    style: bool | None,
    indent: int,
    first: bool,
) -> None:
    stages = {"train": before, "other": other} if first else {"other": other, "train": before}
    text = yaml.safe_dump(
        {"stages": stages}, default_flow_style=style, indent=indent, sort_keys=False, width=60
    )
    # As it is read: `0E0` without quotes is text in YAML 1.1, and a number in YAML 1.2.
    expected: Any = dvc.read(text.encode(), path="dvc.yaml")
    train = expected["stages"]["train"]
    train["deps"] = [*(train.get("deps") or ()), *wanted]
    after = stage_text.add(text, "train", wanted, path="dvc.yaml")
    assert dvc.read(after.encode(), path="dvc.yaml") == expected
    moves = difflib.SequenceMatcher(None, text, after, autojunk=False).get_opcodes()
    assert {move[0] for move in moves} <= {"equal", "insert"}
