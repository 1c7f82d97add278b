"""Read environment files: the versions that they pin, and those that they leave open."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from interlock import errors
from interlock.domain.basics import json_text, parse_limits
from interlock.pipelines import ini, toml
from interlock.yaml_reader import dvc

LOCKS = ("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "Pipfile.lock", "pixi.lock")
_OF_CONDA = ("conda-lock.yml", "pixi.lock", "conda-linux-64.lock")
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")
_COMMENT = re.compile(r"(?:^|\s)#.*")
_COMMIT = re.compile(r"@[0-9a-f]{40}\b")
_CHECKSUM = re.compile(r"[#&](?:sha\d++|md5)=")
_MOST_PLACED = 10


@dataclass(frozen=True, slots=True)
class Environment:
    """`open` are requirements without an exact version, with their lines (0 if unknown).

    `fixed` are the names of pinned packages. `includes` are files that belong to it, `local`
    folders that it installs, both as written. Each file of the names in `locked_by` pins all
    versions, if it is in the same folder.
    """

    open: tuple[tuple[str, int], ...] = ()
    fixed: frozenset[str] = frozenset()
    includes: tuple[str, ...] = ()
    local: tuple[str, ...] = ()
    locked_by: tuple[str, ...] = ()


def read_environment(data: bytes, *, path: str) -> Environment:
    """Return the versions that a file of the manifest's `environment` pins; none for an unknown
    format."""
    reader = next((read for one, read in _READERS if one.fullmatch(path)), None)
    if reader is None:
        from interlock.pipelines import other_environments  # noqa: PLC0415 - few files are theirs

        reader = other_environments.reader(path)
    if reader is None:
        return Environment()
    try:
        return reader(data.decode("utf-8-sig"), path)
    except (ValueError, errors.CannotFingerprint):
        return Environment()


def read_requirements(data: bytes, *, path: str) -> Environment:
    """Read a file with pip's requirements, with any name."""
    return _pip(data.decode("utf-8-sig", "replace"), path)


def normal(name: str) -> str:
    """A package's name as PyPI compares it: https://peps.python.org/pep-0503/."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _pip(text: str, path: str) -> Environment:
    del path
    open_versions: list[tuple[str, int]] = []
    fixed: set[str] = set()
    includes: list[str] = []
    local: list[str] = []
    number = 0
    for block in re.split(r"(?<!\\)\n", text):
        number += 1
        line = _COMMENT.sub("", block.replace("\\\n", " ")).strip()
        if line.startswith("-"):
            includes += re.findall(r"^(?:-r|-c|--requirement|--constraint)[ =]*(\S+)", line)
            local += re.findall(r"^(?:-e|--editable)[ =]*(\.[^\s\[]*)", line)
        elif line.startswith("."):
            local.append(line.partition("[")[0].split()[0])
        elif line and _open(line) is not None:
            open_versions.append((line.partition(" --")[0].strip(), number))
        elif line:
            fixed |= {normal(match[0]) for match in [_NAME.match(line)] if match}
        number += block.count("\n")
    return Environment(tuple(open_versions), frozenset(fixed), tuple(includes), tuple(local))


def _open(requirement: str) -> str | None:
    """Return the name of a requirement (PEP 508) without an exact version, else None."""
    name = _NAME.match(requirement)
    if name is None or requirement.startswith((".", "/")) or "://" in name[0]:
        return None  # a path: this repository's own code
    rest = requirement[name.end() :].partition(";")[0].partition(" --")[0]
    rest = re.sub(r"^\s*\[[^]]*\]", "", rest).strip().strip("()")
    if rest.startswith(("@", ":")):
        is_local = "file:" in rest
        fragment = "".join(rest.partition("#")[1:])
        is_exact = _COMMIT.search(rest) or _CHECKSUM.search(fragment)
        return None if is_local or is_exact else name[0]
    clauses = [clause.strip() for clause in rest.split(",")]
    is_fixed = any(c.startswith("==") and not c.endswith("*") for c in clauses)
    return None if is_fixed else name[0]


def _conda(text: str, path: str) -> Environment:
    document = dvc.read(text.encode(), path=path)
    listed = document.get("dependencies") if isinstance(document, dict) else None
    open_versions: list[str] = []
    fixed: set[str] = set()
    inside = Environment()
    for item in listed if isinstance(listed, list) else ():
        if isinstance(item, str):
            name, is_fixed = _conda_spec(item)
            fixed |= {normal(name)} if is_fixed else set()
            open_versions += [] if is_fixed else [item]
        elif isinstance(item, dict) and isinstance(item.get("pip"), list):
            inside = _pip("\n".join(str(i) for i in item["pip"]), path)
            fixed |= inside.fixed
            open_versions += [requirement for requirement, _ in inside.open]
    return Environment(
        _placed(open_versions, text), frozenset(fixed), inside.includes, inside.local, _OF_CONDA
    )


def _conda_spec(text: str) -> tuple[str, bool]:
    """https://docs.conda.io/projects/conda-build/en/latest/resources/package-spec.html"""
    spec = text.rpartition("::")[2].strip()
    name = re.split(r"[\s=<>!~\[]", spec, maxsplit=1)[0]
    version = spec[len(name) :].strip()
    is_range = bool(re.search(r"[<>!~*|,]", version.partition("[")[0]))
    return name, (bool(version) and not is_range) or "/" in name


def _placed(items: list[str], text: str) -> tuple[tuple[str, int], ...]:
    """Add the line to the first few items; the report shows only those."""
    lines = text.splitlines()
    return tuple(
        (item, _line(item, lines) if n < _MOST_PLACED else 0) for n, item in enumerate(items)
    )


def _line(text: str, lines: list[str]) -> int:
    """Return the line of a list item, 0 if it spans several lines."""
    item = re.compile(rf"(?:^\s*-|[\[,'\"])\s*['\"]?{re.escape(text)}(?:[\s\],'\"]|$)")
    return next((n for n, line in enumerate(lines, start=1) if item.search(line)), 0)


def _pyproject(text: str, path: str) -> Environment:
    del path
    document = toml.read(text)
    project, tool = _table(document, "project"), _table(document, "tool")
    wanted = list(_strings(project.get("dependencies")))
    for group in _table(project, "optional-dependencies").values():
        wanted += _strings(group)
    poetry = _table(tool, "poetry", "dependencies")
    open_versions = [one for one in wanted if _open(one) is not None]
    open_versions += [f"{n} {v}" for n, v in poetry.items() if n != "python" and not _is_exact(v)]
    loose = set(open_versions)
    fixed = {normal(m[0]) for one in wanted if one not in loose and (m := _NAME.match(one))}
    return Environment(_placed(open_versions, text), frozenset(fixed), locked_by=LOCKS)


def _pipfile(text: str, path: str) -> Environment:
    del path
    document = toml.read(text)
    open_versions = [
        f"{n} {v}" for n, v in _table(document, "packages").items() if not _is_exact(v)
    ]
    return Environment(tuple((one, 0) for one in open_versions), locked_by=("Pipfile.lock",))


def _pixi(text: str, path: str) -> Environment:
    del path
    open_versions = [f"{n} {v}" for n, v in _table(toml.read(text), "dependencies").items()]
    return Environment(tuple((one, 0) for one in open_versions), locked_by=("pixi.lock",))


def _is_exact(value: Any) -> bool:
    if isinstance(value, dict):
        if "path" in value or re.fullmatch(
            r"[0-9a-f]{40}", str(value.get("rev") or value.get("ref"))
        ):
            return True
        value = value.get("version")
    return isinstance(value, str) and bool(re.fullmatch(r"=?=?\s*\d[\w.!+-]*", value))


def _setup_cfg(text: str, path: str) -> Environment:
    parser = ini.read(text)
    requirements = _pip(parser.get("options", "install_requires", fallback=""), path)
    return Environment(tuple((one, 0) for one, _ in requirements.open), requirements.fixed)


def _toml_lock(text: str, path: str) -> Environment:
    """uv.lock, poetry.lock, pdm.lock, pylock.toml: packages of this repository are none of it."""
    del path
    document = toml.read(text)
    packages = document.get("package") or document.get("packages")
    names = [p["name"] for p in _dicts(packages) if isinstance(p.get("name"), str) and _is_other(p)]
    return Environment(fixed=frozenset(map(normal, names)))


def _is_other(package: dict[str, Any]) -> bool:
    source = package.get("source")
    local = ("editable", "virtual", "directory", "path")
    return not (isinstance(source, dict) and (source.get("type") in local or {*source} & {*local}))


def _json_lock(text: str, path: str) -> Environment:
    del path
    document = json_text.read(text, size=parse_limits.FILE)
    packages = [*_table(document, "default"), *_table(document, "Packages")]
    return Environment(fixed=frozenset(map(normal, packages)))


def _table(document: Any, *names: str) -> dict[str, Any]:
    for name in names:
        document = document.get(name) if isinstance(document, dict) else None
    return document if isinstance(document, dict) else {}


def _strings(value: Any) -> Iterator[str]:
    yield from (
        item for item in (value if isinstance(value, list) else ()) if isinstance(item, str)
    )


def _dicts(value: Any) -> Iterator[dict[str, Any]]:
    yield from (
        item for item in (value if isinstance(value, list) else ()) if isinstance(item, dict)
    )


_READERS: tuple[tuple[re.Pattern[str], Callable[[str, str], Environment]], ...] = tuple(
    (re.compile(rf"(?:.*/)?(?:{pattern})"), reader)
    for pattern, reader in (
        (
            r"[^/]*(?:requirements|constraints)[^/]*\.(?:txt|in)|requirements/[^/]*\.(?:txt|in)",
            _pip,
        ),
        (r"(?![^/]*conda-lock)(?:[^/]*env(?:ironment)?[^/]*|conda[^/]*)\.ya?ml", _conda),
        (r"pyproject\.toml", _pyproject),
        (r"Pipfile", _pipfile),
        (r"pixi\.toml", _pixi),
        (r"setup\.cfg", _setup_cfg),
        (r"(?:uv|poetry|pdm)\.lock|pylock(?:\.[^/]*)?\.toml", _toml_lock),
        (r"Pipfile\.lock|renv\.lock", _json_lock),
    )
)
