"""The state of a registry: registered models, versions, tags, aliases.

The registry is derived state: Git and the ledger decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from interlock.domain.promotion.promotion import Promotion

SHA256 = "interlock.sha256"
FINGERPRINT = "interlock.fingerprint"
REVISION = "interlock.revision"
MODEL = "interlock.model"
ORPHANED = "interlock.orphaned"
"""On a version that no promotion of the ledger requires."""
ARCHIVED = "interlock.archived"
"""On a registered model that main no longer declares; its value is the commit of main then."""


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """One version; `sha256` and `fingerprint` are the values of its tags, "" without the tag.

    `tags` are the tags with names that begin with "interlock."; `source` is the address of its
    artifact, and `artifact` the folder of its run `run_id` at that address, "" for any other place.
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
    """One registered model. `tags` are the tags with names that begin with "interlock."."""

    name: str
    versions: tuple[ModelVersion, ...] = ()
    aliases: Mapping[str, int] = field(default_factory=dict, hash=False)
    tags: Mapping[str, str] = field(default_factory=dict, hash=False)


def tags(act: Promotion) -> dict[str, str]:
    """Return the tags of the version of a promotion."""
    return {
        SHA256: act.sha256,
        FINGERPRINT: act.fingerprint,
        REVISION: act.revision,
        MODEL: act.model,
    }


def source(artifact: str) -> str:
    """Return the folder of an artifact in its run: itself, or the parent of a single file.

    MLflow downloads the content of a version's source, and a file has no content of this kind.
    """
    return artifact.rpartition("/")[0] or artifact


def is_stored_with(version: ModelVersion, act: Promotion) -> bool:
    """True if a version is stored with the run of a promotion. Tags prove nothing, because users
    who may register a version may set any tags. Its location decides which artifact users get."""
    return (version.run_id, version.artifact) == (act.run_id, source(act.artifact))


def find_version(versions: Iterable[ModelVersion], act: Promotion) -> ModelVersion | None:
    """Return the version of a promotion: stored with its run, and with its digests as tags.

    The version that the record names is also returned with damaged tags. Of several versions the
    named one is returned, else the oldest, so that a duplicate is never used.
    """
    digests = (act.sha256, act.fingerprint)
    stored = [v for v in versions if is_stored_with(v, act)]
    matching = [v for v in stored if (v.sha256, v.fingerprint) == digests]
    named = [v for v in stored if v.number == act.version]
    return min([*named, *matching], key=lambda v: (v.number != act.version, v.number), default=None)
