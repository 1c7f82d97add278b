"""What is asked of the machine that trains: what it is, for the record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Description:
    """Empty strings are unknown; `packages` maps a distribution to its version."""

    python: str
    platform: str
    cpu: str
    gpu: str = ""
    driver: str = ""
    packages: Mapping[str, str] = field(default_factory=dict)


class Machine(Protocol):
    def describe(self) -> Description: ...
