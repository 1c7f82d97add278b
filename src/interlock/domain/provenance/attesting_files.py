"""Lists which workflow file may write which kind of record, and for which events.

A kind without a row may not be written by any job.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from interlock.domain.provenance.claims import Claims

CANDIDATE = "interlock/candidate/v1"
_PULL = re.compile(r"refs/pull/[1-9][0-9]*/merge")
_QUEUE = re.compile(r"pr-[1-9][0-9]*-[0-9a-f]{40}([0-9a-f]{24})?")
_MAIN_EVENTS = frozenset({"push", "schedule", "workflow_dispatch"})


class Moment(StrEnum):
    """The event of a job, with the ref for which it runs.

    MAIN: a push, a schedule or a dispatch on the default branch. CHANGE: a pull request or a merge
    group against the default branch. COMMENT: a comment. REVIEW: a review of a pull request.
    BRANCH: a dispatch on another branch, or a pull request into one.
    """

    MAIN = "main"
    CHANGE = "change"
    COMMENT = "comment"
    REVIEW = "review"
    BRANCH = "branch"


@dataclass(frozen=True, slots=True)
class AttestingFile:
    """A workflow file of Interlock and the moments at which its jobs may attest. `shown` are those
    of which a report may show the record, and nothing else may use it."""

    file: str
    moments: frozenset[Moment]
    shown: frozenset[Moment] = frozenset()


_FOR_MAIN = frozenset({Moment.MAIN, Moment.COMMENT})
_CANDIDATES = frozenset({Moment.MAIN, Moment.CHANGE})
_COMMENT = frozenset({Moment.COMMENT})
_SHOWN = frozenset({Moment.COMMENT, Moment.BRANCH})


def _file(verb: str) -> str:
    return f".github/workflows/models-{verb}.yml"


# A comment's token names the default branch, also while a fork's code trains.
_EVALUATE = (AttestingFile(_file("evaluate"), _CANDIDATES, shown=_SHOWN),)
_COMMAND = AttestingFile(_file("command"), _COMMENT)
_PEOPLE = AttestingFile(_file("command"), frozenset({Moment.COMMENT, Moment.REVIEW}))
_PROMOTE = (
    AttestingFile(_file("promote"), _FOR_MAIN),
    AttestingFile(_file("reconcile"), _FOR_MAIN),
)
_MONITOR = (AttestingFile(_file("monitor"), _FOR_MAIN),)
ATTESTING_FILES: Mapping[str, tuple[AttestingFile, ...]] = {
    CANDIDATE: (AttestingFile(_file("train"), _CANDIDATES, shown=_SHOWN),),
    "interlock/evidence/v1": _EVALUATE,
    "interlock/verdict/v1": _EVALUATE,
    "interlock/outputs/v1": _EVALUATE,
    "interlock/data/v1": _EVALUATE,
    "interlock/attempt/v1": _EVALUATE,
    "interlock/acceptance/v1": (_PEOPLE,),
    "interlock/comment-command/v1": (_PEOPLE,),
    "interlock/hold/v1": (_COMMAND,),
    "interlock/promotion/v1": (*_PROMOTE, _COMMAND),
    "interlock/repair/v1": _PROMOTE,
    "interlock/verification/v1": _PROMOTE,
    "interlock/drift-window/v1": _MONITOR,
    "interlock/reference/v1": _MONITOR,
    "interlock/performance/v1": _MONITOR,
    "interlock/retraining/v1": _MONITOR,
}


def is_only_shown(event: str, ref: str, *, base_ref: str, default_branch: str) -> bool:
    """True for an event whose candidates and evidence only a report may show."""
    return _moment(event, ref, base_ref, default_branch) in _SHOWN


def moment(claims: Claims, *, default_branch: str) -> Moment | None:
    """Return the moment of a token; None for an event or a ref that never counts.

    The `base_ref` of a pull request is the branch of which its author chose the content.
    """
    return _moment(claims.event_name, claims.ref, claims.base_ref, default_branch)


def _moment(event: str, ref: str, base_ref: str, default_branch: str) -> Moment | None:
    branch = f"refs/heads/{default_branch}"
    if event in _MAIN_EVENTS and ref == branch:
        return Moment.MAIN
    if event == "issue_comment" and ref == branch:
        return Moment.COMMENT
    if event == "workflow_dispatch" and ref.startswith("refs/heads/"):
        return Moment.BRANCH
    if _PULL.fullmatch(ref) is not None and base_ref:
        return _of_pull(event, is_into_default=base_ref == default_branch)
    return Moment.CHANGE if event == "merge_group" and _is_queue(ref, branch) else None


def _of_pull(event: str, *, is_into_default: bool) -> Moment | None:
    if event == "pull_request":
        return Moment.CHANGE if is_into_default else Moment.BRANCH
    is_review = event == "pull_request_review" and is_into_default
    return Moment.REVIEW if is_review else None


def _is_queue(ref: str, branch: str) -> bool:
    start = branch.replace("refs/heads/", "refs/heads/gh-readonly-queue/", 1) + "/"
    return ref.startswith(start) and _QUEUE.fullmatch(ref.removeprefix(start)) is not None


def find(kind: str, file: str, *, at: Moment, with_shown: bool = False) -> AttestingFile | None:
    """Return the row of a kind of record with this file and moment; None without one."""
    for each in ATTESTING_FILES.get(kind, ()):
        moments = each.moments | (each.shown if with_shown else frozenset())
        if each.file == file and at in moments:
            return each
    return None
