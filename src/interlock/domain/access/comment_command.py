"""Parse the command in a comment, strictly; permissions are checked elsewhere.

Only the first line counts, and only if it starts with `/interlock`. Quotations, code, hidden
comments and answers to an earlier command start differently.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from interlock.domain.basics import commit_ids
from interlock.domain.basics.refusal import Refusal

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


# The arguments of each verb. A reason is the last one, to the end of the line.
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
        "all 40 digits of the reviewed commit, in lower case",
    ),
    "model": (
        re.compile(r"[a-z][a-z0-9-]{0,99}"),
        "a model's name: lower-case letters, digits and hyphens",
    ),
}


@dataclass(frozen=True, slots=True)
class CommentCommand:
    """`sha` is a full commit id. An argument that the verb does not take is empty."""

    verb: Verb
    sha: str = ""
    model: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class OtherComment:
    """A comment without a command."""


@dataclass(frozen=True, slots=True)
class MalformedCommand:
    """An invalid command: `sentence` is the error message, `line` the shortened text of the user,
    with a mark for each invisible character."""

    sentence: str
    line: str


def parse(body: str) -> CommentCommand | OtherComment | MalformedCommand:
    """Return the command in the first line of a comment; never raises."""
    line = body.partition("\n")[0].removesuffix("\r")
    head = re.split(r"\s", line, maxsplit=1)[0]
    if head != PREFIX:
        return _misspelt(line) if _looks_like_prefix(head) else OtherComment()
    invisible = next((c for c in line if not _is_visible(c)), "")
    if invisible:
        return _malformed(line, f"invisible character U+{ord(invisible):04X}")
    return _arguments(line, [word for word in line.split(" ")[1:] if word])


def render(command: CommentCommand) -> str:
    """Return the command as text; parse() of it returns the same command."""
    words = (getattr(command, name) for name in GRAMMAR[command.verb])
    return " ".join((PREFIX, command.verb, *words))


def usage() -> str:
    """Return `/interlock help | plan | train <sha> | …`, from the grammar."""
    return f"{PREFIX} {' | '.join(forms())}"


def forms() -> tuple[str, ...]:
    """Return `help`, `train <sha>` and so on: every command without the prefix."""
    return tuple(" ".join((verb, *(f"<{n}>" for n in names))) for verb, names in GRAMMAR.items())


def _arguments(line: str, words: list[str]) -> CommentCommand | MalformedCommand:
    name = words[0] if words else ""
    if name not in GRAMMAR:
        error = f"unknown command {_shorten(name)}" if name else "no command after the prefix"
        return _malformed(line, error)
    verb = Verb(name)
    values: dict[str, str] = {}
    rest = words[1:]
    for argument in GRAMMAR[verb]:
        value = " ".join(rest) if argument == "reason" else next(iter(rest), "")
        refusal = _check_reason(value) if argument == "reason" else _check_name(argument, value)
        if refusal is not None:
            return _malformed(line, f"{verb} needs {refusal}")
        values[argument] = value
        rest = [] if argument == "reason" else rest[1:]
    if rest:
        return _malformed(line, f"{verb} has an unexpected argument: {_shorten(rest[0])}")
    return CommentCommand(verb, **values)


def _check_reason(value: str) -> Refusal | None:
    """The reason of a refusal follows the word `needs`, here and in `_check_name`."""
    if not value:
        return Refusal("a reason")
    if len(value) > REASON_LONGEST:
        return Refusal(f"a reason of at most {REASON_LONGEST} characters")
    return Refusal("a visible reason, without <!--") if "<!--" in value else None


def _check_name(argument: str, value: str) -> Refusal | None:
    """A commit that a short id may mean is not looked up: a user would copy it without a review."""
    pattern, meaning = _SHAPES[argument]
    if pattern.fullmatch(value):
        return None
    if not value:
        return Refusal(meaning)
    if argument == "sha" and commit_ids.abbreviation(value) == value:
        return Refusal(f"{meaning}; {_shorten(value)} has {len(value)}")
    return Refusal(f"{meaning}; {_shorten(value)} is not valid")


def _malformed(line: str, error: str) -> MalformedCommand:
    visible = [c if _is_visible(c) else "\N{REPLACEMENT CHARACTER}" for c in line[:_LINE_LONGEST]]
    return MalformedCommand(error, "".join(visible))


def _misspelt(line: str) -> MalformedCommand:
    return _malformed(line, f"a command starts with {PREFIX}, in lower-case ASCII letters")


def _shorten(word: str) -> str:
    return word if len(word) <= _SHOWN_LONGEST else word[: _SHOWN_LONGEST - 1] + "…"


def _looks_like_prefix(head: str) -> bool:
    """True if a user would read it as the prefix: it is reported as an error, and never executed.

    It is the prefix in another case or width, with invisible characters, or with letters of another
    script.
    """
    visible = "".join(c for c in head[:40] if _is_visible(c) and not unicodedata.combining(c))
    folded = unicodedata.normalize("NFKC", visible).casefold()
    if folded == PREFIX:
        return True
    if len(folded) != len(PREFIX) or folded.isascii():
        return False
    pairs = zip(folded, PREFIX, strict=True)
    return all(mine == ours or not mine.isascii() for mine, ours in pairs) and any(
        mine == ours for mine, ours in zip(folded[1:], PREFIX[1:], strict=True)
    )


def _is_visible(character: str) -> bool:
    """No control, format, surrogate, private or unassigned character, and no blank but a space."""
    category = unicodedata.category(character)
    return character == " " or category[0] not in "CZ"
