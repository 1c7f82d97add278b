"""The reason for a refusal, as a value that cannot be mistaken for permission."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """`reason` is a sentence without its first capital and its full stop: `the registry has no
    such version`. A check returns `Refusal | None`, and None allows; checks are joined by `or`.
    """

    reason: str

    def __str__(self) -> str:
        return self.reason
