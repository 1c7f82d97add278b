"""The ledger's record of its own verification, from which later readers begin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

KIND = "interlock/verification/v1"


@dataclass(frozen=True, slots=True)
class Verification:
    """The ledger's `number`-th record of its own verification: all commits up to
    `verified_through`, from `since` of the policy on ("" for the first commit).

    At `ignored` paths, the tree of that commit does not count but this blob, null for no record. A
    report may show `shown`. `at` is ISO 8601.
    """

    number: int
    verified_through: str
    since: str
    ignored: Mapping[str, str | None]
    shown: Mapping[str, str]
    at: str
