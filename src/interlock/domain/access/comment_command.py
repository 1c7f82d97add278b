"""What a comment asks for: its first line, parsed strictly; who may ask is decided in asking.

Only the first line counts, and only where it begins with `/interlock`: a quotation, code, a hidden
comment or an answer to an earlier command begins otherwise.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from interlock.domain.basics import commit_ids

PREFIX = "/interlock"
REASON_LONGEST = 500
_LINE_LONGEST = 200
_SHOWN_LONGEST = 40


class Verb(StrEnum):
    HELP = "help"
    PLAN = "plan"
    TRAIN = "train"
    PROMOTE = "promote"
    ROLLBACK = "rollback"
    HOLD = "hold"
    RELEASE = "release"
    ACCEPT = "accept"
    RETRAIN = "retrain"


# What must follow each verb: words in angle brackets, a reason last, to the end of the line.
GRAMMAR: dict[Verb, tuple[str, ...]] = {
    Verb.HELP: (),
    Verb.PLAN: (),
    Verb.TRAIN: ("sha",),
    Verb.PROMOTE: (),
    Verb.ROLLBACK: ("model",),
    Verb.HOLD: ("model", "reason"),
    Verb.RELEASE: ("model",),
    Verb.ACCEPT: ("sha", "reason"),
    Verb.RETRAIN: ("model",),
}
_SHAPES = {
    "sha": (
        commit_ids.WHOLE,
        "all 40 digits of the commit that you have read, in lower case",
    ),
    "model": (
        re.compile(r"[a-z][a-z0-9-]{0,99}"),
        "a model's name: lower-case letters, digits and hyphens",
    ),
}


@dataclass(frozen=True, slots=True)
class CommentCommand:
    """`sha` is a commit's whole id; what a verb does not take is empty."""

    verb: Verb
    sha: str = ""
    model: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class OtherComment:
    """A comment like any other."""


@dataclass(frozen=True, slots=True)
class MalformedCommand:
    """It is for us and cannot be understood: `sentence` says why, `line` what was typed, cut short
    and with a mark for each character that cannot be seen."""

    sentence: str
    line: str


def parse(body: str) -> CommentCommand | OtherComment | MalformedCommand:
    """Return what a comment's first line asks for; never raises."""
    line = body.partition("\n")[0].removesuffix("\r")
    head = re.split(r"\s", line, maxsplit=1)[0]
    if head != PREFIX:
        return _misspelt(line) if _looks_like(head) else OtherComment()
    unseen = next((c for c in line if not _is_seen(c)), "")
    if unseen:
        return _malformed(line, f"it holds U+{ord(unseen):04X}, which cannot be seen")
    return _arguments(line, [word for word in line.split(" ")[1:] if word])


def render(command: CommentCommand) -> str:
    """Return the command as one would type it; parse() of it is the same command."""
    words = (getattr(command, name) for name in GRAMMAR[command.verb])
    return " ".join((PREFIX, command.verb, *words))


def usage() -> str:
    """`/interlock help | plan | train <sha> | …`, from the grammar."""
    return f"{PREFIX} {' | '.join(forms())}"


def forms() -> tuple[str, ...]:
    """`help`, `train <sha>` and so on: what may follow the prefix."""
    return tuple(" ".join((verb, *(f"<{n}>" for n in names))) for verb, names in GRAMMAR.items())


def _arguments(line: str, words: list[str]) -> CommentCommand | MalformedCommand:
    name = words[0] if words else ""
    if name not in GRAMMAR:
        what = f"{_shown(name)} is no command" if name else "it names no command"
        return _malformed(line, what)
    verb = Verb(name)
    values: dict[str, str] = {}
    rest = words[1:]
    for wanted in GRAMMAR[verb]:
        value = " ".join(rest) if wanted == "reason" else next(iter(rest), "")
        problem = _problem(wanted, value)
        if problem:
            return _malformed(line, f"{verb} needs {problem}")
        values[wanted] = value
        rest = [] if wanted == "reason" else rest[1:]
    if rest:
        return _malformed(line, f"{verb} takes nothing after that: {_shown(rest[0])}")
    return CommentCommand(verb, **values)


def _problem(name: str, value: str) -> str:
    """What is wrong with an argument, in words that follow `needs`; empty when nothing is."""
    if name != "reason":
        pattern, meaning = _SHAPES[name]
        if pattern.fullmatch(value):
            return ""
        return f"{meaning}; {_fault(name, value)}" if value else meaning
    if not value:
        return "a reason"
    if len(value) > REASON_LONGEST:
        return f"a reason of at most {REASON_LONGEST} characters"
    return "a reason that everybody sees: no <!--" if "<!--" in value else ""


def _fault(name: str, value: str) -> str:
    """Why a word is no commit or model. The commit that it may abbreviate is not looked up: an
    answer that names it would be copied unread."""
    if name == "sha" and commit_ids.abbreviation(value) == value:
        return f"{_shown(value)} has {len(value)}"
    return f"{_shown(value)} is none"


def _malformed(line: str, what: str) -> MalformedCommand:
    seen = "".join(c if _is_seen(c) else "\N{REPLACEMENT CHARACTER}" for c in line[:_LINE_LONGEST])
    return MalformedCommand(what, seen)


def _misspelt(line: str) -> MalformedCommand:
    return _malformed(line, f"a command begins with {PREFIX}, in lower case and plain letters")


def _shown(word: str) -> str:
    return word if len(word) <= _SHOWN_LONGEST else word[: _SHOWN_LONGEST - 1] + "…"


def _looks_like(head: str) -> bool:
    """Whether somebody would read it as our prefix: told, and never obeyed.

    Either it is the prefix in another case, width or with what cannot be seen; or letters of
    another script stand where ours would.
    """
    seen = "".join(c for c in head[:40] if _is_seen(c) and not unicodedata.combining(c))
    folded = unicodedata.normalize("NFKC", seen).casefold()
    if folded == PREFIX:
        return True
    if len(folded) != len(PREFIX) or folded.isascii():
        return False
    pairs = zip(folded, PREFIX, strict=True)
    return all(mine == ours or not mine.isascii() for mine, ours in pairs) and any(
        mine == ours for mine, ours in zip(folded[1:], PREFIX[1:], strict=True)
    )


def _is_seen(character: str) -> bool:
    """Neither a control, a format mark, half a pair, private, unassigned nor an odd blank."""
    category = unicodedata.category(character)
    return character == " " or category[0] not in "CZ"
