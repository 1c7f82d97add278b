"""Data that has the MD5 of other data."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from interlock.domain.model import data_digests
from interlock.domain.model.evidence import Artifact, Candidate, RunFacts
from interlock.domain.model.lineage import Input, InputKind, Lineage

INPUTS = (
    Input(InputKind.CODE, "train.py", "git:1"),
    Input(InputKind.DATA, "rows.csv", "md5:a"),
    Input(InputKind.DATA, "images", "md5:b.dir"),
    Input(InputKind.DATA, "dvcx://rows", "value:c"),
)
DATA = {"rows.csv": "1" * 64, "images/1.png": "2" * 64, "images.txt": "3" * 64}


def candidate(run_id: str = "new", **changes: Any) -> Candidate:
    artifact = Artifact("model", "1" * 64, 1)
    lineage = Lineage("digits", changes.pop("inputs", INPUTS), ("train",))
    facts = RunFacts(1.0)
    made = Candidate(
        "digits", "f" * 64, "a" * 40, run_id, lineage, artifact, artifact, (), facts, data=DATA
    )
    return replace(made, **changes)


@pytest.mark.parametrize(
    "data",
    [
        DATA,
        {},  # an older record
        {**DATA, "images.txt": "9" * 64},  # not data of an input
        {"rows.csv": "1" * 64},  # nothing is known of the folder
    ],
)
def test_check__allows(data: dict[str, str]) -> None:
    assert data_digests.check(candidate(), [candidate("old", data=data)]) is None
    assert data_digests.check(candidate(data=data), [candidate("old")]) is None


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({**DATA, "rows.csv": "9" * 64}, "rows.csv"),
        ({**DATA, "images/1.png": "9" * 64}, "images"),
        ({**DATA, "images/2.png": "9" * 64}, "images"),
    ],
)
def test_check__refuses_another_content_with_the_same_md5(data: dict[str, str], path: str) -> None:
    earlier = [candidate("older"), candidate("old", data=data)]
    refusal = data_digests.check(candidate(), earlier)
    assert refusal is not None
    assert refusal.reason.startswith(
        f"{path} of run new has another content than {path} of run old"
    )


def test_check__compares_by_md5_and_not_by_path() -> None:
    moved = (Input(InputKind.DATA, "moved.csv", "md5:a"),)
    refusal = data_digests.check(
        candidate(inputs=moved, data={"moved.csv": "9" * 64}), [candidate("old")]
    )
    assert refusal is not None
    assert "moved.csv of run new has another content than rows.csv of run old" in refusal.reason
    other = (Input(InputKind.DATA, "rows.csv", "md5:z"),)
    assert (
        data_digests.check(candidate(inputs=other, data={"rows.csv": "9" * 64}), [candidate("old")])
        is None
    )
