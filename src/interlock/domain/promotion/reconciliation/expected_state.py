"""The expected version, artifact, aliases, deployments and archive tags of a model; pure."""

from __future__ import annotations

from collections.abc import Iterator

from interlock.domain.basics.refusal import Refusal
from interlock.domain.promotion import promotion, registry_state
from interlock.domain.promotion.promotion import Phase, Promotion
from interlock.domain.promotion.reconciliation import versions
from interlock.domain.promotion.reconciliation.observed_state import (
    Difference,
    ObservedState,
)
from interlock.domain.promotion.reconciliation.settled_promotion import PromotionOutlook
from interlock.domain.promotion.registry_state import ModelVersion
from interlock.domain.promotion.repair import DifferenceKind


def of_settled(observed: ObservedState, done: Promotion) -> Iterator[Difference]:
    """Compare version, artifact, aliases and deployments of a finished promotion."""
    version = versions.find_version(observed, done)
    artifact = tuple(_artifact(observed, done, version)) if version else (_missing(observed, done),)
    yield from artifact
    # An alias never points to anything but the evaluated artifact.
    refusal = next((each.refusal for each in artifact), None)
    model = observed.registered.get(done.registry_name)
    aliases = {} if model is None else model.aliases
    for environment in done.environments:
        actual = aliases.get(environment)
        if version is None or actual != version.number:
            target = version or done
            yield _alias(observed, done.registry_name, environment, target, actual, refusal=refusal)
    for environment in done.environments if observed.deployments is not None else ():
        yield from _deployment(observed, done, environment, "success")


def _missing(observed: ObservedState, done: Promotion) -> Difference:
    refusal = None
    if observed.run_digest is not None and observed.run_digest != done.sha256:
        refusal = Refusal(
            f"neither a version of {done.registry_name} nor run {done.run_id} has the evaluated "
            f"artifact ({done.sha256[:12]}); restore it, or `/interlock rollback {done.model}`"
        )
    return Difference(
        observed.model,
        DifferenceKind.VERSION,
        f"version of {done.registry_name} with SHA-256 {done.sha256[:12]}",
        "registered",
        None,
        refusal=refusal,
        registry_name=done.registry_name,
        promotion=done,
    )


def _artifact(
    observed: ObservedState, done: Promotion, version: ModelVersion
) -> Iterator[Difference]:
    digest = observed.digests.get((version.name, version.number), done.sha256)
    if digest == done.sha256:
        return
    problem = "is not the evaluated one" if digest else "cannot be read"
    refusal = Refusal(
        f"the artifact of version {version.number} of {version.name} {problem}; restore the one "
        f"with SHA-256 {done.sha256[:12]}, or `/interlock rollback {done.model}`"
    )
    yield Difference(
        observed.model,
        DifferenceKind.ARTIFACT,
        f"SHA-256 of version {version.number} of {version.name}",
        done.sha256[:12],
        digest[:12] or None,
        refusal=refusal,
    )


def _alias(
    observed: ObservedState,
    registry: str,
    name: str,
    target: ModelVersion | Promotion | None,
    actual: int | None,
    *,
    refusal: Refusal | None = None,
) -> Difference:
    expected = None
    if isinstance(target, ModelVersion):
        expected = f"version {target.number}"
    elif target is not None:
        expected = f"the version with SHA-256 {target.sha256[:12]}"
    return Difference(
        observed.model,
        DifferenceKind.ALIAS,
        f"alias {name} of {registry}",
        expected,
        None if actual is None else f"version {actual}",
        refusal=refusal,
        registry_name=registry,
        name=name,
    )


def _deployment(
    observed: ObservedState, owner: Promotion, environment: str, expected: str
) -> Iterator[Difference]:
    states = observed.deployments or {}
    actual = states.get(promotion.deployment_key(owner, environment))
    if actual != expected:
        yield Difference(
            observed.model,
            DifferenceKind.DEPLOYMENT,
            f"deployment of {owner.revision[:12]} to {environment}",
            expected,
            actual,
            name=environment,
            promotion=owner,
        )


def superseded(observed: ObservedState) -> tuple[Promotion, ...]:
    """Return the promotions that were superseded since the previous production model.

    Their processes may have died before they updated the deployments on GitHub.
    """
    done = sorted(p.order for p in observed.records if p.phase is Phase.DONE)
    last = done[-2] if len(done) > 1 else (0, 0)
    ends = (p for p in observed.records if p.phase is Phase.SUPERSEDED)
    return tuple(p for p in ends if p.order > last)


def of_superseded(observed: ObservedState) -> Iterator[Difference]:
    """Find superseded promotions with a deployment that is still active on GitHub."""
    for owner in superseded(observed) if observed.deployments is not None else ():
        for environment in owner.environments:
            states = observed.deployments or {}
            if states.get(promotion.deployment_key(owner, environment)) == "success":
                yield from _deployment(observed, owner, environment, "inactive")


def extra_aliases(observed: ObservedState, outlook: PromotionOutlook) -> Iterator[Difference]:
    """Find aliases of environments that no promotion requires."""
    names = observed.environments.union(*(p.environments for p in observed.promotions))
    for model in observed.registered.values():
        expected: tuple[str, ...] = ()
        if outlook.target is not None and outlook.target[0] == model.name:
            expected = outlook.target[1]
        if model.name not in observed.declared or not _is_ours(observed, model.name):
            continue
        for alias, number in sorted(model.aliases.items()):
            if alias in names and alias not in expected:
                yield _alias(observed, model.name, alias, None, number)


def archive_tags(observed: ObservedState) -> Iterator[Difference]:
    """Compare the archive tags: set on registered models that main no longer declares, and on no
    others. Nothing is ever deleted."""
    for model in observed.registered.values():
        actual = model.tags.get(registry_state.ARCHIVED)
        # A model with an unreadable manifest may still be declared.
        is_known = not isinstance(observed.desired, Refusal) and _is_ours(observed, model.name)
        if is_known and actual is None and model.name not in observed.declared:
            yield _archive_tag(observed, model.name, observed.commit, None)
        elif actual is not None and model.name in observed.declared:
            yield _archive_tag(observed, model.name, None, actual)


def _archive_tag(
    observed: ObservedState, name: str, expected: str | None, actual: str | None
) -> Difference:
    return Difference(
        observed.model,
        DifferenceKind.ARCHIVE,
        f"{registry_state.ARCHIVED} of {name}",
        expected,
        actual,
        registry_name=name,
        name=registry_state.ARCHIVED,
    )


def _is_ours(observed: ObservedState, name: str) -> bool:
    """True if Interlock promoted to it: other registered models are never changed."""
    return any(p.registry_name == name for p in observed.promotions)
