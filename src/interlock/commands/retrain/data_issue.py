"""The one issue for a failed upstream data pipeline: opened, updated, closed."""

from __future__ import annotations

from typing import assert_never

from interlock.commands.retrain.context import RetrainContext, RetrainJob, RetrainSubject
from interlock.commands.retrain.listings import Listings
from interlock.domain.retraining import hidden_marks, issue_decision, retraining_reasons
from interlock.domain.retraining.issue_decision import CloseIssue, DataIssue, NoIssue, UpdateIssue
from interlock.domain.retraining.retraining_facts import RetrainingFacts
from interlock.rendering import retraining as page
from interlock.services.best_effort import Attempts

LABELS = ("interlock", "data")
_ISSUES = "issues"


def decide(
    listings: Listings, facts: RetrainingFacts, attempts: Attempts
) -> issue_decision.Decision:
    """Decide about the issue; without one if GitHub cannot return its present text."""
    unknown: issue_decision.Decision = issue_decision.NoIssue("the data issue is unknown")
    return attempts.attempt(
        "the data issue is not read",
        lambda: issue_decision.decide(facts, _find(listings, facts)),
        otherwise=unknown,
        of=_ISSUES,
    )


def _find(listings: Listings, facts: RetrainingFacts) -> DataIssue | None:
    """A closed issue only matters if the data pipeline failed."""
    marker = hidden_marks.opening(page.DATA, facts.model)
    if retraining_reasons.is_pipeline_failed(facts):
        issue = listings.context.github.find_issue(marker)
    else:
        issue = listings.find_open_issue(marker)
    if issue is None:
        return None
    mark = hidden_marks.read(issue.body, kind=page.DATA, model=facts.model)
    return DataIssue(issue.is_open, mark)


def act(job: RetrainJob) -> tuple[int | None, str]:
    """Return the issue's number and a sentence; None and "" without an issue. A failure here does
    not stop the retraining decision, which uses the ledger."""
    nothing: tuple[int | None, str] = (None, "")
    return job.attempts.attempt(
        "the data issue is not written",
        lambda: _write(job.context, job.subject),
        otherwise=nothing,
        of=_ISSUES,
    )


def _write(context: RetrainContext, subject: RetrainSubject) -> tuple[int | None, str]:
    decision: issue_decision.Decision = subject.data_issue
    marker = hidden_marks.opening(page.DATA, subject.name)
    match decision:
        case NoIssue(sentence=sentence):
            return None, sentence
        case UpdateIssue(report=report, mark=mark):
            url = context.github.upsert_issue(
                marker=marker,
                title=page.issue_title(subject.name),
                body=page.issue_body(report, mark),
                labels=LABELS,
            )
            failed = f"upstream data pipeline failed: {report.diagnosis.sentence}"
            return int(url.rpartition("/")[2]), failed
        case CloseIssue(report=report, mark=mark):
            issue = context.github.find_issue(marker)
            body = page.closed_issue_body(report, mark, before=issue.body if issue else "")
            closed = context.github.close_issue(marker=marker, body=body)
            return (closed.number if closed else None), "the data issue is closed"
        case _:
            assert_never(decision)
