"""Writes what a training leaves behind: equal inputs, equal bytes; no clock may enter."""

from __future__ import annotations

import io
import json
import platform
import zipfile
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import polars as pl
import skops.io

# The oldest time that a zip archive can hold.
NO_TIME = (1980, 1, 1, 0, 0, 0)
# What decides the numbers in a model, next to its inputs.
LIBRARIES = ("numpy", "scipy", "scikit-learn", "skops")


def write_model(folder: Path, estimator: Any, *, card: Mapping[str, Any]) -> int:
    """Write `model.skops` and `card.json`; return the archive's size in bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    archive = steady_archive(skops.io.dumps(estimator))
    (folder / "model.skops").write_bytes(archive)
    versions = {name: metadata.version(name) for name in LIBRARIES}
    versions["python"] = platform.python_version()
    write_json(folder / "card.json", {**card, "format": "skops", "libraries": versions})
    return len(archive)


def steady_archive(archive: bytes) -> bytes:
    """Rewrite a skops archive so that its bytes depend on the model alone.

    skops names objects and array files by memory address and stamps every member with the time.
    Addresses become numbers in order of appearance, times the oldest possible.
    """
    numbers: dict[Any, int] = {}
    files: dict[str, str] = {}

    def renamed(node: Any) -> Any:
        if isinstance(node, list):
            return [renamed(item) for item in node]
        if not isinstance(node, dict):
            return node
        fresh = {key: renamed(value) for key, value in node.items()}
        if "__id__" in node:
            fresh["__id__"] = numbers.setdefault(node["__id__"], len(numbers) + 1)
        if node.get("file") in members:
            suffix = Path(node["file"]).suffix
            fresh["file"] = files.setdefault(node["file"], f"array-{len(files) + 1}{suffix}")
        return fresh

    with zipfile.ZipFile(io.BytesIO(archive)) as source:
        members = {name: source.read(name) for name in source.namelist()}
    schema = renamed(json.loads(members.pop("schema.json")))
    steady = io.BytesIO()
    with zipfile.ZipFile(steady, "w") as target:
        for old, new in files.items():
            target.writestr(zipfile.ZipInfo(new, date_time=NO_TIME), members[old])
        text = json.dumps(schema, indent=1)
        target.writestr(zipfile.ZipInfo("schema.json", date_time=NO_TIME), text)
    return steady.getvalue()


def write_predictions(
    path: Path,
    test: pl.DataFrame,
    *,
    target: str,
    prediction: Sequence[Any],
    scores: Mapping[str, Sequence[float]] | None = None,
    slices: Sequence[str] = (),
) -> None:
    """Write one row per evaluated example: id, target, prediction, slice columns, then scores.

    `scores` maps a class to its probability in every row; its column is `score_<class>`.
    """
    columns = {
        "id": test["id"],
        "target": test[target],
        "prediction": pl.Series(prediction),
        **{name: test[name] for name in slices},
        **{f"score_{name}": pl.Series(values) for name, values in (scores or {}).items()},
    }
    pl.DataFrame(columns).write_parquet(path)


def write_json(path: Path, document: Mapping[str, Any]) -> None:
    """Write sorted, indented JSON; NaN and infinity raise ValueError rather than become text."""
    text = json.dumps(document, indent=2, sort_keys=True, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")
