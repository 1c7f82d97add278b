"""The registered models of one run of `promote`, listed once for all models without a change."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from interlock.domain.promotion import registry_state
from interlock.domain.promotion.promotion import Promotion
from interlock.domain.promotion.registry_state import RegisteredModel
from interlock.ports.registry import Registry


@dataclass(slots=True)
class RegistryListing:
    """Lists the versions and aliases of `promotions()` at the first use.

    It only shows that nothing has to be done: each write is preceded by a read of its own.
    """

    registry: Registry
    promotions: Callable[[], Iterable[Promotion]]
    _models: dict[str, RegisteredModel] | None = None

    def find_in_production(self, act: Promotion) -> int | None:
        """Return the version of a promotion if it has all its aliases.

        None: another version has one of them, or this run has written to the registered model.
        """
        model = self._listed().get(act.registry_name)
        version = None if model is None else registry_state.find_version(model.versions, act)
        if model is None or version is None:
            return None
        is_placed = all(model.aliases.get(e) == version.number for e in act.environments)
        return version.number if is_placed else None

    def forget(self, registry_name: str) -> None:
        """Drop a registered model, because this run writes to it."""
        if self._models is not None:
            self._models.pop(registry_name, None)

    def _listed(self) -> dict[str, RegisteredModel]:
        if self._models is None:
            acts = list(self.promotions())
            names, run_ids = {act.registry_name for act in acts}, {act.run_id for act in acts}
            models = self.registry.read(names, run_ids=run_ids)
            self._models = {model.name: model for model in models}
        return self._models
