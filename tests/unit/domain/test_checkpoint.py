"""The newest whole checkpoint of this very training, and why another one is passed over."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.model import checkpoint
from interlock.domain.model.checkpoint import CheckpointMark

FINGERPRINT = "f" * 64
SHA256 = "a" * 64
MARK = CheckpointMark("step-7.state", FINGERPRINT, 7, SHA256)


@given(st.permutations([1, 5, 10, 200]))
def test_newest_first__goes_by_the_step_and_not_by_the_name(steps: list[int]) -> None:
    marks = [CheckpointMark(f"step-{step}", FINGERPRINT, step, SHA256) for step in steps]
    assert [mark.step for mark in checkpoint.newest_first(marks)] == [200, 10, 5, 1]


@pytest.mark.parametrize(
    ("fingerprint", "sha256", "reason"),
    [
        (FINGERPRINT, SHA256, ""),
        ("e" * 64, SHA256, "of another training"),
        (FINGERPRINT, "b" * 64, "not those that were written"),
        (FINGERPRINT, None, "not there"),
    ],
)
def test_check__refuses_a_checkpoint_that_is_not_whole_or_of_another_training(
    fingerprint: str, sha256: str | None, reason: str
) -> None:
    refusal = checkpoint.check(MARK, fingerprint=fingerprint, sha256=sha256)
    assert bool(refusal) == bool(reason)
    assert refusal is None or reason in refusal.reason


@pytest.mark.parametrize("name", ["", ".", "..", "../a", "a/b", "/etc/passwd", "a\\b", "a\0"])
def test_name__of_another_folder_is_none(name: str) -> None:
    assert not checkpoint.is_name(name)


def test_name__of_a_file_beside_it() -> None:
    assert checkpoint.is_name("step-7.state")
