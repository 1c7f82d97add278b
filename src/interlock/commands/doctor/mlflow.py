"""The topic mlflow: the registry, and the production models in it."""

from __future__ import annotations

from collections.abc import Iterator

from interlock import errors
from interlock.commands.doctor import head_models
from interlock.commands.doctor.context import DoctorContext, DoctorOptions
from interlock.domain.doctor import registry_lines
from interlock.domain.doctor.line import SettingCheck, unknown, wrong
from interlock.domain.model.manifest import Manifest
from interlock.domain.promotion.promotion import Promotion
from interlock.ledger import production
from interlock.ports.registry import Registry
from interlock.services import artifacts, temporary_folders


def check(context: DoctorContext, options: DoctorOptions) -> Iterator[SettingCheck]:
    """Yield the lines of the registry, and of each production model."""
    manifests = [model.manifest for _, model in head_models.trainable(context)]
    try:
        registry = context.open_registry()
    except (errors.MissingSetting, errors.BadInput) as error:
        yield unknown(registry_lines.NAME, error.message, error.hint)
        return
    names = {each.promote.registry_name for each in manifests}
    try:
        registered = registry.read(names)
    except errors.InterlockError as error:  # also a database that needs a migration
        fix = error.hint or "check its address, the credentials and the network"
        yield wrong(registry_lines.NAME, error.message, fix)
        return
    yield registry_lines.answers([each.name for each in registered], names)
    if manifests:
        yield _write(context, manifests[0], is_tried=options.is_trying)
    yield from _champions(context, registry, manifests, is_tried=options.is_trying)


def _write(context: DoctorContext, manifest: Manifest, *, is_tried: bool) -> SettingCheck:
    if not is_tried:
        return registry_lines.write(None)
    try:
        context.open_runs().prepare(model=manifest.model)
    except errors.InterlockError as error:
        return registry_lines.write(error.line)
    return registry_lines.write("")


def _champions(
    context: DoctorContext, registry: Registry, manifests: list[Manifest], *, is_tried: bool
) -> Iterator[SettingCheck]:
    for manifest in manifests:
        try:
            context.ledger.refresh()
            champion = production.champion(context.ledger, model=manifest.model)
            if champion is not None:
                names = champion.environments
                actual = {each: registry.find_alias(champion.registry_name, each) for each in names}
                yield registry_lines.aliases(champion, actual)
                problem = _fetch_problem(registry, champion) if is_tried else None
                yield registry_lines.artifact(champion.model, problem)
        except errors.InterlockError as error:
            yield unknown(f"aliases of {manifest.model}", error.message, error.hint)


def _fetch_problem(registry: Registry, champion: Promotion) -> str:
    """Return why the production model cannot be fetched, "" if it can."""
    version = registry.find_version(champion)
    if version is None:
        return f"the registry has no version with the digest {champion.sha256[:12]}"
    try:
        with temporary_folders.folder("doctor") as folder:
            place = registry.fetch(version, champion.artifact, to=folder)
            measured = artifacts.measure(place, name=champion.artifact)
    except errors.InterlockError as error:
        return error.line
    is_same = measured.sha256 == champion.sha256
    return "" if is_same else "its bytes differ from the evaluated ones"
