"""Describe the differences between two lineages in sentences; reads no revision."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from interlock.domain.model.lineage import Input, InputKind, Lineage

_SHORT = 12
_LONG_COMMAND = 60
# Users look for a cause in this order.
_ORDER = (
    InputKind.PARAMS,
    InputKind.DATA,
    InputKind.CODE,
    InputKind.CONTEXT,
    InputKind.PIPELINE,
    InputKind.MANIFEST,
    InputKind.ENVIRONMENT,
)


@dataclass(frozen=True, slots=True)
class InputChange:
    """One input that differs; `before`/`after` are texts for the report, None if absent."""

    kind: InputKind
    path: str
    name: str
    before: str | None
    after: str | None
    sentence: str


def compare(before: Lineage, after: Lineage, *, folder: str = "") -> tuple[InputChange, ...]:
    """Return every input that differs, parameters first; paths in `folder` are written without it.

    A file that only moved (same content, one path gone, one new) is one change.
    """
    old = {i.key: i for i in before.inputs}
    new = {i.key: i for i in after.inputs}
    gone = [old[key] for key in old.keys() - new.keys()]
    come = [new[key] for key in new.keys() - old.keys()]
    changes = [
        _changed(old[key], new[key], folder)
        for key in old.keys() & new.keys()
        if old[key].digest != new[key].digest
    ]
    for one, other in _moves(gone, come):
        gone.remove(one)
        come.remove(other)
        changes.append(_moved(one, other, folder))
    changes += [_removed(one, folder) for one in gone] + [_added(one, folder) for one in come]
    return tuple(sorted(changes, key=lambda c: (_ORDER.index(c.kind), c.path, c.name)))


def _moves(gone: list[Input], come: list[Input]) -> Iterator[tuple[Input, Input]]:
    """Yield the pairs of paths between which a content moved; ambiguous moves are left out."""
    files = (InputKind.CODE, InputKind.CONTEXT, InputKind.DATA, InputKind.ENVIRONMENT)
    for one in [i for i in gone if i.kind in files]:
        same = [i for i in come if (i.kind, i.digest) == (one.kind, one.digest)]
        rivals = [i for i in gone if (i.kind, i.digest) == (one.kind, one.digest)]
        if len(same) == len(rivals) == 1:
            yield one, same[0]


def _change(one: Input, before: str | None, after: str | None, sentence: str) -> InputChange:
    return InputChange(one.kind, one.path, one.name, before, after, sentence)


def _moved(one: Input, other: Input, folder: str) -> InputChange:
    sentence = f"{_local(one, folder)} moved to {_local(other, folder)}"
    return _change(other, one.path, other.path, sentence)


def _added(one: Input, folder: str) -> InputChange:
    return _change(one, None, _shown(one), f"{_subject(one, folder)} is new{_being(one)}")


def _removed(one: Input, folder: str) -> InputChange:
    return _change(one, _shown(one), None, f"{_subject(one, folder)} is no longer an input")


def _changed(one: Input, other: Input, folder: str) -> InputChange:
    subject = _subject(other, folder)
    if one.kind is InputKind.PARAMS:
        sentence = f"{subject} changed from {one.text} to {other.text}"
    elif one.kind is InputKind.DATA:
        sentence = f"{subject} {_growth(one, other)}"
    elif other.is_recorded:
        sentence = f"{subject} changed ({short(one.digest)} to {short(other.digest)})"
    elif one.kind is InputKind.PIPELINE:
        sentence = f"{subject}: {_redefined(one, other)}"
    else:
        sentence = f"{subject} changed"
    return _change(other, _shown(one), _shown(other), sentence)


def _being(one: Input) -> str:
    if one.kind is InputKind.PARAMS:
        return f" ({one.text})"
    if one.kind is InputKind.DATA and _measures(one):
        return f" ({', '.join(_measures(one))})"
    return ""


def _subject(one: Input, folder: str) -> str:
    if one.is_recorded:
        return f"{_local(one, folder)}, recorded of stage {one.name},"
    if one.kind is InputKind.PIPELINE:
        return f"stage {one.name}"
    return f"{_local(one, folder)}: {one.name}" if one.name else _local(one, folder)


def _local(one: Input, folder: str) -> str:
    return one.path.removeprefix(folder + "/") if folder else one.path


def _shown(one: Input) -> str:
    """Describe one side of a change: a value, sizes, or a short digest."""
    if one.kind is InputKind.DATA:
        return ", ".join([*_measures(one), short(one.digest)])
    return one.text or short(one.digest)


def _measures(one: Input) -> list[str]:
    rows = [] if one.rows is None else [f"{one.rows} rows"]
    return rows if one.size_bytes is None else [*rows, size(one.size_bytes)]


def _growth(one: Input, other: Input) -> str:
    """Write `grew from 353 to 442 rows (+89), 21 kB to 27 kB`, with the parts that are known."""
    sizes = rows = ""
    if one.size_bytes is not None and other.size_bytes is not None:
        sizes = f"{size(one.size_bytes)} to {size(other.size_bytes)}"
    if one.rows is not None and other.rows is not None and one.rows != other.rows:
        rows = f"from {one.rows} to {other.rows} rows ({other.rows - one.rows:+d})"
        verb = "grew" if other.rows > one.rows else "shrank"
        return f"{verb} {rows}" + (f", {sizes}" if sizes else "")
    if not sizes:
        return f"changed ({short(one.digest)} to {short(other.digest)})"
    same_rows = "" if one.rows is None or other.rows is None else f", still {other.rows} rows"
    if one.size_bytes == other.size_bytes:
        return f"changed, still {size(other.size_bytes or 0)}{same_rows}"
    return f"changed from {sizes}{same_rows}"


def _redefined(one: Input, other: Input) -> str:
    """Return the differences in a stage's definition; its digest is the definition itself, as
    JSON."""
    old, new = _definition(one), _definition(other)
    changes = list(_redefinitions(old, new))
    return ", ".join(changes) or "its definition changed"


def _redefinitions(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    if old.get("cmd") != new.get("cmd"):
        yield f"its command changed from {_command(old.get('cmd'))} to {_command(new.get('cmd'))}"
    if old.get("wdir") != new.get("wdir"):
        yield f"it runs in {new.get('wdir') or '.'} instead of {old.get('wdir') or '.'}"
    for field, more, less in (
        ("deps", "depends on", "no longer depends on"),
        ("params", "reads parameters of", "no longer reads parameters of"),
        ("outs", "makes", "no longer makes"),
    ):
        was, now = set(old.get(field) or ()), set(new.get(field) or ())
        if now - was:
            yield f"it {more} {', '.join(sorted(now - was))}"
        if was - now:
            yield f"it {less} {', '.join(sorted(was - now))}"
        if was == now and old.get(field) != new.get(field):
            yield f"it lists other {field}"


def _definition(one: Input) -> Mapping[str, Any]:
    try:
        definition = json.loads(one.digest.removeprefix("value:"))
    except ValueError:
        return {}
    return definition if isinstance(definition, dict) else {}


def _command(cmd: object) -> str:
    text = " && ".join(map(str, cmd)) if isinstance(cmd, list) else str(cmd)
    text = " ".join(text.split())
    return f"`{text if len(text) <= _LONG_COMMAND else text[: _LONG_COMMAND - 1] + '…'}`"


def short(digest: str) -> str:
    """Shorten a digest, for example to `git:0123456789ab`: enough to distinguish two contents."""
    kind, _, value = digest.partition(":")
    return f"{kind}:{value[:_SHORT]}"


def size(count: int) -> str:
    """Write a size in decimal units, with two digits below ten: `27 kB`, `3.4 MB`."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 999.5:
            return _rounded(value, unit)
        value /= 1000
    return _rounded(value, "TB")


def _rounded(value: float, unit: str) -> str:
    whole = unit == "B" or value >= 9.95
    return f"{value:.0f} {unit}" if whole else f"{value:.1f} {unit}"
