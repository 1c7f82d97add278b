"""Where the settled act should be seen: version, bytes, aliases, deployments, archive marks."""

from __future__ import annotations

from collections.abc import Iterator

from interlock.domain.promotion import promotion, registry_state
from interlock.domain.promotion.promotion import Phase, Promotion
from interlock.domain.promotion.reconciliation import versions
from interlock.domain.promotion.reconciliation.observed_state import (
    Difference,
    DifferenceKind,
    ObservedState,
)
from interlock.domain.promotion.reconciliation.settled_promotion import PromotionOutlook
from interlock.domain.promotion.registry_state import ModelVersion


def of_settled(seen: ObservedState, act: Promotion) -> Iterator[Difference]:
    """The version of an act that is done, its bytes, its aliases and its deployments."""
    version = versions.find_version(seen, act)
    found = tuple(_bytes(seen, act, version)) if version else (_missing(seen, act),)
    yield from found
    # No name is given to bytes that are not the judged ones.
    refusal = next((each.refusal for each in found), "")
    model = seen.registered.get(act.registry_name)
    aliases = {} if model is None else model.aliases
    for environment in act.environments:
        number = aliases.get(environment)
        if version is None or number != version.number:
            wanted = version or act
            yield _alias(seen, act.registry_name, environment, wanted, number, refusal=refusal)
    for environment in act.environments if seen.deployments is not None else ():
        yield from _deployment(seen, act, environment, "success")


def _missing(seen: ObservedState, act: Promotion) -> Difference:
    refusal = ""
    if seen.in_run is not None and seen.in_run != act.sha256:
        refusal = (
            f"no version of {act.registry_name} has the bytes that were judged "
            f"({act.sha256[:12]}), nor has run {act.run_id}; bring them back, or "
            f"`/interlock rollback {act.model}`"
        )
    return Difference(
        seen.model,
        DifferenceKind.VERSION,
        f"version of {act.registry_name} with SHA-256 {act.sha256[:12]}",
        "registered",
        None,
        refusal=refusal,
        registry_name=act.registry_name,
        act=act,
    )


def _bytes(seen: ObservedState, act: Promotion, version: ModelVersion) -> Iterator[Difference]:
    found = seen.bytes.get((version.name, version.number), act.sha256)
    if found == act.sha256:
        return
    what = f"SHA-256 of version {version.number} of {version.name}"
    said = "cannot be read" if not found else "are not those that were judged"
    refusal = (
        f"the bytes of version {version.number} of {version.name} {said}; bring back those with "
        f"SHA-256 {act.sha256[:12]}, or `/interlock rollback {act.model}`"
    )
    expected, there = act.sha256[:12], found[:12] or None
    yield Difference(seen.model, DifferenceKind.BYTES, what, expected, there, refusal=refusal)


def _alias(
    seen: ObservedState,
    registry: str,
    name: str,
    wanted: ModelVersion | Promotion | None,
    found: int | None,
    *,
    refusal: str = "",
) -> Difference:
    expected = None
    if isinstance(wanted, ModelVersion):
        expected = f"version {wanted.number}"
    elif wanted is not None:
        expected = f"the version with SHA-256 {wanted.sha256[:12]}"
    return Difference(
        seen.model,
        DifferenceKind.ALIAS,
        f"alias {name} of {registry}",
        expected,
        None if found is None else f"version {found}",
        refusal=refusal,
        registry_name=registry,
        name=name,
    )


def _deployment(
    seen: ObservedState, act: Promotion, environment: str, expected: str
) -> Iterator[Difference]:
    states = seen.deployments or {}
    found = states.get(promotion.deployment_key(act, environment))
    if found != expected:
        what = f"deployment of {act.revision[:12]} to {environment}"
        yield Difference(
            seen.model, DifferenceKind.DEPLOYMENT, what, expected, found, name=environment, act=act
        )


def overtaken(seen: ObservedState) -> tuple[Promotion, ...]:
    """Acts that gave way since what was served before; their promoters may have died before they
    said so on GitHub."""
    done = sorted(p.order for p in seen.records if p.phase is Phase.DONE)
    last = done[-2] if len(done) > 1 else (0, 0)
    ends = (p for p in seen.records if p.phase is Phase.SUPERSEDED)
    return tuple(p for p in ends if p.order > last)


def of_overtaken(seen: ObservedState) -> Iterator[Difference]:
    """Deployments that say of an act that gave way that it is served."""
    for act in overtaken(seen) if seen.deployments is not None else ():
        for environment in act.environments:
            states = seen.deployments or {}
            if states.get(promotion.deployment_key(act, environment)) == "success":
                yield from _deployment(seen, act, environment, "inactive")


def extra_aliases(seen: ObservedState, course: PromotionOutlook) -> Iterator[Difference]:
    """Names of environments on registered models, where nothing is served by that name."""
    names = seen.environments.union(*(act.environments for act in seen.known))
    for model in seen.registered.values():
        served: tuple[str, ...] = ()
        if course.place is not None and course.place[0] == model.name:
            served = course.place[1]
        if model.name not in seen.declared or not _is_ours(seen, model.name):
            continue
        for alias, number in sorted(model.aliases.items()):
            if alias in names and alias not in served:
                yield _alias(seen, model.name, alias, None, number)


def archives(seen: ObservedState) -> Iterator[Difference]:
    """Registered models that main left are marked so, and no others; nothing is ever deleted."""
    for model in seen.registered.values():
        found = model.tags.get(registry_state.ARCHIVED)
        # What main says of a model that cannot be read is not that it is gone.
        is_known = not isinstance(seen.wanted, str) and _is_ours(seen, model.name)
        if is_known and found is None and model.name not in seen.declared:
            yield _archive(seen, model.name, seen.commit, None)
        elif found is not None and model.name in seen.declared:
            yield _archive(seen, model.name, None, found)


def _archive(seen: ObservedState, name: str, expected: str | None, found: str | None) -> Difference:
    return Difference(
        seen.model,
        DifferenceKind.ARCHIVE,
        f"{registry_state.ARCHIVED} of {name}",
        expected,
        found,
        registry_name=name,
        name=registry_state.ARCHIVED,
    )


def _is_ours(seen: ObservedState, name: str) -> bool:
    """Whether anything was ever promoted there: what was there before us is not ours to mend."""
    return any(act.registry_name == name for act in seen.known)
