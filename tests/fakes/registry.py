"""A model registry in memory; it counts what was written."""

from __future__ import annotations

from interlock.domain.promotion import Promotion
from interlock.ports.registry import Version


class FakeRegistry:
    def __init__(self) -> None:
        self.stored: dict[str, list[Version]] = {}
        self.aliases: dict[tuple[str, str], int] = {}
        self.writes = 0

    def find_version(self, name: str, *, sha256: str, fingerprint: str) -> Version | None:
        for version in self.versions(name):
            if (version.sha256, version.fingerprint) == (sha256, fingerprint):
                return version
        return None

    def versions(self, name: str) -> tuple[Version, ...]:
        return tuple(self.stored.get(name, ()))

    def register(self, promotion: Promotion) -> Version:
        name = promotion.registry_name
        found = self.find_version(name, sha256=promotion.sha256, fingerprint=promotion.fingerprint)
        if found is not None:
            return found
        version = Version(
            name=name,
            number=len(self.versions(name)) + 1,
            sha256=promotion.sha256,
            fingerprint=promotion.fingerprint,
            run_id=promotion.run_id,
        )
        self.stored.setdefault(name, []).append(version)
        self.writes += 1
        return version

    def find_alias(self, name: str, alias: str) -> int | None:
        return self.aliases.get((name, alias))

    def set_alias(self, name: str, alias: str, *, version: int) -> None:
        self.aliases[name, alias] = version
        self.writes += 1
