"""The files that a Python project's settings name for its build: readme, licences, versions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from interlock.pipelines import ini, literals, packages, toml

_READ = re.compile(r"(file|attr):\s*(.+)")


@dataclass(frozen=True, slots=True)
class Described:
    """Paths are the project's own. `files` may be patterns; `modules` are the folders of modules
    from its name or its settings, below one of `sources`; `members` are patterns of other
    projects of the repository. With `is_package` the project itself is installed."""

    files: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    is_package: bool = False


def read_described(data: bytes, *, path: str) -> Described:
    """Return the files and folders in a project file; nothing for an unreadable file."""
    name = path.rpartition("/")[2]
    try:
        if name == "pyproject.toml":
            return _pyproject(toml.read(data.decode("utf-8")), data, path)
        if name == "setup.cfg":
            return _setup_cfg(data, path)
    except ValueError:
        return Described()
    if name == "setup.py":
        package = packages.read_package(data, path=path)
        return Described(_named(data), sources=package.sources, is_package=True)
    return Described()


def _named(data: bytes) -> tuple[str, ...]:
    try:
        return tuple(text for text, _ in literals.read_literals(data) if "." in text)
    except ValueError:  # too long for a setup.py
        return ()


def _pyproject(document: dict[str, Any], data: bytes, path: str) -> Described:
    project, tool = _table(document, "project"), _table(document, "tool")
    files: list[str] = []
    for value in (
        project.get("readme"),
        project.get("license"),
        _table(tool, "poetry").get("readme"),
    ):
        files += _strings(value.get("file") if isinstance(value, dict) else value)
    files += _strings(project.get("license-files")) or ["LICEN[CS]E*"]
    files += _strings(_table(tool, "hatch", "version").get("path"))
    files += _strings(_table(tool, "pdm", "version").get("path"))
    files += _strings(_table(tool, "flit", "metadata").get("description-file"))
    files += _strings(_table(tool, "hatch", "build", "hooks", "custom").get("path"))
    if "custom" in _table(tool, "hatch", "build", "hooks"):
        files.append("hatch_build.py")
    for value in _table(tool, "setuptools", "dynamic").values():
        files += _dynamic(value)
    name = project.get("name") or _table(tool, "poetry").get("name") or ""
    modules = [re.sub(r"[-.]+", "_", name)] if isinstance(name, str) and name else []
    wheel = _table(tool, "hatch", "build", "targets", "wheel")
    modules += [p.rpartition("/")[2] for p in _strings(wheel.get("packages"))]
    members = _strings(_table(tool, "uv", "workspace").get("members"))
    sources = _table(tool, "uv", "sources") | _table(tool, "poetry", "dependencies")
    for source in sources.values():
        members += _strings(source.get("path") if isinstance(source, dict) else None)
    return Described(
        files=tuple(files),
        modules=tuple(dict.fromkeys(modules)),
        sources=packages.read_package(data, path=path).sources,
        members=tuple(members),
        is_package=_is_package(document, tool),
    )


def _is_package(document: dict[str, Any], tool: dict[str, Any]) -> bool:
    """uv and poetry install a project with a build system, unless its settings disable it."""
    setting = _table(tool, "uv").get("package", _table(tool, "poetry").get("package-mode"))
    return setting if isinstance(setting, bool) else "build-system" in document


def _dynamic(value: Any) -> Iterator[str]:
    """Files of `{file = …}`, and the module of `{attr = "x.y.VERSION"}`."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            yield from _strings(item.get("file"))
            yield from _of_attr(item.get("attr"))


def _of_attr(value: Any) -> Iterator[str]:
    if isinstance(value, str) and "." in value:
        module = value.rpartition(".")[0].replace(".", "/")
        yield from (
            f"{root}{module}{end}" for root in ("", "src/") for end in (".py", "/__init__.py")
        )


def _setup_cfg(data: bytes, path: str) -> Described:
    parser = ini.read(data.decode("utf-8"))
    files: list[str] = []
    for key in ("long_description", "version", "license_files", "license_file"):
        value = parser.get("metadata", key, fallback="")
        match = _READ.match(value)
        if match and match[1] == "attr":
            files += _of_attr(match[2].strip())
        elif match or key.startswith("license_file"):
            listed = match[2] if match else value
            files += [part.strip() for part in re.split(r"[,\n]", listed) if part.strip()]
    name = parser.get("metadata", "name", fallback="")
    modules = (re.sub(r"[-.]+", "_", name),) if name else ()
    sources = packages.read_package(data, path=path).sources
    return Described(tuple(files), modules, sources, is_package=bool(name))


def _table(document: Any, *names: str) -> dict[str, Any]:
    for name in names:
        document = document.get(name) if isinstance(document, dict) else None
    return document if isinstance(document, dict) else {}


def _strings(value: Any) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, str) and item]
