"""Read environment files that are not pip's: lock files of conda and pixi, and those of R and
Julia."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from interlock.pipelines import toml
from interlock.pipelines.requirements import Environment, normal
from interlock.yaml_reader import dvc

Reader = Callable[[str, str], Environment]
_FIELD = re.compile(r"^(Depends|Imports|LinkingTo):((?:.*\n?)(?:[ \t]+.*\n?)*)", re.MULTILINE)
_OF_R = re.compile(r"([A-Za-z][A-Za-z0-9.]*)\s*(?:\(([^)]*)\))?")
# R itself, and the packages of its own distribution.
_BASE = frozenset(
    (
        *("R", "base", "compiler", "datasets", "graphics", "grDevices", "grid", "methods"),
        *("parallel", "splines", "stats", "stats4", "tcltk", "tools", "utils"),
    )
)


def reader(path: str) -> Reader | None:
    """Return the reader of a file by its name; None for an unknown format."""
    return next((read for pattern, read in _READERS if pattern.fullmatch(path)), None)


def _description(text: str, path: str) -> Environment:
    """R's DESCRIPTION: https://r-pkgs.org/description.html."""
    del path
    wanted = [one for match in _FIELD.finditer(text) for one in _OF_R.finditer(match[2])]
    named = {one[1]: (one[2] or "").strip() for one in wanted if one[1] not in _BASE}
    fixed = frozenset(normal(name) for name, version in named.items() if version.startswith("=="))
    loose = (f"{n} ({v})" if v else n for n, v in named.items() if not v.startswith("=="))
    return Environment(tuple((one, 0) for one in loose), fixed, locked_by=("renv.lock", "pak.lock"))


def _julia(text: str, path: str) -> Environment:
    """Julia's Project.toml names packages, and its Manifest.toml pins them."""
    document = toml.read(text)
    names = _mapping(document.get("deps"))
    own = "Julia" if path.rpartition("/")[2].startswith("Julia") else ""
    return Environment(tuple((name, 0) for name in names), locked_by=(f"{own}Manifest.toml",))


def _julia_lock(text: str, path: str) -> Environment:
    """A manifest of format 2 has its packages in `deps`, one of format 1 at the top."""
    del path
    document = toml.read(text)
    listed = _mapping(document.get("deps", document))
    return Environment(
        fixed=frozenset(normal(name) for name, v in listed.items() if isinstance(v, list))
    )


def _yaml_lock(text: str, path: str) -> Environment:
    """conda-lock.yml and pixi.lock: packages by their names, or by the URLs of their files."""
    document = _mapping(dvc.read(text.encode(), path=path))
    listed = document.get("package") or document.get("packages")
    packages = [one for one in _list(listed) if isinstance(one, Mapping)]
    return Environment(fixed=frozenset(normal(name) for one in packages for name in _names(one)))


def _names(package: Mapping[str, Any]) -> Iterator[str]:
    name, url = package.get("name"), package.get("conda")
    if isinstance(name, str):
        yield name
    elif isinstance(url, str):
        yield _in_url(url)


def _explicit(text: str, path: str) -> Environment:
    """What `conda list --explicit` prints: the URL of each package."""
    del path
    urls = (line.strip() for line in text.splitlines() if "://" in line)
    return Environment(fixed=frozenset(normal(_in_url(url)) for url in urls))


def _in_url(url: str) -> str:
    """Return the name of a conda package: its file is `name-version-build.conda`."""
    return url.partition("#")[0].rpartition("/")[2].rsplit("-", 2)[0]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


_READERS: tuple[tuple[re.Pattern[str], Reader], ...] = tuple(
    (re.compile(rf"(?:.*/)?(?:{pattern})"), read)
    for pattern, read in (
        (r"[^/]*conda-lock\.ya?ml|pixi\.lock", _yaml_lock),
        (r"conda-[^/]*\.lock|[^/]*explicit[^/]*\.txt", _explicit),
        (r"DESCRIPTION", _description),
        (r"(?:Julia)?Project\.toml", _julia),
        (r"(?:Julia)?Manifest(?:-v[\d.]+)?\.toml", _julia_lock),
    )
)
