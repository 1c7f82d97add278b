"""Files that belong in Git and were not committed: the reason, and how to commit them."""

from __future__ import annotations

from interlock.domain.basics import figures
from interlock.domain.model.evidence import KEPT
from interlock.domain.model.git_outputs import UncommittedFile
from interlock.domain.training.dvc_lock import LockNote
from interlock.rendering import escape
from interlock.rendering.escape import Markdown


def lines(note: LockNote, *, caps: tuple[int, ...]) -> tuple[tuple[Markdown, ...], ...]:
    """One line for each file, in one list for each cap on their number, the longest first."""
    every = [_line(note, each) for each in note.left]
    return tuple(_capped(every, most) for most in caps if most == caps[0] or most < len(every))


def _capped(every: list[Markdown], most: int) -> tuple[Markdown, ...]:
    rest = len(every) - most
    more = [Markdown(f"- and {figures.count(rest, 'more file')}")] if rest > 0 else []
    return (*every[:most], *more)


def _line(note: LockNote, left: UncommittedFile) -> Markdown:
    path, reason = escape.code(left.path, longest=200), escape.inline(left.reason)
    return Markdown(f"- {path} belongs in Git and was not committed: {reason}; {_way(note, left)}.")


def _way(note: LockNote, left: UncommittedFile) -> Markdown:
    if left.run_id:
        what = (escape.argument(left.run_id), escape.argument(f"{KEPT}{left.path}"))
        command = "mlflow artifacts download --run-id {} --artifact-path {}".format(*what)
        return Markdown(f"{escape.code(command, longest=500)} downloads it; commit it then")
    repro = " ".join(["dvc repro", *map(escape.argument, note.targets[:1])])
    return Markdown(f"commit the output of {escape.code(repro, longest=300)}, or let DVC cache it")
