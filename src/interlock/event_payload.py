"""Read the payload of a GitHub event: strict for the fields that are used; all others are ignored.

The text is not trusted: its size, encoding and types are checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from interlock import errors, json_documents
from interlock.domain.access.event import (
    CommentEvent,
    Event,
    EventKind,
    Head,
    PullRequest,
    ReviewEvent,
    RunEvent,
)
from interlock.domain.basics import commit_ids

# GitHub's examples are below 50 kB; the longest text in them is a body of 65,536 characters.
LIMIT_BYTES = 10_000_000
_HINT = "use the file of GITHUB_EVENT_PATH and the name of GITHUB_EVENT_NAME"

_ANY = re.compile(r"[^\0]*", re.DOTALL)
_LOGIN = re.compile(r"[\w.-]{1,100}(\[bot\])?", re.ASCII)
_REPOSITORY = re.compile(r"[\w.-]{1,100}/[\w.-]{1,100}", re.ASCII)
_SHA = commit_ids.WHOLE
# https://git-scm.com/docs/git-check-ref-format, as far as it keeps a name from being more than one
_REF = re.compile(r"(?!-)[^\0-\x20\x7f~^:?*\[\\]{1,1000}")
_WORD = re.compile(r"[\w .:+-]{1,100}", re.ASCII)


def read_file(path: Path, *, name: str, limit: int = LIMIT_BYTES) -> Event:
    """Read an event from a file; raises CannotReadDocument if it cannot be read."""
    try:
        with path.open("rb") as file:
            payload = file.read(limit + 1)
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
        raise errors.CannotReadDocument(message, hint=_HINT) from error
    return read(name, payload, limit=limit)


def read_default_branch(path: Path) -> str:
    """Return the default branch that an event of any name has; "" without one."""
    with path.open("rb") as file:
        payload = _Document("", _parse("", file.read(LIMIT_BYTES + 1), limit=LIMIT_BYTES))
    return payload.text("repository.default_branch", _REF, default="")


def read(name: str, payload: bytes, *, limit: int = LIMIT_BYTES) -> Event:
    """Return the event of GITHUB_EVENT_NAME `name` with this payload of at most `limit` bytes.

    An event without a rule has EventKind.OTHER. Raises CannotReadDocument, with the name of the
    field, for a payload that GitHub would not write.
    """
    document = _Document(name, _parse(name, payload, limit=limit))
    reader = _READERS.get(name)
    return Event(EventKind.OTHER) if reader is None else reader(document)


def _parse(name: str, payload: bytes, *, limit: int) -> object:
    where = f"the event {name[:100]!r}"
    if len(payload) > limit:
        raise errors.CannotReadDocument(f"{where} has more than {limit:,} bytes", hint=_HINT)
    try:
        text = payload.decode("utf-8")
    except UnicodeDecodeError as error:
        raise errors.CannotReadDocument(f"{where} is not UTF-8: {error}", hint=_HINT) from error
    document = json_documents.parse(text, where=where, hint=_HINT)
    if not isinstance(document, dict):
        raise errors.CannotReadDocument(f"{where} is not a JSON object", hint=_HINT)
    return document


class _Document:
    """A payload with dotted paths; null is the same as missing."""

    def __init__(self, name: str, payload: object) -> None:
        self._name = name
        self._payload = payload

    def has(self, path: str) -> bool:
        return self._find(path) is not None

    def text(self, path: str, form: re.Pattern[str] = _ANY, *, default: str | None = None) -> str:
        """Return the text at a path, which must match `form`. A missing one needs a `default`."""
        value = self._find(path)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or not form.fullmatch(value) or not _is_unicode(value):
            raise self._malformed(path, value)
        return value

    def number(self, path: str) -> int:
        value = self._find(path)
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise self._malformed(path, value)
        return value

    def _find(self, path: str) -> object:
        value: object = self._payload
        for key in path.split("."):
            if value is None:
                return None
            if not isinstance(value, dict):
                raise self._malformed(path, value)
            value = value.get(key)
        return value

    def _malformed(self, path: str, value: object) -> errors.CannotReadDocument:
        return errors.CannotReadDocument(
            f"the event {self._name} is malformed: {path} is {_shown(value)}", hint=_HINT
        )


def _shown(value: object) -> str:
    if value is None:
        return "missing"
    return ascii(value[:100]) if isinstance(value, str) else type(value).__name__


def _is_unicode(text: str) -> bool:
    """Whether it can be encoded; JSON can contain half of a surrogate pair."""
    return not re.search(r"[\ud800-\udfff]", text)


def _event(kind: EventKind, payload: _Document) -> Event:
    """The fields that all events have."""
    return Event(
        kind=kind,
        action=payload.text("action", _WORD, default=""),
        repository=payload.text("repository.full_name", _REPOSITORY),
        default_branch=payload.text("repository.default_branch", _REF, default=""),
        sender=payload.text("sender.login", _LOGIN, default=""),
    )


def _pull_request(payload: _Document) -> Event:
    return _about_pull(_event(EventKind.PULL_REQUEST, payload), payload)


def _about_pull(event: Event, payload: _Document) -> Event:
    number = payload.number("pull_request.number")
    pull = PullRequest(
        number=number,
        author=payload.text("pull_request.user.login", _LOGIN, default=""),
        head=_head(payload, "pull_request.head"),
        base=_head(payload, "pull_request.base"),
    )
    return replace(event, number=number, pull=pull, sha=pull.head.sha)


def _head(payload: _Document, path: str) -> Head:
    return Head(
        repository=payload.text(f"{path}.repo.full_name", _REPOSITORY, default=""),
        ref=payload.text(f"{path}.ref", _REF),
        sha=payload.text(f"{path}.sha", _SHA),
    )


def _review(payload: _Document) -> Event:
    review = ReviewEvent(
        id=payload.number("review.id"),
        author=payload.text("review.user.login", _LOGIN, default=""),
        state=payload.text("review.state", _WORD).lower(),
        body=payload.text("review.body", default=""),
        sha=payload.text("review.commit_id", _SHA),
    )
    return replace(_about_pull(_event(EventKind.REVIEW, payload), payload), review=review)


def _comment(payload: _Document) -> Event:
    """GitHub sends a pull request here as an issue with the field `pull_request`."""
    if not payload.has("issue.pull_request"):
        return Event(EventKind.OTHER)
    comment = CommentEvent(
        id=payload.number("comment.id"),
        author=payload.text("comment.user.login", _LOGIN, default=""),
        body=payload.text("comment.body", default=""),
        created_at=payload.text("comment.created_at", _WORD),
        updated_at=payload.text("comment.updated_at", _WORD),
    )
    number = payload.number("issue.number")
    return replace(_event(EventKind.COMMENT, payload), number=number, comment=comment)


def _merge_group(payload: _Document) -> Event:
    ref = payload.text("merge_group.head_ref", _REF)
    sha = payload.text("merge_group.head_sha", _SHA)
    base = payload.text("merge_group.base_sha", _SHA, default="")
    return replace(_event(EventKind.MERGE_GROUP, payload), ref=ref, sha=sha, base=base)


def _push(payload: _Document) -> Event:
    """A push that deletes a branch has a commit of zeros, which becomes ""."""
    ref, sha = payload.text("ref", _REF), payload.text("after", _SHA)
    return replace(_event(EventKind.PUSH, payload), ref=ref, sha=sha if sha.strip("0") else "")


def _dispatch(payload: _Document) -> Event:
    return replace(_event(EventKind.DISPATCH, payload), ref=payload.text("ref", _REF))


def _repository_dispatch(payload: _Document) -> Event:
    return _event(EventKind.REPOSITORY_DISPATCH, payload)


def _schedule(payload: _Document) -> Event:
    """GitHub documents no payload for a schedule; it runs on the default branch."""
    repository = payload.text("repository.full_name", _REPOSITORY, default="")
    return Event(EventKind.SCHEDULE, repository=repository)


def _workflow_run(payload: _Document) -> Event:
    run = RunEvent(
        id=payload.number("workflow_run.id"),
        event=payload.text("workflow_run.event", _WORD),
        actor=payload.text("workflow_run.actor.login", _LOGIN, default=""),
        conclusion=payload.text("workflow_run.conclusion", _WORD, default=""),
        head=Head(
            repository=payload.text(
                "workflow_run.head_repository.full_name", _REPOSITORY, default=""
            ),
            ref=payload.text("workflow_run.head_branch", _REF, default=""),
            sha=payload.text("workflow_run.head_sha", _SHA),
        ),
    )
    return replace(_event(EventKind.RUN_ENDED, payload), run=run, sha=run.head.sha)


_READERS: Mapping[str, Callable[[_Document], Event]] = {
    EventKind.PULL_REQUEST: _pull_request,
    EventKind.REVIEW: _review,
    EventKind.COMMENT: _comment,
    EventKind.MERGE_GROUP: _merge_group,
    EventKind.PUSH: _push,
    EventKind.DISPATCH: _dispatch,
    EventKind.REPOSITORY_DISPATCH: _repository_dispatch,
    EventKind.SCHEDULE: _schedule,
    EventKind.RUN_ENDED: _workflow_run,
}
