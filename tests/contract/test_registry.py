"""What every registry keeps, in memory or in MLflow: one version of the same bytes, found again."""

from __future__ import annotations

import contextlib
import dataclasses
import http.server
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from mlflow.exceptions import MlflowException

from interlock import errors
from interlock.adapters.mlflow import client
from interlock.adapters.mlflow.registry import MlflowRegistry
from interlock.adapters.store.registry import StoredRegistry
from interlock.domain.promotion import registry_state
from interlock.domain.promotion.promotion import Phase, Promotion, PromotionKind
from interlock.ports.registry import Registry
from tests.contract import stores
from tests.fakes.registry import FakeRegistry

Make = Callable[[Path], Registry]


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file that MLflow has migrated (2-4 s), with one run to register models of."""
    folder = tmp_path_factory.mktemp("mlflow")
    uri = f"sqlite:///{folder}/mlflow.db"
    client.prepare(uri)
    with client.connect(uri).reaching("make a run") as mlflow:
        experiment = mlflow.create_experiment("interlock/digits", "file:///nowhere/artifacts")
        run = mlflow.create_run(experiment)
    (folder / "run_id").write_text(run.info.run_id)
    return folder


@pytest.fixture(params=["memory", "mlflow", "files", "objects"])
def registry(request: pytest.FixtureRequest, tmp_path: Path) -> Registry:
    if request.param == "memory":
        return FakeRegistry()
    if request.param in {"files", "objects"}:
        return StoredRegistry(stores.url(request.param, tmp_path))
    template: Path = request.getfixturevalue("migrated")
    shutil.copy(template / "mlflow.db", tmp_path)
    shutil.copy(template / "run_id", tmp_path)
    return MlflowRegistry(f"sqlite:///{tmp_path}/mlflow.db", deadline_seconds=10)


@pytest.fixture
def promotion(registry: Registry, tmp_path: Path) -> Promotion:
    run_id = tmp_path / "run_id"
    return Promotion(
        model="digits",
        kind=PromotionKind.PROMOTION,
        phase=Phase.INTENT,
        fingerprint="f1" * 32,
        revision="c1" * 20,
        position=1,
        run_id=run_id.read_text() if run_id.exists() else "r1",
        sha256="a1" * 32,
        registry_name="digits",
        environments=("staging", "production"),
        at="2030-01-01T00:00:00+00:00",
    )


def test_registry__knows_nothing_at_first(registry: Registry, promotion: Promotion) -> None:
    assert registry.find_version(promotion) is None
    assert registry.versions("digits") == ()
    assert registry.find_alias("digits", "production") is None


def test_register__is_found_by_digest_and_fingerprint(
    registry: Registry, promotion: Promotion
) -> None:
    version = registry.register(promotion)
    assert (version.name, version.number) == ("digits", 1)
    assert (version.sha256, version.fingerprint) == (promotion.sha256, promotion.fingerprint)
    assert version.run_id == promotion.run_id
    model_version = registry.find_version(promotion)
    assert model_version == version
    assert registry.versions("digits") == (version,)


def test_register__again_is_the_same_version(registry: Registry, promotion: Promotion) -> None:
    first = registry.register(promotion)
    later = dataclasses.replace(promotion, position=9, revision="c2" * 20)
    assert registry.register(later) == first
    assert len(registry.versions("digits")) == 1


@pytest.mark.parametrize("change", [{"sha256": "a2" * 32}, {"fingerprint": "f2" * 32}])
def test_register__another_artifact_or_fingerprint_is_another_version(
    registry: Registry, promotion: Promotion, change: dict[str, Any]
) -> None:
    registry.register(promotion)
    other = registry.register(dataclasses.replace(promotion, **change))
    assert other.number == 2
    assert [v.number for v in registry.versions("digits")] == [1, 2]


def test_register__models_do_not_mix(registry: Registry, promotion: Promotion) -> None:
    registry.register(promotion)
    other = registry.register(dataclasses.replace(promotion, registry_name="letters"))
    assert (other.name, other.number) == ("letters", 1)
    assert len(registry.versions("digits")) == 1


def test_alias__is_read_as_it_was_set(registry: Registry, promotion: Promotion) -> None:
    first = registry.register(promotion)
    second = registry.register(dataclasses.replace(promotion, sha256="a2" * 32))
    registry.set_alias("digits", "production", version=second.number)
    registry.set_alias("digits", "staging", version=second.number)
    registry.set_alias("digits", "production", version=first.number)
    assert registry.find_alias("digits", "production") == 1
    assert registry.find_alias("digits", "staging") == 2
    assert registry.find_alias("digits", "canary") is None


def test_read__names_that_exist_with_all_that_hangs_on_them(
    registry: Registry, promotion: Promotion
) -> None:
    first = registry.register(promotion)
    registry.register(dataclasses.replace(promotion, sha256="a2" * 32))
    registry.register(dataclasses.replace(promotion, registry_name="letters"))
    registry.set_alias("digits", "production", version=first.number)
    registry.set_tag("digits", "interlock.archived", "c9" * 20, version=None)
    (registered_model,) = registry.read({"digits", "unknown"})
    assert (registered_model.name, registered_model.aliases) == ("digits", {"production": 1})
    assert registered_model.tags == {"interlock.archived": "c9" * 20}
    assert registered_model.versions == registry.versions("digits")
    assert [v.number for v in registered_model.versions] == [1, 2]
    assert registered_model.versions[0].tags == registry_state.tags(promotion)


def test_read__only_the_versions_of_some_runs(registry: Registry, promotion: Promotion) -> None:
    registry.register(promotion)
    registry.set_alias("digits", "production", version=1)
    (listed,) = registry.read({"digits"}, run_ids={promotion.run_id, "unknown"})
    assert (listed.versions, listed.aliases) == (registry.versions("digits"), {"production": 1})
    (other,) = registry.read({"digits"}, run_ids={"unknown"})
    assert (other.versions, other.aliases) == ((), {"production": 1})
    (none,) = registry.read({"digits"}, run_ids=())
    assert (none.versions, none.aliases) == ((), {"production": 1})


@pytest.mark.parametrize("count", [1, 40])
def test_read__the_calls_of_mlflow_do_not_grow_with_the_names(
    migrated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    shutil.copy(migrated / "mlflow.db", tmp_path)
    connection = client.connect(f"sqlite:///{tmp_path}/mlflow.db", deadline_seconds=10)
    calls: list[str] = []
    with connection.reaching("count calls") as mlflow:
        for number in range(count):
            mlflow.create_registered_model(f"model-{number}")
            mlflow.create_model_version(f"model-{number}", "file:///nowhere", f"{number:032}")
        for name in ("search_registered_models", "search_model_versions", "search_runs"):
            monkeypatch.setattr(mlflow, name, _counted(getattr(mlflow, name), name, calls))
    registry = MlflowRegistry(f"sqlite:///{tmp_path}/mlflow.db", deadline_seconds=10)
    names = {f"model-{number}" for number in range(count)}
    models = registry.read(names, run_ids={f"{number:032}" for number in range(count)})
    assert [len(model.versions) for model in models] == [1] * count
    listings = [name for name in calls if name != "search_runs"]
    assert listings == ["search_registered_models", "search_model_versions"]
    assert calls.count("search_runs") <= 1


def _counted(call: Callable[..., Any], name: str, calls: list[str]) -> Callable[..., Any]:
    def counting(*arguments: Any, **named: Any) -> Any:
        calls.append(name)
        return call(*arguments, **named)

    return counting


def test_read__nothing(registry: Registry) -> None:
    assert registry.read({"digits"}) == ()


def test_remove_alias__also_when_it_is_gone(registry: Registry, promotion: Promotion) -> None:
    registry.register(promotion)
    registry.set_alias("digits", "production", version=1)
    registry.set_alias("digits", "staging", version=1)
    registry.remove_alias("digits", "production")
    registry.remove_alias("digits", "production")
    assert registry.find_alias("digits", "production") is None
    assert registry.find_alias("digits", "staging") == 1


@pytest.mark.parametrize("version", [1, None])
def test_set_tag__is_read_back_and_taken_away(
    registry: Registry, promotion: Promotion, version: int | None
) -> None:
    registry.register(promotion)

    def tag() -> str | None:
        (model,) = registry.read({"digits"})
        return (model if version is None else model.versions[0]).tags.get("interlock.orphaned")

    for value in ("yes", "no", None, None):
        registry.set_tag("digits", "interlock.orphaned", value, version=version)
        assert tag() == value


def test_set_tag__a_version_without_its_digest_is_not_found(
    registry: Registry, promotion: Promotion
) -> None:
    registry.register(promotion)
    registry.set_tag("digits", registry_state.SHA256, None, version=1)
    assert registry.versions("digits")[0].sha256 == ""
    assert registry.find_version(promotion) is None


def test_fetch__the_artifact_of_a_version(
    registry: Registry, promotion: Promotion, tmp_path: Path
) -> None:
    """Nothing lies where these versions say: see the model files for the rest."""
    version = registry.register(promotion)
    with pytest.raises(errors.CannotReachRegistry):
        registry.fetch(version, "model", to=tmp_path / "fetched")


@pytest.mark.parametrize("version", [7, None])
def test_set_tag__of_nothing(registry: Registry, version: int | None) -> None:
    with pytest.raises(errors.CannotReachRegistry):
        registry.set_tag("digits", "interlock.orphaned", "yes", version=version)


# MLflow alone.


@pytest.fixture
def mlflow_registry(migrated: Path, tmp_path: Path) -> MlflowRegistry:
    shutil.copy(migrated / "mlflow.db", tmp_path)
    shutil.copy(migrated / "run_id", tmp_path)
    return MlflowRegistry(f"sqlite:///{tmp_path}/mlflow.db", deadline_seconds=10)


def mlflow_promotion(folder: Path) -> Promotion:
    return Promotion(
        model="digits",
        kind=PromotionKind.PROMOTION,
        phase=Phase.INTENT,
        fingerprint="f1" * 32,
        revision="c1" * 20,
        position=1,
        run_id=(folder / "run_id").read_text(),
        sha256="a1" * 32,
        registry_name="digits",
        environments=("production",),
        at="",
        artifact="model",
    )


def test_mlflow__a_user_sees_description_and_tags(
    mlflow_registry: MlflowRegistry, tmp_path: Path
) -> None:
    promotion = mlflow_promotion(tmp_path)
    mlflow_registry.register(promotion)
    with client.connect(f"sqlite:///{tmp_path}/mlflow.db", deadline_seconds=10).reaching(
        "look"
    ) as mlflow:
        version = mlflow.get_model_version("digits", "1")
    assert version.tags == {
        "interlock.sha256": promotion.sha256,
        "interlock.fingerprint": promotion.fingerprint,
        "interlock.revision": promotion.revision,
        "interlock.model": "digits",
    }
    assert version.source == f"file:///nowhere/artifacts/{promotion.run_id}/artifacts/model"
    assert version.run_id == promotion.run_id
    assert promotion.revision[:12] in version.description


def test_mlflow__crash_between_the_model_and_its_version(
    mlflow_registry: MlflowRegistry, tmp_path: Path
) -> None:
    with client.connect(f"sqlite:///{tmp_path}/mlflow.db", deadline_seconds=10).reaching(
        "make a model"
    ) as mlflow:
        mlflow.create_registered_model("digits")
    assert mlflow_registry.find_alias("digits", "production") is None
    assert mlflow_registry.register(mlflow_promotion(tmp_path)).number == 1


def test_mlflow__two_processes_that_register_at_once_end_with_one_version(
    mlflow_registry: MlflowRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other's version appears between our looking and our creating."""
    promotion = mlflow_promotion(tmp_path)
    rival = MlflowRegistry(f"sqlite:///{tmp_path}/mlflow.db", deadline_seconds=10)
    create = MlflowRegistry._create
    others: list[Any] = []

    def create_late(self: MlflowRegistry, mlflow: Any, act: Promotion) -> int:
        if not others:
            others.append(None)
            others[0] = rival.register(act)
        return create(self, mlflow, act)

    monkeypatch.setattr(MlflowRegistry, "_create", create_late)
    ours = mlflow_registry.register(promotion)
    assert [ours] == others == list(mlflow_registry.versions("digits"))


def test_mlflow__more_versions_than_one_page(
    mlflow_registry: MlflowRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("interlock.adapters.mlflow.artifact_locations._PAGE", 2)
    promotion = mlflow_promotion(tmp_path)
    for number in range(5):
        mlflow_registry.register(dataclasses.replace(promotion, sha256=f"{number:064x}"))
    assert [v.number for v in mlflow_registry.versions("digits")] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("sentence", "is_set"),
    [("(sqlite3.IntegrityError) UNIQUE constraint failed: x", True), ("no route to host", False)],
)
def test_mlflow__alias_that_another_set_at_the_same_moment(
    mlflow_registry: MlflowRegistry,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    sentence: str,
    is_set: bool,
) -> None:
    version = mlflow_registry.register(mlflow_promotion(tmp_path)).number
    with mlflow_registry._connection.reaching("set an alias") as mlflow:
        really = mlflow.set_registered_model_alias

    def refused_once(*words: str) -> None:
        monkeypatch.setattr(mlflow, "set_registered_model_alias", really)
        raise MlflowException(sentence)

    monkeypatch.setattr(mlflow, "set_registered_model_alias", refused_once)
    if is_set:
        mlflow_registry.set_alias("digits", "production", version=version)
        assert mlflow_registry.find_alias("digits", "production") == version
    else:
        with pytest.raises(errors.CannotReachRegistry, match=sentence):
            mlflow_registry.set_alias("digits", "production", version=version)


def test_mlflow__unreachable_is_an_error_of_ours() -> None:
    registry = MlflowRegistry("http://127.0.0.1:9", deadline_seconds=2)
    with pytest.raises(errors.CannotReachRegistry):
        registry.find_alias("digits", "production")
    with pytest.raises(errors.CannotReachRegistry):
        registry.versions("digits")


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("http://[::1", "MLFLOW_TRACKING_URI is malformed: Invalid IPv6"),
        ("http://127.0.0.1:99999", "MLFLOW_TRACKING_URI is malformed: Port out of range"),
        ("sqlite://", "has no file"),
        ("sqlite:///", "has no file"),
        ("sqlite:///:memory:", "has no file"),
        ("mysql://octocat:hunter2@127.0.0.1/db", "MySQLdb is not installed"),
    ],
)
def test_mlflow__a_place_that_cannot_be_one_is_a_missing_setting(uri: str, words: str) -> None:
    with pytest.raises(errors.MissingSetting) as caught:
        MlflowRegistry(uri, deadline_seconds=2).find_alias("digits", "production")
    assert words in caught.value.message
    assert caught.value.hint
    assert "hunter2" not in str(caught.value)


def test_mlflow__alias_of_a_version_that_is_not_there(mlflow_registry: MlflowRegistry) -> None:
    with pytest.raises(errors.CannotReachRegistry, match="set alias production of digits"):
        mlflow_registry.set_alias("digits", "production", version=7)


# A version that lies elsewhere than with its run.


def spelt_otherwise(source: str) -> list[str]:
    """Ways to name a place that are not the one in which we name it."""
    folder, _, name = source.rpartition("/")
    return [
        f"{source}/",
        f"{folder}//{name}",
        f"{folder}/other/../{name}",
        f"{folder}/%2e%2e/{name}",
        f"{folder}/./{name}",
        f"{source}?v=1",
        f"{source}#1",
        f"{folder}/other",
        folder,
        source.replace("file:", "FILE:"),
        source.replace("file://", ""),
        "http://127.0.0.1:9/model",
        "mlflow-artifacts://127.0.0.1:9/model",
        "mlflow-artifacts:/model",
        "s3://acme/model",
        "models:/digits/1",
        "runs:/0123/model",
        "",
    ]


def test_mlflow__finds_only_versions_stored_with_their_run(
    mlflow_registry: MlflowRegistry, tmp_path: Path
) -> None:
    promotion = mlflow_promotion(tmp_path)
    with client.connect(f"sqlite:///{tmp_path}/mlflow.db").reaching("plant") as mlflow:
        home = mlflow.get_run(promotion.run_id).info.artifact_uri
        mlflow.create_registered_model("digits")
        own = f"{home}/model"
        for source in spelt_otherwise(own):
            if source.startswith("models:"):
                continue  # MLflow looks for that one at once, and finds none
            mlflow.create_model_version(
                "digits", source, run_id=promotion.run_id, tags=registry_state.tags(promotion)
            )
    assert mlflow_registry.find_version(promotion) is None
    planted = mlflow_registry.versions("digits")
    assert len(planted) > 10
    for version in planted:
        assert not registry_state.is_stored_with(version, promotion), version.source
    right = mlflow_registry.register(promotion)
    assert right.number == len(planted) + 1
    assert right.source == own
    assert mlflow_registry.register(promotion) == right
    (model,) = mlflow_registry.read(["digits"])
    assert [v.number for v in model.versions if registry_state.is_stored_with(v, promotion)] == [
        right.number
    ]


def test_mlflow__sends_nothing_to_the_host_of_a_planted_version(
    mlflow_registry: MlflowRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "octocat")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "not a secret")
    promotion = mlflow_promotion(tmp_path)
    with listening() as (port, requests):
        with client.connect(f"sqlite:///{tmp_path}/mlflow.db").reaching("plant") as mlflow:
            mlflow.create_registered_model("digits")
            for source in (f"http://127.0.0.1:{port}/model", f"file://127.0.0.1:{port}/model"):
                mlflow.create_model_version(
                    "digits", source, run_id=promotion.run_id, tags=registry_state.tags(promotion)
                )
        for version in mlflow_registry.versions("digits"):
            with pytest.raises(errors.Refused, match="not downloaded"):
                mlflow_registry.fetch(version, "model", to=tmp_path / "to")
    assert requests == []


@contextlib.contextmanager
def listening() -> Iterator[tuple[int, list[str]]]:
    """A server on loopback that notes with which credentials it is asked for anything."""
    lines: list[str] = []

    class Ear(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            lines.append(str(self.headers.get("Authorization")))
            self.send_error(404)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Ear)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port, lines
    finally:
        server.shutdown()
        server.server_close()
