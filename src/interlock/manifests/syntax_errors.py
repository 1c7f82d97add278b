"""A YAML parser's refusal in words for people; parses nothing."""

from __future__ import annotations

import re

import yaml

from interlock.manifests.error_collector import Complaint
from interlock.manifests.positions import START, Position

# What the parser says (libyaml's words, then PyYAML's own) to what a person can do about it.
_EXPLANATIONS: tuple[tuple[str, str, str], ...] = (
    (
        "mapping values are not allowed",
        "a key stands where none can",
        "indent it like its neighbours, and quote a text that holds a colon and a space",
    ),
    (
        "did not find expected ',' or|expected ',' or",
        "a comma or a closing bracket is missing before this",
        "every [ needs its ], every { its }",
    ),
    ("tab character", "a tab stands where only spaces may", "indent with spaces"),
    (
        "found unexpected end of stream|found unexpected document (indicator|separator)",
        "the file ends inside a quoted text",
        "every quote needs a second one",
    ),
    ("undefined alias", "an alias names no anchor", 'quote a text that begins with *: "*…"'),
    ("second occurrence|duplicate anchor", "an anchor's name is given twice", "rename one"),
    (
        "found another document",
        "a second document begins here",
        "one file holds one document: remove the line ---",
    ),
    ("unknown escape", "no such escape", "double the backslash, or use single quotes"),
    ("incompatible YAML document", "a version of YAML that is not read", "remove the %YAML line"),
    (
        "expected '-' indicator|expected <block end>|did not find expected key",
        "this line fits nothing above it",
        "indent it like its neighbours; a list's entries all begin with '- '",
    ),
    ("could not find expected ':'|expected ':'", "a colon is missing in this line", "key: value"),
)


def explain(error: yaml.YAMLError, text: str) -> Complaint:
    """Return the parser's error as a complaint at its place in the text."""
    if isinstance(error, yaml.MarkedYAMLError):
        return _explain_marked(error, text)
    if isinstance(error, yaml.reader.ReaderError):
        return _explain_character(text)
    return Complaint(START, f"this is no YAML: {error}")


def _explain_marked(error: yaml.MarkedYAMLError, text: str) -> Complaint:
    mark = error.problem_mark or error.context_mark
    position = START if mark is None else Position(mark.line + 1, mark.column + 1)
    problem = str(error.problem or error.context or "cannot be read")
    if "cannot start any token" in problem:
        return _explain_first(position, text)
    for pattern, message, hint in _EXPLANATIONS:
        if re.search(pattern, problem):
            return Complaint(position, f"{message} ({_began(error, problem)})", hint)
    return Complaint(position, f"this is no YAML: {_began(error, problem)}")


def _began(error: yaml.MarkedYAMLError, problem: str) -> str:
    """The parser's own words, and the line where the thing that it complains of began."""
    began, mark = error.context_mark, error.problem_mark
    if began is None or mark is None or began.line == mark.line:
        return problem
    return f"{problem}; it began in line {began.line + 1}"


def _explain_first(position: Position, text: str) -> Complaint:
    lines = re.split("\r\n|\r|\n", text)
    line = lines[position.line - 1] if position.line <= len(lines) else ""
    sign = line[position.column - 1 : position.column]
    if sign == "\t":
        return Complaint(position, "a tab stands where only spaces may", "indent with spaces")
    word = re.split(r"\s+#|[,\]}]", line[position.column - 1 :])[0].rstrip()
    said = f"a text cannot begin with {sign!r} unless it is quoted"
    return Complaint(position, said, f'write "{word}"')


def _explain_character(text: str) -> Complaint:
    """The C parser says at which byte, the other at which character: look again instead."""
    allowed = re.compile("[\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")
    found = allowed.match(text)
    before = text[: found.end() if found else 0]
    lines = re.split("\r\n|\r|\n", before)
    position = Position(len(lines), len(lines[-1]) + 1)
    code = ord(text[len(before)]) if len(before) < len(text) else 0
    return Complaint(position, f"a control character (U+{code:04X}) stands here", "delete it")
