"""A candidate's entries in DVC's lock file: as DVC itself would have written them."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from interlock.commands.report import lock_text
from interlock.domain.training import dvc_lock

ENTRY: dict[str, Any] = {
    "cmd": "python train.py",
    "deps": [
        {"path": "prepared", "hash": "md5", "md5": "a" * 32 + ".dir", "size": 9, "nfiles": 2},
        {"path": "train.py", "hash": "md5", "md5": "b" * 32, "size": 3220, "isexec": True},
    ],
    "params": {
        "params.yaml": {"kernel.gamma": 0.0008, "kernel.seed": 7, "name": "digits"},
        "other.yaml": {"a": [1, 2], "b": None},
    },
    "outs": [{"path": "model", "hash": "md5", "md5": "c" * 32 + ".dir", "size": 4, "nfiles": 1}],
}


def sorted_keys(value: Any) -> Any:
    """As the ledger keeps it."""
    if isinstance(value, dict):
        return {key: sorted_keys(value[key]) for key in sorted(value)}
    return [sorted_keys(item) for item in value] if isinstance(value, list) else value


def test_order__of_an_entry_from_the_ledger_is_that_of_dvc() -> None:
    ordered = dvc_lock.order(sorted_keys(ENTRY))
    assert ordered == ENTRY
    assert list(ordered) == ["cmd", "deps", "params", "outs"]
    assert list(ordered["deps"][0]) == ["path", "hash", "md5", "size", "nfiles"]
    assert list(ordered["params"]) == ["params.yaml", "other.yaml"]


def test_dump__is_byte_for_byte_what_dvc_writes() -> None:
    serialize = pytest.importorskip("dvc.utils.serialize")
    document = dvc_lock.merge(None, {"prepare": {"cmd": "x" * 30}, "train": ENTRY})
    assert lock_text.dump(document).decode() == serialize.dumps_yaml(document)


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]))
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | WORDS
TRICKY = st.sampled_from(
    ["1e3", "on", "NO", "y", "12:30", "0o7", "017", "1_000", "0x1F", "2030-01-01", "=", "<<", "~"]
)


@settings(deadline=None)
@given(st.dictionaries(WORDS | TRICKY, SCALARS | TRICKY))
def test_dump__is_read_back_by_dvc_and_by_us_as_it_was(params: dict[str, Any]) -> None:
    serialize = pytest.importorskip("dvc.utils.serialize")
    document = {"schema": "2.0", "stages": {"train": {"params": {"params.yaml": params}}}}
    text = lock_text.dump(document)
    assert serialize.loads_yaml(text.decode()) == document
    assert lock_text.parse(text, path="dvc.lock") == document


@pytest.mark.parametrize("key", ["on", "1e3", "12:30", "2030-01-01"])
def test_parse__of_what_dvc_wrote_changes_nothing_of_another_stage(key: str) -> None:
    serialize = pytest.importorskip("dvc.utils.serialize")
    text = f"schema: '2.0'\nstages:\n  other:\n    params:\n      p.yaml:\n        {key}: {key}\n"
    document = lock_text.parse(text.encode(), path="dvc.lock")
    again = lock_text.dump(dvc_lock.merge(document, {})).decode()
    assert serialize.loads_yaml(again) == serialize.loads_yaml(text)


def test_merge__replaces_in_place_and_appends_what_is_new() -> None:
    current = {"schema": "2.0", "stages": {"train": {"cmd": "old"}, "other": {"cmd": "kept"}}}
    merged = dvc_lock.merge(current, {"prepare": {"cmd": "new"}, "train": ENTRY})
    assert list(merged["stages"]) == ["train", "other", "prepare"]
    assert merged["stages"]["train"] == ENTRY
    assert merged["stages"]["other"] == {"cmd": "kept"}


def test_merge__keeps_what_else_the_file_holds() -> None:
    current = {"schema": "2.0", "datasets": [{"name": "d"}], "stages": None}
    merged = dvc_lock.merge(current, {"train": ENTRY})
    assert merged["datasets"] == [{"name": "d"}]


@given(st.dictionaries(st.sampled_from("abcd"), st.dictionaries(st.text(), st.integers())))
def test_needs__is_false_once_merged(entries: dict[str, dict[str, int]]) -> None:
    merged = dvc_lock.merge({"schema": "2.0", "stages": {"z": {}}}, entries)
    assert not dvc_lock.needs(merged, entries)
    assert dvc_lock.needs(None, {"train": ENTRY})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("schema: '2.0'\nstages: {}\n", True),
        ("schema: '2.0'\n", True),
        ("schema: '3.0'\nstages: {}\n", False),
        ("schema: '2.0'\nstages: []\n", False),
        ("[]\n", False),
        ("", False),
    ],
)
def test_is_lock__knows_the_version_that_we_write(text: str, expected: bool) -> None:
    assert dvc_lock.is_lock(yaml.safe_load(text)) is expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("dvc.lock", True),
        ("a/b/dvc.lock", True),
        ("../dvc.lock", False),
        ("/dvc.lock", False),
        ("a//dvc.lock", False),
        ("./dvc.lock", False),
        (".git/dvc.lock", False),
        ("a/dvc.lock/b", False),
        ("dvc.yaml", False),
        ("", False),
    ],
)
def test_is_lock_path__is_a_dvc_lock_inside(path: str, expected: bool) -> None:
    assert dvc_lock.is_lock_path(path) is expected
