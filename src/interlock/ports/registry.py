"""The port of the model registry: versions by digest, aliases, tags."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Protocol

from interlock.domain.promotion.promotion import Promotion
from interlock.domain.promotion.registry_state import ModelVersion, RegisteredModel


class Registry(Protocol):
    """Versions are never deleted; only aliases and tags can be removed."""

    def find_version(self, act: Promotion) -> ModelVersion | None:
        """Find a version by digest and fingerprint that is stored with the run of the promotion."""
        ...

    def versions(self, name: str) -> tuple[ModelVersion, ...]: ...
    def read(
        self, names: Collection[str], *, run_ids: Collection[str] | None = None
    ) -> tuple[RegisteredModel, ...]:
        """Read the existing registered models by name, with their versions in order of number: all,
        or those of these runs.

        The number of requests depends on the pages of the registry and of the runs, not on the
        names; with `run_ids` it does not depend on the other versions.
        """
        ...

    def register(self, promotion: Promotion) -> ModelVersion:
        """Find the version as `find_version` does, or create it."""
        ...

    def fetch(self, version: ModelVersion, artifact: str, *, to: Path) -> Path:
        """Download the artifact of a version, a file or folder, below `to`.

        Raises CannotReachRegistry, also for a missing artifact, and Refused, without a request,
        when the version is not stored with its run.
        """
        ...

    def find_alias(self, name: str, alias: str) -> int | None: ...
    def set_alias(self, name: str, alias: str, *, version: int) -> None: ...
    def remove_alias(self, name: str, alias: str) -> None:
        """Remove an alias if it exists."""
        ...

    def set_tag(self, name: str, key: str, value: str | None, *, version: int | None) -> None:
        """Set a tag of a version, or of the registered model if `version` is None; the value None
        removes it."""
        ...
