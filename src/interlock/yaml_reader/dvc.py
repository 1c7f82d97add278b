"""Reads YAML as DVC does, version 1.2; refuses what DVC refuses."""

from __future__ import annotations

import contextlib
import functools
import json
import re
from collections.abc import Callable
from typing import Any

import yaml

from interlock import errors
from interlock.domain.basics import parse_limits
from interlock.domain.basics.parse_limits import ParseLimit
from interlock.yaml_reader import (
    aliases,
    common_documents,
    dvc_scalars,
    file_errors,
    loader,
    positions,
    suggestions,
    tabs,
)
from interlock.yaml_reader.dvc_scalars import Date, Plain, is_word
from interlock.yaml_reader.error_collector import InvalidYaml

__all__ = ["Date", "Plain", "conflict", "is_word", "lines", "read", "read_written"]

_CONFLICT = re.compile("^<{7}( |$)", re.MULTILINE)
_RESOLVE = "keep one side, or both, and delete the lines <<<<<<<, ======= and >>>>>>>"


def read(data: bytes, *, path: str) -> Any:
    """Return the document's value, {} when it is empty; raises InvalidFile."""
    return _read(data, path, _DvcBuilder, dvc_scalars.plain)


def read_written(data: bytes, *, path: str) -> Any:
    """Return the document's value with `Plain` where YAML 1.1 and 1.2 read different values."""
    return _read(data, path, _WrittenBuilder, dvc_scalars.written)


def _read(data: bytes, path: str, builder: type[_DvcBuilder], plain: Callable[[str], Any]) -> Any:
    try:
        text = _decode(data, path)
        if "\t" not in text:
            with contextlib.suppress(common_documents.Uncommon):
                return common_documents.read(text, size=parse_limits.FILE, plain=plain)
        return _read_nodes(text, path, builder)
    except file_errors.InvalidFile as error:
        raise file_errors.inside(error, data, path=path) from error


def _read_nodes(text: str, path: str, builder: type[_DvcBuilder]) -> Any:
    try:
        node = _compose(text)
        if node is None:
            return {}
        tab = tabs.find(text)
        if tab is not None:
            message = "a tab where DVC reads only spaces"
            raise file_errors.refuse(path, tab, message, "use spaces")
        if "&" in text:
            aliases.require_size(node, size=parse_limits.FILE)
        return builder(path).value(node)
    except yaml.YAMLError as error:
        raise _not_yaml(error, text, path) from error
    except InvalidYaml as error:
        raise file_errors.refuse(path, error.position, error.message, error.hint) from error


def _compose(text: str) -> yaml.Node | None:
    return loader.compose(text, size=parse_limits.FILE, resolve=dvc_scalars.resolve)


@functools.lru_cache(maxsize=2)
def lines(data: bytes) -> positions.LineMap:
    """Return the positions in a document; cached, since one file may have many errors."""
    return positions.LineMap(_compose(data.decode("utf-8")))


def _decode(data: bytes, path: str) -> str:
    if len(data) > parse_limits.FILE.bytes.most:
        limit = parse_limits.FILE.bytes
        raise file_errors.refuse(path, positions.START, limit.sentence, limit.hint)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8").split("\n")
        place = positions.Position(len(before), len(before[-1]) + 1)
        message = f"not UTF-8 (byte {error.start})"
        raise file_errors.refuse(path, place, message, "save it with the encoding UTF-8") from error


def conflict(text: str, path: str) -> file_errors.InvalidFile | None:
    """Return the error of the first conflict marker in a text, None when it has none."""
    marker = _CONFLICT.search(text)
    if marker is None:
        return None
    place = positions.Position(text.count("\n", 0, marker.start()) + 1, 1)
    return file_errors.refuse(path, place, "conflict markers of a merge", _RESOLVE)


def _not_yaml(error: yaml.YAMLError, text: str, path: str) -> errors.CannotFingerprint:
    marked = conflict(text, path)
    if marked is not None:
        return marked
    from interlock.yaml_reader import syntax_errors  # noqa: PLC0415 - of an error alone

    invalid = syntax_errors.explain(error, text)
    return file_errors.refuse(path, invalid.position, invalid.message, invalid.hint)


class _DvcBuilder:
    """Builds values from nodes; refuses duplicate keys and unknown tags, as DVC does."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._built: dict[int, Any] = {}

    def value(self, node: Any) -> Any:
        kind = type(node)
        if kind is yaml.ScalarNode:
            return node.value if node.tag == dvc_scalars.STR else self._scalar(node)
        if id(node) in self._built:
            return self._built[id(node)]
        if kind is yaml.SequenceNode and node.tag == dvc_scalars.SEQUENCE:
            items: list[Any] = []
            self._built[id(node)] = items
            items.extend([self.value(child) for child in node.value])
            return items
        if kind is yaml.MappingNode and node.tag == dvc_scalars.MAPPING:
            return self._mapping(node)
        raise self._unknown_tag(node)

    def _mapping(self, node: Any) -> dict[Any, Any]:
        result: dict[Any, Any] = {}
        self._built[id(node)] = result
        merged: list[Any] = []
        for key_node, value_node in node.value:
            if key_node.tag == dvc_scalars.MERGE:
                merged.append(value_node)
                continue
            key = self.value(key_node)
            if isinstance(key, list | dict):
                raise self._failure(key_node, "a key is a list or a mapping")
            if isinstance(key, str) and len(key) > parse_limits.KEY.most:
                raise self._over(key_node, parse_limits.KEY)
            if key in result:
                raise self._failure(key_node, f"duplicate key {key!r}")
            result[key] = self.value(value_node)
        for child in merged:
            self._merge(child, into=result)
        return result

    def _merge(self, node: Any, *, into: dict[Any, Any]) -> None:
        """Add the fields of merged mappings: a key of its own wins, then the earlier mapping."""
        value = self.value(node)
        for mapping in value if isinstance(value, list) else [value]:
            if not isinstance(mapping, dict):
                raise self._failure(node, "only a mapping can be merged with <<")
            for key, item in mapping.items():
                into.setdefault(key, item)

    def _scalar(self, node: Any) -> Any:
        try:
            return dvc_scalars.build(node.value, node.tag)
        except KeyError as error:
            raise self._unknown_tag(node) from error
        except ValueError as error:
            if node.tag == dvc_scalars.DATE:
                raise self._failure(node, f"{node.value} is not a valid date") from error
            if len(node.value) > parse_limits.DIGITS.most:  # Python converts no more
                raise self._over(node, parse_limits.DIGITS) from error
            message = f"{suggestions.quote(node.value)} is not a valid number"
            raise self._failure(node, message) from error

    def _unknown_tag(self, node: Any) -> errors.CannotFingerprint:
        return self._failure(node, f"unknown tag {node.tag.removeprefix(dvc_scalars.PREFIX)}")

    def _over(self, node: Any, limit: ParseLimit) -> errors.CannotFingerprint:
        return self._failure(node, limit.sentence, limit.hint)

    def _failure(self, node: Any, message: str, hint: str = "") -> errors.CannotFingerprint:
        return file_errors.refuse(self._path, positions.of(node), message, hint)


class _WrittenBuilder(_DvcBuilder):
    """Keeps the text of scalars that YAML 1.1 and 1.2 read differently."""

    def value(self, node: Any) -> Any:
        value = super().value(node)
        if type(node) is not yaml.ScalarNode:
            return value
        text, tag = node.value, node.tag
        if not node.style and "\n" not in text and dvc_scalars.plain_tag(text) == tag:
            return value if dvc_scalars.is_same_everywhere(text, tag) else Plain(text)
        if tag == dvc_scalars.STR:
            return text
        return Plain(f"!!{tag.removeprefix(dvc_scalars.PREFIX)} {json.dumps(text)}")
