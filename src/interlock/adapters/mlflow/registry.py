"""MLflow's registry: versions by digest, aliases, tags."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from interlock import errors
from interlock.adapters.mlflow import artifact_locations, client
from interlock.domain.promotion import registry_state
from interlock.domain.promotion.promotion import Promotion
from interlock.domain.promotion.registry_state import ModelVersion, RegisteredModel

_OURS = "interlock."
# Runs per filter of versions: it is a part of a URL, and servers accept 4,094 characters.
_RUNS = 50
# The messages of SQLite, PostgreSQL and MySQL.
_IS_TAKEN = re.compile(r"UNIQUE constraint|unique constraint|Duplicate entry")


class MlflowRegistry:
    def __init__(self, uri: str, *, deadline_seconds: int = 60) -> None:
        self._connection = client.connect(uri, deadline_seconds=deadline_seconds)

    def find_version(self, act: Promotion) -> ModelVersion | None:
        with self._connection.reaching(f"read the versions of {act.registry_name}") as mlflow:
            return self._find(mlflow, act)

    def versions(self, name: str) -> tuple[ModelVersion, ...]:
        with self._connection.reaching(f"read the versions of {name}") as mlflow:
            versions = self._placed(
                mlflow, _search(mlflow, f"name = '{artifact_locations.quoted(name)}'")
            )
        return tuple(sorted(versions, key=lambda version: version.number))

    def read(
        self, names: Collection[str], *, run_ids: Collection[str] | None = None
    ) -> tuple[RegisteredModel, ...]:
        """Read the whole registry and select the names: an MLflow filter takes only one name."""
        with self._connection.reaching("read the registered models") as mlflow:
            search = mlflow.search_registered_models
            models = [m for m in artifact_locations.pages(search) if m.name in names]
            versions: dict[str, list[ModelVersion]] = {model.name: [] for model in models}
            every = (v for query in _queries(run_ids) for v in _search(mlflow, query))
            mine = (version for version in every if version.name in versions)
            for version in self._placed(mlflow, mine):
                versions[version.name].append(version)
        return tuple(sorted((_registered(m, versions[m.name]) for m in models), key=_name))

    def register(self, promotion: Promotion) -> ModelVersion:
        """Find the version by digest and fingerprint, or create it.

        Two processes that register the same artifact at the same time end with one version: each
        searches again after it created its own, and deletes it if there is an older one.
        """
        name = promotion.registry_name
        with self._connection.reaching(f"register a version of {name}") as mlflow:
            version = self._find(mlflow, promotion)
            if version is not None:
                self._require_alone(version.source, promotion.artifact)
                return version
            _ensure_model(mlflow, name)
            number = self._create(mlflow, promotion)
            version = self._find(mlflow, promotion)
            if version is None:
                message = f"version {number} of {name} cannot be found again"
                raise errors.CannotReachRegistry(message, hint="run it again")
            if version.number != number:
                mlflow.delete_model_version(name, str(number))
            return version

    def _create(self, mlflow: Any, act: Promotion) -> int:
        """Create the version with its tags in one call, so that it can always be found again.

        Raises Refused if its run does not store the artifact at a valid place.
        """
        folder = registry_state.source(act.artifact)
        home = artifact_locations.find(mlflow, {act.run_id}, tracking_uri=self._connection.uri).get(
            act.run_id
        )
        source = f"{home}/{folder}"
        if not home or artifact_locations.inside(source, home) != folder:
            raise errors.Refused(
                f"run {act.run_id} cannot be registered: it was deleted, or {act.artifact} is not "
                "among its artifacts"
            )
        self._require_alone(source, act.artifact)
        created = mlflow.create_model_version(
            act.registry_name,
            source=source,
            run_id=act.run_id,
            tags=registry_state.tags(act),
            description=f"{act.model} of {act.revision[:12]}, fingerprint {act.fingerprint[:12]}",
        )
        return int(created.version)

    def _require_alone(self, source: str, artifact: str) -> None:
        """Raise Refused if there are other files beside a single file.

        A version contains a whole folder, and MLflow loads a model by the `MLmodel` in it.
        """
        if registry_state.source(artifact) == artifact:
            return
        from mlflow import artifacts  # noqa: PLC0415 - loaded with the client

        listed = artifacts.list_artifacts(artifact_uri=source, tracking_uri=self._connection.uri)
        names = {PurePosixPath(each.path).name for each in listed}
        others = sorted(names - {PurePosixPath(artifact).name})
        if others:
            raise errors.Refused(
                f"other files are beside the evaluated {artifact}: {others[:5]!a} in {source}",
                hint="delete them: a version would contain them, too",
            )

    def _find(self, mlflow: Any, act: Promotion) -> ModelVersion | None:
        name, run_id = (
            artifact_locations.quoted(act.registry_name),
            artifact_locations.quoted(act.run_id),
        )
        query = f"name = '{name}' and run_id = '{run_id}'"
        return registry_state.find_version(self._placed(mlflow, _search(mlflow, query)), act)

    def _placed(self, mlflow: Any, versions: Iterable[Any]) -> list[ModelVersion]:
        """Add to each version the folder of its run; one search reads the places of all runs."""
        raw = list(versions)
        run_ids = {version.run_id for version in raw if version.run_id}
        mine = artifact_locations.find(mlflow, run_ids, tracking_uri=self._connection.uri)
        return [_version(v, home=mine.get(v.run_id or "", "")) for v in raw]

    def find_alias(self, name: str, alias: str) -> int | None:
        with self._connection.reaching(f"read alias {alias} of {name}") as mlflow:
            try:
                return int(mlflow.get_model_version_by_alias(name, alias).version)
            except artifact_locations.exception() as error:
                if artifact_locations.is_absent(error):
                    return None
                raise

    def set_alias(self, name: str, alias: str, *, version: int) -> None:
        with self._connection.reaching(f"set alias {alias} of {name}") as mlflow:
            _again(lambda: mlflow.set_registered_model_alias(name, alias, str(version)))

    def remove_alias(self, name: str, alias: str) -> None:
        with self._connection.reaching(f"remove alias {alias} of {name}") as mlflow:
            mlflow.delete_registered_model_alias(name, alias)

    def set_tag(self, name: str, key: str, value: str | None, *, version: int | None) -> None:
        place = name if version is None else f"version {version} of {name}"
        target = (name,) if version is None else (name, str(version))
        with self._connection.reaching(f"set the tag {key} of {place}") as mlflow:
            kind = "registered_model" if version is None else "model_version"
            if value is None:
                getattr(mlflow, f"delete_{kind}_tag")(*target, key)
            else:
                _again(lambda: getattr(mlflow, f"set_{kind}_tag")(*target, key, value))

    def fetch(self, version: ModelVersion, artifact: str, *, to: Path) -> Path:
        if not version.artifact:
            raise errors.Refused(
                f"version {version.number} of {version.name} is not stored with its run, and is "
                "not downloaded",
                hint="run `interlock reconcile`: it tags this version and registers the right one",
            )
        with self._connection.reaching(f"fetch version {version.number} of {version.name}"):
            from mlflow import artifacts  # noqa: PLC0415 - loaded with the client

            to.mkdir(parents=True, exist_ok=True)
            place = artifacts.download_artifacts(
                artifact_uri=version.source, dst_path=str(to), tracking_uri=self._connection.uri
            )
            path = Path(place)
            if path.is_dir() and registry_state.source(artifact) != artifact:
                path /= PurePosixPath(artifact).name
                if path.exists() and len(list(path.parent.iterdir())) > 1:
                    message = f"version {version.number} of {version.name} has more than {artifact}"
                    raise errors.CannotReachRegistry(message)
            if not path.exists():
                message = f"version {version.number} of {version.name} has no artifact"
                raise errors.CannotReachRegistry(message)
            return path


def _again(effect: Callable[[], object]) -> None:
    """Try twice: of two processes that set a new alias or tag at the same time, one finds its row
    taken, and can then update it."""
    try:
        effect()
    except Exception as error:
        if not _IS_TAKEN.search(str(error)):
            raise
        effect()


def _queries(run_ids: Collection[str] | None) -> list[str]:
    """The filters that find the versions of these runs; None means all versions."""
    return [""] if run_ids is None else artifact_locations.filters("run_id", run_ids, per=_RUNS)


def _search(mlflow: Any, query: str) -> Iterator[Any]:
    return artifact_locations.pages(mlflow.search_model_versions, filter_string=query)


def _ensure_model(mlflow: Any, name: str) -> None:
    try:
        mlflow.create_registered_model(
            name, description="Managed by Interlock; the ledger decides."
        )
    except artifact_locations.exception() as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise


def _version(version: Any, *, home: str) -> ModelVersion:
    tags = _ours(version.tags)
    return ModelVersion(
        name=version.name,
        number=int(version.version),
        sha256=tags.get(registry_state.SHA256, ""),
        fingerprint=tags.get(registry_state.FINGERPRINT, ""),
        run_id=version.run_id or "",
        tags=tags,
        source=version.source or "",
        artifact=artifact_locations.inside(version.source or "", home),
    )


def _registered(model: Any, versions: Iterable[ModelVersion]) -> RegisteredModel:
    return RegisteredModel(
        name=model.name,
        versions=tuple(sorted(versions, key=lambda version: version.number)),
        aliases={alias: int(number) for alias, number in (model.aliases or {}).items()},
        tags=_ours(model.tags),
    )


def _name(model: RegisteredModel) -> str:
    return model.name


def _ours(tags: Any) -> dict[str, str]:
    return {key: str(value) for key, value in (tags or {}).items() if key.startswith(_OURS)}
