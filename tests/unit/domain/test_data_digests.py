"""Data that has the MD5 of other data."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from interlock.domain.model import data_digests
from interlock.domain.model.data_digests import DataContent
from interlock.domain.model.evidence import Artifact, Candidate, RunFacts
from interlock.domain.model.lineage import Input, InputKind, Lineage

FILE, FOLDER = f"md5:{'a' * 32}", f"md5:{'b' * 32}.dir"
INPUTS = (
    Input(InputKind.CODE, "rows.csv", f"md5:{'c' * 32}"),
    Input(InputKind.DATA, "rows.csv", FILE),
    Input(InputKind.DATA, "images", FOLDER),
    Input(InputKind.DATA, "dvcx://rows", "value:c"),
)
DATA = {"rows.csv": "1" * 64, "images/1.png": "2" * 64, "images.txt": "3" * 64}


def contents(data: dict[str, str]) -> dict[str, DataContent]:
    artifact = Artifact("model", "1" * 64, 1)
    lineage = Lineage("digits", INPUTS, ("train",))
    made = Candidate(
        "digits", "f" * 64, "a" * 40, "run", lineage, artifact, artifact, (), RunFacts(1.0)
    )
    return {each.digest: each for each in data_digests.of_candidate(replace(made, data=data))}


def test_of_candidate__has_a_row_for_each_input_that_was_fetched() -> None:
    rows = contents(DATA)
    assert rows.keys() == {FILE, FOLDER}
    assert rows[FILE] == DataContent("digits", FILE, "1" * 64)


@pytest.mark.parametrize("data", [{}, {"images.txt": "3" * 64}])
def test_of_candidate__without_files_of_an_input(data: dict[str, str]) -> None:
    assert contents(data) == {}


@pytest.mark.parametrize(
    ("changed", "digest"),
    [
        ({"rows.csv": "9" * 64}, FILE),
        ({"images/1.png": "9" * 64}, FOLDER),
        ({"images/2.png": "9" * 64}, FOLDER),
    ],
)
def test_check__refuses_another_content(changed: dict[str, Any], digest: str) -> None:
    earlier, now = contents(DATA).values(), contents(DATA | changed).values()
    refusal = data_digests.check(now, earlier)
    assert refusal is not None
    assert refusal.reason.startswith(f"the data with {digest} had the SHA-256 ")


def test_check__allows_equal_and_new_content() -> None:
    mine = contents(DATA).values()
    assert data_digests.check(mine, mine) is None
    assert data_digests.check(mine, ()) is None
    assert data_digests.check(mine, contents({"rows.csv": "1" * 64}).values()) is None
