"""Formats fields and values for messages."""

from __future__ import annotations

from typing import Any

from interlock.yaml_reader.positions import Path
from interlock.yaml_reader.suggestions import quote


def name(path: Path) -> str:
    """Return `gates[0].min`, or "the file" for the document itself."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".") or "the file"


def example(path: Path, described: dict[str, Any]) -> str:
    examples = described.get("examples", ())
    if not examples or not path or isinstance(path[-1], int):
        return f"for example {flow(examples[0])}" if examples else ""
    return f"for example {path[-1]}: {flow(examples[0])}"


def flow(value: object) -> str:
    """Format a value as YAML on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {flow(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    return f'"{value}"' if isinstance(value, str) and not value[:1].isalpha() else str(value)


def kind(value: object) -> str:
    if value is None:
        return "empty"
    kinds = {dict: "a mapping", list: "a list", str: "text", bool: "a boolean"}
    plain = kinds.get(type(value), "a number")
    shown = "true" if value is True else "false" if value is False else quote(value)
    return plain if isinstance(value, dict | list) else f"{plain} ({shown})"
