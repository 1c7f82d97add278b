"""What is asked of the model registry: versions found by digest, aliases; derived state only."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Protocol

from interlock.domain.promotion.promotion import Promotion
from interlock.domain.promotion.registry_state import ModelVersion, RegisteredModel


class Registry(Protocol):
    """Nothing that holds bytes is ever deleted: an alias is all that can be taken away."""

    def find_version(self, act: Promotion) -> ModelVersion | None:
        """By digest and fingerprint, and only one whose bytes lie with the act's run."""
        ...

    def versions(self, name: str) -> tuple[ModelVersion, ...]: ...
    def read(self, names: Collection[str]) -> tuple[RegisteredModel, ...]:
        """Those registered models that exist, by name, with all versions, in order of number.

        It takes as many requests as there are pages, not as there are names.
        """
        ...

    def register(self, promotion: Promotion) -> ModelVersion:
        """Found as `find_version` does, or created."""
        ...

    def fetch(self, version: ModelVersion, artifact: str, *, to: Path) -> Path:
        """Download what a version serves below `to`: the file or folder that its run keeps as
        `artifact`; raises CannotReachRegistry, also when there is nothing, and Refused, with
        nothing asked of anybody, when the version does not lie with its run."""
        ...

    def find_alias(self, name: str, alias: str) -> int | None: ...
    def set_alias(self, name: str, alias: str, *, version: int) -> None: ...
    def remove_alias(self, name: str, alias: str) -> None:
        """Take an alias away; one that is not there is left alone."""
        ...

    def set_tag(self, name: str, key: str, value: str | None, *, version: int | None) -> None:
        """Set a tag of a version (of the registered model, when it is None); None takes it away,
        if it is there."""
        ...
