"""Record an approving review of the head as the acceptance of inconclusive results."""

from __future__ import annotations

from interlock.commands.report.observation import ReportSources
from interlock.domain.basics import figures
from interlock.domain.evaluation.acceptance import Acceptance
from interlock.domain.reporting.model_status import MergeStatus, Report
from interlock.ledger import transaction
from interlock.ports.github import GitHub
from interlock.services import manual_acceptance


def record(sources: ReportSources, github: GitHub, report: Report) -> bool:
    """Write the acceptances by an approving review; return True if there is such a review.

    GitHub is queried only for an inconclusive verdict. Raises CannotReachGitHub.
    """
    request = report.request
    waiting = [
        s.verdict for s in report.models if s.merge_status is MergeStatus.INCONCLUSIVE and s.verdict
    ]
    if not waiting or not request.is_open:
        return False
    approval = manual_acceptance.find_approval(
        github, pull=request.number, head=request.head, policy=sources.ruling.policy
    )
    if approval is None:
        return False

    def accept() -> tuple[bool, tuple[Acceptance, ...]]:
        acceptances = manual_acceptance.make_acceptances(
            sources.ledger,
            waiting,
            revision=request.head,
            by=approval.author,
            reason=manual_acceptance.BY_REVIEW,
            at=approval.at,
        )
        return True, acceptances

    message = f"Acceptance: review of {figures.short(request.head)}"
    return transaction.decide(sources.ledger, accept, message=message)
