"""The one issue that says that a model's live data is broken: told, kept up to date, closed."""

from __future__ import annotations

from typing import assert_never

from interlock.commands.retrain.nouns import Subject, World
from interlock.domain.retraining import feeds, marks
from interlock.domain.retraining.feeds import Known, Mended, Quiet, Tell
from interlock.ports.github import Issue
from interlock.rendering import retraining as page

LABELS = ("interlock", "data")


def find(world: World, model: str) -> Issue | None:
    return world.github.find_issue(marks.opening(page.FEED, model))


def known(issue: Issue | None, model: str) -> Known | None:
    """The issue as a decision is given it."""
    if issue is None:
        return None
    return Known(issue.is_open, marks.read(issue.body, kind=page.FEED, model=model))


def act(world: World, subject: Subject) -> tuple[int | None, str]:
    """The issue's number and a sentence; None and "" where there is nothing to say."""
    decision: feeds.Decision = subject.feed
    marker = marks.opening(page.FEED, subject.name)
    match decision:
        case Quiet(sentence=sentence):
            return None, sentence
        case Tell(report=report, mark=mark):
            url = world.github.upsert_issue(
                marker=marker,
                title=page.feed_title(subject.name),
                body=page.feed_body(report, mark),
                labels=LABELS,
            )
            return int(url.rpartition("/")[2]), f"the feed is broken: {report.diagnosis.sentence}"
        case Mended(report=report, mark=mark):
            issue = world.github.find_issue(marker)
            body = page.mended_body(report, mark, before=issue.body if issue else "")
            closed = world.github.close_issue(marker=marker, body=body)
            return (closed.number if closed else None), "the feed is mended"
        case _:
            assert_never(decision)
