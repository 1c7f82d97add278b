"""A runner's folder of checkpoints: what is taken, what is not used, who may write."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from interlock.adapters.checkpoints import FolderCheckpoints
from interlock.domain.model.checkpoint import Saved
from interlock.ports.checkpoints import CheckpointFolder, Checkpoints

FINGERPRINT = "f" * 64


@pytest.fixture
def checkpoints(tmp_path: Path) -> Checkpoints:
    return FolderCheckpoints(tmp_path / "kept")


def store(
    kept: CheckpointFolder | None, step: int, *, fingerprint: str = FINGERPRINT, file: str = ""
) -> Path:
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


def open_(checkpoints: Checkpoints, fingerprint: str = FINGERPRINT) -> CheckpointFolder:
    """What is found by the next attempt."""
    with checkpoints.open(model="digits", fingerprint=fingerprint) as kept:
        assert kept is not None
        return kept


def test_open__gives_a_folder_that_stays_and_counts_attempts(checkpoints: Checkpoints) -> None:
    first = open_(checkpoints)
    assert first == CheckpointFolder(first.folder, attempts=1)
    assert first.folder.is_absolute()
    store(first, 8)
    store(first, 40)
    store(first, 9)
    again = open_(checkpoints)
    assert again == CheckpointFolder(first.folder, attempts=2, step=40)
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
    text = "\n".join(again.passed_over)
    for words in ("40.state is not used: it is of another", "30.state is not used: its file"):
        assert words in text
    assert "20.state is not used: its bytes are not those that were written" in text
    assert "step-50 is not used: step-50.json is not JSON" in text
    assert "secret" not in text


def test_open__one_that_is_whole_says_nothing_of_older_ones(checkpoints: Checkpoints) -> None:
    kept = open_(checkpoints)
    store(kept, 10).write_bytes(b"damaged")
    store(kept, 20)
    assert open_(checkpoints) == CheckpointFolder(kept.folder, attempts=2, step=20)


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


def test_discard__leaves_nothing_and_the_next_starts_again(checkpoints: Checkpoints) -> None:
    with checkpoints.open(model="digits", fingerprint=FINGERPRINT) as kept:
        assert kept is not None
        store(kept, 8)
        checkpoints.discard(kept)
        assert not kept.folder.exists()
    assert list(kept.folder.parent.iterdir()) == []
    assert open_(checkpoints) == CheckpointFolder(kept.folder, attempts=1)


def test_attempts__a_count_that_was_cut_off_starts_again(checkpoints: Checkpoints) -> None:
    kept = open_(checkpoints)
    (kept.folder / "attempts").write_text("")
    assert open_(checkpoints).attempts == 1


# --- where other jobs may have written ----------------------------------------------------------


def marks(kept: CheckpointFolder) -> dict[str, str]:
    """The SHA-256 of each mark, by the name of what it marks."""
    paths = sorted(kept.folder.glob("*.json"))
    return {path.stem: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def test_saved__is_what_the_program_marked_with_the_digest_of_each_mark(
    checkpoints: Checkpoints,
) -> None:
    with checkpoints.open(model="digits", fingerprint=FINGERPRINT) as kept:
        assert kept is not None
        content = store(kept, 40).read_bytes()
        store(kept, 8)
        store(kept, 60, fingerprint="e" * 64)
        newest, older = checkpoints.saved(kept, fingerprint=FINGERPRINT)
        digests = marks(kept)
    assert newest == Saved(40, hashlib.sha256(content).hexdigest(), digests["step-40"])
    assert (older.step, older.mark) == (8, digests["step-8"])


def test_open__a_job_finds_what_accepted_attempts_name_and_nothing_else(
    checkpoints: Checkpoints, tmp_path: Path
) -> None:
    """A program may read whatever lies there, marked or not."""
    kept = open_(checkpoints)
    store(kept, 10)
    accepted = set(marks(kept).values())
    store(kept, 20)
    (kept.folder / "latest.pt").write_bytes(b"planted")
    (kept.folder / "deep").mkdir()
    (kept.folder / "deep" / "9.state").write_bytes(b"planted")
    (tmp_path / "outside").write_text("theirs")
    (kept.folder / "link").symlink_to(tmp_path / "outside")
    with checkpoints.open(model="digits", fingerprint=FINGERPRINT, accepted=accepted) as again:
        assert again is not None
        names = {path.name for path in again.folder.iterdir()}
        assert names == {"attempts", "step-10.json", "step-10.state"}
        assert again.step == 10
        assert "checkpoint step-20.state is removed: no attempt" in "; ".join(again.passed_over)
    assert (tmp_path / "outside").read_text() == "theirs"


@pytest.mark.parametrize("harm", ["mark", "state", "link"])
def test_open__a_checkpoint_that_was_changed_is_not_the_one_that_is_named(
    checkpoints: Checkpoints, harm: str, tmp_path: Path
) -> None:
    kept = open_(checkpoints)
    state = store(kept, 10)
    accepted = set(marks(kept).values())
    if harm == "mark":  # the same bytes of another step
        text = state.with_suffix(".json").read_text()
        state.with_suffix(".json").write_text(text.replace('"step": 10', '"step": 99'))
    elif harm == "state":
        state.write_bytes(b"planted")
    else:
        state.rename(tmp_path / "elsewhere")
        state.symlink_to(tmp_path / "elsewhere")
    with checkpoints.open(model="digits", fingerprint=FINGERPRINT, accepted=accepted) as again:
        assert again is not None
        assert again.step is None
        assert again.passed_over


@pytest.mark.parametrize("of", ["model", "fingerprint"])
def test_open__a_link_in_the_folders_place_leads_nowhere(
    checkpoints: Checkpoints, tmp_path: Path, of: str
) -> None:
    kept = open_(checkpoints)
    (tmp_path / "theirs" / FINGERPRINT).mkdir(parents=True)
    target = tmp_path / "theirs" if of == "model" else tmp_path / "theirs" / FINGERPRINT
    (tmp_path / "theirs" / FINGERPRINT / "data").write_text("theirs")
    place = kept.folder.parent if of == "model" else kept.folder
    place.rename(tmp_path / "before")
    place.symlink_to(target)
    with checkpoints.open(model="digits", fingerprint=FINGERPRINT, accepted=()) as again:
        assert again is not None
        assert not again.folder.is_symlink()
        assert {path.name for path in again.folder.iterdir()} == {"attempts"}
    assert (tmp_path / "theirs" / FINGERPRINT / "data").read_text() == "theirs"
