"""The plain part of Hydra's composition: defaults lists, groups, merging; Hydra is not needed.

Source of the rules: hydra-core 1.3, `_internal/defaults_list.py` and `config_loader_impl.py`.
Resolvers, packages and overrides are refused, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from interlock import errors
from interlock.domain.basics import parse_limits
from interlock.pipelines.project import Project
from interlock.yaml_reader import dvc
from interlock.yaml_reader.suggestions import quote

_Safe: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MAX_DEPTH = 20
_REFERENCE = re.compile(r"\$\{([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\}")


class NeedsHydra(Exception):
    """Only Hydra itself can compose this; the message gives the reason."""


def compose(project: Project, folder: str, name: str) -> Any:
    """Return the composition of `folder/name.yaml` without overrides; raises NeedsHydra."""
    composed: dict[str, Any] = {}
    for package, content in _Defaults(project, folder).of(name, "", ()):
        inside: Any = content
        for part in reversed(package):
            inside = {part: inside}
        composed = _merge(composed, inside)
    composed.pop("hydra", None)
    return _Resolver(composed).resolve(composed)


class _Defaults:
    """Walks defaults lists in Hydra's order."""

    def __init__(self, project: Project, folder: str) -> None:
        self._project, self._folder = project, folder
        self._taken: set[str] = set()

    def of(
        self, name: str, group: str, package: tuple[str, ...], depth: int = 0
    ) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
        """Yield (package, content) of a config and of its defaults, from weakest to strongest."""
        path = "/".join(part for part in (self._folder, group, f"{name}.yaml") if part)
        if depth > _MAX_DEPTH:
            raise NeedsHydra(f"the defaults of {path} contain a cycle")
        self._take(path)
        content = dict(self._content(path))
        listed = content.pop("defaults", [])
        if not isinstance(listed, list) or listed.count("_self_") > 1:
            raise NeedsHydra(f"the defaults of {path} are not a list, or name _self_ twice")
        overrides = [
            isinstance(i, dict) and str(next(iter(i), "")).startswith("override ") for i in listed
        ]
        if overrides != sorted(overrides):
            raise NeedsHydra(f"the defaults of {path} have an override before another item")
        if "_self_" not in listed:
            listed = [*listed, "_self_"]
        for item in listed:
            if item == "_self_":
                yield package, content
                continue
            for place, inside, chosen in self._chosen(item, group, package, path):
                yield from self.of(chosen, place, inside, depth + 1)

    def _chosen(
        self, item: Any, group: str, package: tuple[str, ...], path: str
    ) -> Iterator[tuple[str, tuple[str, ...], str]]:
        """The configs that one item of a defaults list names: (group, package, name)."""
        if isinstance(item, str):
            place, _, name = _plain(item, path).rpartition("/")
            yield (*_below(place, item, group, package), name.removesuffix(".yaml"))
            return
        if not isinstance(item, dict) or len(item) != 1:
            raise NeedsHydra(f"an item of the defaults of {path} is neither a name nor a group")
        ((key, value),) = item.items()
        key = str(key)
        if key.removeprefix("override ").lstrip("/").startswith("hydra/"):
            return
        is_optional = key.startswith("optional ")
        key = _plain(key.removeprefix("optional ").strip(), path)
        place, inside = _below(key, key, group, package)
        self._take(f"{place}/")
        for chosen in value if isinstance(value, list) else [value]:
            if chosen is None:
                continue
            name = _plain(str(chosen), path).removesuffix(".yaml")
            if is_optional and not self._exists(place, name):
                continue
            yield place, inside, name

    def _take(self, what: str) -> None:
        if what in self._taken:
            raise NeedsHydra(f"{what} is among the defaults twice")
        self._taken.add(what)

    def _exists(self, group: str, name: str) -> bool:
        path = "/".join(part for part in (self._folder, group, f"{name}.yaml") if part)
        return path in self._project.tree.entries

    def _content(self, path: str) -> dict[str, Any]:
        entry = self._project.tree.entries.get(path)
        if entry is None or not entry.mode.startswith("100"):
            raise NeedsHydra(f"there is no {path}")
        try:
            content = self._project.shelf.read(self._project.tree, path, read_config)
        except errors.CannotFingerprint as error:
            raise NeedsHydra(error.message) from error
        if not isinstance(content, dict):
            raise NeedsHydra(f"{path} is not a mapping")
        return content


def read_config(data: bytes, *, path: str) -> Any:
    """Return a configuration where YAML 1.1, which Hydra reads, and 1.2 agree on it; raises
    CannotFingerprint."""
    if re.search(rb"^[ \t]*+#[ \t]*+@package", data, re.MULTILINE):
        raise errors.CannotFingerprint(f"{path} names a package")
    parse_limits.SETTINGS.bytes.require(len(data))
    document = dvc.read(data, path=path)  # which counts, so that the other reader need not
    try:
        other = yaml.load(data, Loader=_Safe)  # noqa: S506 - it is a safe one
        is_same = repr(other or {}) == repr(document)
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise errors.CannotFingerprint(f"{path} is not YAML 1.1") from error
    if not is_same:
        raise errors.CannotFingerprint(f"{path} has a value that YAML 1.1 and 1.2 read differently")
    return document


def _plain(text: str, path: str) -> str:
    if not re.fullmatch(r"/?[\w.-]+(?:/[\w.-]+)*", text):
        raise NeedsHydra(f"{path} has {quote(text)} among its defaults")
    return text


def _below(
    place: str, written: str, group: str, package: tuple[str, ...]
) -> tuple[str, tuple[str, ...]]:
    """A group from inside another one; one that begins with a slash is from the root."""
    parts = tuple(part for part in place.split("/") if part)
    if written.startswith("/"):
        return "/".join(parts), parts
    return "/".join(part for part in (group, *parts) if part), (*package, *parts)


def _merge(under: Any, over: Any) -> Any:
    if isinstance(under, dict) != isinstance(over, dict):
        raise NeedsHydra("a mapping and something else have the same name")
    if not isinstance(under, dict):
        return over
    merged = dict(under)
    for key, value in over.items():
        merged[key] = _merge(merged[key], value) if key in merged else value
    return merged


class _Resolver:
    """Puts in what `${a.b}` names; other resolvers and relative references are Hydra's matter.

    The resolved references are counted: each text may contain several more.
    """

    def __init__(self, root: dict[str, Any]) -> None:
        self._root = root
        self._values = self._characters = 0

    def resolve(self, value: Any, *, depth: int = 0) -> Any:
        self._count(value)
        if depth > _MAX_DEPTH:
            raise NeedsHydra("references go round in circles")
        if isinstance(value, dict):
            return {key: self.resolve(item, depth=depth) for key, item in value.items()}
        if isinstance(value, list):
            return [self.resolve(item, depth=depth) for item in value]
        if not isinstance(value, str) or ("${" not in value and value != "???"):
            return value
        whole = _REFERENCE.fullmatch(value)
        if whole:
            return self.resolve(self._at(whole[1]), depth=depth + 1)
        if "${" in _REFERENCE.sub("", value) or "\\" in value or value == "???":
            raise NeedsHydra(f"{quote(value)} is for Hydra to resolve")
        return _REFERENCE.sub(lambda m: self._text(self._at(m[1]), depth + 1), value)

    def _count(self, value: Any) -> None:
        self._values += 1
        self._characters += len(value) if isinstance(value, str) else 0
        for limit, count in (
            (parse_limits.SETTINGS.values, self._values),
            (parse_limits.EXPANDED, self._characters),
        ):
            if count > limit.most:
                raise NeedsHydra(limit.sentence)

    def _at(self, name: str) -> Any:
        value: Any = self._root
        for part in name.split("."):
            if not isinstance(value, dict) or part not in value:
                raise NeedsHydra(f"{quote(name)} is not among its own values")
            value = value[part]
        return value

    def _text(self, value: Any, depth: int) -> str:
        resolved = self.resolve(value, depth=depth)
        if isinstance(resolved, int) and resolved.bit_length() > 64:
            raise NeedsHydra("a reference inside text is a very large number")
        if not isinstance(resolved, str) and type(resolved) is not int:
            raise NeedsHydra("a reference inside text is not text")
        text = str(resolved)
        self._count(text)
        return text
