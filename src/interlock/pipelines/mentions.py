"""Finds the names of files in the programs of a stage that no file of the pipeline declares."""

from __future__ import annotations

from collections.abc import Collection

from interlock import errors
from interlock.pipelines import literals, modules, paths, program_uses, programs
from interlock.pipelines.project import Project
from interlock.pipelines.stage import PipelineStage


def find(project: Project, stage: PipelineStage, *, with_tracked: bool = False) -> tuple[str, ...]:
    """Return paths in strings of the programs and in commands, in the order of reading, each once.

    A path is relative to the repository, as from the stage's folder. What a stage makes and what
    has no extension is left out; also what Git has, unless `with_tracked` or a program only writes
    it.
    """
    used = program_uses.find(project, stage).uses
    sources = [use.path for use in used if use.path.endswith(programs.SOURCES)]
    texts = [text for run in programs.find(stage.commands, stage.wdir) for text in run.names]
    names = dict.fromkeys(texts)
    written: set[str] = set()
    for source in sources:
        in_source, only_written = _texts(project, source)
        names |= dict.fromkeys(_inside(stage.wdir, text) for text in in_source)
        written |= {_inside(stage.wdir, text) for text in only_written}
    known = () if with_tracked else project.tree.entries.keys() - written
    return tuple(p for p in names if p and p not in known and not _is_made(project, stage, p))


def _texts(project: Project, path: str) -> tuple[list[str], Collection[str]]:
    """Return the texts of a program, and those that only name files to write."""
    shelf, tree = project.shelf, project.tree
    try:
        if path.endswith(".py"):
            source = shelf.read(tree, path, modules.parse)
            return [text for text, _ in source.texts], source.written
        return [text for text, _ in shelf.read(tree, path, literals.read_literals)], ()
    except errors.CannotFingerprint:  # it is too large
        return [], ()


def _inside(folder: str, text: str) -> str:
    stem, dot, extension = text.rpartition(".")
    is_name = bool(stem and dot and extension.isalnum()) and not any(c in text for c in " {}%*?$")
    return (paths.join(folder, text) or "") if is_name and "://" not in text else ""


def _is_made(project: Project, stage: PipelineStage, path: str) -> bool:
    above, inside = project.index.made_at(path, from_file=stage.file)
    return bool(above or inside)
