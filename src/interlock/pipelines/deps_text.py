"""Adds dependencies to a stage in the text of a dvc.yaml; comments and layout stay as they are."""

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


def add(text: str, stage: str, wanted: Sequence[str], *, path: str) -> str:
    """Return the text of `path` with more entries in the `deps` of a stage, as they are written
    there.

    Raises CannotFingerprint for a stage that comes from a template, or with dependencies that are
    an alias or merged from elsewhere.
    """
    body = _stage(text, stage, path)
    items = [undeclared_files.scalar(item) for item in wanted]
    lists = [(key, value) for key, value in body.value if key.value == "deps"]
    if not lists:
        return _insert(text, *_new(text, body, items, stage, path))
    key, value = lists[0]
    if isinstance(value, yaml.SequenceNode) and value.start_mark.index > key.end_mark.index:
        return _insert(text, *_more(text, value, items))
    if isinstance(value, yaml.ScalarNode) and value.value == "":
        return _insert(text, text.index(":", key.end_mark.index) + 1, f" [{', '.join(items)}]")
    raise _refusal(path, stage, "its `deps` are an alias or not a list")


def _stage(text: str, stage: str, path: str) -> yaml.MappingNode:
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
    if "<<" in names and "deps" not in names:
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
    text: str, body: yaml.MappingNode, items: list[str], stage: str, path: str
) -> tuple[int, str]:
    """Where a stage gets a list, and its text: behind its command, as people write it."""
    if body.flow_style:
        return body.start_mark.index + 1, f"deps: [{', '.join(items)}], "
    column = body.start_mark.column
    lines = [f"{' ' * column}deps:", *(f"{' ' * (column + _STEP)}- {item}" for item in items)]
    command = next(((k, v) for k, v in body.value if k.value == "cmd"), None)
    if command is None:
        raise _refusal(path, stage, "it has no command")
    last = _last(command[1])
    if last.style in {"|", ">"} or last.start_mark.index < command[0].end_mark.index:
        start = text.rfind("\n", 0, command[0].start_mark.index) + 1
        return start, "".join(f"{line}{_newline(text)}" for line in lines)
    return _after(
        text, command[1].end_mark.index if _is_flow(command[1]) else last.end_mark.index, lines
    )


def _is_flow(node: yaml.Node) -> bool:
    return isinstance(node, yaml.CollectionNode) and bool(node.flow_style)


def _last(node: Any) -> Any:
    while isinstance(node, yaml.SequenceNode) and node.value:
        node = node.value[-1]
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
