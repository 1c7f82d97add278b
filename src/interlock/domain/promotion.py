"""What is served and how it came to be: the nouns of promotion; effects happen elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    PROMOTION = "promotion"
    ROLLBACK = "rollback"


class Phase(StrEnum):
    """A promotion is written ahead: INTENT, then its effects, then DONE or SUPERSEDED."""

    INTENT = "intent"
    DONE = "done"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Promotion:
    """One act. `position` is the revision's first-parent position on main: the only order there is.

    `sha256` is the model artifact's; `version` the registry's, None while it is an intent;
    `replaces` the fingerprint served before; `pull` the pull request that brought it.
    """

    model: str
    kind: Kind
    phase: Phase
    fingerprint: str
    revision: str
    position: int
    run_id: str
    sha256: str
    registry_name: str
    environments: tuple[str, ...]
    at: str
    version: int | None = None
    replaces: str | None = None
    pull: int | None = None
