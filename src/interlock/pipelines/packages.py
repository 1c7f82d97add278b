"""One Python project's own files: the scripts that it installs and where its modules lie."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from interlock.pipelines import ini, paths, python, toml

FILES = ("pyproject.toml", "setup.cfg", "setup.py")
_ENTRY = re.compile(r"^\s*([\w.-]+)\s*=\s*([\w.]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Package:
    """`scripts` maps an installed command to the module that it runs, `files` to a file of the
    project, `tasks` to shell text; `sources` are folders of modules. Paths are the project's own.
    """

    scripts: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    tasks: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[str, ...] = ()


def read_package(data: bytes, *, path: str) -> Package:
    """Return what a pyproject.toml, setup.cfg or setup.py says; one that cannot be read says
    nothing: its installation reports that."""
    text = data.decode("utf-8", "replace")
    try:
        return _READERS[path.rpartition("/")[2]](text)
    except (ValueError, SyntaxError):
        return Package()


def _pyproject(text: str) -> Package:
    document = toml.read(text)
    project, tool = _table(document, "project"), _table(document, "tool")
    groups = _table(project, "entry-points")
    tables = [_table(project, "scripts"), _table(project, "gui-scripts")]
    tables += [_table(groups, "console_scripts"), _table(tool, "poetry", "scripts")]
    scripts = [item for table in tables for item in table.items()]
    is_file = {name: v for name, v in scripts if isinstance(v, Mapping) and v.get("type") == "file"}
    return Package(
        scripts={n: m for n, v in scripts if n not in is_file and (m := _module(v))},
        files={name: str(v.get("reference", "")) for name, v in is_file.items()},
        tasks=dict(_tasks(tool)),
        sources=tuple(_sources(tool)),
    )


def _module(value: Any) -> str:
    if isinstance(value, Mapping):
        value = value.get("reference") or value.get("callable")
    return value.partition(":")[0].strip() if isinstance(value, str) else ""


_RUNNERS = (
    *(("poe", "tasks"), ("pdm", "scripts"), ("rye", "scripts"), ("taskipy", "tasks")),
    *(("pixi", "tasks"), ("hatch", "envs", "default", "scripts")),
)


def _tasks(tool: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for names in _RUNNERS:
        for name, value in _table(tool, *names).items():
            is_table = isinstance(value, Mapping)
            text = (value.get("cmd") or value.get("shell")) if is_table else value
            lines = text if isinstance(text, list) else [text]
            if all(isinstance(line, str) for line in lines):
                yield name, "\n".join(lines)


def _sources(tool: Mapping[str, Any]) -> Iterator[str]:
    yield from _strings(_table(tool, "setuptools", "packages", "find").get("where"))
    yield from _strings(list(_table(tool, "setuptools", "package-dir").values()))
    yield from _strings(_table(tool, "pdm", "build").get("package-dir"))
    yield from _strings(_table(tool, "maturin").get("python-source"))
    yield from _strings(_table(tool, "uv", "build-backend").get("module-root"))
    for item in _list(_table(tool, "poetry").get("packages")):
        yield from _strings(item.get("from") if isinstance(item, Mapping) else None)
    wheel = _table(tool, "hatch", "build", "targets", "wheel")
    yield from (paths.folder(p) for p in _strings(wheel.get("packages")) if "/" in p)
    yield from _strings(wheel.get("sources"))


def _setup_cfg(text: str) -> Package:
    get = ini.read(text).get
    entries = get("options.entry_points", "console_scripts", fallback="")
    sources = [get("options.packages.find", "where", fallback="")]
    sources += [
        line.partition("=")[2] for line in _lines(get("options", "package_dir", fallback=""))
    ]
    return Package(
        scripts=dict(_ENTRY.findall(entries)),
        sources=tuple(s.strip() for s in sources if s.strip()),
    )


def _setup_py(text: str) -> Package:
    """What `setup(…)` is given as literals, also through names that are assigned once."""
    tree = python.tree(text)
    names = {
        node.targets[0].id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    call = next((n for n in ast.walk(tree) if _calls(n, "setup")), None)
    arguments = {k.arg: k.value for k in call.keywords} if isinstance(call, ast.Call) else {}
    value = {name: _literal(node, names) for name, node in arguments.items()}
    entries = value.get("entry_points")
    console = entries.get("console_scripts") if isinstance(entries, Mapping) else entries
    lines = [console] if isinstance(console, str) else _strings(console)
    return Package(
        scripts=dict(_ENTRY.findall("\n".join(lines))),
        files={path.rpartition("/")[2]: path for path in _strings(value.get("scripts"))},
        sources=(
            *_strings(_values(value.get("package_dir"))),
            *_found_in(arguments.get("packages")),
        ),
    )


def _calls(node: ast.AST, name: str) -> bool:
    if not isinstance(node, ast.Call):
        return False
    called = node.func
    return name == (called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", ""))


def _literal(node: ast.expr, names: Mapping[str, ast.expr]) -> Any:
    for _ in range(5):
        if not isinstance(node, ast.Name):
            break
        node = names.get(node.id, ast.Constant(None))
    return python.literal(node)


def _found_in(node: ast.expr | None) -> Iterator[str]:
    """The `where` of `find_packages(…)`."""
    if isinstance(node, ast.Call):
        arguments = [*node.args[:1], *(k.value for k in node.keywords if k.arg == "where")]
        yield from _strings([n.value for n in arguments if isinstance(n, ast.Constant)])


def _values(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, Mapping) else []


def _table(document: Any, *names: str) -> Mapping[str, Any]:
    for name in names:
        document = document.get(name) if isinstance(document, Mapping) else None
    return document if isinstance(document, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _strings(value: Any) -> list[str]:
    items: Iterable[Any] = value if isinstance(value, list | tuple) else [value]
    return [item for item in items if isinstance(item, str) and item]


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if "=" in line]


_READERS = {"pyproject.toml": _pyproject, "setup.cfg": _setup_cfg, "setup.py": _setup_py}
