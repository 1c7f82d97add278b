"""Text of anybody's as a terminal and a runner's log may show it; no decision may enter.

A terminal is steered by control characters, a runner of GitHub's by its workflow commands: a line
that begins with `::`, blanks before it left out, or that holds `##[` anywhere (actions/runner,
src/Runner.Common/ActionCommand.cs).
"""

from __future__ import annotations

import re

import click

_TAB = 4
_UNFIT = re.compile(r"#(?=#\[)|[^\n\x20-\x7e]")


def plain(text: str) -> str:
    """Return the text as one line that steers nothing: what cannot be printed, or is no Unicode at
    all, is spelt out."""
    return disarm("".join(c if c.isprintable() else ascii(c)[1:-1] for c in text))


def lines(text: str) -> str:
    """Return a text of several lines, each of them plain."""
    return "\n".join(plain(line) for line in text.split("\n"))


def program_line(line: str) -> str:
    """Return what a program printed: its colours are left out, and its tabs are blanks."""
    return plain(click.unstyle(line).expandtabs(_TAB))


def disarm(line: str) -> str:
    """Return one line that no runner takes for a command, and that looks much the same."""
    rest = line.replace("##[", "# #[").lstrip()
    blanks = line[: len(line) - len(line.lstrip())]
    return f"{blanks}: {rest[1:]}" if rest.startswith("::") else blanks + rest


def document(text: str) -> str:
    """Return a JSON document spelt so that it steers nothing: its signs stand in texts alone, where
    each may be written by its number."""
    return _UNFIT.sub(lambda found: _numbered(found[0]), text)


def _numbered(sign: str) -> str:
    if sign != "#" and sign.isprintable():
        return sign
    units = sign.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4))
