"""Finds tabs in YAML that DVC's parser refuses and libyaml accepts.

DVC parses with ruamel.yaml, which takes a tab between two tokens only inside brackets, and none in
a plain scalar (`scan_to_next_token` and `scan_plain` of its scanner).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from interlock.yaml_reader.positions import Position

_Scanner: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_OPENING = (yaml.FlowSequenceStartToken, yaml.FlowMappingStartToken)
_CLOSING = (yaml.FlowSequenceEndToken, yaml.FlowMappingEndToken)


def find(text: str) -> Position | None:
    """Return the first such tab; `text` is YAML that libyaml reads."""
    if "\t" not in text:
        return None
    index = next(_refused(text), None)
    if index is None:
        return None
    before = text[:index]
    return Position(before.count("\n") + 1, index - before.rfind("\n"))


def _refused(text: str) -> Iterator[int]:
    depth = end = 0
    for token in yaml.scan(text, Loader=_Scanner):
        start = token.start_mark.index
        if not depth:
            yield from _in_gap(text, end, start)
        depth += isinstance(token, _OPENING) - isinstance(token, _CLOSING)
        end = max(end, token.end_mark.index)
        if isinstance(token, yaml.ScalarToken):
            yield from _in_scalar(text, token, end)
    yield from _in_gap(text, end, len(text))


def _in_gap(text: str, start: int, end: int) -> Iterator[int]:
    """Yield tabs outside comments; between tokens there are only blanks and comments."""
    for line in text[start:end].splitlines(keepends=True):
        yield from (start + i for i, sign in enumerate(line.partition("#")[0]) if sign == "\t")
        start += len(line)


def _in_scalar(text: str, token: Any, end: int) -> Iterator[int]:
    """Yield the tabs of a plain scalar, or of the first line of a block scalar."""
    start = token.start_mark.index
    if token.plain:
        yield from (start + i for i, sign in enumerate(text[start:end]) if sign == "\t")
    elif token.style in ("|", ">"):
        header = text[start:end].splitlines()[0] if end > start else ""
        yield from (start + i for i, s in enumerate(header.partition("#")[0]) if s == "\t")
