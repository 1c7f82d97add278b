"""What was said on a pull request, by whom, asked of GitHub again: a payload may be old or forged;
nothing is decided or done about it here."""

from __future__ import annotations

from dataclasses import dataclass

from interlock.domain.access import comment_command
from interlock.domain.access.command_record import CommentKind
from interlock.domain.access.comment_command import CommentCommand, MalformedCommand, OtherComment
from interlock.domain.access.event import Event, EventKind
from interlock.ports.github import Comment, GitHub
from interlock.services import manual_acceptance


@dataclass(frozen=True, slots=True)
class Approval:
    """An approving review of one commit."""

    sha: str


@dataclass(frozen=True, slots=True)
class CommentSource:
    """`at` is when it was said, ISO 8601; `permission` is the author's, "none" for an app."""

    source: CommentKind
    id: int
    pull: int
    by: str
    at: str
    permission: str
    asks: CommentCommand | MalformedCommand | Approval

    @property
    def text(self) -> str:
        match self.asks:
            case CommentCommand():
                return comment_command.render(self.asks)
            case MalformedCommand(line=line):
                return line
        return "An approving review"


def read(github: GitHub, event: Event) -> CommentSource | str:
    """Return what was said, or why there is nothing to do about it. Raises CannotReachGitHub."""
    if event.kind is EventKind.COMMENT and event.action == "created":
        return _comment(github, event)
    if event.kind is EventKind.REVIEW and event.action == "submitted":
        return _review(github, event)
    return "it is neither a new comment nor a new review of a pull request"


def _comment(github: GitHub, event: Event) -> CommentSource | str:
    told = event.comment
    if told is None or isinstance(comment_command.parse(told.body), OtherComment):
        return "the comment asks for nothing"
    found = github.find_comment(told.id)
    if found is None or found.pull != event.number:
        return "the comment is gone"
    if _is_edited(found) or _lines(found.body) != _lines(told.body):
        return "the comment was edited; write a new one"
    asks = comment_command.parse(found.body)
    if isinstance(asks, OtherComment):
        return "the comment asks for nothing"
    return CommentSource(
        source=CommentKind.COMMENT,
        id=found.id,
        pull=found.pull,
        by=found.author,
        at=found.created_at,
        permission=_permission(github, found.author),
        asks=asks,
    )


def _review(github: GitHub, event: Event) -> CommentSource | str:
    told = event.review
    if told is None or told.state != "approved":
        return "the review approves nothing"
    found = next((r for r in github.reviews(event.number) if r.id == told.id), None)
    if found is None or found.state != "APPROVED":
        return "the review was dismissed"
    if found.sha != told.sha:
        return "the review is of another commit by now"
    return CommentSource(
        source=CommentKind.REVIEW,
        id=found.id,
        pull=event.number,
        by=found.author,
        at=found.at,
        permission=_permission(github, found.author),
        asks=Approval(found.sha),
    )


def _is_edited(comment: Comment) -> bool:
    """By GitHub's clock of whole seconds: for the rest the payload's own text is compared."""
    return comment.created_at != comment.updated_at


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n")


def _permission(github: GitHub, login: str) -> str:
    """An app has no place among the collaborators: GitHub answers 404, and we do not ask."""
    return (
        github.permission(login) if login and not login.endswith(manual_acceptance.BOT) else "none"
    )
