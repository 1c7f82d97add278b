"""What is fetched of a run is what was recorded, and lies in the run."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from interlock import errors
from interlock.domain.model.evidence import Artifact
from interlock.services import artifacts

TEXT = "id,target,prediction\n"


@dataclass
class Store:
    """A run store that returns each requested file, links as links. Only `fetch` is used."""

    root: Path
    requested: list[str] = field(default_factory=list)

    def fetch(self, run_id: str, artifact: str, *, to: Path) -> Path:
        self.requested.append(artifact)
        source, goal = self.root / artifact, to / Path(artifact).name
        if source.is_dir() and not source.is_symlink():
            shutil.copytree(source, goal, symlinks=True)
        else:
            to.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, goal, follow_symlinks=False)
        return goal


@pytest.fixture
def store(tmp_path: Path) -> Store:
    folder = tmp_path / "store/model"
    folder.mkdir(parents=True)
    (folder / "weights").write_text(TEXT)
    (tmp_path / "secret").write_text(TEXT)
    return Store(tmp_path / "store")


def fetch(store: Store, artifact: Artifact, to: Path) -> Path | None:
    return artifacts.fetch(store, "run1", artifact, to=to / "fetched")  # type: ignore[arg-type]


@pytest.mark.parametrize("path", ["model", "model/weights"])
def test_fetch__returns_the_path_of_the_recorded_artifact(
    store: Store, tmp_path: Path, path: str
) -> None:
    recorded = artifacts.measure(store.root / path, name=path)
    assert fetch(store, recorded, tmp_path) == tmp_path / "fetched" / Path(path).name


def test_fetch__of_a_changed_artifact_is_none(store: Store, tmp_path: Path) -> None:
    recorded = artifacts.measure(store.root / "model", name="model")
    (store.root / "model/more").write_text("")
    assert fetch(store, recorded, tmp_path) is None


@pytest.mark.parametrize(
    "path",
    [
        "..",
        "../secret",
        "/etc/passwd",
        "model/../../secret",
        "",
        ".",
        "model//weights",
        "a\\b",
        "a\0",
    ],
)
def test_fetch__of_a_path_outside_the_run_makes_no_request(
    store: Store, tmp_path: Path, path: str
) -> None:
    same = artifacts.measure(tmp_path / "secret", name=path)
    with pytest.raises(errors.CannotReadDocument, match="is not a valid artifact path of run run1"):
        fetch(store, same, tmp_path)
    assert store.requested == []


@pytest.mark.parametrize("path", ["model", "model/weights", "model/inside/deep"])
def test_fetch__of_a_link_is_refused_for_every_target(
    store: Store, tmp_path: Path, path: str
) -> None:
    place = store.root / path
    if place.is_dir():
        shutil.rmtree(place)
    place.parent.mkdir(exist_ok=True)
    place.unlink(missing_ok=True)
    place.symlink_to(tmp_path / "secret")
    name = path if path != "model/inside/deep" else "model"
    recorded = artifacts.measure(store.root / name, name=name)
    with pytest.raises(errors.CannotReadDocument, match="contains a link"):
        fetch(store, recorded, tmp_path)
