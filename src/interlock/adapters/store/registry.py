"""A model registry as one object for each model: its versions, aliases and tags."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from interlock import documents, errors
from interlock.adapters.store.place import Place
from interlock.domain.model import run_claims
from interlock.domain.promotion import registry_state
from interlock.domain.promotion.promotion import Promotion
from interlock.domain.promotion.registry_state import ModelVersion, RegisteredModel


@dataclass(slots=True)
class _Model:
    """The content of `models/<name>.json`. An alias has what a server needs to fetch its model."""

    versions: list[dict[str, Any]] = field(default_factory=list)
    aliases: dict[str, dict[str, Any]] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


class StoredRegistry:
    """The ledger decides, and `interlock reconcile` writes a lost object again. Writers are the
    jobs of one concurrency group: of two at the same time, one could lose the other's change."""

    def __init__(self, url: str) -> None:
        self.place = Place(url)

    def find_version(self, act: Promotion) -> ModelVersion | None:
        return registry_state.find_version(self.versions(act.registry_name), act)

    def versions(self, name: str) -> tuple[ModelVersion, ...]:
        with self.place.reaching(f"read the versions of {name}"):
            return self._versions(name, self._read(name) or _Model())

    def read(
        self, names: Collection[str], *, run_ids: Collection[str] | None = None
    ) -> tuple[RegisteredModel, ...]:
        with self.place.reaching("read the registered models"):
            models = [(name, self._read(name)) for name in sorted(names)]
            return tuple(self._registered(name, m, run_ids) for name, m in models if m is not None)

    def register(self, promotion: Promotion) -> ModelVersion:
        name = promotion.registry_name
        with self.place.reaching(f"register a version of {name}"):
            model = self._read(name) or _Model()
            versions = self._versions(name, model)
            if (known := registry_state.find_version(versions, promotion)) is not None:
                return known
            new = {
                "version": max((version.number for version in versions), default=0) + 1,
                "run": promotion.run_id,
                "artifact": promotion.artifact,
                "tags": registry_state.tags(promotion),
            }
            model.versions.append(new)
            self._write(name, model)
            return self._version(name, new)

    def fetch(self, version: ModelVersion, artifact: str, *, to: Path) -> Path:
        with self.place.reaching(f"fetch version {version.number} of {version.name}"):
            if not version.artifact:
                raise errors.Refused(f"version {version.number} is not stored with its run")
            if registry_state.source(artifact) != version.artifact:
                raise errors.Refused(f"version {version.number} is not of {artifact}")
            goal = to / artifact.rpartition("/")[2]
            if not self.place.get(_artifact(version.run_id, artifact), goal):
                raise errors.CannotReachRegistry(
                    f"version {version.number} of {version.name} has no artifact"
                )
            return goal

    def find_alias(self, name: str, alias: str) -> int | None:
        with self.place.reaching(f"read alias {alias} of {name}"):
            model = self._read(name) or _Model()
            return model.aliases[alias]["version"] if alias in model.aliases else None

    def set_alias(self, name: str, alias: str, *, version: int) -> None:
        with self.place.reaching(f"set alias {alias} of {name}"):
            model, entry = self._require(name, version)
            sha256 = entry["tags"].get(registry_state.SHA256, "")
            path = _artifact(entry["run"], entry["artifact"])
            model.aliases[alias] = {"version": version, "path": path, "sha256": sha256}
            self._write(name, model)

    def remove_alias(self, name: str, alias: str) -> None:
        with self.place.reaching(f"remove alias {alias} of {name}"):
            model = self._read(name)
            if model is not None and model.aliases.pop(alias, None) is not None:
                self._write(name, model)

    def set_tag(self, name: str, key: str, value: str | None, *, version: int | None) -> None:
        with self.place.reaching(f"set the tag {key} of {name}"):
            model, entry = self._require(name, version)
            tags = model.tags if version is None else entry["tags"]
            tags.pop(key, None)
            if value is not None:
                tags[key] = value
            self._write(name, model)

    def _require(self, name: str, version: int | None) -> tuple[_Model, dict[str, Any]]:
        """Return a model and the entry of a version; {} for the version None."""
        model = self._read(name)
        entries = (
            [] if model is None else [each for each in model.versions if each["version"] == version]
        )
        if model is None or (version is not None and not entries):
            raise errors.CannotReachRegistry(f"{name} has no version {version}")
        return model, entries[0] if entries else {}

    def _read(self, name: str) -> _Model | None:
        """Return a model; None if nothing is registered. Raises CannotReachRegistry for an object
        that Interlock did not write."""
        data = self.place.find(_path(name), most=run_claims.MOST_BYTES)
        if data is None:
            return None
        try:
            return _checked(documents.parse(data, where=_path(name)))
        except (errors.CannotReadDocument, KeyError, TypeError, ValueError) as error:
            raise errors.CannotReachRegistry(
                f"{_path(name)} in the store is damaged: {error}",
                hint="delete it: `interlock reconcile` writes it again from the ledger",
            ) from error

    def _write(self, name: str, model: _Model) -> None:
        self.place.write(_path(name), documents.text(dataclasses.asdict(model)).encode())

    def _registered(
        self, name: str, model: _Model, run_ids: Collection[str] | None
    ) -> RegisteredModel:
        versions = self._versions(name, model)
        return RegisteredModel(
            name=name,
            versions=tuple(v for v in versions if run_ids is None or v.run_id in run_ids),
            aliases={alias: entry["version"] for alias, entry in model.aliases.items()},
            tags=dict(model.tags),
        )

    def _versions(self, name: str, model: _Model) -> tuple[ModelVersion, ...]:
        versions = [self._version(name, entry) for entry in model.versions]
        return tuple(sorted(versions, key=lambda version: version.number))

    def _version(self, name: str, entry: dict[str, Any]) -> ModelVersion:
        folder = registry_state.source(entry["artifact"])
        path = _artifact(entry["run"], folder)
        return ModelVersion(
            name=name,
            number=entry["version"],
            sha256=entry["tags"].get(registry_state.SHA256, ""),
            fingerprint=entry["tags"].get(registry_state.FINGERPRINT, ""),
            run_id=entry["run"],
            tags=dict(entry["tags"]),
            source=f"{self.place.url}/{path}",
            artifact="" if run_claims.leaves(path) else folder,
        )


def _checked(value: Any) -> _Model:
    """Return the model of a document; raises KeyError, TypeError or ValueError for another one."""
    model = _Model(list(value["versions"]), dict(value["aliases"]), dict(value["tags"]))
    for entry in model.versions:
        number, tags = entry["version"], entry["tags"].items()
        texts = [entry["run"], entry["artifact"], *(each for pair in tags for each in pair)]
        if type(number) is not int or not all(isinstance(each, str) for each in texts):
            raise ValueError(f"version {number!a} is not valid")
    if not all(type(entry["version"]) is int for entry in model.aliases.values()):
        raise ValueError("an alias has no version")
    return model


def _path(name: str) -> str:
    return f"models/{name}.json"


def _artifact(run_id: str, artifact: str) -> str:
    return f"runs/{run_id}/artifacts/{artifact}"
