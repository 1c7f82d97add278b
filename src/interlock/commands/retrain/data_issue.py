"""The one issue that says that a model's live data is broken: told, kept up to date, closed."""

from __future__ import annotations

from typing import assert_never

from interlock.commands.retrain.context import RetrainContext, RetrainJob, RetrainSubject
from interlock.domain.retraining import hidden_marks, issue_decision
from interlock.domain.retraining.issue_decision import CloseIssue, DataIssue, NoIssue, UpdateIssue
from interlock.domain.retraining.retraining_facts import RetrainingFacts
from interlock.ports.github import Issue
from interlock.rendering import retraining as page
from interlock.services.best_effort import Attempts

LABELS = ("interlock", "data")
_ISSUES = "issues"


def find(world: RetrainContext, model: str) -> Issue | None:
    return world.github.find_issue(hidden_marks.opening(page.FEED, model))


def decide(
    world: RetrainContext, situation: RetrainingFacts, attempts: Attempts
) -> issue_decision.Decision:
    """What the issue is to say; nothing where GitHub does not say what it says now."""
    unknown: issue_decision.Decision = issue_decision.NoIssue("nothing is known of the issue")
    return attempts.attempt(
        "the issue about the feed was not looked at",
        lambda: issue_decision.decide(situation, _known(world, situation.model)),
        otherwise=unknown,
        of=_ISSUES,
    )


def _known(world: RetrainContext, model: str) -> DataIssue | None:
    issue = find(world, model)
    if issue is None:
        return None
    return DataIssue(issue.is_open, hidden_marks.read(issue.body, kind=page.FEED, model=model))


def act(job: RetrainJob) -> tuple[int | None, str]:
    """The issue's number and a sentence; None and "" where there is nothing to say. It gates no
    retraining: that is asked for, or forbidden, by what the ledger says of the feed."""
    nothing: tuple[int | None, str] = (None, "")
    return job.attempts.attempt(
        "the issue about the feed is not written",
        lambda: _write(job.world, job.subject),
        otherwise=nothing,
        of=_ISSUES,
    )


def _write(world: RetrainContext, subject: RetrainSubject) -> tuple[int | None, str]:
    decision: issue_decision.Decision = subject.feed
    marker = hidden_marks.opening(page.FEED, subject.name)
    match decision:
        case NoIssue(sentence=sentence):
            return None, sentence
        case UpdateIssue(report=report, mark=mark):
            url = world.github.upsert_issue(
                marker=marker,
                title=page.feed_title(subject.name),
                body=page.feed_body(report, mark),
                labels=LABELS,
            )
            return int(url.rpartition("/")[2]), f"the feed is broken: {report.diagnosis.sentence}"
        case CloseIssue(report=report, mark=mark):
            issue = world.github.find_issue(marker)
            body = page.mended_body(report, mark, before=issue.body if issue else "")
            closed = world.github.close_issue(marker=marker, body=body)
            return (closed.number if closed else None), "the feed is mended"
        case _:
            assert_never(decision)
