"""What is asked of the model registry: versions found by digest, aliases; derived state only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from interlock.domain.promotion import Promotion


@dataclass(frozen=True, slots=True)
class Version:
    name: str
    number: int
    sha256: str
    fingerprint: str
    run_id: str


class Registry(Protocol):
    def find_version(self, name: str, *, sha256: str, fingerprint: str) -> Version | None: ...
    def versions(self, name: str) -> tuple[Version, ...]: ...
    def register(self, promotion: Promotion) -> Version:
        """Found by digest and fingerprint, or created."""
        ...

    def find_alias(self, name: str, alias: str) -> int | None: ...
    def set_alias(self, name: str, alias: str, *, version: int) -> None: ...
