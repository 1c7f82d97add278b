"""Reads a manifest of several models: `models: {each: …}` fills `${item}` in its texts."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from interlock.domain.basics.diagnostics import Diagnostic, Severity
from interlock.domain.model.manifest import Manifest
from interlock.manifests import manifest
from interlock.manifests.manifest import Checked
from interlock.yaml_reader import suggestions
from interlock.yaml_reader.positions import Path
from interlock.yaml_reader.strict import read_yaml
from interlock.yaml_reader.suggestions import quote

Item = str | int | float | bool | Mapping[str, Any]
_FIELD = "models"
_REFERENCE = re.compile(r"\$\{\s*item(?:\.([\w-]+))?\s*\}")
_MOST = 200
_PLACEHOLDER = "item"
"""Replaces the items of a family whose items cannot be read, so that the other fields can."""


def read(data: bytes, *, path: str) -> tuple[tuple[Manifest | None, tuple[Diagnostic, ...]], ...]:
    """Return each model of a manifest with its problems; None for a model with an error."""
    every = check(data, path=path)
    read = tuple((one.manifest, one.diagnostics) for one in every)
    for one in every:
        one.positions.forget()
    return read


def check(data: bytes, *, path: str) -> tuple[Checked, ...]:
    """Check each model of a manifest like `manifest.check`: a manifest without `models` has one."""
    value = read_yaml(data, path=path)[0] if _FIELD.encode() in data else None
    if not isinstance(value, dict) or _FIELD not in value:
        return (manifest.check(data, path=path),)
    section = value[_FIELD]
    each = section.get("each") if isinstance(section, dict) else None
    faults: list[tuple[Path, str, str]] = []
    items: list[Item] = [_PLACEHOLDER]
    if isinstance(each, list | dict):
        faults = list(_faults(each))
        items = items if faults else list(_items(each))
    every = tuple(manifest.check(data, path=path, fill=partial(_fill, item=item)) for item in items)
    for one in every:
        for fault in faults:
            one.complain(*fault)
        if not faults and isinstance(each, list | dict):
            _check_texts(one, value, items)
    return every


def warn_of_rest(every: Sequence[Checked], stages: Callable[[Checked], Collection[str]]) -> None:
    """Warn of items of a stage that have no model in a family; `stages` are the names of the stages
    that a manifest may name."""
    targets: dict[str, list[str]] = {}
    for one in every:
        targets.setdefault(one.path, []).append(str(one.get("pipeline", "target") or ""))
    for one in every:
        groups = {target.partition("@")[0] for target in targets.get(one.path, ()) if "@" in target}
        known = targets.pop(one.path, ()) if one.has(_FIELD) else ()
        rest = [name for name in stages(one) if "@" in name and name not in known]
        rest = [name for name in rest if known and name.partition("@")[0] in groups]
        if rest:
            one.complain(
                (_FIELD, "each"),
                f"no model has the target {', '.join(rest[:3])}",
                "add its item, if it is a model, too",
                Severity.WARNING,
            )


def _items(each: list[Any] | dict[str, list[Any]]) -> Iterator[Item]:
    """Yield the items of a list; of lists by name, every combination, in the order of DVC."""
    if isinstance(each, list):
        yield from each
    else:
        yield from (
            dict(zip(each, values, strict=True)) for values in itertools.product(*each.values())
        )


def _faults(each: list[Any] | dict[str, Any]) -> Iterator[tuple[Path, str, str]]:
    """Yield what makes the items unreadable, beside the errors of the schema."""
    place: Path = (_FIELD, "each")
    example = "for example each: [persons, places], or each: {size: [small, large]}"
    if not each:
        yield place, f"{_FIELD}.each has no items", example
        return
    lists = each.values() if isinstance(each, dict) else [each]
    if not all(isinstance(one, list) and one for one in lists):
        yield place, f"{_FIELD}.each has a name without a list of items", example
        return
    count = 1
    for one in lists:
        count *= len(one)
    if count > _MOST:
        yield place, f"{_FIELD}.each makes {count:,} models, and at most {_MOST} are allowed", ""
    keys = {frozenset(one) if isinstance(one, dict) else None for one in next(iter(lists))}
    if len(keys) > 1:
        yield place, f"the items of {_FIELD}.each have different keys", "give each the same"
    for index, one in enumerate(item for each in lists for item in each):
        if isinstance(one, list) or one is None:
            yield place, f"item {index + 1} of {_FIELD}.each is neither text nor a number", example


def _fill(value: Any, *, item: Item) -> Any:
    """Return a value of the manifest with an item in its texts; `models` stays as it is."""
    if isinstance(value, dict):
        return {k: v if k == _FIELD else _fill(v, item=item) for k, v in value.items()}
    if isinstance(value, list):
        return [_fill(one, item=item) for one in value]
    if not isinstance(value, str):
        return value
    whole = _REFERENCE.fullmatch(value)
    if whole and (known := _part(whole, item)) is not None:
        return known
    return _REFERENCE.sub(lambda match: _text(match, item), value)


def _part(match: re.Match[str], item: Item) -> Any:
    """Return the part of an item that a reference names; None if it has no such part."""
    name = match[1]
    if isinstance(item, Mapping):
        return item.get(name)
    return item if name is None or item == _PLACEHOLDER else None


def _text(match: re.Match[str], item: Item) -> str:
    """Return a part of an item as DVC writes it in the name of a stage."""
    known = _part(match, item)
    if known is None:
        return match[0]
    return str(known).lower() if isinstance(known, bool) else str(known)


def _check_texts(one: Checked, written: dict[str, Any], items: Sequence[Item]) -> None:
    """Report references without a part of the item, and a name that all models would share."""
    for place, text in _texts(written, ()):
        for match in _REFERENCE.finditer(text):
            if _part(match, items[0]) is None:
                known = _names(items[0])
                hint = suggestions.suggest(match[0], known, otherwise=f"write {', '.join(known)}")
                one.complain(place, f"{quote(match[0])} is not a part of an item", hint)
    name = written.get("model")
    if isinstance(name, str) and not _REFERENCE.search(name) and len(items) > 1:
        hint = f"write {_names(items[0])[0]} in it, for example {name}-{_names(items[0])[0]}"
        one.complain(("model",), f"all {len(items)} models would be named {quote(name)}", hint)


def _names(item: Item) -> list[str]:
    return [f"${{item.{key}}}" for key in item] if isinstance(item, Mapping) else ["${item}"]


def _texts(value: Any, place: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for key, one in value.items():
            if (*place, key) != (_FIELD,):
                yield from _texts(one, (*place, key))
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from _texts(one, (*place, index))
