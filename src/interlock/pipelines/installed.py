"""Find the scripts and module folders that a revision's own projects install."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from interlock.pipelines import packages, paths
from interlock.pipelines.packages import Package
from interlock.pipelines.project import Project


@dataclass(frozen=True, slots=True)
class InstalledScript:
    """An installed command: its module, file or shell text, and the file that
    declares it; `roots` are the folders of its modules."""

    by: str
    roots: tuple[str, ...]
    module: str = ""
    file: str = ""
    text: str = ""


class InstalledProjects:
    """The Python projects of one revision, each read at its first use."""

    def __init__(self, project: Project) -> None:
        # Not the project itself: an entry that held its own key would never be freed.
        self._tree, self._shelf = project.tree, project.shelf
        self._files: dict[str, list[str]] = {}
        for path in project.tree.named(packages.FILES):
            if path.rpartition("/")[2] in packages.FILES:
                self._files.setdefault(paths.folder(path), []).append(path)
        self._roots: dict[str, tuple[str, ...]] = {}

    def roots(self, wdir: str) -> tuple[str, ...]:
        """Return the module folders of the installed projects around this folder, nearest first."""
        if not self._files:
            return ()
        if wdir not in self._roots:
            around = (wdir, *paths.ancestors(wdir))
            roots = [root for folder in around for root in self._roots_of(folder)]
            self._roots[wdir] = tuple(dict.fromkeys(roots))
        return self._roots[wdir]

    def script(self, name: str, wdir: str) -> InstalledScript | None:
        """Return the command of that name: of the nearest project, else of any."""
        around = [folder for folder in (wdir, *paths.ancestors(wdir)) if folder in self._files]
        for folder in dict.fromkeys((*around, *self._files)):
            for path, package in self._packages(folder):
                if name in package.scripts:
                    roots = (*self._roots_of(folder), *self.roots(wdir))
                    return InstalledScript(path, roots, module=package.scripts[name])
                if name in package.files:
                    file = paths.join(folder, package.files[name])
                    return InstalledScript(path, self._roots_of(folder), file=file or "")
                if name in package.tasks:
                    return InstalledScript(path, self._roots_of(folder), text=package.tasks[name])
        return None

    def _packages(self, folder: str) -> Iterator[tuple[str, Package]]:
        self._shelf.fetch(self._tree, self._files.get(folder, ()))
        for path in self._files.get(folder, ()):
            if self._tree.entries[path].mode.startswith("100"):
                yield path, self._shelf.read(self._tree, path, packages.read_package)

    def _roots_of(self, folder: str) -> tuple[str, ...]:
        if folder not in self._files:
            return ()
        written = [source for _, package in self._packages(folder) for source in package.sources]
        folders = [paths.join(folder, source) for source in (*written, "src", "")]
        return tuple(dict.fromkeys(root for root in folders if root is not None))


_KNOWN: WeakKeyDictionary[Project, InstalledProjects] = WeakKeyDictionary()


def of(project: Project) -> InstalledProjects:
    """Return the installed projects of a revision, read once."""
    if project not in _KNOWN:
        _KNOWN[project] = InstalledProjects(project)
    return _KNOWN[project]
