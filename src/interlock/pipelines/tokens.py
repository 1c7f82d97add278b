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
    `document` the text of `<<EOF`. With `pipes` it ends with `|`, with `is_case` a pattern
    of `case` precedes it.
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
    """Yield the statements between the shell's operators; raises ValueError for open quotes."""
    scanner = _Scanner(text)
    held: list[Statement] = []  # `a | b)` is a pattern, which is known only at its end
    while scanner.position < len(text):
        statement = scanner.statement()
        if not statement.is_case:
            yield from held
        held = [statement] if statement.words or statement.inside else []
        if not statement.pipes:
            yield from held
            held = []
    yield from held


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text, self.position, self._depth = text, 0, 0
        self._pending: list[str] = []

    def statement(self) -> Statement:
        statement = Statement()
        is_test = False
        while self.position < len(self.text):
            char = self.text[self.position]
            redirect = _REDIRECT.match(self.text, self.position)
            if redirect:
                self._redirect(redirect, statement)
            elif char in ";&|\n":
                self.position += 1
                statement.pipes = char == "|"
                if char == "\n":
                    self._documents(statement)
                if not is_test:
                    break
            elif char in "()":
                if not is_test and self._bracket(char, statement):
                    break
                self.position += is_test
            elif char.isspace() or self.text.startswith("\\\n", self.position):
                self.position += 1 if char.isspace() else 2
            elif char == "#":
                self._skip_line()
            else:
                word = self._word(statement)
                is_test = (is_test or word == "[[") and word != "]]"
                statement.words.append(word)
        return statement

    def _bracket(self, char: str, statement: Statement) -> bool:
        """Return True at the end of a statement; before a single `)` is a pattern of `case`."""
        if char == ")" and not self._depth:
            statement.words.clear()
            statement.is_case = True
            self.position += 1
            return False
        if not statement.words:
            statement.words.append(char)
            self._depth += 1 if char == "(" else -1
            self.position += 1
        return True

    def _word(self, statement: Statement) -> str:
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
                parts.append(self._quoted(char, statement))
            else:
                break
        return "".join(parts)

    def _quoted(self, char: str, statement: Statement) -> str:
        self.position += 1
        if char == "'":
            return self._until("'")
        if char == "\\":
            return self._escaped()
        if char == '"':
            return self._double(statement)
        return self._expansion(char, statement)

    def _escaped(self) -> str:
        char = self.text[self.position : self.position + 1]
        self.position += 1
        return "" if char == "\n" else char

    def _double(self, statement: Statement) -> str:
        parts: list[str] = []
        while (char := self._next()) != '"':
            if char == "\\" and self.text[self.position : self.position + 1] in '"\\$`\n':
                parts.append(self._escaped())
            elif char in "$`":
                parts.append(self._expansion(char, statement))
            else:
                parts.append(char)
        return "".join(parts)

    def _expansion(self, char: str, statement: Statement) -> str:
        if char == "`":
            inside = self._until("`")
            statement.inside.append(inside)
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
            statement.inside.append(inside)
        return f"{DOLLAR}({inside})"

    def _redirect(self, match: re.Match[str], statement: Statement) -> None:
        self.position = match.end()
        if (
            statement.words
            and statement.words[-1].isdigit()
            and self.text[match.start() - 1].isdigit()
        ):
            statement.words.pop()
        if match[0] in {"<<", "<<-"}:
            self._heredoc()
            return
        while self.text[self.position : self.position + 1] in (" ", "\t"):
            self.position += 1
        if self.text[self.position : self.position + 1] == "(":
            return
        target = self._word(statement)
        if match[0] == "<":
            statement.reads = target

    def _heredoc(self) -> None:
        named = _HEREDOC.match(self.text, self.position)
        if named:
            self._pending.append(named[2])
            self.position = named.end()

    def _documents(self, statement: Statement) -> None:
        for name in self._pending:
            end = re.compile(rf"^[ \t]*{re.escape(name)}[ \t]*$", re.MULTILINE)
            match = end.search(self.text, self.position)
            stop = match.start() if match else len(self.text)
            statement.document = self.text[self.position : stop]
            self.position = match.end() if match else stop
        self._pending.clear()

    def _skip_line(self) -> None:
        end = self.text.find("\n", self.position)
        self.position = len(self.text) if end < 0 else end

    def _until(self, char: str) -> str:
        end = self.text.find(char, self.position)
        if end < 0:
            raise ValueError(f"no closing {char}")
        text = self.text[self.position : end]
        self.position = end + 1
        return text

    def _next(self) -> str:
        if self.position >= len(self.text):
            raise ValueError("quotes or brackets are left open")
        self.position += 1
        return self.text[self.position - 1]
