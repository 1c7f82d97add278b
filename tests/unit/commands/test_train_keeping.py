"""What a training leaves for Git is found as it lies there: files, and no links."""

from __future__ import annotations

from pathlib import Path

from interlock.commands.train import kept_files
from interlock.domain.model.git_outputs import LARGEST_BYTES, MOST_FILES, GitOutput


def test_find__files_of_declared_outputs_and_no_links(tmp_path: Path) -> None:
    (tmp_path / "m" / "live" / "deep").mkdir(parents=True)
    for name in ("metrics.json", "live/a.csv", "live/deep/b.csv", "undeclared.json", "secret"):
        (tmp_path / "m" / name).write_text(name)
    (tmp_path / "m" / "live" / "link.csv").symlink_to(tmp_path / "m" / "secret")
    (tmp_path / "m" / "linked.json").symlink_to("secret")
    (tmp_path / "m" / "folder").symlink_to("live")
    names = ("metrics.json", "live", "live/a.csv", "linked.json", "folder", "absent")
    outputs = [GitOutput(f"m/{name}", is_measure=False) for name in names]

    artifacts = kept_files.find(tmp_path, outputs)

    assert [each.path for each in artifacts] == [
        "m/live/a.csv",
        "m/live/deep/b.csv",
        "m/metrics.json",
    ]
    assert set(kept_files.artifacts_of(artifacts, tmp_path)) == {
        f"kept/{each.path}" for each in artifacts
    }


def test_find__large_files_are_named_and_not_kept(tmp_path: Path) -> None:
    (tmp_path / "large.json").write_bytes(b"x" * (LARGEST_BYTES + 1))
    (artifact,) = kept_files.find(tmp_path, [GitOutput("large.json", is_measure=True)])
    assert artifact.size_bytes == LARGEST_BYTES + 1
    assert kept_files.artifacts_of((artifact,), tmp_path) == {}


def test_find__no_more_files_than_a_commit_should_have(tmp_path: Path) -> None:
    for number in range(MOST_FILES + 5):
        (tmp_path / f"{number}.csv").write_text("a")
    artifacts = kept_files.find(
        tmp_path, [GitOutput(f"{n}.csv", is_measure=True) for n in range(205)]
    )
    assert len(artifacts) == MOST_FILES
