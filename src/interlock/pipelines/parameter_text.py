"""Writes parameters as the text of a parameter file; equal parameters have equal text."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

import yaml

from interlock.yaml_reader import dvc


def write(content: Any, *, path: str) -> str:
    """Return the file's text by its suffix. `content` is as `parameters.read` gives it.

    Keys are in one order, comments and layout are gone; every reader finds what it found before.
    """
    suffix = PurePosixPath(path).suffix.lower()
    if suffix == ".json":
        return json.dumps(content, sort_keys=True, indent=2, ensure_ascii=False) + "\n"
    if suffix == ".toml":
        import tomli_w  # noqa: PLC0415 - few parameter files are TOML

        return tomli_w.dumps(_ordered(content))
    return "\n".join(_lines(content, "")) + "\n"


def _ordered(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _ordered(value[key]) for key in sorted(value)}
    return [_ordered(item) for item in value] if isinstance(value, list) else value


def _lines(value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, Mapping) and value:
        for key, item in sorted((_scalar(key), item) for key, item in value.items()):
            yield from _entry(f"{indent}{key}:", item, indent)
    elif isinstance(value, list) and value:
        for item in value:
            yield from _entry(f"{indent}-", item, indent)
    else:
        yield indent + _scalar(value)


def _entry(start: str, value: Any, indent: str) -> Iterator[str]:
    if value and isinstance(value, Mapping | list):
        yield start
        yield from _lines(value, indent + "  ")
    else:
        yield f"{start} {_scalar(value)}".rstrip()


def _scalar(value: Any) -> str:
    if isinstance(value, Mapping | list):
        return "{}" if isinstance(value, Mapping) else "[]"
    if isinstance(value, dvc.Plain) or (isinstance(value, str) and dvc.is_word(value)):
        return str(value)
    style = '"' if isinstance(value, str) else None
    text: str = yaml.safe_dump(value, default_style=style, allow_unicode=True, width=math.inf)
    return text.removesuffix("\n").removesuffix("\n...")
