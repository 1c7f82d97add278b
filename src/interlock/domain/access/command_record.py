"""The record of one command in a comment."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from interlock.domain.access.comment_command import Verb


class CommentKind(StrEnum):
    COMMENT = "comment"
    REVIEW = "review"


class CommandOutcome(StrEnum):
    """STARTED: the next jobs do the work. IGNORED: not a command, or executed before."""

    DONE = "done"
    STARTED = "started"
    REFUSED = "refused"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class CommandRecord:
    """One command of a user with write access, and its outcome.

    `id` is the id of the comment or review on GitHub. `text` is the command, or the invalid line;
    `sentence` continues it. `sha` is the commit that the command is for. `run` is the URL of the
    workflow run, "" without one.
    """

    pull: int
    source: CommentKind
    id: int
    by: str
    text: str
    outcome: CommandOutcome
    sentence: str
    at: str
    verb: Verb | None = None
    sha: str | None = None
    models: tuple[str, ...] = ()
    run: str = ""
