"""Pages of Markdown as a reader takes them: blocks, commands, links; nothing is run here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
DIRECTIVE = re.compile(r"<!-- (world|file|ends|no-run): (.*?) -->\s*$")
_FENCE = re.compile(r"^(?:> ?)?(`{3,})([\w-]*)\s*$")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block. `directives` are the directives (`<!-- name: value -->`) right above it."""

    page: Path
    line: int
    language: str
    text: str
    directives: dict[str, str] = field(default_factory=dict)

    @property
    def place(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


@dataclass(frozen=True, slots=True)
class Command:
    """One `$ ` line with its continuations, and the output that the page shows below it."""

    block: Block
    text: str
    shown: tuple[str, ...]


def all_pages() -> list[Path]:
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def world(page: Path) -> str:
    """The world that a page's commands are run in; "" when it names none."""
    mark = re.search(r"^<!-- world: (.*?) -->$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return mark[1] if mark else ""


def blocks(page: Path) -> list[Block]:
    """Every fenced block, with the directives above it."""
    result: list[Block] = []
    directives: dict[str, str] = {}
    lines = page.read_text(encoding="utf-8").splitlines()
    number = 0
    while number < len(lines):
        fence = _FENCE.match(lines[number])
        if fence:
            start = number
            number += 1
            while lines[number].rstrip() != lines[start][: fence.end(1)].rstrip():
                number += 1
            text = "".join(f"{line}\n" for line in lines[start + 1 : number])
            result.append(Block(page, start + 1, fence[2], text, directives))
            directives = {}
        elif directive := DIRECTIVE.match(lines[number]):
            directives = {**directives, directive[1]: directive[2]}
        elif lines[number].strip():
            directives = {}
        number += 1
    return result


def commands(block: Block) -> Iterator[Command]:
    """The block's commands; a line that ends with a backslash goes on in the next."""
    text, shown = "", list[str]()
    continued = False
    for line in block.text.splitlines():
        if continued:
            text += f"\n{line}"
        elif line.startswith("$ "):
            if text:
                yield Command(block, text, tuple(shown))
            text, shown = line[2:], []
        else:
            shown.append(line)
            continue
        continued = line.endswith("\\")
    if text:
        yield Command(block, text, tuple(shown))


def prose(page: Path) -> str:
    """The page without its fenced blocks."""
    lines = page.read_text(encoding="utf-8").splitlines()
    for block in blocks(page):
        end = block.line + block.text.count("\n") + 1
        lines[block.line - 1 : end] = [""] * (end - block.line + 1)
    return "\n".join(lines)


def links(page: Path) -> list[str]:
    """Targets of the page's links and pictures that lie in this repository."""
    text = re.sub(r"`[^`\n]*`", "", prose(page))
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)\s]+)\)", text)
    return [target for target in targets if not re.match(r"\w+:", target)]


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives to the page's titles."""
    slugs: set[str] = set()
    for title in re.findall(r"^#{1,6} (.+?)\s*$", prose(page), re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title).replace("`", "")
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        count = sum(1 for each in slugs if re.fullmatch(rf"{re.escape(slug)}(-\d+)?", each))
        slugs.add(f"{slug}-{count}" if count else slug)
    return slugs
