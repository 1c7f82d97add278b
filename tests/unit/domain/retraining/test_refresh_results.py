"""What of a refresh the run that writes may take up: the data that a pointer names, no more."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.basics.refusal import Refusal
from interlock.domain.retraining import refresh_results
from interlock.domain.retraining.refresh_results import DvcPointer, RefreshResult, RefreshResults

OLD: dict[str, Any] = {
    "deps": [
        {"path": "data.csv", "repo": {"url": "https://acme.test/d.git", "rev_lock": "a" * 40}}
    ],
    "wdir": ".",
    "outs": [{"md5": "0" * 32, "size": 3, "hash": "md5", "path": "data.csv"}],
    "meta": {"rows": 3},
}


def changed(*place: str | int, value: Any) -> dict[str, Any]:
    """The pointer with one value put there; None takes it away."""
    new = copy.deepcopy(OLD)
    value_at: Any = new
    for key in place[:-1]:
        value_at = value_at[key]
    if value is None:
        del value_at[place[-1]]
    else:
        value_at[place[-1]] = value
    return new


@pytest.mark.parametrize(
    "new",
    [
        OLD,
        changed("outs", 0, "md5", value="1" * 32 + ".dir"),
        changed("outs", 0, "size", value=4),
        changed("outs", 0, "nfiles", value=2),
        changed("outs", 0, "hash", value=None),
        changed("outs", 0, "etag", value='W/"abc="'),
        changed("deps", 0, "repo", "rev_lock", value="b" * 40),
        changed("meta", "rows", value=4),
        changed("meta", value=None),
        changed("outs", 0, "files", value=[{"relpath": "a/b.png", "md5": "1" * 32, "size": 1}]),
        changed("outs", 0, "files", value=[{"relpath": "a", "cloud": {"s3": {"etag": "e"}}}]),
        changed("outs", 0, "cloud", value={"s3": {"etag": "e", "version_id": "v.1"}}),
    ],
)
def test_difference__in_what_data_is_named_is_none(new: dict[str, Any]) -> None:
    assert refresh_results.find_other_change(OLD, new) is None


@pytest.mark.parametrize(
    ("new", "place"),
    [
        (changed("outs", 0, "path", value="../.git/config"), "outs.0.path"),
        (changed("outs", 0, "remote", value="mallory"), "outs.0.remote"),
        (changed("outs", value=[*OLD["outs"], *OLD["outs"]]), "outs"),
        (changed("outs", value=[]), "outs"),
        (changed("deps", 0, "repo", "url", value="https://mallory.test/"), "deps.0.repo.url"),
        (changed("deps", value=None), "deps"),
        (changed("deps", 0, "repo", value=None), "deps.0.repo.url"),
        (changed("plots", value={"x": "step"}), "plots.x"),
        (changed("wdir", value="/"), "wdir"),
        (changed("cmd", value="curl mallory.test"), "cmd"),
        (changed("meta", value="rows"), "meta"),
        (changed("outs", 0, "md5", value=["1" * 32]), "outs.0.md5"),
        (changed("outs", 0, "md5", value="1 2"), "outs.0.md5"),
        (changed("outs", 0, "md5", value=True), "outs.0.md5"),
        (changed("outs", 0, "size", value=-1), "outs.0.size"),
        (changed("outs", 0, "size", value=1 << 63), "outs.0.size"),
        (changed("outs", 0, "files", value=[{"relpath": "../x", "md5": "1"}]), "outs.0.files"),
        (changed("outs", 0, "files", value=[{"relpath": "/x", "md5": "1"}]), "outs.0.files"),
        (changed("outs", 0, "files", value=[{"relpath": 1}]), "outs.0.files"),
        (changed("outs", 0, "files", value=["x"]), "outs.0.files"),
        (changed("outs", 0, "cloud", value={"s3": {"url": "s3://mallory"}}), "outs.0.cloud"),
        (changed("outs", 0, "cloud", value="s3"), "outs.0.cloud"),
        ([], "the whole file"),
    ],
)
def test_other_change__names_its_place(new: Any, place: str) -> None:
    assert refresh_results.find_other_change(OLD, new) == place


KEYS = st.sampled_from(["path", "wdir", "cmd", "remote", "url", "repo", "outs", "deps", "desc"])


@given(KEYS, st.sampled_from([(), ("outs", 0), ("deps", 0), ("deps", 0, "repo")]), st.text())
def test_other_change__of_a_path_or_a_source_is_always_refused(
    key: str, place: tuple[str | int, ...], value: str
) -> None:
    is_same = _at(place).get(key) == value
    change = refresh_results.find_other_change(OLD, changed(*place, key, value=value))
    assert change == (None if is_same else ".".join(map(str, (*place, key))))


def _at(place: tuple[str | int, ...]) -> dict[str, Any]:
    value: Any = OLD
    for key in place:
        value = value[key]
    return dict(value)


def refresh(*paths: str) -> RefreshResult:
    return RefreshResult(
        "digits", pointers=tuple(DvcPointer(path, "outs: []", "0" * 64) for path in paths)
    )


def test_check_paths__refuses_undeclared_and_repeated_files() -> None:
    declared = ("a.dvc", "b.dvc")
    assert refresh_results.check_paths(refresh(), declared=declared) is None
    assert refresh_results.check_paths(refresh("b.dvc", "a.dvc"), declared=declared) is None
    refusal = refresh_results.check_paths(
        refresh("a.dvc", ".github/workflows/x.yml"), declared=declared
    )
    assert "'.github/workflows/x.yml'" in str(refusal)
    repeated = refresh_results.check_paths(refresh("a.dvc", "a.dvc"), declared=declared)
    assert repeated == Refusal("one file is listed twice")


def test_find__a_model() -> None:
    result = refresh("a.dvc")
    assert RefreshResults((result,)).find("digits") is result
    assert RefreshResults((result,)).find("wine") is None


def test_cut__leaves_room() -> None:
    assert refresh_results.cut("short") == "short"
    assert len(refresh_results.cut("x" * 5_000)) == 1_000
