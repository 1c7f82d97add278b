"""The files of a run, and the list of them in an attestation."""

from __future__ import annotations

from typing import Any

import pytest

from interlock.domain.model import run_files

FILE = ["model/w", 1, "1" * 64]


@pytest.mark.parametrize("value", [None, "files", {"model/w": 1}])
def test_read__something_else_than_a_list(value: object) -> None:
    assert list(run_files.read(value)) == []


@pytest.mark.parametrize("row", ["text", [], [1, 1, "1"], ["a", True, "1"], ["a", 1.0, "1"]])
def test_read__leaves_out_a_malformed_row(row: Any) -> None:
    assert list(run_files.read([row, FILE])) == [tuple(FILE)]
