"""Escape text from users for Markdown: it reads the same and has no effect.

GitHub finds mentions, references to issues and commits, links, emoji and mathematics only outside
code, so a word that could be one of them becomes code. Other characters of Markdown are escaped.
Every name must go through this module.
https://github.github.com/gfm/ and https://docs.github.com/en/get-started/writing-on-github
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from html import escape as escape_html

_LONGEST = 2_000


class Markdown(str):
    """Text that is already Markdown: from this package or a template, never from users."""

    __slots__ = ()


def inline(text: object, *, longest: int = _LONGEST) -> Markdown:
    """One line of prose for a paragraph, a list item, a table cell or a <summary>.

    Text between two backticks becomes one code span, also a command with its arguments.
    """
    words = _TOKEN.findall(flat(str(text), longest=longest))
    return Markdown(" ".join(_word(word, first=i == 0) for i, word in enumerate(words)))


def code(text: object, *, longest: int = _LONGEST) -> Markdown:
    """A code span for the same places; a pipe, which would end a cell, becomes ∣."""
    content = flat(str(text), longest=longest).replace("|", "∣")
    if not content:
        return Markdown("–")
    fence = "`" * (_longest_run(content, "`") + 1)
    pad = " " if content[0] == "`" or content[-1] == "`" else ""
    return Markdown(f"{fence}{pad}{content}{pad}{fence}")


def block(text: str, *, language: str = "", longest: int = 100_000) -> Markdown:
    """A fenced block; its fence is longer than any inside."""
    shown = "\n".join(visible(line) for line in _lines(text[-longest:]))
    return _fenced(shown, language)


def script(lines: Iterable[str]) -> Markdown:
    """Lines of shell commands, names in them by argument(). No line is cut: a cut quotation would
    be unsafe."""
    return _fenced("\n".join(lines), "sh")


def _fenced(shown: str, language: str) -> Markdown:
    fence = "`" * max(3, _longest_run(shown, "`") + 1)
    return Markdown(f"{fence}{language}\n{shown}\n{fence}")


def label(text: object, *, longest: int = 120) -> Markdown:
    """The inside of a quoted Mermaid label; special characters become character codes."""
    shown = flat(str(text), longest=longest)
    return Markdown("".join(c if c.isalnum() or c in _LABEL else f"#{ord(c)};" for c in shown))


def html(text: object, *, longest: int = 200) -> Markdown:
    """Code for a line of raw HTML, for example <summary>."""
    return Markdown(f"<code>{escape_html(flat(str(text), longest=longest))}</code>")


def argument(path: str) -> str:
    """A path as one word of a shell command: not an option, and not a second line."""
    shown = visible(path.replace("\n", "⟨U+000A⟩"))
    return shlex.quote(f"./{shown}" if shown.startswith("-") else shown)


def flat(text: str, *, longest: int = _LONGEST) -> str:
    """One line with a maximum length, single blanks, and visible control characters."""
    cut = text[: longest + 1]
    line = " ".join(visible(re.sub(r"[\s\x85]+", " ", cut)).split())
    return line if max(len(cut), len(line)) <= longest else line[: longest - 1] + "…"


def visible(text: str) -> str:
    """Control characters and direction marks as `⟨U+202E⟩`; at most three accents on a letter."""
    return _INVISIBLE.sub(_name, _PILED.sub(r"\1", _ANSI.sub("", text)))


def _name(match: re.Match[str]) -> str:
    return "    " if match[0] == "\t" else f"⟨U+{ord(match[0]):04X}⟩"


def _lines(text: str) -> list[str]:
    """Lines as a terminal shows them: only the text after the last carriage return."""
    lines = text.replace("\r\n", "\n").split("\n")
    return [line.rstrip("\r").rpartition("\r")[2][:_LONGEST_LINE] for line in lines]


def _word(word: str, *, first: bool) -> str:
    match = _PARTS.fullmatch(word)
    if match is None:
        return code(word)
    before, core, after = match.groups()
    if _NUMBER.fullmatch(core) and _is_interval(before, after):
        return word
    if _QUOTED.fullmatch(core):
        text = _escape(before) + code(core[1:-1]) + _escape(after)
    elif _is_quiet(core):
        text = _escape(word)
    else:
        text = _escape(before) + code(core) + _escape(after)
    return _LINE_START.sub(r"\1\\\2", text) if first else text


def _is_interval(before: str, after: str) -> bool:
    """Half of `[+0.012, +0.031]`: brackets without a link after them."""
    return (before, after) == ("[", ",") or (before == "" and after.rstrip(",.;") == "]")


def _is_quiet(core: str) -> bool:
    """True if GitHub shows it as it is: a plain word or number, or neither letters nor digits."""
    if _REFERENCE.fullmatch(core):
        return False
    if _NUMBER.fullmatch(core) or _WORD.fullmatch(core) or _MOMENT.fullmatch(core):
        return True
    return "$" not in core and not any(c.isalnum() for c in core)


def _escape(text: str) -> str:
    return text.translate(_ESCAPES)


def _longest_run(text: str, character: str) -> int:
    return max((len(run) for run in re.findall(f"{re.escape(character)}+", text)), default=0)


_LONGEST_LINE = 500
_LABEL = frozenset(" ._/-,:=+→−–…")
_OPEN, _CLOSE = r"""["'“‘(\[{<]*""", r"""["'”’)\]}>,.;:!?%…]*"""
# A word, or a quotation between blanks. If code were next to code, the spans would pair wrongly.
_TOKEN = re.compile(rf"{_OPEN}`[^`]+`{_CLOSE}(?!\S)|\S+")
_PARTS = re.compile(f"({_OPEN})(.*?)({_CLOSE})")
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W\d_]+)*")
_NUMBER = re.compile(r"[+−-]?\d[\d,]*(?:\.\d+)?(?:[eE][+-]?\d+)?")
# `2030-01-01` and `12:00`, each a separate word.
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d|\d\d:\d\d", re.ASCII)
# A commit, which may be of digits alone, and an advisory.
_REFERENCE = re.compile(r"[0-9a-f]{7,}|ghsa-.*", re.IGNORECASE)
_QUOTED = re.compile(r"`[^`]+`")
# The first word of a line that makes a list, a heading's underline or a rule.
_LINE_START = re.compile(r"^(\d{0,9})([.)]|[-+]|[-=]+)$")
_ESCAPES = str.maketrans(
    {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        "|": "&#124;",
        "`": "&#96;",
        "\\": "&#92;",
        **{c: f"\\{c}" for c in "*_[]~#"},
    }
)
# Terminal colours, links and the like (ECMA-48) are not text: dropped.
_ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[@-Z\\^_]")
_ACCENT = r"[\u0300-\u036f\u1ab0-\u1aff\u20d0-\u20ff]"
_PILED = re.compile(f"({_ACCENT}{{3}}){_ACCENT}+")
# Never a character: the last two of every plane, and a range.
_PLANES = range(0, 0x110000, 0x10000)
_NONE = "".join(chr(plane + last) for plane in _PLANES for last in (0xFFFE, 0xFFFF))
# Categories Cc, Cf and Cs of Unicode, private use, blank letters, and non-characters.
_INVISIBLE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160"
    "\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ud800-\uf8ff\ufe00-\ufe0e"
    "\ufeff\uffa0\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001345f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff\U000f0000-\U0010ffff\ufdd0-\ufdef"
    f"{_NONE}]"
)
