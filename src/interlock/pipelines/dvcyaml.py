"""One dvc.yaml: its text to stages; what the paths lead to is not looked up here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from interlock import errors
from interlock.pipelines import paths
from interlock.pipelines.stage import Broken, Dependency, Out, Parameters, Stage, Top

DEFAULT_PARAMETERS = "params.yaml"
_TEMPLATES = ("foreach", "matrix")
_T = TypeVar("_T")


def definitions(document: Any, *, path: str) -> Mapping[str, Any]:
    """Return the stages' definitions by name; raises CannotFingerprint for another shape."""
    if not isinstance(document, Mapping):
        raise errors.CannotFingerprint(f"{path} is not a mapping")
    found = document.get("stages", {})
    if not isinstance(found, Mapping) or not all(isinstance(name, str) for name in found):
        raise errors.CannotFingerprint(f"{path}: `stages` is not a mapping of names to stages")
    return found


def is_dvc_file(path: str) -> bool:
    """Whether DVC takes a file for one of its own by its name."""
    name = path.rpartition("/")[2]
    return name == "dvc.yaml" or (name.endswith(".dvc") and name != ".dvc")


def lock_path(file: str) -> str:
    """Return the path of the lock file beside a dvc.yaml."""
    return file.removesuffix(".yaml") + ".lock"


def is_template(data: bytes, document: Any) -> bool:
    """Whether only DVC's own resolver reads this file exactly: `${…}`, foreach, matrix."""
    if b"${" in data:
        return True
    found = document.get("stages") if isinstance(document, Mapping) else None
    stages = found.values() if isinstance(found, Mapping) else ()
    return any(isinstance(s, Mapping) and any(k in s for k in _TEMPLATES) for s in stages)


def read_top(document: Mapping[str, Any], *, file: str) -> Top:
    """Return what a dvc.yaml lists beside its stages; what has another shape is passed over."""
    datasets = (each for each in _items(document, "datasets") if isinstance(each, Mapping))
    return Top(
        metrics=_places(document, "metrics", file=file),
        params=_places(document, "params", file=file),
        datasets={str(each["name"]): each for each in datasets if each.get("name")},
    )


def _items(document: Mapping[str, Any], section: str) -> list[Any]:
    found = document.get(section)
    return found if isinstance(found, list) else []


def _places(document: Mapping[str, Any], section: str, *, file: str) -> tuple[str, ...]:
    written = (each for each in _items(document, section) if isinstance(each, str))
    found = (paths.join(paths.folder(file), each) for each in written)
    return tuple(dict.fromkeys(place for place in found if place))


def read_stage(definition: Any, *, file: str, name: str) -> Stage | Broken:
    """Return the stage, or why it cannot be read (as DVC's own schema would refuse it)."""
    try:
        return _stage(definition, file=file, name=name)
    except errors.CannotFingerprint as error:
        return Broken(file=file, name=name, reason=f"{file}: stage {name}: {error.message}")


def _stage(definition: Any, *, file: str, name: str) -> Stage:
    if not isinstance(definition, Mapping):
        raise errors.CannotFingerprint("it is not a mapping")
    _refuse_unknown(definition)
    written = _of(definition, "wdir", str, default=".") or "."
    wdir = paths.join(paths.folder(file), written)
    if wdir is None:
        raise errors.CannotFingerprint(f"its wdir {written} is outside the repository")
    command = definition.get("cmd")
    commands = (command,) if isinstance(command, str) else _strings(command, "cmd")
    return Stage(
        file=file,
        name=name,
        wdir=wdir,
        commands=commands,
        listed=isinstance(command, list),
        dependencies=tuple(
            Dependency(paths.join(wdir, dep), dep)
            for dep in _strings(definition.get("deps"), "deps", missing=())
        ),
        parameters=_parameters(definition.get("params"), wdir=wdir),
        outs=tuple(_outs(definition, wdir=wdir)),
        frozen=_of(definition, "frozen", bool, default=False),
        always_changed=_of(definition, "always_changed", bool, default=False),
    )


_KEYS = frozenset(
    {"cmd", "wdir", "deps", "params", "vars", "outs", "metrics", "plots"}
    | {"frozen", "always_changed", "meta", "desc"}
)


def _refuse_unknown(definition: Mapping[Any, Any]) -> None:
    unknown = [str(key) for key in definition if key not in _KEYS]
    if unknown:
        raise errors.CannotFingerprint(f"DVC knows no field {unknown[0]!r}")


def _of(definition: Mapping[Any, Any], key: str, kind: type[_T], *, default: _T) -> _T:
    value = definition.get(key, default)
    if not isinstance(value, kind):
        raise errors.CannotFingerprint(f"`{key}` is not a {kind.__name__}")
    return value


def _strings(value: Any, key: str, *, missing: tuple[str, ...] | None = None) -> tuple[str, ...]:
    if value is None and missing is not None:
        return missing
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise errors.CannotFingerprint(f"`{key}` is not a list of strings")
    return tuple(value)


def _parameters(value: Any, *, wdir: str) -> tuple[Parameters, ...]:
    """Merge what is asked of each file, as DVC does: a whole file swallows its keys."""
    keys: dict[str, dict[str, None]] = {}
    whole: set[str] = set()
    for file, wanted in _requests(value):
        asked = keys.setdefault(file, {})
        asked.update(dict.fromkeys(wanted))
        if not wanted:
            whole.add(file)
    return tuple(
        Parameters(paths.join(wdir, file), file, () if file in whole else tuple(asked))
        for file, asked in keys.items()
    )


def _requests(value: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
    if value is not None and not isinstance(value, list):
        raise errors.CannotFingerprint("`params` is not a list")
    for item in value or ():
        if isinstance(item, str):
            yield DEFAULT_PARAMETERS, (item,)
        elif isinstance(item, Mapping) and all(isinstance(file, str) for file in item):
            for file, wanted in item.items():
                yield file, _strings(wanted or [], "params")
        else:
            raise errors.CannotFingerprint("`params` holds something that is no key and no file")


def _outs(definition: Mapping[Any, Any], *, wdir: str) -> Iterator[Out]:
    for section in ("outs", "metrics", "plots"):
        value = definition.get(section)
        if value is not None and not isinstance(value, list):
            raise errors.CannotFingerprint(f"`{section}` is not a list")
        for item in value or ():
            entries = {item: {}} if isinstance(item, str) else item
            if not isinstance(entries, Mapping):
                raise errors.CannotFingerprint(f"`{section}` holds something that is no path")
            for written, options in entries.items():
                cached = not isinstance(options, Mapping) or options.get("cache", True) is not False
                yield Out(paths.join(wdir, str(written)), str(written), cached)
