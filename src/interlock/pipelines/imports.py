"""What a stage's programs run without declaring it: warnings, with the line to add."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from interlock.pipelines import modules, paths, programs
from interlock.pipelines.project import Project
from interlock.pipelines.shelf import Reader
from interlock.pipelines.stage import Stage

_EMPTY_BLOB = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
_PROJECT_FILES = ("pyproject.toml", "setup.py", "setup.cfg")


@dataclass(frozen=True, slots=True)
class _Use:
    """A file that is run, and where that is asked for ('' when the command itself does)."""

    path: str
    by: str
    line: int
    module: str


def undeclared(project: Project, stages: Collection[Stage]) -> tuple[str, ...]:
    """Return one warning for every file that a stage runs or imports and does not depend on.

    Found statically: commands that name a script or `python -m`, `import` statements, and what
    those import in turn. What a program opens as data is not seen.
    """
    return tuple(warning for stage in stages for warning in _of_stage(project, stage))


def touches(project: Project, stages: Collection[Stage], changed: Collection[str]) -> bool:
    """Whether a program of these stages may import one of `changed`; quick, errs towards yes."""
    return any(
        use.path in changed for stage in stages for use in _uses(project, stage, modules.scan)
    )


def prefetch(project: Project, stages: Collection[Stage]) -> None:
    """Read in one request the programs that these stages name."""
    found = (
        p.path
        for s in stages
        for p in programs.find(s.commands, s.wdir)
        if isinstance(p, programs.Script)
    )
    project.shelf.fetch(project.tree, found)


def _of_stage(project: Project, stage: Stage) -> Iterator[str]:
    declared = {d.path for d in stage.dependencies} | {o.path for o in stage.outs}
    for use in _uses(project, stage, modules.parse):
        if declared.isdisjoint((use.path, *paths.ancestors(use.path))):
            yield _warning(stage, use)


def _warning(stage: Stage, use: _Use) -> str:
    line = f"- {paths.relative(use.path, to=stage.wdir)}"
    if use.by:
        what = f"{use.by}:{use.line} imports {use.module} ({use.path})"
    else:
        what = f"stage {stage.name} of {stage.file} runs {use.path}"
    return f"{what}, which stage {stage.name} does not declare; add to its deps: `{line}`"


def _uses(project: Project, stage: Stage, read: Reader[modules.Source]) -> Iterator[_Use]:
    """Yield every file that the programs run, breadth first, each once."""
    entries = project.tree.entries
    queue = list(_programs(project, stage))
    seen = {use.path for use, _ in queue}
    for use, roots in queue:
        yield use
        if not use.path.endswith(".py"):
            continue
        source = project.source(use.path, read)
        around = _roots(project, use.path, roots, source)
        for wanted in source.imports:
            for path in modules.locate(wanted, importer=use.path, roots=around, files=entries):
                if path not in seen and entries[path].object_id != _EMPTY_BLOB:
                    seen.add(path)
                    name = _spelled(wanted)
                    queue.append((_Use(path, use.path, wanted.line, name), around))


def _programs(project: Project, stage: Stage) -> Iterator[tuple[_Use, tuple[str, ...]]]:
    entries = project.tree.entries
    for program in programs.find(stage.commands, stage.wdir):
        if isinstance(program, programs.Script):
            if program.path in entries and entries[program.path].mode.startswith("100"):
                yield _Use(program.path, "", 0, ""), (paths.folder(program.path),)
            continue
        wanted = modules.Import(program.name, 0, ("__main__",), 0)
        roots = (program.folder, *_installed(project))
        for path in modules.locate(wanted, importer="", roots=roots, files=entries):
            yield _Use(path, "", 0, ""), roots


def _roots(
    project: Project, path: str, roots: tuple[str, ...], source: modules.Source
) -> tuple[str, ...]:
    """Where absolute imports are looked for: the program's folder first; with sys.path in its
    hands a program may mean any folder above it; an installed project's root last."""
    above = paths.ancestors(path) if source.finds_its_way else []
    return tuple(dict.fromkeys([*roots, *above, *_installed(project)]))


def _installed(project: Project) -> tuple[str, ...]:
    """The repository as a package that is installed for development: its root and `src`."""
    entries = project.tree.entries
    return ("src", "") if any(name in entries for name in _PROJECT_FILES) else ()


def _spelled(wanted: modules.Import) -> str:
    return "." * wanted.level + wanted.module or ", ".join(wanted.names)
