"""Observe every model in production, from main, the ledger and GitHub, and write the dashboard."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from interlock import errors
from interlock.domain.basics import timestamps
from interlock.domain.basics.diagnostics import Severity
from interlock.domain.drift.status import DriftStatus
from interlock.domain.evaluation.verdict import Comparison
from interlock.domain.model.evidence import Evidence
from interlock.domain.model.manifest import Manifest
from interlock.domain.model.snapshot import Snapshot
from interlock.domain.monitoring import windows
from interlock.domain.monitoring.drift_table import WINDOWS
from interlock.domain.monitoring.monitoring_records import (
    DriftReport,
    PerformanceReport,
    WindowVerdict,
)
from interlock.domain.monitoring.windows import ScheduleStatus
from interlock.domain.promotion import predecessor
from interlock.domain.promotion.promotion import Promotion
from interlock.domain.reporting import dashboard
from interlock.domain.reporting.dashboard import Dashboard, DashboardFacts
from interlock.ledger import lookup, prefetch
from interlock.ports.github import GitHub
from interlock.ports.ledger import Ledger
from interlock.rendering import dashboard as page
from interlock.services.best_effort import Attempts
from interlock.services.each_model import EachModel, ModelStopped
from interlock.services.open_pulls import OpenPulls

TITLE = "Interlock: models in production"
LABELS = ("interlock",)


@dataclass(frozen=True, slots=True)
class ProductionContext:
    """Sources of the dashboard. `now` is ISO 8601. Without `pulls` the ledger decides which
    retraining pull requests are open; `attempts` collects failed requests."""

    ledger: Ledger
    pulls: OpenPulls | None
    now: str
    attempts: Attempts = field(default_factory=Attempts)


def observe(context: ProductionContext, snapshot: Snapshot) -> Dashboard:
    """Return the status of every model of a revision. The ledger is not refreshed.

    A record that cannot be read is a problem of its model; the other models are shown.
    """
    trained = _trained_this_month(context)
    prefetch.newest(context.ledger, tuple(snapshot.models), windows=1, labelled=1)
    each = EachModel({errors.CannotReachGit: context.ledger.refresh})
    stopped: list[ModelStopped] = []

    def act(name: str) -> DashboardFacts | None:
        return _facts(context, snapshot.models[name].manifest, trained.get(name, []))

    facts = [each.do(name, act, otherwise=stopped.append) for name in snapshot.models]
    unread = _problems(snapshot)
    problems = [*unread, *(f"{s.model} cannot be shown: {s.error.message}" for s in stopped)]
    codes = [errors.EXIT_INPUT for _ in unread] + [s.exit_code for s in stopped]
    shown = dashboard.arrange(filter(None, facts), problems=problems)
    return replace(shown, exit_code=errors.worst(codes))


def upsert(github: GitHub, shown: Dashboard) -> str:
    """Write the issue, unless it has the same text already; returns its URL."""
    return github.upsert_issue(
        marker=page.MARKER,
        title=TITLE,
        body=page.body(shown),
        labels=LABELS,
    )


def _problems(snapshot: Snapshot) -> list[str]:
    bad = (p for p in snapshot.problems if p.severity is Severity.ERROR)
    return [f"{p.path} cannot be read: {p.message}" for p in bad]


def _facts(
    context: ProductionContext, manifest: Manifest, trained: Sequence[str]
) -> DashboardFacts:
    """`trained` are the fingerprints of this month's training runs."""
    ledger, name = context.ledger, manifest.model
    production = lookup.champion(ledger, model=name)
    previous = production and lookup.previous_champion(ledger, current=production)
    verdicts = dict(itertools.islice(lookup.window_verdicts(ledger, model=name), WINDOWS))
    last = lookup.drift_report(ledger, next(iter(verdicts))) if verdicts else None
    return DashboardFacts(
        model=name,
        production=production,
        primary_metric=_primary_metric(ledger, manifest, production, previous),
        previous=previous,
        hold=lookup.active_hold(ledger, model=name),
        windows=tuple(window.verdict for window in reversed(verdicts.values())),
        newest=_newest(ledger, production, verdicts),
        performance=_performance(ledger, production),
        pull=_open_pull(context, name),
        evaluated_at=last.at if last else "",
        monitoring=_monitoring(manifest, production, last, now=context.now),
        cost=dashboard.cost(_evidence(ledger, name, trained)),
    )


def _newest(
    ledger: Ledger, production: Promotion | None, verdicts: Mapping[str, WindowVerdict]
) -> DriftReport | None:
    """The newest window of the production model with enough rows; without one, the newest.
    `verdicts` are those of the last windows by path, the newest first."""
    wanted = production.fingerprint if production else None
    ours = {path: window for path, window in verdicts.items() if window.reference == wanted}
    enough = [p for p, w in ours.items() if w.verdict is not DriftStatus.INSUFFICIENT]
    newest = next(iter(enough or ours), None)
    return None if newest is None else lookup.drift_report(ledger, newest)


def _primary_metric(
    ledger: Ledger, manifest: Manifest, production: Promotion | None, previous: Promotion | None
) -> Comparison | None:
    """The primary metric, compared with that of the previous production model."""
    if production is None:
        return None
    return predecessor.compare(
        manifest.evaluation.primary,
        champion=_model_evidence(ledger, production),
        before=None if previous is None else _model_evidence(ledger, previous),
    )


def _model_evidence(ledger: Ledger, promotion: Promotion) -> predecessor.ModelEvidence:
    name, fingerprint = promotion.model, promotion.fingerprint
    return predecessor.ModelEvidence(
        fingerprint,
        lookup.find_evidence(ledger, model=name, fingerprint=fingerprint),
        lookup.verdicts(ledger, model=name, fingerprint=fingerprint),
    )


def _performance(ledger: Ledger, production: Promotion | None) -> PerformanceReport | None:
    """The performance of the production model in the newest window with labels."""
    if production is None:
        return None
    name, fingerprint = production.model, production.fingerprint
    return next(lookup.performance_reports(ledger, model=name, reference=fingerprint), None)


def _open_pull(context: ProductionContext, model: str) -> int | None:
    """Return the newest open retraining pull request of the ledger; if GitHub does not answer, the
    newest one that is open in the ledger."""
    names = lookup.retraining_names(context.ledger, model=model)
    numbers = dashboard.open_pulls((pull, step) for _, _, step, pull in names)
    known: int | None = next(iter(numbers), None)
    pulls = context.pulls
    if pulls is None or not numbers:
        return known
    return context.attempts.attempt(
        f"the state of the retraining pull request of {model} is unknown",
        lambda: next(filter(pulls.has, numbers), None),
        otherwise=known,
        of="pull requests",
    )


def _monitoring(
    manifest: Manifest, production: Promotion | None, last: DriftReport | None, *, now: str
) -> ScheduleStatus | None:
    """Windows since the last evaluated one, or since the promotion; None without monitoring."""
    if manifest.monitor is None or production is None:
        return None
    since = timestamps.read(last.end if last else production.at)
    at = timestamps.read(now)
    if since is None or at is None:
        return None
    return windows.schedule_status(manifest.monitor.window, since=since, now=at)


def _trained_this_month(context: ProductionContext) -> dict[str, list[str]]:
    """Fingerprints with new evidence since the month began, by model. Reused evidence is free."""
    now = datetime.fromisoformat(context.now).astimezone(UTC)
    start = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0).isoformat()
    fingerprints: dict[str, list[str]] = {}
    for path in context.ledger.added(since=start):
        match path.split("/"):
            case [lookup.EVIDENCE, model, name]:
                fingerprints.setdefault(model, []).append(name.removesuffix(".json"))
    return fingerprints


def _evidence(ledger: Ledger, model: str, fingerprints: Sequence[str]) -> Iterator[Evidence]:
    for fingerprint in fingerprints:
        evidence = lookup.find_evidence(ledger, model=model, fingerprint=fingerprint)
        if evidence is not None:
            yield evidence
