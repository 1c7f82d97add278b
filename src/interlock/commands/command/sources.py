"""The comment or review behind an event, read again from GitHub: a payload may be old or forged."""

from __future__ import annotations

from dataclasses import dataclass

from interlock.domain.access import comment_command
from interlock.domain.access.command_record import CommentKind
from interlock.domain.access.comment_command import (
    CommentCommand,
    MalformedCommand,
    OtherComment,
)
from interlock.domain.access.event import Event, EventKind
from interlock.domain.basics.refusal import Refusal
from interlock.ports.github import Comment, GitHub
from interlock.services import manual_acceptance


@dataclass(frozen=True, slots=True)
class Approval:
    """An approving review of one commit."""

    sha: str


@dataclass(frozen=True, slots=True)
class CommentSource:
    """`at` is its time, ISO 8601; `permission` is the author's, "none" for an app."""

    kind: CommentKind
    id: int
    pull: int
    by: str
    at: str
    permission: str
    content: CommentCommand | MalformedCommand | Approval

    @property
    def text(self) -> str:
        match self.content:
            case CommentCommand():
                return comment_command.render(self.content)
            case MalformedCommand(line=line):
                return line
        return "An approving review"


def read(github: GitHub, event: Event) -> CommentSource | Refusal:
    """Return the comment or review, or the reason to ignore it. Raises CannotReachGitHub."""
    if event.kind is EventKind.COMMENT and event.action == "created":
        return _comment(github, event)
    if event.kind is EventKind.REVIEW and event.action == "submitted":
        return _review(github, event)
    return Refusal("the event is not a new comment or a new review of a pull request")


def _comment(github: GitHub, event: Event) -> CommentSource | Refusal:
    payload = event.comment
    if payload is None or isinstance(comment_command.parse(payload.body), OtherComment):
        return Refusal("the comment has no command")
    comment = github.find_comment(payload.id)
    if comment is None or comment.pull != event.number:
        return Refusal("the comment was deleted")
    if _is_edited(comment) or _lines(comment.body) != _lines(payload.body):
        return Refusal("the comment was edited; write a new one")
    content = comment_command.parse(comment.body)
    if isinstance(content, OtherComment):
        return Refusal("the comment has no command")
    return CommentSource(
        kind=CommentKind.COMMENT,
        id=comment.id,
        pull=comment.pull,
        by=comment.author,
        at=comment.created_at,
        permission=_permission(github, comment.author),
        content=content,
    )


def _review(github: GitHub, event: Event) -> CommentSource | Refusal:
    payload = event.review
    if payload is None or payload.state != "approved":
        return Refusal("the review does not approve")
    review = next((r for r in github.reviews(event.number) if r.id == payload.id), None)
    if review is None or review.state != "APPROVED":
        return Refusal("the review was dismissed")
    if review.sha != payload.sha:
        return Refusal("the review is for another commit now")
    return CommentSource(
        kind=CommentKind.REVIEW,
        id=review.id,
        pull=event.number,
        by=review.author,
        at=review.at,
        permission=_permission(github, review.author),
        content=Approval(review.sha),
    )


def _is_edited(comment: Comment) -> bool:
    """GitHub's times are whole seconds; for an edit within one, the payload's text is compared."""
    return comment.created_at != comment.updated_at


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n")


def _permission(github: GitHub, login: str) -> str:
    """An app cannot be a collaborator: GitHub would answer 404."""
    is_app = not login or login.endswith(manual_acceptance.BOT)
    return "none" if is_app else github.permission(login)
