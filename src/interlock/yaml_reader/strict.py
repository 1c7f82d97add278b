"""Reads YAML of users (manifests, the policy): values, positions, and a diagnostic per error.

Nothing here executes, expands without bound, or raises, for any bytes.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable

import yaml

from interlock.domain.basics import parse_limits
from interlock.domain.basics.diagnostics import Diagnostic
from interlock.yaml_reader import (
    aliases,
    ambiguous_scalars,
    common_documents,
    loader,
)
from interlock.yaml_reader.common_documents import Uncommon
from interlock.yaml_reader.error_collector import ErrorCollector, InvalidYaml
from interlock.yaml_reader.positions import LineMap, Position, is_empty, of
from interlock.yaml_reader.suggestions import quote

# YAML 1.1 counts these as line breaks and editors do not: later positions would be wrong.
_INVISIBLE_BREAK = re.compile("[\x85\u2028\u2029]")
_MERGE = "<<"


def read_yaml(data: bytes, *, path: str) -> tuple[object, LineMap, tuple[Diagnostic, ...]]:
    """Return the document's value, its positions and its errors.

    Scalars are read by YAML 1.2's core schema. Scalars that YAML 1.1 reads differently, numbers
    that are not finite, tags and merge keys are errors. The value is None when the text is not
    YAML.
    """
    collector = ErrorCollector(path)
    try:
        text = _decode(data)
        with contextlib.suppress(Uncommon):
            return _read_common(data, text)
        root = _compose(text)
        if root is not None and "&" in text:
            aliases.require_size(root, size=parse_limits.SETTINGS)
    except InvalidYaml as error:
        collector.add(error.position, error.message, error.hint)
        return None, LineMap(), collector.diagnostics(data)
    value = None if root is None else _StrictBuilder(collector).build(root)
    return value, LineMap(root, again=_composer(data)), collector.diagnostics(data)


def _read_common(data: bytes, text: str) -> tuple[object, LineMap, tuple[Diagnostic, ...]]:
    lines: dict[int, int] = {}
    size = parse_limits.SETTINGS
    value = common_documents.read(text, size=size, plain=ambiguous_scalars.common, lines=lines)
    return value, LineMap(again=_composer(data), lines=lines), ()


def _composer(data: bytes) -> Callable[[], yaml.Node | None]:
    return lambda: _compose(_decode(data))


def _decode(data: bytes) -> str:
    if len(data) > parse_limits.SETTINGS.bytes.most:
        loader.refuse(parse_limits.SETTINGS.bytes, None)
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        place = _end_of(data[: error.start].decode())
        message = f"byte 0x{data[error.start]:02x} is not UTF-8"
        raise InvalidYaml(place, message, "save the file with the encoding UTF-8") from error
    line_break = None if text.isascii() else _INVISIBLE_BREAK.search(text)
    if line_break:
        message = f"an invisible line separator (U+{ord(line_break[0]):04X})"
        raise InvalidYaml(_end_of(text[: line_break.start()]), message, "delete it")
    return text


def _end_of(text: str) -> Position:
    lines = re.split(r"\r\n|\r|\n", text)
    return Position(len(lines), len(lines[-1]) + 1)


def _compose(text: str) -> yaml.Node | None:
    try:
        return loader.compose(text, size=parse_limits.SETTINGS, resolve=loader.no_tag)
    except yaml.YAMLError as error:
        from interlock.yaml_reader import syntax_errors  # noqa: PLC0415 - of an error alone

        raise syntax_errors.explain(error, text) from error


class _StrictBuilder:
    def __init__(self, collector: ErrorCollector) -> None:
        self._collector = collector

    def build(self, node: yaml.Node) -> object:
        """Return the value of a node; collects errors and goes on."""
        if node.tag:
            message = f"a tag ({quote(node.tag)}) is not supported"
            self._collector.add(of(node), message, "write the value alone")
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node)
        return [self.build(child) for child in node.value]

    def _scalar(self, node: yaml.ScalarNode) -> ambiguous_scalars.Value:
        if node.style:
            text: str = node.value
            return text
        scalar = ambiguous_scalars.read(node.value)
        if scalar.ambiguity:
            self._collector.add(of(node), scalar.ambiguity, scalar.hint)
        return scalar.value

    def _mapping(self, node: yaml.MappingNode) -> dict[str, object]:
        fields: dict[str, object] = {}
        lines: dict[str, int] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node)
            value = self.build(value_node)
            if key in fields:
                message = f"duplicate key {quote(key)}, first in line {lines[key]}"
                self._collector.add(of(key_node), message, "keep one of the two")
            elif key is not None:
                fields[key] = value
                lines[key] = key_node.start_mark.line + 1
        return fields

    def _key(self, node: yaml.Node) -> str | None:
        """Return the text of a key; None, with an error, when the document has no use for it."""
        if not isinstance(node, yaml.ScalarNode):
            self._collector.add(of(node), "a key is one word, not a list or a mapping", "")
            return None
        text = str(node.value)
        if node.style:
            return text
        scalar = ambiguous_scalars.read(text)
        if text == _MERGE:
            message = "a merge key (<<) is not supported"
            self._collector.add(of(node), message, "write the fields out")
            return None
        if not isinstance(scalar.value, str):
            message = "a key is empty" if is_empty(node) else f"the key {quote(text)} is not text"
            self._collector.add(of(node), message, f'quote it: "{text}"')
        elif scalar.ambiguity:
            self._collector.add(of(node), scalar.ambiguity, f'write "{text}"')
        return text
