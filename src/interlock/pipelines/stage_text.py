"""Adds dependencies and outputs to a stage in the text of a dvc.yaml; comments and layout stay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml

from interlock import errors
from interlock.domain.basics import parse_limits
from interlock.domain.model import undeclared_files
from interlock.yaml_reader import loader
from interlock.yaml_reader.error_collector import InvalidYaml

_STEP = 2


_BEFORE = {"deps": ("cmd",), "outs": ("cmd", "deps", "params")}
"""The fields that people write before each section."""


def add(
    text: str,
    stage: str,
    wanted: Sequence[str],
    *,
    path: str,
    section: str = "deps",
    in_git: bool = False,
) -> str:
    """Return the text of `path` with more entries in the `deps` or `outs` of a stage, as they are
    written there. Git has outputs with `in_git`, and DVC's cache has not.

    Raises CannotFingerprint for a stage that comes from a template, or with a section that is an
    alias or merged from elsewhere.
    """
    body = _stage(text, stage, path, section)
    names = [undeclared_files.scalar(item) for item in wanted]
    items = [f"{{{name}: {{cache: false}}}}" for name in names] if in_git else names
    lists = [(key, value) for key, value in body.value if key.value == section]
    if not lists:
        before = [pair for pair in body.value if pair[0].value in _BEFORE[section]]
        if not before:
            raise _refusal(path, stage, "it has no command")
        return _insert(text, *_new(text, body, before[-1], items, section))
    key, value = lists[0]
    if isinstance(value, yaml.SequenceNode) and value.start_mark.index > key.end_mark.index:
        return _insert(text, *_more(text, value, items))
    if isinstance(value, yaml.ScalarNode) and value.value == "":
        return _insert(text, text.index(":", key.end_mark.index) + 1, f" [{', '.join(items)}]")
    raise _refusal(path, stage, f"its `{section}` are an alias or not a list")


def _stage(text: str, stage: str, path: str, section: str) -> yaml.MappingNode:
    try:
        node: Any = loader.compose(text, size=parse_limits.FILE, resolve=loader.no_tag)
    except (yaml.YAMLError, InvalidYaml) as error:
        raise errors.CannotFingerprint(f"{path} is not YAML") from error
    for name in ("stages", stage):
        children = node.value if isinstance(node, yaml.MappingNode) else []
        node = next((value for key, value in children if key.value == name), None)
    if not isinstance(node, yaml.MappingNode):
        why = "it comes from a template" if "@" in stage else "it is not written out in the file"
        raise _refusal(path, stage, why)
    names = {key.value for key, _ in node.value}
    if names & {"foreach", "matrix"}:
        raise _refusal(path, stage, "it comes from a template")
    if "<<" in names and section not in names:
        raise _refusal(path, stage, "its fields are merged from elsewhere")
    return node


def _refusal(path: str, stage: str, why: str) -> errors.CannotFingerprint:
    return errors.CannotFingerprint(f"{path}: stage {stage}: {why}", hint="add the lines manually")


def _more(text: str, value: yaml.SequenceNode, items: list[str]) -> tuple[int, str]:
    """Where entries go into a list that is there, and their text."""
    if value.flow_style:
        if not value.value:
            return value.start_mark.index + 1, ", ".join(items)
        return value.value[-1].end_mark.index, "".join(f", {item}" for item in items)
    indent = " " * value.start_mark.column
    return _after(text, value.value[-1].end_mark.index, [f"{indent}- {item}" for item in items])


def _new(
    text: str,
    body: yaml.MappingNode,
    before: tuple[yaml.Node, yaml.Node],
    items: list[str],
    section: str,
) -> tuple[int, str]:
    """Where a stage gets a list, and its text: behind its command, as people write it."""
    if body.flow_style:
        return body.start_mark.index + 1, f"{section}: [{', '.join(items)}], "
    column = body.start_mark.column
    lines = [f"{' ' * column}{section}:", *(f"{' ' * (column + _STEP)}- {item}" for item in items)]
    key, last = before[0], _last(before[1])
    is_block_text = isinstance(last, yaml.ScalarNode) and last.style in {"|", ">"}
    if is_block_text or last.start_mark.index < key.end_mark.index:
        start = text.rfind("\n", 0, key.start_mark.index) + 1
        return start, "".join(f"{line}{_newline(text)}" for line in lines)
    return _after(text, last.end_mark.index, lines)


def _last(node: Any) -> Any:
    """Return the last node that is written in a block; a list in brackets is one."""
    while isinstance(node, yaml.CollectionNode) and node.value and not node.flow_style:
        node = node.value[-1][1] if isinstance(node, yaml.MappingNode) else node.value[-1]
    return node


def _after(text: str, index: int, lines: list[str]) -> tuple[int, str]:
    """Whole lines after the line of a position and its comment."""
    newline = _newline(text)
    end = text.find("\n", index)
    if end < 0:
        return len(text), "".join(f"{newline}{line}" for line in lines)
    return end + 1, "".join(f"{line}{newline}" for line in lines)


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _insert(text: str, place: int, more: str) -> str:
    return text[:place] + more + text[place:]
