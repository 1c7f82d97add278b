"""Assigns versions to promotions and compares their tags; aliases are not compared here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from interlock.domain.basics.refusal import Refusal
from interlock.domain.promotion import registry_state
from interlock.domain.promotion.promotion import Promotion
from interlock.domain.promotion.reconciliation.observed_state import (
    Difference,
    ObservedState,
)
from interlock.domain.promotion.registry_state import ModelVersion, RegisteredModel
from interlock.domain.promotion.repair import DifferenceKind

_DIGESTS = (registry_state.SHA256, registry_state.FINGERPRINT)


@dataclass(frozen=True, slots=True)
class OwnedVersion:
    """A version and the promotions that required it, the first of them first."""

    version: ModelVersion
    promotions: tuple[Promotion, ...]

    @property
    def artifact(self) -> str:
        """The path of its artifact in the run."""
        return self.promotions[0].artifact

    @property
    def is_unverified(self) -> bool:
        """True if its digest tags differ from its promotion: then only the run identifies it."""
        first = self.promotions[0]
        return (self.version.sha256, self.version.fingerprint) != (first.sha256, first.fingerprint)


def find_owners(
    model: RegisteredModel, promotions: Sequence[Promotion]
) -> tuple[OwnedVersion, ...]:
    """Assign each version to the promotions of its artifact: by its digests, else by its location.

    A version that is not stored with the run of its promotion has no owner; its tags do not count.
    """
    by_digest: dict[tuple[str, str], list[Promotion]] = {}
    for promotion in sorted(promotions, key=lambda p: p.order):
        if promotion.registry_name == model.name:
            by_digest.setdefault((promotion.sha256, promotion.fingerprint), []).append(promotion)
    versions = {key: _by_digests(model, owners) for key, owners in by_digest.items()}
    owned = {version.number for version in versions.values() if version is not None}
    others = [v for v in model.versions if v.number not in owned]
    for key, owners in by_digest.items():
        if versions[key] is None:
            stored = (v for v in others if any(registry_state.is_stored_with(v, p) for p in owners))
            versions[key] = next(stored, None)
    return tuple(
        OwnedVersion(v, tuple(by_digest[key])) for key, v in versions.items() if v is not None
    )


def find_version(observed: ObservedState, promotion: Promotion) -> ModelVersion | None:
    """Return the version of a promotion, by its digests or else by its run."""
    model = observed.registered.get(promotion.registry_name)
    owned = () if model is None else find_owners(model, observed.promotions)
    digests = (promotion.sha256, promotion.fingerprint)
    firsts = ((each.version, each.promotions[0]) for each in owned)
    return next((v for v, first in firsts if (first.sha256, first.fingerprint) == digests), None)


def unverified(observed: ObservedState) -> tuple[OwnedVersion, ...]:
    """Return the versions with artifacts that must be measured before their tags are repaired."""
    models = observed.registered.values()
    owned = (each for model in models for each in find_owners(model, observed.promotions))
    return tuple(each for each in owned if each.is_unverified)


def differences(observed: ObservedState) -> Iterator[Difference]:
    """Find tags that are wrong, missing or superfluous."""
    for model in observed.registered.values():
        promotions = [p for p in observed.promotions if p.registry_name == model.name]
        owned = {each.version.number: each for each in find_owners(model, promotions)}
        for version in model.versions if promotions else ():
            owner = owned.get(version.number)
            if owner is not None:
                yield from _of_owned(observed, owner)
            elif registry_state.ORPHANED not in version.tags:
                yield _tag(observed, version, registry_state.ORPHANED, "true")


def _of_owned(observed: ObservedState, owned: OwnedVersion) -> Iterator[Difference]:
    version, first = owned.version, owned.promotions[0]
    for key, value in registry_state.tags(first).items():
        valid = {value}
        if key == registry_state.REVISION:
            valid |= {each.revision for each in owned.promotions}
        if version.tags.get(key) not in valid:
            refusal = _check_artifact(observed, version, first) if key in _DIGESTS else None
            yield _tag(observed, version, key, value, refusal=refusal)
    if registry_state.ORPHANED in version.tags:
        yield _tag(observed, version, registry_state.ORPHANED, None)


def _check_artifact(
    observed: ObservedState, version: ModelVersion, promotion: Promotion
) -> Refusal | None:
    """Allow new digest tags only if the artifact itself has these digests."""
    if observed.digests.get((version.name, version.number)) == promotion.sha256:
        return None
    return Refusal(
        f"the tags of version {version.number} of {version.name} are damaged, and its artifact is "
        f"not the evaluated one ({promotion.sha256[:12]})"
    )


def _by_digests(model: RegisteredModel, promotions: Sequence[Promotion]) -> ModelVersion | None:
    """Return the version that the latest record names, else the oldest."""
    named = [promotion for promotion in reversed(promotions) if promotion.version is not None]
    return registry_state.find_version(model.versions, [*named, *promotions][0])


def _tag(
    observed: ObservedState,
    version: ModelVersion,
    key: str,
    value: str | None,
    *,
    refusal: Refusal | None = None,
) -> Difference:
    return Difference(
        observed.model,
        DifferenceKind.TAG,
        f"{key} of version {version.number} of {version.name}",
        value,
        version.tags.get(key),
        refusal=refusal,
        registry_name=version.name,
        name=key,
        version=version.number,
    )
