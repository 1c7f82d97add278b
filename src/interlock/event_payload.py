"""GitHub's event of a run to our noun: strict on what is used, blind to the rest.

The text is a stranger's: its size, encoding and types are checked, and nothing is looked up.
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
_HINT = "it must be what GitHub wrote to GITHUB_EVENT_PATH, for the event in GITHUB_EVENT_NAME"

_ANY = re.compile(r"[^\0]*", re.DOTALL)
_LOGIN = re.compile(r"[\w.-]{1,100}(\[bot\])?", re.ASCII)
_REPOSITORY = re.compile(r"[\w.-]{1,100}/[\w.-]{1,100}", re.ASCII)
_SHA = commit_ids.WHOLE
# https://git-scm.com/docs/git-check-ref-format, as far as it keeps a name from being more than one
_REF = re.compile(r"(?!-)[^\0-\x20\x7f~^:?*\[\\]{1,1000}")
_WORD = re.compile(r"[\w .:+-]{1,100}", re.ASCII)


def read_file(path: Path, *, name: str, limit: int = LIMIT_BYTES) -> Event:
    """`read` of a file; raises CannotReadDocument where it cannot be read."""
    try:
        with path.open("rb") as file:
            payload = file.read(limit + 1)
    except OSError as error:
        what = f"{path} cannot be read: {error.strerror}"
        raise errors.CannotReadDocument(what, hint=_HINT) from error
    return read(name, payload, limit=limit)


def read(name: str, payload: bytes, *, limit: int = LIMIT_BYTES) -> Event:
    """Return the event of GITHUB_EVENT_NAME `name` with this payload of at most `limit` bytes.

    An event that nothing of ours asks about is one of Kind.NOTHING. Raises CannotReadDocument,
    naming the field, for what GitHub would not write.
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
    """A payload, read by dotted paths; null and missing are the same."""

    def __init__(self, name: str, payload: object) -> None:
        self._name = name
        self._payload = payload

    def has(self, path: str) -> bool:
        return self._find(path) is not None

    def text(self, path: str, form: re.Pattern[str] = _ANY, *, default: str | None = None) -> str:
        """The text there, all of it of that form; `default` for none, or an error without it."""
        found = self._find(path)
        if found is None and default is not None:
            return default
        if not isinstance(found, str) or not form.fullmatch(found) or not _is_unicode(found):
            raise self._malformed(path, found)
        return found

    def number(self, path: str) -> int:
        found = self._find(path)
        if isinstance(found, bool) or not isinstance(found, int) or found < 1:
            raise self._malformed(path, found)
        return found

    def _find(self, path: str) -> object:
        found: object = self._payload
        for key in path.split("."):
            if found is None:
                return None
            if not isinstance(found, dict):
                raise self._malformed(path, found)
            found = found.get(key)
        return found

    def _malformed(self, path: str, found: object) -> errors.CannotReadDocument:
        return errors.CannotReadDocument(
            f"the event {self._name} is malformed: {path} is {_shown(found)}", hint=_HINT
        )


def _shown(found: object) -> str:
    if found is None:
        return "missing"
    return ascii(found[:100]) if isinstance(found, str) else type(found).__name__


def _is_unicode(text: str) -> bool:
    """Whether it can be written anywhere; JSON can spell half of a surrogate pair."""
    return not re.search(r"[\ud800-\udfff]", text)


def _event(kind: EventKind, payload: _Document) -> Event:
    """What all events bring."""
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
    """A comment on a pull request is one on an issue that has a field of that name."""
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
    return replace(_event(EventKind.MERGE_GROUP, payload), ref=ref, sha=sha)


def _push(payload: _Document) -> Event:
    """A push that deletes a branch has a commit of zeros: it is about none."""
    ref, sha = payload.text("ref", _REF), payload.text("after", _SHA)
    return replace(_event(EventKind.PUSH, payload), ref=ref, sha=sha if sha.strip("0") else "")


def _dispatch(payload: _Document) -> Event:
    return replace(_event(EventKind.DISPATCH, payload), ref=payload.text("ref", _REF))


def _repository_dispatch(payload: _Document) -> Event:
    return _event(EventKind.REPOSITORY_DISPATCH, payload)


def _schedule(payload: _Document) -> Event:
    """GitHub documents no payload of a tick; it runs on the default branch, whatever is there."""
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
