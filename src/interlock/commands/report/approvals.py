"""Find an approving review of the head, and record it as the acceptance of inconclusive results."""

from __future__ import annotations

from interlock.commands.report.observation import ReportSources
from interlock.domain.basics import figures
from interlock.domain.evaluation.acceptance import Acceptance
from interlock.domain.evaluation.verdict import Verdict
from interlock.domain.reporting.model_status import MergeStatus, Report
from interlock.ledger import transaction
from interlock.ports.github import GitHub, Review
from interlock.services import manual_acceptance


def find(sources: ReportSources, github: GitHub, report: Report) -> Review | None:
    """Return a review that approves inconclusive results.

    GitHub is queried only for an inconclusive verdict. Raises CannotReachGitHub.
    """
    request = report.request
    if not _waiting(report) or not request.is_open:
        return None
    return manual_acceptance.find_approval(
        github, pull=request.number, head=request.head, policy=sources.ruling.policy
    )


def record(sources: ReportSources, report: Report, approval: Review) -> None:
    """Write the acceptances by an approving review."""
    request = report.request

    def accept() -> tuple[bool, tuple[Acceptance, ...]]:
        acceptances = manual_acceptance.make_acceptances(
            sources.ledger,
            _waiting(report),
            revision=request.head,
            by=approval.author,
            reason=manual_acceptance.BY_REVIEW,
            at=approval.at,
        )
        return True, acceptances

    message = f"Acceptance: review of {figures.short(request.head)}"
    transaction.decide(sources.ledger, accept, message=message)


def _waiting(report: Report) -> list[Verdict]:
    return [
        s.verdict for s in report.models if s.merge_status is MergeStatus.INCONCLUSIVE and s.verdict
    ]
