"""Parameter files as DVC reads them: YAML, JSON, TOML, Python; meaning does not enter."""

from __future__ import annotations

import ast
import json
import tomllib
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Any

from interlock import errors
from interlock.pipelines import python, yaml12


def read(data: bytes, *, path: str) -> Any:
    """Return the content of a parameter file by its suffix; raises CannotFingerprint."""
    reader = _READERS.get(PurePosixPath(path).suffix.lower())
    if reader is None:
        return yaml12.read(data, path=path)
    try:
        return reader(data.decode("utf-8"))
    except (ValueError, SyntaxError, RecursionError, MemoryError) as error:
        raise errors.CannotFingerprint(f"{path} cannot be read: {error}") from error


def select(content: Any, key: str) -> Any:
    """Return the value at a dotted key, lists by index; raises KeyError when there is none."""
    value = content
    for part in key.split("."):
        value = _child(value, part)
    return value


def _child(value: Any, part: str) -> Any:
    if isinstance(value, dict):
        if part in value:
            return value[part]
        return value[next(_numbers(part), part)]
    if isinstance(value, list | tuple):
        for index in _numbers(part):
            if 0 <= index < len(value):
                return value[index]
    raise KeyError(part)


def _numbers(part: str) -> Iterator[int]:
    if part.isascii() and part.isdigit():
        yield int(part)


def _read_json(text: str) -> Any:
    return json.loads(text) or {}


def _read_python(text: str) -> dict[str, Any]:
    return _assignments(python.tree(text).body, of_self=False)


def _assignments(body: list[ast.stmt], *, of_self: bool) -> dict[str, Any]:
    """Collect literal assignments: of the module, of classes, and to `self` in __init__.

    What is no literal is passed over, as DVC does: it cannot be a parameter.
    """
    result: dict[str, Any] = {}
    for statement in body:
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            result.update(_assignment(statement, of_self=of_self))
        elif isinstance(statement, ast.ClassDef):
            result[statement.name] = _assignments(statement.body, of_self=False)
        elif isinstance(statement, ast.FunctionDef) and statement.name == "__init__":
            result.update(_assignments(statement.body, of_self=True))
    return result


def _assignment(statement: ast.Assign | ast.AnnAssign, *, of_self: bool) -> dict[str, Any]:
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    name = _target(targets[0], of_self=of_self) if len(targets) == 1 else None
    if name is None or statement.value is None:
        return {}
    try:
        return {name: ast.literal_eval(statement.value)}
    except (ValueError, TypeError, SyntaxError):
        return {}


def _target(target: ast.expr, *, of_self: bool) -> str | None:
    if isinstance(target, ast.Name) and not of_self:
        return target.id
    if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
        return target.attr if target.value.id == "self" else None
    return None


_READERS: dict[str, Callable[[str], Any]] = {
    ".json": _read_json,
    ".toml": tomllib.loads,
    ".py": _read_python,
}
