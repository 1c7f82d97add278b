"""Parameter files as DVC reads them: YAML, JSON, TOML, Python; meaning does not enter."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from interlock.domain.basics import json_text, parse_limits, value_size
from interlock.domain.basics.parse_limits import TooMuch
from interlock.pipelines import python, toml
from interlock.yaml_reader import dvc, file_errors
from interlock.yaml_reader.positions import START, Position


def read(data: bytes, *, path: str) -> Any:
    """Return the content of a parameter file by its suffix; raises InvalidFile.

    YAML's scalars are kept as written, because readers differ (`yaml_reader.dvc.read_written`).
    """
    suffix = _suffix(path)
    reader = _READERS.get(suffix.lower())
    if reader is None:
        return dvc.read_written(data, path=path)
    try:
        return reader(data.decode("utf-8"))
    except TooMuch as error:
        raise file_errors.refuse(path, START, error.message, error.hint) from error
    except (ValueError, SyntaxError) as error:
        kind = suffix.removeprefix(".").upper()
        message = f"it cannot be read as {_NAMES.get(kind, kind)}: {_words(error)}"
        raise file_errors.refuse(path, _place(error), message) from error


def _suffix(path: str) -> str:
    """Return the suffix of a path as `pathlib` does, in a tenth of the time."""
    name = path.rpartition("/")[2]
    dot = name.rfind(".")
    return name[dot:] if 0 < dot < len(name) - 1 else ""


_NAMES = {"PY": "Python"}
_HALF = re.compile("[\ud800-\udfff]")
_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)")


def _place(error: Exception) -> Position:
    """Where JSON's, Python's and TOML's readers say that the fault is."""
    if isinstance(error, json.JSONDecodeError):
        return Position(error.lineno, error.colno)
    if isinstance(error, SyntaxError):
        return Position(error.lineno or 1, max(1, error.offset or 1))
    match = _AT.search(str(error))
    return Position(int(match[1]), int(match[2])) if match and match[1] else START


def _words(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError | SyntaxError):
        return error.msg
    return _AT.sub("", str(error))


def is_code(path: str) -> bool:
    """Return True if a parameter file is also a program, so that no part of it can be selected."""
    return path.endswith(".py")


def only(content: Any, keys: Iterable[str]) -> Any:
    """Return the part of a parameter file that dotted keys name; raises KeyError with the key.

    An element of a list, which a key names by its index, brings the whole list.
    """
    result: dict[Any, Any] = {}
    for key in sorted(keys, key=lambda key: key.count(".")):
        try:
            _take(content, key.split("."), into=result)
        except KeyError:
            raise KeyError(key) from None
    return result


def _take(content: Any, parts: list[str], *, into: dict[Any, Any]) -> None:
    key = _key(content, parts[0])
    value = content[key]
    if len(parts) == 1 or not isinstance(value, dict):
        _refuse_nothing(value, parts[1:])
        into[key] = value
    elif into.get(key) is not value:  # else a shorter key has brought all of it
        _take(value, parts[1:], into=into.setdefault(key, {}))


def _key(content: Any, part: str) -> Any:
    """The key of a mapping as DVC finds it: the text, or the whole number that it spells."""
    if isinstance(content, dict):
        number = int(part) if part.isascii() and part.isdigit() else part
        for key in (part, number):
            if key in content:
                return key
    raise KeyError(part)


def _refuse_nothing(value: Any, parts: list[str]) -> None:
    """Raise KeyError when nothing is at the end of a path through lists and mappings."""
    for part in parts:
        if isinstance(value, list | tuple) and part.isascii() and part.isdigit():
            if int(part) >= len(value):
                raise KeyError(part)
            value = value[int(part)]
        else:
            value = value[_key(value, part)]


def _read_json(text: str) -> Any:
    content = json_text.read(text, size=parse_limits.FILE) or {}
    if _HALF.search(json.dumps(content, ensure_ascii=False)):
        raise ValueError("half of a surrogate pair is not a character")
    return content


def _read_python(text: str) -> dict[str, Any]:
    return _assignments(python.tree(text).body, of_self=False)


def _assignments(body: list[ast.stmt], *, of_self: bool) -> dict[str, Any]:
    """Collect literal assignments: of the module, of classes, and to `self` in __init__.

    Values that are not literals are skipped, as in DVC: they cannot be parameters.
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
        value = ast.literal_eval(statement.value)
    except (ValueError, TypeError, SyntaxError):
        return {}
    except (RecursionError, MemoryError):
        raise parse_limits.DEPTH.refusal() from None
    value_size.require(value, values=parse_limits.FILE.values)
    return {name: value}


def _target(target: ast.expr, *, of_self: bool) -> str | None:
    if isinstance(target, ast.Name) and not of_self:
        return target.id
    if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
        return target.attr if target.value.id == "self" else None
    return None


_READERS: dict[str, Callable[[str], Any]] = {
    ".json": _read_json,
    ".toml": toml.read,
    ".py": _read_python,
}
