"""`report`'s look at reviews: one that approves the head is a word on what is inconclusive."""

from __future__ import annotations

from interlock.commands.report.observation import ReportContext
from interlock.domain.basics import figures
from interlock.domain.evaluation.acceptance import Acceptance
from interlock.domain.reporting.model_status import MergeStatus, Report
from interlock.ledger import transaction
from interlock.ports.github import GitHub
from interlock.services import manual_acceptance


def record(world: ReportContext, github: GitHub, report: Report) -> bool:
    """Write the words that a review gives, and say whether there are any.

    GitHub is asked only where a verdict waits for a person. Raises CannotReachGitHub.
    """
    request = report.request
    waiting = [
        s.verdict for s in report.models if s.merge_status is MergeStatus.INCONCLUSIVE and s.verdict
    ]
    if not waiting or not request.is_open:
        return False
    approval = manual_acceptance.find_approval(
        github, pull=request.number, head=request.head, policy=world.ruling.policy
    )
    if approval is None:
        return False

    def give() -> tuple[bool, tuple[Acceptance, ...]]:
        words = manual_acceptance.record_acceptances(
            world.ledger,
            waiting,
            revision=request.head,
            by=approval.author,
            reason=manual_acceptance.BY_REVIEW,
            at=approval.at,
        )
        return True, words

    message = f"Acceptance: review of {figures.short(request.head)}"
    return transaction.decide(world.ledger, give, message=message)
