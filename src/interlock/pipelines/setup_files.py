"""Which files of a revision a team's set-up command needs; nothing is installed."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from interlock.domain.training.setup_files import SetupFile
from interlock.pipelines import packages, paths, project_files, requirements, shell, wrappers
from interlock.pipelines.project import Project
from interlock.pipelines.shell import ShellCommand
from interlock.ports.git import FOLDER

_MAX_DEPTH = 5
_SHELLS = frozenset(("bash", "sh", "zsh", "dash", "source", "."))
_CONDA = frozenset(("conda", "mamba", "micromamba"))
_LOCKED = {
    "uv": ("pyproject.toml", "uv.lock", "uv.toml", ".python-version"),
    "poetry": ("pyproject.toml", "poetry.lock", "poetry.toml"),
    "pdm": ("pyproject.toml", "pdm.lock", "pdm.toml"),
    "hatch": ("pyproject.toml", "hatch.toml"),
    "rye": ("pyproject.toml", "requirements.lock", ".python-version"),
    "pipenv": ("Pipfile", "Pipfile.lock"),
    "pixi": ("pixi.toml", "pyproject.toml", "pixi.lock"),
    "npm": ("package.json", "package-lock.json", ".npmrc"),
}
_INSTALLS = frozenset(("sync", "run", "install", "ci", "update", "env"))
_RENV = (
    *("renv.lock", ".Rprofile", "renv/activate.R", "renv/settings.json", "renv/settings.dcf"),
    *("DESCRIPTION", ".Renviron"),
)


def find(project: Project, text: str, *, folder: str = "") -> tuple[SetupFile, ...]:
    """Return the files that a shell text for an environment needs, if the revision has them,
    each path once. A text that no shell would read needs nothing."""
    files: dict[str, SetupFile] = {}
    for need in _SetupSearch(project).of_text(text, folder, 0):
        files.setdefault(need.path, need)
    return tuple(files.values())


@dataclass(frozen=True, slots=True)
class _SetupSearch:
    project: Project
    done: set[tuple[str, str]] = field(default_factory=set)

    def of_text(
        self, text: str, folder: str | None, depth: int, by: str = ""
    ) -> Iterator[SetupFile]:
        try:
            commands = shell.commands(text, folder=folder, script=by)
            pairs = [(outer, list(wrappers.unwrap(outer))) for outer in commands]
        except ValueError:
            return
        for outer, inner in pairs:
            if outer.words[0] == "uv" and "run" in outer.words:
                yield from self._command(outer, depth)
            for command in inner:
                yield from self._command(command, depth)

    def _command(self, command: ShellCommand, depth: int) -> Iterator[SetupFile]:
        folder, words = command.folder, list(command.words)
        if folder is None or depth > _MAX_DEPTH:
            return
        name = words[0].rpartition("/")[2]
        if re.match(r"python[\d.]*\Z", name) and words[1:2] == ["-m"]:
            words = words[2:]
            name = words[0] if words else ""
        if re.match(r"pip[\d.]*\Z", name) or words[:2] == ["uv", "pip"]:
            yield from self._pip(words, folder, command.text)
        elif name in _LOCKED and any(word in _INSTALLS for word in words[1:3]):
            yield from self._locked(name, words, folder, command.text)
        elif name in _CONDA:
            yield from self._listed(_values(words, ("-f", "--file")), folder, command.text)
        elif name in {"Rscript", "R"} and "renv::" in command.text:
            yield from self._present(_RENV, folder, command.text)
        else:
            yield from self._script(words, name, folder, command.text, depth)

    def _script(
        self, words: list[str], name: str, folder: str, text: str, depth: int
    ) -> Iterator[SetupFile]:
        """A program in Git: itself, and what a shell script sets up in its turn."""
        for word in words[1:2] if name in _SHELLS else words:
            path = paths.join(folder, word)
            if path and self._is_file(path):
                yield SetupFile(path, text)
                is_shell = path.endswith((".sh", ".bash")) or name in _SHELLS
                if is_shell and (path, folder) not in self.done:
                    self.done.add((path, folder))
                    inside = self.project.shelf.content(self.project.tree, path)
                    script = inside.decode("utf-8", "replace")
                    yield from self.of_text(script, folder, depth + 1, by=path)

    def _pip(self, words: list[str], folder: str, text: str) -> Iterator[SetupFile]:
        if "install" not in words and "sync" not in words:
            return
        rest = words[words.index("install" if "install" in words else "sync") + 1 :]
        wanted = _values(rest, ("-r", "--requirement", "-c", "--constraint"))
        wanted += [word for word in rest if word.endswith((".txt", ".in")) and words[0] == "uv"]
        yield from self._listed(wanted, folder, text)
        places = [w for w in rest if not w.startswith("-") and ("/" in w or w.startswith("."))]
        for word in dict.fromkeys([*places, *_values(rest, ("-e", "--editable"))]):
            path = paths.join(folder, re.sub(r"\[[^]]*\]\Z", "", word))
            if path is not None:
                if self._is_file(path):
                    yield SetupFile(path, text)
                yield from self._built(path, text)

    def _locked(self, name: str, words: list[str], folder: str, text: str) -> Iterator[SetupFile]:
        inside = _values(words, ("--directory", "--project", "-C", "-P", "-p"))
        place = shell.enter(folder, inside[-1]) if inside else folder
        if place is None:
            return
        around = [place, *paths.ancestors(place)] if place else [""]
        first = _LOCKED[name][0]
        root = next((p for p in around if self._is_file(_in(p, first))), place)
        yield from self._present(_LOCKED[name], root, text)
        skips = {"--no-root", "--no-install-project", "--no-self"} & set(words)
        if name in {"uv", "poetry", "pdm", "hatch", "rye"} and not skips:
            yield from self._built(root, text, only_packages=True)
            yield from self._members(root, text)

    def _members(self, root: str, text: str) -> Iterator[SetupFile]:
        """Projects of the repository that a project names: a workspace's, and path sources."""
        for pattern in self._describe(_in(root, "pyproject.toml")).members:
            wanted = paths.join(root, pattern)
            for path in self.project.tree.named(("pyproject.toml",)):
                place = paths.folder(path)
                if wanted is not None and place != root and fnmatch.fnmatchcase(place, wanted):
                    yield from self._built(place, text)

    def _listed(self, written: list[str], folder: str, text: str) -> Iterator[SetupFile]:
        """Requirement files, and those that they include in turn."""
        queue = [path for word in written if (path := paths.join(folder, word))]
        for path in queue:
            if not self._is_file(path):
                continue
            yield SetupFile(path, text)
            is_plain = path.endswith((".txt", ".in"))
            reader = requirements.read_requirements if is_plain else requirements.read_environment
            listed = self.project.shelf.read(self.project.tree, path, reader)
            inside = (paths.join(paths.folder(path), word) for word in listed.includes)
            queue += [one for one in inside if one and one not in queue]
            for word in listed.local:
                place = paths.join(folder, word)
                if place is not None:
                    yield from self._built(place, text)

    def _built(self, folder: str, text: str, *, only_packages: bool = False) -> Iterator[SetupFile]:
        """What building a project of the repository reads: its settings, the files that they name,
        and its modules."""
        settings = [_in(folder, name) for name in (*packages.FILES, "MANIFEST.in")]
        present = [path for path in settings if self._is_file(path)]
        projects = [self._describe(path) for path in present]
        if not present or (only_packages and not any(one.is_package for one in projects)):
            return
        yield from (SetupFile(path, text) for path in present)
        for one in projects:
            for written in one.files:
                yield from self._matching(paths.join(folder, written), text)
            for name in one.modules:
                yield from self._package(folder, name, one.sources, text)

    def _matching(self, path: str | None, text: str) -> Iterator[SetupFile]:
        if path is None:
            return
        if self._is_file(path):
            yield SetupFile(path, text)
        elif "*" in path:
            entries = self.project.tree.entries
            matches = [p for p in entries if fnmatch.fnmatchcase(p, path) and self._is_file(p)]
            yield from (SetupFile(p, text) for p in matches if p.count("/") == path.count("/"))

    def _package(
        self, folder: str, name: str, sources: tuple[str, ...], text: str
    ) -> Iterator[SetupFile]:
        for source in (*sources, "src", ""):
            root = paths.join(folder, source)
            place = _in(root, name) if root is not None else ""
            entry = self.project.tree.entries.get(place)
            if entry is not None and entry.mode == FOLDER:
                yield SetupFile(place, text, is_package=True)
                return

    def _describe(self, path: str) -> project_files.Described:
        if not self._is_file(path):
            return project_files.Described()
        return self.project.shelf.read(self.project.tree, path, project_files.read_described)

    def _present(self, names: tuple[str, ...], folder: str, text: str) -> Iterator[SetupFile]:
        candidates = (_in(folder, name) for name in names)
        yield from (SetupFile(path, text) for path in candidates if self._is_file(path))

    def _is_file(self, path: str) -> bool:
        entry = self.project.tree.entries.get(path)
        return entry is not None and entry.mode.startswith(("100", "120"))


def _values(words: list[str], options: tuple[str, ...]) -> list[str]:
    """The values of options, written `-r x`, `-rx` or `--requirement=x`."""
    values: list[str] = []
    for place, word in enumerate(words):
        name, equals, value = word.partition("=")
        if word in options:
            values += words[place + 1 : place + 2]
        elif name in options and equals:
            values.append(value)
        elif word[:2] in options and len(word) > 2 and not word.startswith("--"):
            values.append(word[2:])
    return values


def _in(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
