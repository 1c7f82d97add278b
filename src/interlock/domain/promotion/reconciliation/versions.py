"""Which version is which act's, and what its tags should say; aliases are not looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from interlock.domain.promotion import registry_state
from interlock.domain.promotion.promotion import Promotion
from interlock.domain.promotion.reconciliation.observed_state import (
    Difference,
    DifferenceKind,
    ObservedState,
)
from interlock.domain.promotion.registry_state import ModelVersion, RegisteredModel

_DIGESTS = (registry_state.SHA256, registry_state.FINGERPRINT)


@dataclass(frozen=True, slots=True)
class OwnedVersion:
    """A version and the acts that asked for it, the first of them first."""

    version: ModelVersion
    acts: tuple[Promotion, ...]

    @property
    def artifact(self) -> str:
        """What its bytes are called in their run."""
        return self.acts[0].artifact

    @property
    def is_doubtful(self) -> bool:
        """Whether its digests are not those of its act, so that the run alone tells whose it is."""
        act = self.acts[0]
        return (self.version.sha256, self.version.fingerprint) != (act.sha256, act.fingerprint)


def find_owners(model: RegisteredModel, acts: Sequence[Promotion]) -> tuple[OwnedVersion, ...]:
    """Give every version to the act whose bytes it has: by its digests, and else by where it lies.
    One that lies anywhere but with the run of its act is nobody's, whatever its tags say."""
    wanted: dict[tuple[str, str], list[Promotion]] = {}
    for act in sorted(acts, key=lambda a: a.order):
        if act.registry_name == model.name:
            wanted.setdefault((act.sha256, act.fingerprint), []).append(act)
    found = {key: _by_digests(model, asking) for key, asking in wanted.items()}
    mine = {version.number for version in found.values() if version is not None}
    odd = [v for v in model.versions if v.number not in mine]
    for key, asking in wanted.items():
        if found[key] is None:
            lying = (v for v in odd if any(registry_state.is_stored_with(v, act) for act in asking))
            found[key] = next(lying, None)
    return tuple(OwnedVersion(v, tuple(wanted[key])) for key, v in found.items() if v is not None)


def find_version(seen: ObservedState, act: Promotion) -> ModelVersion | None:
    """The version that serves an act, by its digests or else by its run."""
    model = seen.registered.get(act.registry_name)
    owned = () if model is None else find_owners(model, seen.known)
    key = (act.sha256, act.fingerprint)
    return next(
        (o.version for o in owned if (o.acts[0].sha256, o.acts[0].fingerprint) == key), None
    )


def unverified(seen: ObservedState) -> tuple[OwnedVersion, ...]:
    """The versions whose bytes have to be compared before their digests may be put back."""
    owned = (o for m in seen.registered.values() for o in find_owners(m, seen.known))
    return tuple(o for o in owned if o.is_doubtful)


def differences(seen: ObservedState) -> Iterator[Difference]:
    """Tags that are wrong, missing, or that a version should not have."""
    for model in seen.registered.values():
        acts = [act for act in seen.known if act.registry_name == model.name]
        owned = {o.version.number: o for o in find_owners(model, acts)}
        for version in model.versions if acts else ():
            mine = owned.get(version.number)
            if mine is None:
                if registry_state.ORPHANED not in version.tags:
                    yield _tag(seen, version, registry_state.ORPHANED, "true")
            else:
                yield from _of_owned(seen, mine)


def _of_owned(seen: ObservedState, owned: OwnedVersion) -> Iterator[Difference]:
    version, act = owned.version, owned.acts[0]
    for key, value in registry_state.tags(act).items():
        right = {value}
        if key == registry_state.REVISION:
            right |= {each.revision for each in owned.acts}
        if version.tags.get(key) not in right:
            refusal = _disproof(seen, version, act) if key in _DIGESTS else ""
            yield _tag(seen, version, key, value, refusal=refusal)
    if registry_state.ORPHANED in version.tags:
        yield _tag(seen, version, registry_state.ORPHANED, None)


def _disproof(seen: ObservedState, version: ModelVersion, act: Promotion) -> str:
    """Why a version is not known to be what its run says; "" when its bytes prove it."""
    if seen.bytes.get((version.name, version.number)) == act.sha256:
        return ""
    return (
        f"the tags of version {version.number} of {version.name} are damaged, and its bytes are "
        f"not those that were judged ({act.sha256[:12]})"
    )


def _by_digests(model: RegisteredModel, asking: Sequence[Promotion]) -> ModelVersion | None:
    """The version that the newest record names, else the oldest."""
    named = [act for act in reversed(asking) if act.version is not None]
    return registry_state.find_version(model.versions, [*named, *asking][0])


def _tag(
    seen: ObservedState, version: ModelVersion, key: str, value: str | None, *, refusal: str = ""
) -> Difference:
    return Difference(
        seen.model,
        DifferenceKind.TAG,
        f"{key} of version {version.number} of {version.name}",
        value,
        version.tags.get(key),
        refusal=refusal,
        registry_name=version.name,
        name=key,
        version=version.number,
    )
