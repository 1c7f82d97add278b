"""Every model in production as it stands: looked up in main, the ledger and GitHub, and told in one
issue; what is told is decided in domain.dashboard."""

from __future__ import annotations

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
    DriftSummary,
    PerformanceReport,
)
from interlock.domain.monitoring.windows import ScheduleStatus
from interlock.domain.promotion import hold as holding
from interlock.domain.promotion import predecessor
from interlock.domain.promotion.promotion import Promotion
from interlock.domain.reporting import dashboard
from interlock.domain.reporting.dashboard import Dashboard, DashboardFacts
from interlock.ledger import lookup
from interlock.ports.github import GitHub
from interlock.ports.ledger import Ledger
from interlock.rendering import dashboard as page
from interlock.services.best_effort import Attempts
from interlock.services.each_model import EachModel, ModelStopped

TITLE = "Interlock: models in production"
LABELS = ("interlock",)


@dataclass(frozen=True, slots=True)
class DashboardContext:
    """What is read; `github` is None where nothing can be asked of it. `now` is ISO 8601. Which
    retrainings are open is good to have: `attempts` says where that could not be asked."""

    ledger: Ledger
    github: GitHub | None
    now: str
    attempts: Attempts = field(default_factory=Attempts)


def observe(world: DashboardContext, snapshot: Snapshot) -> Dashboard:
    """Return how every model of a revision stands. The ledger is read as it is, not refreshed.

    What cannot be read of one model is that model's problem, and hides no other.
    """
    trained = _trained_this_month(world)
    each = EachModel({errors.CannotReachGit: world.ledger.refresh})
    stopped: list[ModelStopped] = []

    def act(name: str) -> DashboardFacts | None:
        return _facts(world, snapshot.models[name].manifest, trained.get(name, []))

    found = [each.do(name, act, otherwise=stopped.append) for name in snapshot.models]
    unread = _problems(snapshot)
    problems = [*unread, *(f"{s.model} cannot be shown: {s.error.message}" for s in stopped)]
    codes = [errors.EXIT_INPUT for _ in unread] + [s.exit_code for s in stopped]
    shown = dashboard.arrange(filter(None, found), problems=problems)
    return replace(shown, exit_code=errors.worst(codes))


def upsert(github: GitHub, shown: Dashboard) -> str:
    """Keep the one issue; its URL. Nothing is written where it says the same already."""
    return github.upsert_issue(
        marker=page.MARKER,
        title=TITLE,
        body=page.body(shown),
        labels=LABELS,
    )


def _problems(snapshot: Snapshot) -> list[str]:
    bad = (p for p in snapshot.problems if p.severity is Severity.ERROR)
    return [f"{p.path} cannot be read: {p.message}" for p in bad]


def _facts(world: DashboardContext, manifest: Manifest, trained: Sequence[str]) -> DashboardFacts:
    """`trained` are the fingerprints of what was judged first this month."""
    ledger, name = world.ledger, manifest.model
    served = lookup.champion(ledger, model=name)
    before = served and predecessor.find(lookup.promotions(ledger, model=name), served=served)
    paths = list(lookup.drift_ends(ledger, model=name).values())[-WINDOWS:]
    seen = [lookup.drift_summary(ledger, path) for path in paths]
    last = seen[-1] if seen else None
    return DashboardFacts(
        model=name,
        served=served,
        measured=None if served is None else _measured(ledger, manifest, served, before),
        before=before,
        hold=holding.active(lookup.holds(ledger, model=name)),
        windows=tuple(window.verdict for window in seen),
        newest=_newest(ledger, served, dict(zip(paths, seen, strict=True))),
        performance=_performance(ledger, served),
        pull=_open_pull(world, name),
        last_seen=last.at if last else "",
        pulse=_pulse(manifest, served, last, now=world.now),
        cost=dashboard.cost(_evidence(ledger, name, trained)),
    )


def _newest(
    ledger: Ledger, served: Promotion | None, seen: Mapping[str, DriftSummary]
) -> DriftReport | None:
    """The last window of what is served that says something, the only one that is read whole; one
    with too few rows takes nothing back."""
    wanted = served.fingerprint if served else None
    ours = {path: window for path, window in seen.items() if window.reference == wanted}
    telling = [p for p, w in ours.items() if w.verdict is not DriftStatus.INSUFFICIENT]
    newest = next(reversed(telling or list(ours)), None)
    return None if newest is None else lookup.drift_report(ledger, newest)


def _measured(
    ledger: Ledger, manifest: Manifest, served: Promotion, before: Promotion | None
) -> Comparison | None:
    """The primary metric beside that of the predecessor in production."""
    return predecessor.compare(
        manifest.evaluation.primary,
        champion=_side(ledger, served),
        before=None if before is None else _side(ledger, before),
    )


def _side(ledger: Ledger, act: Promotion) -> predecessor.ModelEvidence:
    name, fingerprint = act.model, act.fingerprint
    return predecessor.ModelEvidence(
        fingerprint,
        lookup.find_evidence(ledger, model=name, fingerprint=fingerprint),
        lookup.verdicts(ledger, model=name, fingerprint=fingerprint),
    )


def _performance(ledger: Ledger, served: Promotion | None) -> PerformanceReport | None:
    """Of the last window of what is served whose labels came."""
    if served is None:
        return None
    found = lookup.performance_reports(ledger, model=served.model)
    ours = [report for report in found if report.reference == served.fingerprint]
    return max(ours, key=lambda r: (r.end, r.performance.rows), default=None)


def _open_pull(world: DashboardContext, model: str) -> int | None:
    """The newest retraining that is open; only those that the ledger knows are asked after. Where
    GitHub does not say, the ledger's word counts."""
    numbers = dashboard.open_pulls(lookup.retrainings(world.ledger, model=model))
    known, github = next(iter(numbers), None), world.github
    if github is None:
        return known
    return world.attempts.attempt(
        f"whether the retraining of {model} is open was not asked",
        lambda: next((n for n in numbers if _is_open(github, n)), None),
        otherwise=known,
        of="pull requests",
    )


def _is_open(github: GitHub, number: int) -> bool:
    pull = github.find_pull(number)
    return pull is not None and pull.is_open


def _pulse(
    manifest: Manifest, served: Promotion | None, last: DriftSummary | None, *, now: str
) -> ScheduleStatus | None:
    """Counted from the last window, before there is one from the promotion; None where it is not
    to be watched, or cannot be."""
    if manifest.monitor is None or served is None:
        return None
    since = timestamps.read(last.end if last else served.at)
    at = timestamps.read(now)
    if since is None or at is None:
        return None
    return windows.schedule_status(manifest.monitor.window, since=since, now=at)


def _trained_this_month(world: DashboardContext) -> dict[str, list[str]]:
    """Fingerprints of what was judged first since the month began, by model: what was found again
    cost nothing."""
    now = datetime.fromisoformat(world.now).astimezone(UTC)
    start = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0).isoformat()
    found: dict[str, list[str]] = {}
    for path in world.ledger.added(since=start):
        if path.startswith("evidence/"):
            _, model, name = path.split("/")
            found.setdefault(model, []).append(name.removesuffix(".json"))
    return found


def _evidence(ledger: Ledger, model: str, fingerprints: Sequence[str]) -> Iterator[Evidence]:
    for fingerprint in fingerprints:
        found = lookup.find_evidence(ledger, model=model, fingerprint=fingerprint)
        if found is not None:
            yield found
