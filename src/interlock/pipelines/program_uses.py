"""Finds the files that a stage's commands run, import and name, and commands with unknown code."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from interlock import errors
from interlock.domain.basics import parse_limits
from interlock.pipelines import installed, literals, modules, paths, programs
from interlock.pipelines.blob_cache import BlobReader
from interlock.pipelines.installed import InstalledScript
from interlock.pipelines.programs import ProgramRun
from interlock.pipelines.project import Project
from interlock.pipelines.stage import PipelineStage
from interlock.ports.git import FOLDER

_T = TypeVar("_T")
_EMPTY_BLOB = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
_SHELLS = (".sh", ".bash")
_MAX_DEPTH = 8
_STARTUP = ("sitecustomize.py", "usercustomize.py")
_PIPELINE_FILES = ("dvc.yaml", "dvc.lock", ".dvc")


@dataclass(frozen=True, slots=True)
class FileUse:
    """A used file, the file that names it ('' for the stage's command itself), and
    how: "imports x", "runs", "reads"."""

    path: str
    by: str
    line: int
    how: str


@dataclass(frozen=True, slots=True)
class Unseen:
    """A command of which no code of the revision was recognised, and the script that it is in."""

    text: str
    by: str


@dataclass(frozen=True, slots=True)
class Outside:
    """A path out of the repository, as a command writes it, and the script that it is in."""

    written: str
    by: str


@dataclass(frozen=True, slots=True)
class ProgramUses:
    uses: tuple[FileUse, ...]
    unseen: tuple[Unseen, ...]
    outside: tuple[Outside, ...]


def find(
    project: Project,
    stage: PipelineStage,
    *,
    read: BlobReader[modules.ModuleSource] = modules.parse,
    others: Collection[str] = (),
) -> ProgramUses:
    """Return every file that the commands of a stage use, breadth first and each once; found once
    for all models of a stage.

    `others` are programs that the environment brings. With `modules.scan` Python is read quickly:
    too many imports at worst, and no strings.
    """
    key = (stage.address, read.__name__, frozenset(others))
    if key not in project.uses:
        project.uses[key] = _find(project, stage, read, frozenset(others))
    known: ProgramUses = project.uses[key]
    return known


def _find(
    project: Project,
    stage: PipelineStage,
    read: BlobReader[modules.ModuleSource],
    others: frozenset[str],
) -> ProgramUses:
    walk = _Walk(project, stage, read, others)
    try:
        walk.walk()
    except errors.CannotFingerprint as error:  # a folder that it uses cannot be listed
        walk.unseen.append(Unseen(error.message, ""))
    unseen, outside = dict.fromkeys(walk.unseen), dict.fromkeys(walk.outside)
    return ProgramUses(tuple(walk.uses.values()), tuple(unseen), tuple(outside))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a program runs, and the folders in which it finds modules."""

    folder: str
    roots: tuple[str, ...]
    depth: int = 0


@dataclass(slots=True)
class _Walk:
    project: Project
    stage: PipelineStage
    read: BlobReader[modules.ModuleSource]
    others: frozenset[str]
    uses: dict[str, FileUse] = field(default_factory=dict)
    unseen: list[Unseen] = field(default_factory=list)
    outside: list[Outside] = field(default_factory=list)
    _queue: list[tuple[FileUse, _Place]] = field(default_factory=list)
    _done: set[tuple[str, ...]] = field(default_factory=set)

    def walk(self) -> None:
        for run in programs.find(self.stage.commands, self.stage.wdir):
            self._run(run, by="", depth=0)
        for use, place in self._queue:
            if place.depth < _MAX_DEPTH:
                self._look_into(use, place)

    # Programs in commands

    def _run(self, run: ProgramRun, *, by: str, depth: int) -> None:
        roots = (*run.roots, *installed.of(self.project).roots(self.stage.wdir))
        place = _Place(run.folder or "", roots, depth)
        is_known = [self._program(program, by, place) for program in run.programs]
        if not any(is_known) and not run.harmless:
            self.unseen.append(Unseen(run.text, by))
        self.outside += [Outside(written, by) for written in run.outside]
        for path in run.names:
            self._name(path, by, 0, "names", place)

    def _program(self, program: programs.Program, by: str, place: _Place) -> bool:
        match program:
            case programs.ProgramFile(path):
                return self._script(path, by, "runs", place)
            case programs.Module(name, folder):
                roots = (folder, *place.roots)
                return self._module(name, by, "runs", place, roots) or self._is_other(name)
            case programs.Code(text):
                return self._code(text, by, place)
            case programs.Targets(names, folder, file):
                return self._make(names, folder, file, by, place)
            case programs.Tool(name):
                return self._tool(name, by, place)
            case programs.Tests(inside, folder):
                return self._tests(inside, folder, by, place)

    def _script(self, path: str, by: str, how: str, place: _Place) -> bool:
        """A file in Git, or a folder with a __main__.py; what a stage makes is declared."""
        if self._mode(f"{path}/__main__.py").startswith("100"):
            path = f"{path}/__main__.py"
        if self._mode(path).startswith("100"):
            inside = _Place(place.folder, (paths.folder(path), *place.roots), place.depth)
            self._add(FileUse(path, by, 0, how), inside)
            return True
        above, _ = self.project.index.made_at(path, from_file=self.stage.file)
        return bool(above)

    def _module(self, name: str, by: str, how: str, place: _Place, roots: tuple[str, ...]) -> bool:
        wanted = modules.Import(name, 0, ("__main__",), 0)
        modules_found = modules.locate(
            wanted, importer="", roots=roots, files=self.project.tree.entries
        )
        for path in modules_found:
            self._add(FileUse(path, by, 0, how), _Place(place.folder, roots, place.depth))
        return bool(modules_found)

    def _tool(self, name: str, by: str, place: _Place) -> bool:
        script = installed.of(self.project).script(name, self.stage.wdir)
        return self._is_other(name) if script is None else self._installed(script, by, name, place)

    def _installed(self, script: InstalledScript, by: str, name: str, place: _Place) -> bool:
        how = f"runs {name}, which is"
        self._add(FileUse(script.by, by, 0, f"finds {name} in"), place)
        if script.text and not self._is_new(script.by, name):
            return True
        if script.text:
            return self._text(script.text, paths.folder(script.by), script.by, place)
        if script.file:
            return self._script(script.file, by, how, place)
        return self._module(script.module, by, how, place, script.roots)

    def _is_other(self, name: str) -> bool:
        return name.partition(".")[0].lower().replace("_", "-") in self.others

    def _make(self, names: tuple[str, ...], folder: str, file: str, by: str, place: _Place) -> bool:
        choices = (
            [file] if file else [paths.join(folder, name) or "" for name in programs.MAKEFILES]
        )
        path = next((p for p in choices if self._mode(p).startswith("100")), "")
        if not path:
            return False
        self._add(FileUse(path, by, 0, "runs"), _Place(folder, place.roots, _MAX_DEPTH))
        from interlock.pipelines import makefile  # noqa: PLC0415 - few stages run make

        rules = self._understood(path, makefile.read_makefile)
        recipes = rules.recipes(names) if rules is not None else None
        if rules is None or recipes is None or place.depth >= _MAX_DEPTH:
            return False
        if not self._is_new(path, folder, *names):
            return True
        for need in rules.needs(names):
            self._name(paths.join(folder, need) or "", path, 0, "needs", place)
        for text in recipes:
            self._text(text, folder, path, place)
        return True

    def _tests(self, inside: tuple[str, ...], folder: str, by: str, place: _Place) -> bool:
        chosen = inside or (folder,)
        around = {p for path in chosen for p in (path, *paths.ancestors(path))}
        entries = self.project.tree.entries
        wanted = [path for path in chosen if path.endswith(".py")]
        wanted += [p for place_ in sorted(around) if (p := _in(place_, "conftest.py")) in entries]
        for path in chosen:
            if self._mode(path) == FOLDER:
                wanted += [p for p in self._below(path) if _is_test(p)]
        is_known = [self._script(path, by, "runs", place) for path in wanted]
        return any(is_known)

    def _text(self, text: str, folder: str | None, by: str, place: _Place) -> bool:
        if place.depth < _MAX_DEPTH:
            for run in programs.of_text(text, folder, script=by):
                self._run(run, by=by, depth=place.depth + 1)
        return True

    # Programs and paths in files

    def _look_into(self, use: FileUse, place: _Place) -> None:
        path = use.path
        if path.endswith(".py"):
            source = self._understood(path, self.read)
            if source is not None:
                self._python(source, path, place)
            self._startup(path, place)
        elif path.endswith(".ipynb"):
            self._notebook(path, place)
        elif path.endswith(_SHELLS) or (
            not path.endswith(programs.SOURCES) and self._is_shell(path)
        ):
            text = self.project.shelf.content(self.project.tree, path)
            self._text(text.decode("utf-8", "replace"), place.folder, path, place)
        elif path.endswith(programs.SOURCES):
            for text_, line in self._understood(path, literals.read_literals) or ():
                self._literal(text_, path, line, place)

    def _python(self, source: modules.ModuleSource, path: str, place: _Place) -> None:
        entries = self.project.tree.entries
        # With sys.path in its hands a program may mean any folder above it.
        above = paths.ancestors(path) if source.finds_its_way else ()
        first = (place.folder,) if not path else ()
        around = tuple(dict.fromkeys([*first, *place.roots[:1], *above, *place.roots[1:]]))
        for wanted in source.imports:
            for path_found in modules.locate(wanted, importer=path, roots=around, files=entries):
                if not self._is_empty(path_found):
                    how = f"imports {_spelled(wanted)}"
                    self._add(
                        FileUse(path_found, path, wanted.line, how), _Place(place.folder, around)
                    )
        for text, line in source.texts:
            if text not in source.written:
                self._literal(text, path, line, place)
        for command in source.commands:
            for run in programs.of_text(command, place.folder, script=path):
                for program in run.programs:
                    if isinstance(program, programs.ProgramFile | programs.Module):
                        inside = _Place(place.folder, place.roots, place.depth + 1)
                        self._program(program, path, inside)

    def _startup(self, path: str, place: _Place) -> None:
        """Add the modules of PYTHONPATH and installed folders that Python loads at its start."""
        for root in place.roots[1:]:
            for name in _STARTUP:
                if self._mode(startup := _in(root, name)).startswith("100"):
                    self._add(FileUse(startup, path, 0, "is started after"), place)

    def _notebook(self, path: str, place: _Place) -> None:
        notebook = self._understood(path, _read_notebook)
        if notebook is None:
            return
        here = paths.folder(path)
        self._python(notebook.source, path, place)
        if here != place.folder:
            inside = _Place(here, place.roots, place.depth)
            self._python(notebook.source, path, inside)
        self._text(notebook.shell, here, path, place)

    def _code(self, text: str, by: str, place: _Place) -> bool:
        try:
            source = modules.parse(text.encode("utf-8", "surrogateescape"))
        except parse_limits.TooMuch:
            return False
        self._python(source, by, place)
        return True

    def _understood(self, path: str, reader: BlobReader[_T]) -> _T | None:
        """Return the parsed file; a file over the size limit counts as unknown code."""
        try:
            return self.project.shelf.read(self.project.tree, path, reader)
        except errors.CannotFingerprint:
            self.unseen.append(Unseen(path, ""))
            return None

    def _literal(self, text: str, by: str, line: int, place: _Place) -> None:
        """A string that is the path of a file, from where the program runs or where it lies."""
        if "." not in text and "/" not in text:
            return
        for base in dict.fromkeys((place.folder, paths.folder(by))):
            path = paths.join(base, text)
            if path and self._name(path, by, line, "reads", place, folders=False):
                return

    def _name(
        self, path: str, by: str, line: int, how: str, place: _Place, *, folders: bool = True
    ) -> bool:
        """Add the files at a named path; programs among them are searched too."""
        mode = self._mode(path)
        is_file = mode.startswith("100") and not path.endswith(_PIPELINE_FILES)
        made, _ = self.project.index.made_at(path, from_file=self.stage.file)
        if any(isinstance(product.by, PipelineStage) for product in made):
            return False  # what a stage makes may as well be of one that comes later
        if not is_file and not (folders and mode == FOLDER) and not made:
            return False
        depth = place.depth if path.endswith(programs.SOURCES) else _MAX_DEPTH
        roots = (paths.folder(path), *place.roots)
        self._add(FileUse(path, by, line, how), _Place(place.folder, roots, depth))
        return True

    def _is_new(self, *what: str) -> bool:
        """Return True on the first visit, so that a program that runs itself ends."""
        known = what in self._done
        self._done.add(what)
        return not known

    def _is_shell(self, path: str) -> bool:
        content = self.project.shelf.content(self.project.tree, path)[:200]
        first = content.split(b"\n", 1)[0]
        return first.startswith(b"#!") and first.rstrip().endswith(b"sh")

    def _add(self, use: FileUse, place: _Place) -> None:
        if use.path not in self.uses:
            self.uses[use.path] = use
            self._queue.append((use, place))

    def _is_empty(self, path: str) -> bool:
        known = self.project.tree.entries[path].object_id
        if known:
            return known == _EMPTY_BLOB
        return not self.project.shelf.content(self.project.tree, path)

    def _mode(self, path: str) -> str:
        entry = self.project.tree.entries.get(path)
        return "" if entry is None else entry.mode

    def _below(self, folder: str) -> Iterator[str]:
        return (path for path, _ in self.project.files_below(folder))


@dataclass(frozen=True, slots=True)
class _Notebook:
    source: modules.ModuleSource
    shell: str


def _read_notebook(data: bytes, *, path: str) -> _Notebook:
    from interlock.pipelines import notebooks  # noqa: PLC0415 - few stages run a notebook

    notebook = notebooks.read_notebook(data, path=path)
    return _Notebook(
        modules.parse(notebook.python.encode("utf-8", "surrogateescape")), notebook.shell
    )


def _in(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _is_test(path: str) -> bool:
    name = path.rpartition("/")[2]
    is_python = name.endswith(".py")
    return is_python and (name.startswith("test_") or name == "conftest.py" or "_test." in name)


def _spelled(wanted: modules.Import) -> str:
    return "." * wanted.level + wanted.module or ", ".join(wanted.names)
