"""Lines about MLflow, or the store in its place: it answers, and has the production models."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from interlock.domain.basics import figures
from interlock.domain.doctor.line import SettingCheck, ok, unknown, wrong
from interlock.domain.promotion.promotion import Promotion

NAME = "MLflow"
_REPAIR = "interlock reconcile"


def answers(registered: Collection[str], names: Collection[str]) -> SettingCheck:
    """Return the line of a registry that answered; `names` are the models of HEAD in it."""
    share = f"{len(registered)} of {figures.count(len(names), 'model')}"
    return ok(NAME, f"it answers, and {share} of HEAD {'is' if len(names) == 1 else 'are'} there")


def write(problem: str | None) -> SettingCheck:
    """`problem` is why nothing could be written, "" if it could, and None if it was not tried."""
    name = f"write to {NAME}"
    if problem is None:
        return unknown(name, "it would make an experiment", "interlock doctor --try")
    if problem:
        return wrong(name, problem, "use credentials that can write, as a training does")
    return ok(name, "runs can be recorded")


def aliases(champion: Promotion, actual: Mapping[str, int | None]) -> SettingCheck:
    """Compare the aliases of the production model with the ledger; `actual` maps each environment
    to the number of its version, None without the alias."""
    name = f"aliases of {champion.model}"
    others = [
        f"{alias} is {'missing' if number is None else f'version {number}'}"
        for alias, number in actual.items()
        if number != champion.version
    ]
    if not others:
        return ok(
            name, f"{figures.listing(list(actual))}: version {champion.version}, as in the ledger"
        )
    sentence = f"{', '.join(others)}; the ledger has version {champion.version}"
    return wrong(name, sentence, _REPAIR)


def artifact(model: str, problem: str | None) -> SettingCheck:
    """`problem` is why the model that the aliases name cannot be loaded, "" if it can, and None if
    it was not tried."""
    name = f"artifact of {model}"
    if problem is None:
        return unknown(name, "the production model would be fetched", "interlock doctor --try")
    if problem:
        return wrong(name, problem, _REPAIR)
    return ok(name, "the production model was fetched, and has the evaluated bytes")
