"""What a registry says: registered models, their versions, tags and aliases; no vendor may enter.

The registry is derived state: nothing here is true because the registry says it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from interlock.domain.promotion import Promotion

SHA256 = "interlock.sha256"
FINGERPRINT = "interlock.fingerprint"
REVISION = "interlock.revision"
MODEL = "interlock.model"
STRAY = "interlock.stray"
"""On a version that no act of the ledger asked for."""
ARCHIVED = "interlock.archived"
"""On a registered model that main declares no more; its value is main's commit at that time."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version; `sha256` and `fingerprint` are what its tags say, "" where they say nothing.

    `tags` are those whose names begin with "interlock."; `source` is where its bytes are.
    """

    name: str
    number: int
    sha256: str
    fingerprint: str
    run_id: str
    tags: Mapping[str, str] = field(default_factory=dict, hash=False)
    source: str = ""


@dataclass(frozen=True, slots=True)
class Registered:
    """One registered model. `tags` are those whose names begin with "interlock."."""

    name: str
    versions: tuple[Version, ...] = ()
    aliases: Mapping[str, int] = field(default_factory=dict, hash=False)
    tags: Mapping[str, str] = field(default_factory=dict, hash=False)


def tags(act: Promotion) -> dict[str, str]:
    """What a version says of the act that registered it, tag to value."""
    return {
        SHA256: act.sha256,
        FINGERPRINT: act.fingerprint,
        REVISION: act.revision,
        MODEL: act.model,
    }


def source(artifact: str) -> str:
    """Return the folder of a run that holds an artifact: itself, or that of a single file.

    By an alias MLflow downloads what a version's source holds, and a file holds nothing.
    """
    return artifact.rpartition("/")[0] or artifact


def find(versions: Iterable[Version], *, sha256: str, fingerprint: str) -> Version | None:
    """The oldest version of these bytes, so that a doubled one is never looked at."""
    found = (v for v in versions if (v.sha256, v.fingerprint) == (sha256, fingerprint))
    return min(found, key=lambda version: version.number, default=None)
