"""A model registry in memory; it counts what was asked and what was written."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Collection
from pathlib import Path

from interlock import errors
from interlock.domain.promotion import registry_state
from interlock.domain.promotion.promotion import Promotion
from interlock.domain.promotion.registry_state import ModelVersion, RegisteredModel


class FakeRegistry:
    """The source of a version is "<run>/<artifact>" below `runs`."""

    def __init__(self, runs: Path = Path("nowhere")) -> None:
        self.runs = runs
        self.stored: dict[str, list[ModelVersion]] = {}
        self.aliases: dict[tuple[str, str], int] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self.writes = 0
        self.reads = 0

    def find_version(self, act: Promotion) -> ModelVersion | None:
        return registry_state.find_version(self.versions(act.registry_name), act)

    def versions(self, name: str) -> tuple[ModelVersion, ...]:
        self.reads += 1
        return tuple(self.stored.get(name, ()))

    def read(
        self, names: Collection[str], *, run_ids: Collection[str] | None = None
    ) -> tuple[RegisteredModel, ...]:
        self.reads += 2
        return tuple(
            RegisteredModel(
                name,
                tuple(v for v in self.stored[name] if run_ids is None or v.run_id in run_ids),
                {alias: n for (model, alias), n in self.aliases.items() if model == name},
                dict(self.tags.get(name, {})),
            )
            for name in sorted(set(names) & set(self.stored))
        )

    def register(self, promotion: Promotion) -> ModelVersion:
        model_version = self.find_version(promotion)
        return model_version or self.create(promotion, tags=registry_state.tags(promotion))

    def create(
        self, promotion: Promotion, *, tags: dict[str, str], source: str | None = None
    ) -> ModelVersion:
        """What anybody may do by hand, with whatever tags and whatever source."""
        own = f"{promotion.run_id}/{registry_state.source(promotion.artifact)}"
        name = promotion.registry_name
        numbers = [version.number for version in self.stored.get(name, ())]
        version = ModelVersion(
            name=name,
            number=max(numbers, default=0) + 1,
            sha256=tags.get(registry_state.SHA256, ""),
            fingerprint=tags.get(registry_state.FINGERPRINT, ""),
            run_id=promotion.run_id,
            tags=tags,
            source=own if source is None else source,
            artifact=registry_state.source(promotion.artifact) if source in {None, own} else "",
        )
        self.stored.setdefault(name, []).append(version)
        self.writes += 1
        return version

    def fetch(self, version: ModelVersion, artifact: str, *, to: Path) -> Path:
        if not version.artifact:
            raise errors.Refused(f"version {version.number} does not lie with its run")
        source, target = self.runs / version.source, to / "model"
        if registry_state.source(artifact) != artifact:
            source /= artifact.rpartition("/")[2]
        if not source.exists():
            raise errors.CannotReachRegistry(f"version {version.number} has no artifact")
        to.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copyfile)(source, target)
        return target

    def find_alias(self, name: str, alias: str) -> int | None:
        self.reads += 1
        return self.aliases.get((name, alias))

    def set_alias(self, name: str, alias: str, *, version: int) -> None:
        self._need(name, version)
        self.aliases[name, alias] = version
        self.writes += 1

    def remove_alias(self, name: str, alias: str) -> None:
        self.aliases.pop((name, alias), None)
        self.writes += 1

    def set_tag(self, name: str, key: str, value: str | None, *, version: int | None) -> None:
        self._need(name, version)
        kept = [v for v in self.stored[name] if v.number == version]
        tags = dict(kept[0].tags) if kept else self.tags.setdefault(name, {})
        tags.pop(key, None)
        if value is not None:
            tags[key] = value
        for old in kept:
            new = dataclasses.replace(
                old,
                tags=tags,
                sha256=tags.get(registry_state.SHA256, ""),
                fingerprint=tags.get(registry_state.FINGERPRINT, ""),
            )
            self.stored[name][self.stored[name].index(old)] = new
        self.writes += 1

    def delete_version(self, name: str, number: int) -> None:
        """What anybody may do by hand: the aliases of a version go with it."""
        self.stored[name] = [v for v in self.stored[name] if v.number != number]
        self.aliases = {
            (model, alias): version
            for (model, alias), version in self.aliases.items()
            if (model, version) != (name, number)
        }

    def delete_model(self, name: str) -> None:
        for version in self.stored.pop(name):
            self.aliases = {
                place: number
                for place, number in self.aliases.items()
                if (place[0], number) != (name, version.number)
            }
        self.tags.pop(name, None)

    def _need(self, name: str, version: int | None) -> None:
        numbers = [v.number for v in self.stored.get(name, ())]
        if name not in self.stored or (version is not None and version not in numbers):
            raise errors.CannotReachRegistry(f"{name} has no version {version}")
