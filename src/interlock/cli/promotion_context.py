"""The context of `promote` and `reconcile`, from the settings and the repository."""

from __future__ import annotations

from pathlib import Path

from interlock import wiring
from interlock.cli import open_ledger, open_repository, optional_github, policy_values
from interlock.services import snapshots
from interlock.services.best_effort import Attempts
from interlock.services.promotion.effects import PromotionContext
from interlock.settings import Settings


def build(
    repo: Path, own: Settings, attempts: Attempts, *, branch: str, without_github: str
) -> PromotionContext:
    """Open all systems. `without_github` is the warning for a missing setting of GitHub."""
    repository = open_repository.repository(repo)
    environment = policy_values.read(own, repository, branch=branch).settings()
    return PromotionContext(
        repository=repository,
        ledger=open_ledger.ledger(repository, environment),
        runs=wiring.runs(environment),
        registry=wiring.registry(environment),
        github=optional_github.find_github(environment, without=without_github),
        reader=snapshots.Reader(resolve_templates=wiring.resolve_templates),
        attempts=attempts,
    )
