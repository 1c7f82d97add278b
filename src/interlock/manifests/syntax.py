"""YAML text, of anybody's making, to plain values with positions; knows no field of ours.

Nothing here executes, expands without bound, or raises: whatever the bytes are, what is wrong with
them comes back as diagnostics.
"""

from __future__ import annotations

import functools
import re

import yaml

from interlock.domain.basics import parse_limits
from interlock.domain.basics.diagnostics import Diagnostic
from interlock.manifests import aliases, composing, scalars, syntax_errors
from interlock.manifests.error_collector import Complaint, ErrorCollector
from interlock.manifests.nearest import quote
from interlock.manifests.positions import LineMap, Position, is_empty, of

# YAML 1.1 counts these as line breaks and editors do not: every position after one would lie.
_INVISIBLE_BREAK = re.compile("[\x85\u2028\u2029]")
_MERGE = "<<"


def read_yaml(
    data: bytes, *, path: str, strict: bool = True
) -> tuple[object, LineMap, tuple[Diagnostic, ...]]:
    """Return the document's value, its positions, and everything that is wrong with it.

    Scalars are read by YAML 1.2's core schema. `strict` refuses what YAML 1.1 reads otherwise,
    numbers that are not finite, tags and merge keys: it is for files of ours. Without it a file
    of another program (dvc.yaml) is read as that program reads it. The value is None when the
    text is no YAML at all.
    """
    complaints = ErrorCollector(path)
    try:
        text = _decode(data, strict=strict)
        root = _compose(text)
        if root is not None and "&" in text:
            aliases.measure(root, size=parse_limits.SETTINGS)
    except Complaint as complaint:
        complaints.add(complaint.position, complaint.message, complaint.hint)
        return None, LineMap(), complaints.found(data)
    value = None if root is None else _Builder(complaints, strict=strict).build(root)
    positions = LineMap(root, again=functools.partial(_compose, text))
    return value, positions, complaints.found(data)


def _decode(data: bytes, *, strict: bool) -> str:
    if len(data) > parse_limits.SETTINGS.bytes.most:
        composing.refuse(parse_limits.SETTINGS.bytes, None)
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        place = _at_end_of(data[: error.start].decode())
        said = f"byte 0x{data[error.start]:02x} is not UTF-8"
        raise Complaint(place, said, "save the file with the encoding UTF-8") from error
    found = _INVISIBLE_BREAK.search(text) if strict else None
    if found:
        said = f"an invisible line separator (U+{ord(found[0]):04X}) stands here"
        raise Complaint(_at_end_of(text[: found.start()]), said, "delete it")
    return text


def _at_end_of(text: str) -> Position:
    lines = re.split(r"\r\n|\r|\n", text)
    return Position(len(lines), len(lines[-1]) + 1)


class _Loader(composing.Composer):
    """Resolves nothing: what an unquoted word means is read with its position."""

    def resolve(self, kind: object, value: object, implicit: object) -> str:
        return ""


def _compose(text: str) -> yaml.Node | None:
    try:
        root: yaml.Node | None = _Loader(text, size=parse_limits.SETTINGS).get_single_node()
    except yaml.YAMLError as error:
        raise syntax_errors.explain(error, text) from error
    return root


class _Builder:
    def __init__(self, complaints: ErrorCollector, *, strict: bool) -> None:
        self._complaints = complaints
        self._strict = strict

    def build(self, node: yaml.Node) -> object:
        """Return the node's value; complains, when strict, and goes on."""
        if node.tag:
            self._complain(node, f"a tag ({quote(node.tag)}) is not read", "write the value alone")
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node)
        return [self.build(child) for child in node.value]

    def _complain(self, node: yaml.Node, message: str, hint: str) -> None:
        if self._strict:
            self._complaints.add(of(node), message, hint)

    def _scalar(self, node: yaml.ScalarNode) -> scalars.Value:
        if node.style:
            text: str = node.value
            return text
        scalar = scalars.read(node.value)
        if scalar.doubt:
            self._complain(node, scalar.doubt, scalar.hint)
        return scalar.value

    def _mapping(self, node: yaml.MappingNode) -> dict[str, object]:
        found: dict[str, object] = {}
        lines: dict[str, int] = {}
        merged: dict[str, object] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node)
            value = self.build(value_node)
            if key == _MERGE and not key_node.style:
                merged |= _merge(value)
            elif key in found:
                said = f"{quote(key)} is given twice, first in line {lines[key]}"
                self._complaints.add(of(key_node), said, "keep one of the two")
            elif key is not None:
                found[key] = value
                lines[key] = key_node.start_mark.line + 1
        return {**merged, **found} if merged else found

    def _key(self, node: yaml.Node) -> str | None:
        """The key's text, None (and a complaint) for one that is no text."""
        if not isinstance(node, yaml.ScalarNode):
            self._complaints.add(of(node), "a key is one word, not a list or a mapping", "")
            return None
        if node.style:
            return str(node.value)
        scalar = scalars.read(node.value)
        if node.value == _MERGE:
            self._complain(node, "a merge key (<<) is not read", "write the fields out")
        elif not isinstance(scalar.value, str):
            said = "a key is empty" if is_empty(node) else f"the key {quote(node.value)} is no text"
            self._complain(node, said, f'quote it: "{node.value}"')
        elif scalar.doubt:
            self._complain(node, scalar.doubt, f'write "{node.value}"')
        return str(node.value)


def _merge(value: object) -> dict[str, object]:
    """Fields of merged mappings, the earlier first, as https://yaml.org/type/merge.html says."""
    if isinstance(value, dict):
        return value
    parts = [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []
    return {key: part[key] for part in reversed(parts) for key in part}
