"""Compares the record of a run with the request for it; tests/contract/test_runs.py has more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.model import run_claims
from interlock.domain.model.evidence import Artifact, Attempt, PlotFile
from tests.unit.domain.test_candidates import run

REQUESTED = {"model": "digits", "fingerprint": "f" * 64, "run_id": "a"}
ATTEMPT = Attempt("digits", "f" * 64, "a" * 40, "a", "it broke", "", 1.0)


def artifact(path: str = "x", sha256: str = "1" * 64, size_bytes: int = 1) -> Artifact:
    return Artifact(path, sha256, size_bytes)


@pytest.mark.parametrize(
    "record",
    [
        ATTEMPT,
        run("a"),
        replace(run("a"), revision="a" * 64),
        replace(run("a"), plots=(PlotFile("p", artifact()), PlotFile("q", problem="gone"))),
        replace(run("a"), files=(artifact("m/model"),), kept=(artifact("a b/ü.json"),)),
    ],
)
def test_check_record__allows_a_record_of_the_requested_run(record: Any) -> None:
    assert run_claims.check_record(record, **REQUESTED) is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "vital"}, "of model 'vital', and the request was for 'digits'"),
        ({"fingerprint": "e" * 64}, "of fingerprint 'eee"),
        ({"run_id": "b"}, "of run 'b', and the request was for 'a'"),
        ({"name": "v" * 10_000}, "…'"),
        ({"revision": "HEAD"}, "'HEAD' is not a valid commit"),
        ({"log_tail": "x" * 300_000}, "its log's tail has more than 262,144 characters"),
    ],
)
def test_check_record__refuses_candidates_and_attempts_alike(
    changes: dict[str, Any], message: str
) -> None:
    for record in (ATTEMPT, run("a")):
        reason = str(run_claims.check_record(replace(record, **changes), **REQUESTED))
        assert message in reason
        assert len(reason) < 300


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (artifact("../x"), "'../x' is not a path inside the run"),
        (artifact(sha256="1" * 63), "is not a SHA-256 digest"),
        (artifact(sha256="1" * 64 + "\n"), "is not a SHA-256 digest"),
        (artifact(size_bytes=-1), "-1 bytes of 'x' is not a valid file size"),
        (artifact(size_bytes=10**15 + 1), "is not a valid file size"),
    ],
)
@pytest.mark.parametrize("place", ["model", "predictions", "files", "kept", "plots"])
def test_check_record__checks_every_artifact_of_a_candidate(
    wrong: Artifact, message: str, place: str
) -> None:
    value: Any = {"plots": (PlotFile("p", wrong),), "files": (wrong,), "kept": (wrong,)}
    changes = {place: value.get(place, wrong)}
    assert message in str(run_claims.check_record(replace(run("a"), **changes), **REQUESTED))


@given(st.lists(st.sampled_from(["..", ".", "", "a", "a b", "...", "..a"])))
def test_leaves__no_path_that_a_folder_joins_leads_out_of_it(parts: list[str]) -> None:
    path = "/".join(parts)
    if run_claims.leaves(path):
        return
    depth = 0
    for part in path.split("/"):
        depth += {"..": -1, ".": 0, "": 0}.get(part, 1)
        assert depth >= 0
    assert depth > 0
    assert not path.startswith("/")
