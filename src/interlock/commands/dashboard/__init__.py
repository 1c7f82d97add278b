"""`dashboard`: show the models in production in one issue."""

from __future__ import annotations

from dataclasses import dataclass, field

from interlock.domain.reporting.dashboard import Dashboard
from interlock.ports.git import Repository
from interlock.ports.github import GitHub
from interlock.ports.ledger import Ledger
from interlock.rendering import dashboard as page
from interlock.services import production_status, snapshots
from interlock.services.best_effort import Attempts
from interlock.services.open_pulls import OpenPulls
from interlock.services.production_status import ProductionContext


@dataclass(frozen=True, slots=True, kw_only=True)
class DashboardContext:
    """Without `github` no issue is written. `attempts` collects failures that are only reported."""

    repository: Repository
    ledger: Ledger
    github: GitHub | None
    reader: snapshots.Reader = field(default_factory=snapshots.Reader)
    attempts: Attempts = field(default_factory=Attempts)


@dataclass(frozen=True, slots=True, kw_only=True)
class DashboardOptions:
    """`now`, in ISO 8601, is the time for overdue windows and for the cost of this month."""

    revision: str
    now: str
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class DashboardResult:
    """The dashboard of one revision; `url` is empty if no issue was written."""

    revision: str
    dashboard: Dashboard
    body: str
    url: str = ""


def run(context: DashboardContext, options: DashboardOptions) -> DashboardResult:
    """Write the issue with the models of a revision.

    Raises CannotResolve for an unknown revision, OutsideFailure if a system cannot be reached.
    """
    context.ledger.refresh()
    tree = context.repository.tree(options.revision)
    snapshot = context.reader.read(tree, look_for_imports=False)
    pulls = None if context.github is None else OpenPulls(context.github)
    shown = production_status.observe(
        ProductionContext(context.ledger, pulls, options.now, context.attempts), snapshot
    )
    github = None if options.dry_run else context.github
    url = "" if github is None else production_status.upsert(github, shown)
    return DashboardResult(snapshot.revision, shown, page.body(shown), url)
