"""The bytes of a version come back from every registry; by an alias of MLflow for anybody."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import mlflow
import pytest

from interlock import errors
from interlock.adapters.mlflow import client
from interlock.adapters.mlflow.registry import MlflowRegistry
from interlock.adapters.mlflow.runs import MlflowRuns
from interlock.adapters.store.registry import StoredRegistry
from interlock.adapters.store.runs import StoredRuns
from interlock.domain.promotion.promotion import Phase, Promotion, PromotionKind
from interlock.domain.promotion.registry_state import ModelVersion
from interlock.ports.registry import Registry
from interlock.services import artifacts
from tests.contract import stores
from tests.contract.test_runs import candidate
from tests.fakes.registry import FakeRegistry

LOADER = """\
class Model:
    def predict(self, data, params=None):
        return [len(self.word) + each for each in data]

def _load_pyfunc(path):
    model = Model()
    model.word = open(path).read()
    return model
"""

PROMOTION = Promotion(
    model="digits",
    kind=PromotionKind.PROMOTION,
    phase=Phase.INTENT,
    fingerprint="f1" * 32,
    revision="c1" * 20,
    position=1,
    run_id="",
    sha256="",
    registry_name="digits",
    environments=("production",),
    at="",
    artifact="model/model.txt",
)


@dataclass(frozen=True)
class Shelf:
    """A registry, and a way to put a model into a run of it: returns the run's id."""

    registry: Registry
    keep: Callable[[str, Path], str]
    uri: str = ""


@pytest.fixture(params=["memory", "mlflow", "files", "objects"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Shelf:
    if request.param == "mlflow":
        return request.getfixturevalue("server")  # type: ignore[no-any-return]
    if request.param in {"files", "objects"}:
        return _stored(stores.url(request.param, tmp_path))
    runs = tmp_path / "runs"

    def keep(artifact: str, source: Path) -> str:
        place = runs / "r1" / artifact
        place.parent.mkdir(parents=True)
        (shutil.copytree if source.is_dir() else shutil.copyfile)(source, place)
        return "r1"

    return Shelf(FakeRegistry(runs), keep)


def _stored(url: str) -> Shelf:
    def keep(artifact: str, source: Path) -> str:
        wanted = replace(candidate(), model=artifacts.measure(source, name=artifact))
        return StoredRuns(url).record_candidate(wanted, files={artifact: source}).run_id

    return Shelf(StoredRegistry(url), keep)


@pytest.fixture
def server(tmp_path: Path, migrated_mlflow: Path) -> Iterator[Shelf]:
    shutil.copy(migrated_mlflow, tmp_path / "mlflow.db")
    uri = f"sqlite:///{tmp_path}/mlflow.db"

    def keep(artifact: str, source: Path) -> str:
        measured = artifacts.measure(source, name=artifact)
        wanted = replace(candidate(), model=measured)
        return MlflowRuns(uri).record_candidate(wanted, files={artifact: source}).run_id

    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(uri)
    yield Shelf(MlflowRegistry(uri, deadline_seconds=10), keep, uri)
    mlflow.set_tracking_uri(None)
    mlflow.set_registry_uri(None)


@pytest.fixture(scope="session")
def migrated_mlflow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bytes")
    client.prepare(f"sqlite:///{folder}/mlflow.db")
    return folder / "mlflow.db"


def single_file(folder: Path) -> Path:
    path = folder / "out" / "model.txt"
    path.parent.mkdir()
    path.write_text("weights")
    return path


def folder_of_one(folder: Path) -> Path:
    """As deep as a single file, and yet a folder: its digest is another."""
    return single_file(folder).parent


def deep_folder(folder: Path) -> Path:
    path = folder_of_one(folder)
    (path / "deep").mkdir()
    (path / "deep" / "card.json").write_text("{}")
    return path


def register(shelf: Shelf, artifact: str, source: Path) -> ModelVersion:
    version = shelf.registry.register(
        replace(
            PROMOTION,
            run_id=shelf.keep(artifact, source),
            sha256=artifacts.measure(source, name="model").sha256,
            artifact=artifact,
        )
    )
    shelf.registry.set_alias("digits", "production", version=version.number)
    return version


KINDS = pytest.mark.parametrize(
    ("artifact", "make"),
    [("model/model.txt", single_file), ("model", folder_of_one), ("model", deep_folder)],
)


@KINDS
def test_fetch__gives_the_very_artifact(
    shelf: Shelf, tmp_path: Path, artifact: str, make: Callable[[Path], Path]
) -> None:
    source = make(tmp_path)
    version = register(shelf, artifact, source)
    fetched = shelf.registry.fetch(version, artifact, to=tmp_path / "to")
    assert artifacts.measure(fetched, name="model") == artifacts.measure(source, name="model")


def test_fetch__a_file_that_is_not_there(shelf: Shelf, tmp_path: Path) -> None:
    version = register(shelf, "model/model.txt", single_file(tmp_path))
    with pytest.raises(errors.CannotReachRegistry, match="has no artifact"):
        shelf.registry.fetch(version, "model/other.txt", to=tmp_path / "to")


# MLflow alone.


def test_mlflow__refuses_files_beside_a_single_file(server: Shelf, tmp_path: Path) -> None:
    """MLflow would load the model by an MLmodel that somebody put there after it was judged."""
    before = register(server, "model/model.txt", single_file(tmp_path))
    act = replace(PROMOTION, run_id=before.run_id, sha256=before.sha256)
    planted = tmp_path / "MLmodel"
    planted.write_text("flavors: {}")
    client.connect(server.uri).open().log_artifact(before.run_id, str(planted), "model")
    with pytest.raises(errors.CannotReachRegistry, match="has more than"):
        server.registry.fetch(before, "model/model.txt", to=tmp_path / "to")
    for name in ("digits", "letters"):  # one that is registered already, and a new one
        with pytest.raises(errors.Refused, match="MLmodel"):
            server.registry.register(replace(act, registry_name=name))
    assert server.registry.versions("letters") == ()


@KINDS
def test_mlflow__an_alias_downloads_the_model(
    server: Shelf, tmp_path: Path, artifact: str, make: Callable[[Path], Path]
) -> None:
    source = make(tmp_path)
    register(server, artifact, source)
    downloaded = Path(mlflow.artifacts.download_artifacts("models:/digits@production"))
    expected = {source.name} if source.is_file() else {p.name for p in source.iterdir()}
    assert {path.name for path in downloaded.iterdir()} == expected
    assert (downloaded / "model.txt").read_text() == "weights"


def test_mlflow__a_version_of_before_whose_source_is_a_file_is_still_fetched(
    server: Shelf, tmp_path: Path
) -> None:
    version = register(server, "model/model.txt", single_file(tmp_path))
    old = replace(version, source=f"{version.source}/model.txt")
    fetched = server.registry.fetch(old, "model/model.txt", to=tmp_path / "to")
    assert fetched.read_text() == "weights"


def test_mlflow__a_model_in_its_own_format_loads_by_its_alias(
    server: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # MLflow loads from a folder in place: Python would write its bytecode among the bytes.
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    code, word = tmp_path / "loading_of_words.py", tmp_path / "word.txt"
    code.write_text(LOADER)
    word.write_text("three")
    model = tmp_path / "model"
    mlflow.pyfunc.save_model(
        str(model),
        loader_module=code.stem,
        data_path=str(word),
        code_paths=[str(code)],
        pip_requirements=[],
    )
    judged = artifacts.measure(model, name="model")
    version = register(server, "model", model)

    value = mlflow.pyfunc.load_model("models:/digits@production")

    assert value.predict([1, 2]) == [6, 7]
    # MLflow leaves no file of its own in the run: the bytes are those that were judged.
    fetched = server.registry.fetch(version, "model", to=tmp_path / "to")
    assert artifacts.measure(fetched, name="model") == judged
