"""What a registry says: registered models, their versions, tags and aliases; no vendor may enter.

The registry is derived state: nothing here is true because the registry says it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from interlock.domain.promotion.promotion import Promotion

SHA256 = "interlock.sha256"
FINGERPRINT = "interlock.fingerprint"
REVISION = "interlock.revision"
MODEL = "interlock.model"
ORPHANED = "interlock.stray"
"""On a version that no act of the ledger asked for."""
ARCHIVED = "interlock.archived"
"""On a registered model that main declares no more; its value is main's commit at that time."""


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """One version; `sha256` and `fingerprint` are what its tags say, "" where they say nothing.

    `tags` are those whose names begin with "interlock."; `source` is where its bytes are, and
    `artifact` which folder of its run `run_id` that is: "" where they lie anywhere else.
    """

    name: str
    number: int
    sha256: str
    fingerprint: str
    run_id: str
    tags: Mapping[str, str] = field(default_factory=dict, hash=False)
    source: str = ""
    artifact: str = ""


@dataclass(frozen=True, slots=True)
class RegisteredModel:
    """One registered model. `tags` are those whose names begin with "interlock."."""

    name: str
    versions: tuple[ModelVersion, ...] = ()
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


def is_stored_with(version: ModelVersion, act: Promotion) -> bool:
    """Whether what a version serves lies where the run of an act keeps its artifact. Who may
    register a version may give it any tags; where it lies decides which bytes are served."""
    return (version.run_id, version.artifact) == (act.run_id, source(act.artifact))


def find_version(versions: Iterable[ModelVersion], act: Promotion) -> ModelVersion | None:
    """The version of an act: only where its bytes lie with the act's run, and by its digests; the
    one that the act's record names also where somebody has changed its tags.

    Of several the one that is named, else the oldest, so that a doubled one is never looked at.
    """
    wanted = (act.sha256, act.fingerprint)
    found = (
        v
        for v in versions
        if is_stored_with(v, act)
        and (v.number == act.version or (v.sha256, v.fingerprint) == wanted)
    )
    return min(found, key=lambda v: (v.number != act.version, v.number), default=None)
