"""What GitHub, a reader, a terminal and a runner see of what we wrote; nothing is written here."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from html.parser import HTMLParser

from github_sandbox.pages import markdown

# Tags that say how text looks, not where it stands.
_FACES = frozenset({"code", "br"})
_VERBATIM = frozenset({"code", "pre"})
# What GitHub makes something of, outside code: mentions, references, commits, addresses, emoji,
# mathematics. https://docs.github.com/get-started/writing-on-github
_NOTICED = re.compile(
    r"@[A-Za-z0-9]|#\d|\bGH-\d|\b(?:CVE|GHSA|RFC|JIRA|TICKET)-\w|\b[0-9a-f]{7,40}\b"
    r"|://|\bwww\.|\bmailto:|\bxmpp:|:(?:[a-z][\w+-]*|[+-]1):|\$",
    re.IGNORECASE,
)
_ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[@-Z\\^_]")
_SPELT = re.compile(r"⟨U\+[0-9A-F]{4,6}⟩|\\x[0-9a-f]{2}|\\u[0-9a-f]{4}|\\U[0-9a-f]{8}|\\[nrtbf]")
_OUR_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_BLANKS = frozenset("'\"`\u115f\u1160\u2800\u3164\uffa0")
# A reader who sees this much of a text knows it again.
_ENOUGH = 40


@dataclass
class Page:
    """A page as GitHub shows it. `tags` leave faces out; `prose` is what stands outside code."""

    tags: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    prose: str = ""
    text: str = ""

    @property
    def noticed(self) -> list[str]:
        return _NOTICED.findall(self.prose)


def look(text: str) -> Page:
    """Show Markdown by the renderer that stands in for GitHub's; there every login and number is
    known, so that whatever can become a link does."""
    parser = _Parser()
    shown = markdown.render(text, page="/acme/models/pull/7", known=lambda _: "/known")
    parser.feed(str(shown))
    parser.close()
    return parser.page


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self._verbatim = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        self._verbatim += tag in _VERBATIM
        if tag not in _FACES:
            self.page.tags.append(tag)
        if tag == "a":
            self.page.links.append(str(known.get("href")))
        if tag == "img":
            self.page.pictures.append(str(known.get("src")))
            self.page.text += f" {known.get('alt')} "

    def handle_endtag(self, tag: str) -> None:
        self._verbatim -= tag in _VERBATIM
        if tag not in _FACES:
            self.page.tags.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        self.page.text += data
        if not self._verbatim:
            self.page.prose += data


def skeleton(text: str) -> str:
    """What of a text can be seen on any device: no blanks, no marks, nothing spelt out; and no
    quotes, which a shell's line has more of, and which make code of what they hold."""
    bare = _SPELT.sub("", _ANSI.sub("", text)).replace("|", "∣")
    return "".join(c for c in bare if unicodedata.category(c)[0] not in "CZM" and c not in _BLANKS)


def is_recognised(payload: str, bones: str) -> bool:
    """Whether a reader of `bones`, a skeleton, finds the beginning of the payload there."""
    return skeleton(payload)[:_ENOUGH] in bones


def steering(printed: str) -> list[str]:
    """Lines that would steer a terminal, or that a runner would obey as commands."""
    return [line for line in printed.split("\n") if _steers(_OUR_COLOURS.sub("", line))]


def _steers(line: str) -> bool:
    is_command = line.strip().startswith("::") or "##[" in line
    return is_command or not all(c.isprintable() or c == "\u00a0" for c in line)


def outputs(text: str) -> dict[str, str]:
    """Read a file of outputs as a runner does: `name=value`, or `name<<end` … `end`.

    https://docs.github.com/actions/reference/workflow-commands-for-github-actions
    """
    values: dict[str, str] = {}
    lines = iter(re.split(r"\r\n|\n|\r", text))
    for line in lines:
        name, is_long, end = line.partition("<<")
        if is_long and "=" not in name:
            rows = []
            for row in lines:
                if row == end:
                    break
                rows.append(row)
            values[name] = "\n".join(rows)
        elif line:
            name, _, value = line.partition("=")
            values[name] = value
    return values
