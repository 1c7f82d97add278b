"""Where each record of the ledger lies; which of them there are is not known here."""

from __future__ import annotations

from datetime import UTC, datetime

from interlock.domain.access.command_record import CommentKind
from interlock.domain.evaluation.acceptance import Acceptance
from interlock.domain.model.evidence import Attempt
from interlock.domain.monitoring.monitoring_records import (
    DriftReport,
    DriftSummary,
    PerformanceReport,
    RetrainingRequest,
)
from interlock.domain.promotion import ledger_audit as sound
from interlock.domain.promotion.hold import Hold
from interlock.domain.promotion.promotion import Phase, Promotion
from interlock.domain.promotion.reconciliation import Repair


def evidence_path(model: str, fingerprint: str) -> str:
    return f"evidence/{sound.check_model(model)}/{sound.check_hex(fingerprint)}.json"


def kept_path(model: str, fingerprint: str) -> str:
    return f"outputs/{sound.check_model(model)}/{sound.check_hex(fingerprint)}.json"


def verdict_path(model: str, fingerprint: str, key: str) -> str:
    folder = f"verdicts/{sound.check_model(model)}/{sound.check_hex(fingerprint)}"
    return sound.check_path(f"{folder}/{key}.json")


def attempt_path(attempt: Attempt) -> str:
    folder = f"attempts/{sound.check_model(attempt.name)}/{sound.check_hex(attempt.fingerprint)}"
    return sound.check_path(f"{folder}/{attempt.run_id}.json")


def acceptance_path(acceptance: Acceptance) -> str:
    model = sound.check_model(acceptance.model)
    folder = f"acceptances/{model}/{sound.check_hex(acceptance.fingerprint)}"
    return sound.check_path(f"{folder}/{acceptance.key}-{acceptance.revision}.json")


def picture_path(model: str, fingerprint: str, name: str) -> str:
    folder = f"pictures/{sound.check_model(model)}/{sound.check_hex(fingerprint)}"
    return sound.check_path(f"{folder}/{name}.png")


def promotion_path(promotion: Promotion) -> str:
    # One path for both ways an act can end, so that it ends once: nothing is ever replaced.
    end = "intent" if promotion.phase is Phase.INTENT else "outcome"
    epoch = f"-{promotion.epoch}" if promotion.epoch else ""
    name = f"{promotion.position:08d}-{promotion.fingerprint[:12]}{epoch}-{end}"
    sound.check_hex(promotion.fingerprint)
    return f"promotions/{sound.check_model(promotion.model)}/{name}.json"


def hold_path(hold: Hold) -> str:
    # One path for a hold and a release, so that of two at once the second finds its place taken.
    return sound.check_path(f"holds/{sound.check_model(hold.model)}/{hold.epoch:08d}.json")


def repair_path(repair: Repair) -> str:
    model = sound.check_model(repair.model)
    return sound.check_path(f"corrections/{model}/{repair.number:08d}-{repair.step}.json")


def command_path(pull: int, source: CommentKind, number: int) -> str:
    return sound.check_path(f"commands/pull-{pull}/{source}-{number}.json")


def stamp(moment: str) -> str:
    """20260314T000000Z of 2026-03-14T00:00:00+00:00: a time as a name that sorts."""
    return datetime.fromisoformat(moment).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def drift_path(report: DriftReport | DriftSummary) -> str:
    # One path for a window, so that of two monitors the second finds it reported.
    name = drift_name(report)
    return sound.check_path(f"drift/{sound.check_model(report.model)}/{name}.json")


def drift_name(report: DriftReport | DriftSummary) -> str:
    """The window's end, and which evaluation of it this is where it was evaluated again."""
    again = f"-{report.revision}" if report.revision else ""
    return f"{stamp(report.end)}{again}"


def performance_path(report: PerformanceReport) -> str:
    name = f"{stamp(report.end)}-{report.performance.rows}"
    return sound.check_path(f"performance/{sound.check_model(report.model)}/{name}.json")


def profile_path(model: str, fingerprint: str, rules: str) -> str:
    name = f"{sound.check_hex(fingerprint)}-{sound.check_hex(rules)}"
    return sound.check_path(f"profiles/{sound.check_model(model)}/{name}.json")


def retraining_path(request: RetrainingRequest) -> str:
    # A request is written before its pull request has a number, and once more with it.
    number = f"-{request.pull}" if request.pull is not None else ""
    name = f"{stamp(request.at)}-{request.step}{number}"
    return sound.check_path(f"retrainings/{sound.check_model(request.model)}/{name}.json")
