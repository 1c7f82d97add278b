"""Scalars, parameters and patterns are read as DVC reads them: the same readers, side by side."""

from __future__ import annotations

import json
import math
import warnings
from pathlib import Path
from typing import Any

import pytest
from dvc.fs import LocalFileSystem
from dvc.ignore import DvcIgnoreFilter
from dvc.utils.serialize import parse_py, parse_toml, parse_yaml
from hypothesis import event, given, settings
from hypothesis import strategies as st

from interlock import errors
from interlock.pipelines import canonical_values, ignore, parameters
from interlock.yaml_reader import dvc

_DIGITS = st.text("0123456789_.+-eExXob:naiNfFt ", min_size=1, max_size=8)
_TABLE = """
yes No on y true True TRUE tRUE null ~ Null .inf -.INF .nan 12:30:45 0o17 0b11 0x1F 1e3 1_0 =
<< 2020-01-01 1. .5 2020-1-2T3:04:05Z
"""
_WORDS = st.sampled_from(_TABLE.split())


def _theirs(text: str) -> Any:
    try:
        return parse_yaml(text, "p.yaml")
    except Exception:  # noqa: BLE001 - whatever DVC cannot read
        return errors.CannotFingerprint


def _ours(text: str) -> Any:
    try:
        return dvc.read(text.encode(), path="p.yaml")
    except errors.CannotFingerprint:
        return errors.CannotFingerprint


@settings(deadline=None)
@given(scalar=_DIGITS | _WORDS)
def test_yaml__a_scalar_is_what_dvc_takes_it_for(scalar: str) -> None:
    ours, theirs = _ours(f"k: {scalar}\n"), _theirs(f"k: {scalar}\n")
    if isinstance(ours, dict) and isinstance(ours["k"], dvc.Date):
        assert str(ours["k"])[:4] == f"{theirs['k'].year:04d}"
    elif isinstance(ours, dict) and isinstance(ours["k"], float) and math.isnan(ours["k"]):
        assert math.isnan(theirs["k"])
    else:
        assert ours == theirs
        assert type(ours) is type(theirs)


_PIECES = (
    *("a: 1", "\nb: ", "\n- ", "\n  c: ", "a: ", "b:", "- ", " ", "\t", "\n", "x", "#c", " # t"),
    *("[", "]", "{", "}", ", ", ",", "'q'", '"d\te"', "|\n", "|\t\n", "&a ", "*a", "? ", ": ", "'"),
    *("!!str ", "a:\t", "-\t", "%", "a: 1\t# weak", "\n\tb: 2", "\n<<<<<<< HEAD\n"),
)


@settings(deadline=None, max_examples=500)
@given(text=st.lists(st.sampled_from(_PIECES), max_size=9).map("".join))
def test_yaml__what_dvc_cannot_parse_is_refused(text: str) -> None:
    with warnings.catch_warnings(action="ignore"):
        refused = _theirs(text) is errors.CannotFingerprint
    event(f"DVC refuses: {refused}")
    assert _ours(text) is errors.CannotFingerprint or not refused


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("p.yaml", "a: 1\t# weak\n", "p.yaml:1:5: a tab where DVC reads only spaces"),
        ("p.yaml", "a:\n  - x\ty\n", "p.yaml:2:6: a tab where"),
        ("p.yaml", "a: 1 # one\ttwo\nb: [1,\t2]\nc: 'x\ty'\nd: |\n  x\ty\n", ""),
        ("p.yaml", "a: |\t# text\n  x\n", "p.yaml:1:5: a tab where"),
        ("p.yaml", "a: 1\n<<<<<<< HEAD\nb: 2\n", "p.yaml:2:1: conflict markers of a merge"),
        ("p.yaml", "a: |\n  <<<<<<< HEAD\n", ""),
        ("p.yaml", "a: [1\n", "p.yaml:1:6: missing comma or closing bracket"),
        ("p.yaml", "a: 1\nb:\n  a: 1\n  a: 2\n", "p.yaml:4:3: duplicate key 'a'"),
        ("p.yaml", "a: !x 1\n", "p.yaml:1:4: unknown tag !x"),
        ("p.json", '{"a":\n  }', "p.json:2:3: it cannot be read as JSON: Expecting value"),
        ("p.toml", "a = 1\nb = \n", "p.toml:2:5: it cannot be read as TOML: Invalid value"),
        ("p.toml", "a = 1\na = 2\n", "p.toml:2:6: it cannot be read as TOML: Cannot overwrite"),
        ("p.py", "a = 1\nb = (\n", "p.py:2:5: it cannot be read as Python: '(' was never closed"),
    ],
)
def test_parameters__refused_with_the_place(name: str, text: str, message: str) -> None:
    if message == "":
        assert parameters.read(text.encode(), path=name) == parse_yaml(text, name)
        return
    with pytest.raises(errors.CannotFingerprint) as raised:
        parameters.read(text.encode(), path=name)
    assert raised.value.message.startswith(message)


_LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
)
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(deadline=None)
@given(one=_VALUES, other=_VALUES)
def test_values__have_one_text_exactly_when_json_writes_them_alike(one: Any, other: Any) -> None:
    """For Python, 0 and false are equal; a program that reads a file can tell them apart."""
    alike = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    assert (canonical_values.canonical(one) == canonical_values.canonical(other)) == alike
    assert canonical_values.canonical(one) == canonical_values.canonical(
        json.loads(json.dumps(one))
    )


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (1, 1.0, False),
        (1, True, False),
        (True, True, True),
        (dvc.Plain("1e3"), "1e3", False),
        (dvc.Plain("1e3"), 1000.0, False),
        ([dvc.Plain("yes")], ["yes"], False),
        (1, "1", False),
        ((1, 2), [1, 2], True),
        ({1: 2}, {"1": 2}, False),
        ({"$date": "2020-01-01"}, dvc.Date("2020-01-01"), False),
        ("2020-01-01", dvc.Date("2020-01-01"), False),
        ({1, 2}, {2, 1}, True),
        ({1, 2}, [1, 2], False),
        (math.inf, "Infinity", False),
        (math.inf, -math.inf, False),
        (-0.0, 0, False),
        (None, "null", False),
        ({}, [], False),
    ],
)
def test_values__equal_or_different(one: object, other: object, *, same: bool) -> None:
    assert (canonical_values.canonical(one) == canonical_values.canonical(other)) is same


def test_leaves__with_dots_in_keys_share_no_name() -> None:
    content = {"a": {"b": 1}, "a.b": 2, '"a.b"': 3, 1: {2: 4}, "e": {}, "": 5}
    names = [name for name, _ in canonical_values.leaves(content, name="")]
    assert len(set(names)) == len(names) == 6


PYTHON = """\
import os
A = 1
B: float = 2.5
C = [1, 2]
D = {"x": 1, "y": "z"}
E = os.environ
F = (1, 2)
G = {1, 2}
H, I = 1, 2
J = K = 3
L: int
M = -1
N = {"x": os}
class Model:
    depth = 3
    def __init__(self):
        self.width = 4
        local = 5
        other.x = 6
    def other(self):
        self.no = 7
def main():
    no = 8
"""


def test_parameters__of_python_are_what_dvc_finds() -> None:
    assert parameters.read(PYTHON.encode(), path="p.py") == parse_py(PYTHON, "p.py")


def test_parameters__of_toml_are_what_dvc_finds() -> None:
    text = 'a = 1\n[b]\nc = [1.5, "x"]\nd = 2020-01-01\n[[e]]\nf = true\n'
    assert parameters.read(text.encode(), path="p.toml") == parse_toml(text, "p.toml")


def test_only__the_keys_that_are_named() -> None:
    content = {"a": [{"b": 1}, {"b": 2}], 3: {"c": 4, "d": 5}, "e": {"f": {"g": 6, "h": 7}}}
    assert parameters.only(content, ["3.c"]) == {3: {"c": 4}}
    assert parameters.only(content, ["a.1.b"]) == {"a": [{"b": 1}, {"b": 2}]}
    assert parameters.only(content, ["e.f.g", "e.f"]) == {"e": {"f": {"g": 6, "h": 7}}}
    assert parameters.only(content, ["e.f.g", "3.d"]) == {"e": {"f": {"g": 6}}, 3: {"d": 5}}
    for missing in ("a.2", "a.x", "b", "a.-1", "a.1.b.c", "3.c.x"):
        with pytest.raises(KeyError):
            parameters.only(content, [missing])


PATTERNS = [
    "*.log",
    "/x",
    "lib/",
    "lib/sub",
    "!keep.log",
    "**/tmp",
    "a/**/b",
    "[ab].py",
    "*",
    "# no",
]
PATHS = ["a.py", "x", "d/x", "lib/u.py", "lib/sub/v.log", "d/lib/w.py", "keep.log", "d/keep.log"]
PATHS += ["tmp/y", "d/tmp/z.py", "a/b", "a/q/r/b", "d/run.log"]


@settings(deadline=None)
@given(
    top=st.lists(st.sampled_from(PATTERNS), max_size=4),
    below=st.lists(st.sampled_from(PATTERNS), max_size=3),
)
def test_dvcignore__hides_what_dvc_hides(
    tmp_path_factory: pytest.TempPathFactory, top: list[str], below: list[str]
) -> None:
    root = tmp_path_factory.mktemp("ignore")
    for path in PATHS:
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.is_dir():
            place.write_text("x")
    texts = {".dvcignore": "\n".join(top), "d/.dvcignore": "\n".join(below)}
    for path, text in texts.items():
        Path(root, path).write_text(text)
    theirs = DvcIgnoreFilter(LocalFileSystem(url=str(root)), str(root))
    ours = ignore.Ignore({path: text.encode() for path, text in texts.items()})
    for path in PATHS:
        assert ours.hides(path) == theirs.is_ignored_file(str(root / path)), path
