"""Writes the errors of the YAML parser as messages with a hint."""

from __future__ import annotations

import re

import yaml

from interlock.yaml_reader.error_collector import InvalidYaml
from interlock.yaml_reader.positions import START, Position

# The parser's message (libyaml's, then PyYAML's own), our message, and a hint.
_EXPLANATIONS: tuple[tuple[str, str, str], ...] = (
    (
        "mapping values are not allowed",
        "a key is not allowed here",
        "indent it like its neighbours, and quote text that contains a colon and a space",
    ),
    (
        "did not find expected ',' or|expected ',' or",
        "missing comma or closing bracket before this",
        "close every [ with ] and every { with }",
    ),
    ("tab character", "a tab where only spaces are allowed", "indent with spaces"),
    (
        "found unexpected end of stream|found unexpected document (indicator|separator)",
        "the file ends inside quoted text",
        "close the quote",
    ),
    ("undefined alias", "unknown alias", 'quote text that begins with *: "*…"'),
    ("second occurrence|duplicate anchor", "duplicate anchor", "rename one"),
    (
        "found another document",
        "a second document begins here",
        "write one document per file: remove the line ---",
    ),
    ("unknown escape", "unknown escape sequence", "double the backslash, or use single quotes"),
    ("incompatible YAML document", "unsupported YAML version", "remove the %YAML line"),
    (
        "expected '-' indicator|expected <block end>|did not find expected key",
        "the indentation of this line matches no line above",
        "indent it like its neighbours; a list's entries all begin with '- '",
    ),
    ("could not find expected ':'|expected ':'", "missing colon in this line", "write key: value"),
)


def explain(error: yaml.YAMLError, text: str) -> InvalidYaml:
    """Return the parser's error with its position in the text."""
    if isinstance(error, yaml.MarkedYAMLError):
        return _explain_marked(error, text)
    if isinstance(error, yaml.reader.ReaderError):
        return _explain_character(text)
    return InvalidYaml(START, f"not valid YAML: {error}")


def _explain_marked(error: yaml.MarkedYAMLError, text: str) -> InvalidYaml:
    mark = error.problem_mark or error.context_mark
    position = START if mark is None else Position(mark.line + 1, mark.column + 1)
    problem = str(error.problem or error.context or "cannot be read")
    if "cannot start any token" in problem:
        return _explain_first(position, text)
    for pattern, message, hint in _EXPLANATIONS:
        if re.search(pattern, problem):
            return InvalidYaml(position, f"{message} ({_began(error, problem)})", hint)
    return InvalidYaml(position, f"not valid YAML: {_began(error, problem)}")


def _began(error: yaml.MarkedYAMLError, problem: str) -> str:
    """Return the parser's message, and the line where the broken part begins."""
    began, mark = error.context_mark, error.problem_mark
    if began is None or mark is None or began.line == mark.line:
        return problem
    return f"{problem}; it begins in line {began.line + 1}"


def _explain_first(position: Position, text: str) -> InvalidYaml:
    lines = re.split("\r\n|\r|\n", text)
    line = lines[position.line - 1] if position.line <= len(lines) else ""
    sign = line[position.column - 1 : position.column]
    if sign == "\t":
        return InvalidYaml(position, "a tab where only spaces are allowed", "indent with spaces")
    word = re.split(r"\s+#|[,\]}]", line[position.column - 1 :])[0].rstrip()
    message = f"text cannot begin with {sign!r} unless it is quoted"
    return InvalidYaml(position, message, f'write "{word}"')


def _explain_character(text: str) -> InvalidYaml:
    """Find the character: the C parser reports a byte, the other a character."""
    allowed = re.compile("[\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")
    valid = allowed.match(text)
    before = text[: valid.end() if valid else 0]
    lines = re.split("\r\n|\r|\n", before)
    position = Position(len(lines), len(lines[-1]) + 1)
    code = ord(text[len(before)]) if len(before) < len(text) else 0
    return InvalidYaml(position, f"a control character (U+{code:04X})", "delete it")
