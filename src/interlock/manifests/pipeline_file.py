"""What a dvc.yaml declares: its stages and their outputs; nothing is resolved, hashed or run.

Only the structure is read. What a template (`${…}`) stands for is DVC's to say: a stage's name or
an output that holds one is unknown here, and unknown is never complained of.
"""

from __future__ import annotations

import itertools
import math
import posixpath
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from interlock.domain.diagnostics import Diagnostic
from interlock.manifests.complaints import Complaints
from interlock.manifests.nearest import quote
from interlock.manifests.positions import Path
from interlock.manifests.syntax import read_yaml

_TEMPLATE = "${"
_MOST_ITEMS = 10_000
_HINT = "see https://dvc.org/doc/user-guide/project-structure/dvcyaml-files"


@dataclass(frozen=True, slots=True)
class Stage:
    """Outputs by path, relative to the repository: `outs`, and `reports` (metrics and plots).

    `is_open` when a template hides some of them. `items` are what may stand after the @ of a
    foreach or matrix stage: None for a plain stage, empty when a template hides them.
    """

    outs: frozenset[str]
    reports: frozenset[str]
    is_open: bool
    items: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class PipelineFile:
    path: str
    stages: Mapping[str, Stage] = field(default_factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()


def read(data: bytes, *, path: str) -> PipelineFile:
    """Return the stages and everything that keeps them from being read."""
    value, positions, found = read_yaml(data, path=path, strict=False)
    if found:
        return PipelineFile(path, diagnostics=found)
    complaints = Complaints(path)
    section = value.get("stages") if isinstance(value, dict) else None
    if not isinstance(section, dict):
        complaints.add(positions.value(()), "there are no stages in this file", _HINT)
        return PipelineFile(path, diagnostics=complaints.found(data))
    stages = {}
    for name, body in section.items():
        try:
            stages[name] = _stage(body, folder=posixpath.dirname(path))
        except _Malformed as error:
            place = positions.value(("stages", name, *error.path))
            complaints.add(place, f"stage {quote(name)}: {error}", _HINT)
    return PipelineFile(path, stages, complaints.found(data))


class _Malformed(Exception):
    def __init__(self, message: str, *path: str | int) -> None:
        super().__init__(message)
        self.path: Path = path


def _stage(body: object, *, folder: str) -> Stage:
    if not isinstance(body, dict):
        raise _Malformed("is no mapping")
    items = _items(body)
    inner = body.get("do") if "foreach" in body else body
    if not isinstance(inner, dict):
        raise _Malformed("a foreach needs a do", "foreach")
    wdir = inner.get("wdir", "")
    base = posixpath.join(folder, str(wdir))
    outs = list(_paths(inner, "outs"))
    reports = [*_paths(inner, "metrics"), *_paths(inner, "plots")]
    is_open = any(_TEMPLATE in path for path in (str(wdir), *outs, *reports))
    return Stage(
        outs=frozenset(_join(base, path) for path in outs),
        reports=frozenset(_join(base, path) for path in reports),
        is_open=is_open,
        items=items,
    )


def _join(base: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(base, path))


def _paths(body: dict[str, Any], section: str) -> Iterator[str]:
    """A list of paths, each alone or as the one key of its options."""
    entries = body.get(section) or []
    if not isinstance(entries, list):
        raise _Malformed(f"{section} is no list", section)
    for index, entry in enumerate(entries):
        if isinstance(entry, dict) and entry:
            yield from (str(path) for path in entry)
        elif isinstance(entry, str):
            yield entry
        else:
            raise _Malformed(f"{section} holds something that is no path", section, index)


def _items(body: dict[str, Any]) -> tuple[str, ...] | None:
    """Names after the @, as DVC forms them (dvc.parsing: normalized_iterable)."""
    if "matrix" in body:
        return _combine(body["matrix"])
    if "foreach" not in body:
        return None
    each = body["foreach"]
    if isinstance(each, dict):
        return _known(map(str, each))
    if not isinstance(each, list):
        return ()
    if any(isinstance(item, dict | list) for item in each):
        return tuple(str(index) for index in range(len(each)))
    return _known(map(_word, each))


def _combine(matrix: object) -> tuple[str, ...]:
    columns = matrix if isinstance(matrix, dict) else {}
    if not all(isinstance(column, list) for column in columns.values()):
        return ()
    if math.prod(len(column) for column in columns.values()) > _MOST_ITEMS:
        return ()
    words = [
        [f"{key}{index}" if isinstance(item, dict | list) else _word(item) for index, item in parts]
        for key, parts in ((key, enumerate(column)) for key, column in columns.items())
    ]
    return _known("-".join(parts) for parts in itertools.product(*words)) if words else ()


def _known(names: Iterable[str]) -> tuple[str, ...]:
    found = tuple(names)
    return () if any(_TEMPLATE in name for name in found) else found


def _word(item: object) -> str:
    return str(item).lower() if isinstance(item, bool) else str(item)
