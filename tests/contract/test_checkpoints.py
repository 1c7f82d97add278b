"""A runner's folder of checkpoints: what is taken, what is passed over, who may write."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from interlock.adapters.checkpoints import FolderCheckpoints
from interlock.ports.checkpoints import Checkpoints, Kept

FINGERPRINT = "f" * 64


@pytest.fixture
def checkpoints(tmp_path: Path) -> Checkpoints:
    return FolderCheckpoints(tmp_path / "kept")


def store(kept: Kept | None, step: int, *, fingerprint: str = FINGERPRINT, file: str = "") -> Path:
    """As a program does it."""
    assert kept is not None
    content = f"state of step {step}".encode()
    path = kept.folder / f"step-{step}.state"
    path.write_bytes(content)
    mark = {
        "schema": "interlock/checkpoint/v1",
        "file": file or path.name,
        "fingerprint": fingerprint,
        "step": step,
        "sha256": hashlib.sha256(content).hexdigest(),
        "of": 100,
    }
    path.with_suffix(".json").write_text(json.dumps(mark))
    return path


def open_(checkpoints: Checkpoints, fingerprint: str = FINGERPRINT) -> Kept:
    """What is found by the next attempt."""
    with checkpoints.open(model="digits", fingerprint=fingerprint) as kept:
        assert kept is not None
        return kept


def test_open__gives_a_folder_that_stays_and_counts_attempts(checkpoints: Checkpoints) -> None:
    first = open_(checkpoints)
    assert first == Kept(first.folder, attempts=1)
    assert first.folder.is_absolute()
    store(first, 8)
    store(first, 40)
    store(first, 9)
    again = open_(checkpoints)
    assert again == Kept(first.folder, attempts=2, step=40)
    assert open_(checkpoints, "e" * 64).folder != first.folder


def test_open__passes_over_what_is_not_whole(checkpoints: Checkpoints) -> None:
    kept = open_(checkpoints)
    store(kept, 10)
    store(kept, 20).write_bytes(b"damaged")
    store(kept, 30).unlink()
    store(kept, 40, fingerprint="e" * 64)
    store(kept, 50).with_suffix(".json").write_text('{"schema": "interlock/checkp')
    store(kept, 60, file="../../secret")
    (kept.folder / "program.json").write_text('{"schema": "acme/loss/v1"}')
    again = open_(checkpoints)
    assert again.step == 10
    said = "\n".join(again.passed_over)
    for words in ("40.state is passed over: it is of another", "30.state is passed over: its file"):
        assert words in said
    assert "20.state is passed over: its bytes are not those that were written" in said
    assert "step-50 is passed over: step-50.json is not JSON" in said
    assert "secret" not in said


def test_open__one_that_is_whole_says_nothing_of_older_ones(checkpoints: Checkpoints) -> None:
    kept = open_(checkpoints)
    store(kept, 10).write_bytes(b"damaged")
    store(kept, 20)
    assert open_(checkpoints) == Kept(kept.folder, attempts=2, step=20)


def test_open__to_one_process_at_a_time(checkpoints: Checkpoints) -> None:
    with (
        checkpoints.open(model="digits", fingerprint=FINGERPRINT) as first,
        checkpoints.open(model="digits", fingerprint=FINGERPRINT) as second,
        checkpoints.open(model="digits", fingerprint="e" * 64) as another,
    ):
        assert first is not None
        assert second is None
        assert another is not None
    assert open_(checkpoints).attempts == 2


def test_discard__leaves_nothing_and_the_next_begins_anew(checkpoints: Checkpoints) -> None:
    with checkpoints.open(model="digits", fingerprint=FINGERPRINT) as kept:
        assert kept is not None
        store(kept, 8)
        checkpoints.discard(kept)
        assert not kept.folder.exists()
    assert list(kept.folder.parent.iterdir()) == []
    assert open_(checkpoints) == Kept(kept.folder, attempts=1)


def test_attempts__a_count_that_was_cut_off_begins_anew(checkpoints: Checkpoints) -> None:
    kept = open_(checkpoints)
    (kept.folder / "attempts").write_text("")
    assert open_(checkpoints).attempts == 1
