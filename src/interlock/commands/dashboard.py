"""`dashboard`: tells how every model in production stands, in one issue; decides nothing."""

from __future__ import annotations

from dataclasses import dataclass

from interlock.domain.reporting.dashboard import Dashboard
from interlock.ports.git import Repository
from interlock.ports.github import GitHub
from interlock.ports.ledger import Ledger
from interlock.rendering import dashboard as page
from interlock.services import production_status, snapshots
from interlock.services.best_effort import Attempts


@dataclass(frozen=True, slots=True)
class DashboardResult:
    """What was shown of one revision; `url` is empty where nothing was to be written."""

    revision: str
    dashboard: Dashboard
    body: str
    url: str = ""


def run(
    *,
    repository: Repository,
    ledger: Ledger,
    github: GitHub | None,
    revision: str,
    now: str,
    dry_run: bool = False,
    reader: snapshots.Reader | None = None,
    attempts: Attempts | None = None,
) -> DashboardResult:
    """Show the models that a revision declares; without `github`, or with `dry_run`, write nothing.

    `now` is the time by which windows are overdue and months begin, in ISO 8601. Raises
    CannotResolve for a revision that is not there, OutsideFailure for a system out of reach.
    """
    ledger.refresh()
    reader = reader or snapshots.Reader()
    snapshot = reader.read(repository.tree(revision), look_for_imports=False)
    world = production_status.DashboardContext(ledger, github, now, attempts or Attempts())
    shown = production_status.observe(world, snapshot)
    url = "" if github is None or dry_run else production_status.upsert(github, shown)
    return DashboardResult(snapshot.revision, shown, page.body(shown), url)
