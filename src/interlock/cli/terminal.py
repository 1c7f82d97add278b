"""Makes text from any source safe for a terminal and for the log of a runner.

Control characters change a terminal. A GitHub runner executes workflow commands: a line that
begins with `::` after blanks, or that contains `##[` (actions/runner,
src/Runner.Common/ActionCommand.cs).
"""

from __future__ import annotations

import re

import click

_TAB = 4
_UNFIT = re.compile(r"#(?=#\[)|[^\n\x20-\x7e]")


def plain(text: str) -> str:
    """Return the text as one safe line: characters that are not printable or not Unicode are
    escaped."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
    return disarm(text)


def lines(text: str) -> str:
    """Return a text of several lines, each of them plain."""
    return "\n".join(plain(line) for line in text.split("\n"))


def program_line(line: str) -> str:
    """Return a line of a program without its colours, with blanks for tabs."""
    return plain(click.unstyle(line).expandtabs(_TAB))


def disarm(line: str) -> str:
    """Return one line that a runner does not execute, and that looks almost the same."""
    rest = line.replace("##[", "# #[").lstrip()
    blanks = line[: len(line) - len(line.lstrip())]
    return f"{blanks}: {rest[1:]}" if rest.startswith("::") else blanks + rest


def document(text: str) -> str:
    """Return a JSON document that is safe: special characters occur in its strings alone, where an
    escape means the same."""
    return _UNFIT.sub(lambda match: _numbered(match[0]), text)


def _numbered(sign: str) -> str:
    if sign != "#" and sign.isprintable():
        return sign
    units = sign.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4))
