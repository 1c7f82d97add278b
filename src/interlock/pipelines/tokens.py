"""Shell text to statements and words, quotes taken off; what a word means is not known here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

DOLLAR = "\ue000"
"""A `$` that the shell would expand: one in single quotes or behind a backslash stays `$`."""
_PLAIN = re.compile(r"[^\s'\"\\$`#;&|()<>\n]+")
_FUNCTION = re.compile(r"^[ \t]*+(?:function[ \t]++)?([\w.-]++)[ \t]*+\([ \t]*+\)", re.MULTILINE)
_REDIRECT = re.compile(r"&>>?|<<<|<<-?|[<>]&|>>|>\||<>|[<>]")
_HEREDOC = re.compile(r"[ \t]*(['\"]?)([\w.-]+)\1")


@dataclass(slots=True)
class Statement:
    """Words up to the next `;`, `&&`, `|` or line; "(" and ")" alone are the ends of a subshell.

    `inside` are texts of `$(…)` and backticks, `reads` is the file that input is taken from,
    `document` the text of `<<EOF`. `pipes` says that it ends with `|`, `is_case` that a pattern
    of `case` stands before it.
    """

    words: list[str] = field(default_factory=list)
    inside: list[str] = field(default_factory=list)
    reads: str = ""
    document: str = ""
    pipes: bool = False
    is_case: bool = False


def functions(text: str) -> set[str]:
    """Return the names of the functions that a text defines."""
    return set(_FUNCTION.findall(text)) if "(" in text else set()


def statements(text: str) -> Iterator[Statement]:
    """Yield what is between the shell's operators; raises ValueError for quotes left open."""
    scanner = _Scanner(text)
    held: list[Statement] = []  # `a | b)` is a pattern, which is seen at its end
    while scanner.position < len(text):
        found = scanner.statement()
        if not found.is_case:
            yield from held
        held = [found] if found.words or found.inside else []
        if not found.pipes:
            yield from held
            held = []
    yield from held


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text, self.position, self._depth = text, 0, 0
        self._pending: list[str] = []

    def statement(self) -> Statement:
        found = Statement()
        is_test = False
        while self.position < len(self.text):
            char = self.text[self.position]
            redirect = _REDIRECT.match(self.text, self.position)
            if redirect:
                self._redirect(redirect, found)
            elif char in ";&|\n":
                self.position += 1
                found.pipes = char == "|"
                if char == "\n":
                    self._documents(found)
                if not is_test:
                    break
            elif char in "()":
                if not is_test and self._bracket(char, found):
                    break
                self.position += is_test
            elif char.isspace() or self.text.startswith("\\\n", self.position):
                self.position += 1 if char.isspace() else 2
            elif char == "#":
                self._skip_line()
            else:
                word = self._word(found)
                is_test = (is_test or word == "[[") and word != "]]"
                found.words.append(word)
        return found

    def _bracket(self, char: str, found: Statement) -> bool:
        """Whether a statement ends here; what stands before a lone `)` is a pattern of `case`."""
        if char == ")" and not self._depth:
            found.words.clear()
            found.is_case = True
            self.position += 1
            return False
        if not found.words:
            found.words.append(char)
            self._depth += 1 if char == "(" else -1
            self.position += 1
        return True

    def _word(self, found: Statement) -> str:
        parts: list[str] = []
        while self.position < len(self.text):
            plain = _PLAIN.match(self.text, self.position)
            if plain:
                parts.append(plain[0])
                self.position = plain.end()
                continue
            char = self.text[self.position]
            if char == "#" and parts:
                parts.append(char)
                self.position += 1
            elif char in "'\"\\$`":
                parts.append(self._quoted(char, found))
            else:
                break
        return "".join(parts)

    def _quoted(self, char: str, found: Statement) -> str:
        self.position += 1
        if char == "'":
            return self._until("'")
        if char == "\\":
            return self._escaped()
        if char == '"':
            return self._double(found)
        return self._expansion(char, found)

    def _escaped(self) -> str:
        char = self.text[self.position : self.position + 1]
        self.position += 1
        return "" if char == "\n" else char

    def _double(self, found: Statement) -> str:
        parts: list[str] = []
        while (char := self._next()) != '"':
            if char == "\\" and self.text[self.position : self.position + 1] in '"\\$`\n':
                parts.append(self._escaped())
            elif char in "$`":
                parts.append(self._expansion(char, found))
            else:
                parts.append(char)
        return "".join(parts)

    def _expansion(self, char: str, found: Statement) -> str:
        if char == "`":
            inside = self._until("`")
            found.inside.append(inside)
            return f"{DOLLAR}({inside})"
        if self.text[self.position : self.position + 1] != "(":
            return DOLLAR
        start = self.position + 1
        depth = 0
        while True:
            depth += {"(": 1, ")": -1}.get(self._next(), 0)
            if not depth:
                break
        inside = self.text[start : self.position - 1]
        if not inside.startswith("("):
            found.inside.append(inside)
        return f"{DOLLAR}({inside})"

    def _redirect(self, match: re.Match[str], found: Statement) -> None:
        self.position = match.end()
        if found.words and found.words[-1].isdigit() and self.text[match.start() - 1].isdigit():
            found.words.pop()
        if match[0] in {"<<", "<<-"}:
            self._heredoc()
            return
        while self.text[self.position : self.position + 1] in (" ", "\t"):
            self.position += 1
        if self.text[self.position : self.position + 1] == "(":
            return
        target = self._word(found)
        if match[0] == "<":
            found.reads = target

    def _heredoc(self) -> None:
        named = _HEREDOC.match(self.text, self.position)
        if named:
            self._pending.append(named[2])
            self.position = named.end()

    def _documents(self, found: Statement) -> None:
        for name in self._pending:
            end = re.compile(rf"^[ \t]*{re.escape(name)}[ \t]*$", re.MULTILINE)
            match = end.search(self.text, self.position)
            stop = match.start() if match else len(self.text)
            found.document = self.text[self.position : stop]
            self.position = match.end() if match else stop
        self._pending.clear()

    def _skip_line(self) -> None:
        end = self.text.find("\n", self.position)
        self.position = len(self.text) if end < 0 else end

    def _until(self, char: str) -> str:
        end = self.text.find(char, self.position)
        if end < 0:
            raise ValueError(f"no closing {char}")
        found = self.text[self.position : end]
        self.position = end + 1
        return found

    def _next(self) -> str:
        if self.position >= len(self.text):
            raise ValueError("quotes or brackets are left open")
        self.position += 1
        return self.text[self.position - 1]
