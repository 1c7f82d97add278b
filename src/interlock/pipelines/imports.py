"""What a stage's programs use without declaring it, with the line that its `deps` lack."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from interlock.domain.model import undeclared_files as nouns
from interlock.domain.model.undeclared_files import Undeclared
from interlock.pipelines import modules, packages, paths, program_uses, programs
from interlock.pipelines.program_uses import FileUse, ProgramUses, Unseen
from interlock.pipelines.project import Project
from interlock.pipelines.stage import PipelineStage
from interlock.ports.git import FOLDER

SOURCES = (*programs.SOURCES, *programs.MAKEFILES, *packages.FILES)
"""How files end that a command may run, or that say what it runs."""
_MOST = 60


def undeclared(
    project: Project,
    stages: Collection[PipelineStage],
    *,
    inputs: Collection[str] = (),
    others: Collection[str] = (),
) -> tuple[Undeclared, ...]:
    """Return every file that a stage runs, imports or names and does not depend on, and every
    command of which no code was recognised.

    The search is static: it misses imports by a computed name and files by a computed path.
    `inputs` are paths that count for the model without being declared by a stage,
    `others` the names of programs that its environment brings.
    """
    return tuple(
        one for stage in stages for one in _of_stage(project, stage, frozenset(inputs), others)
    )


def outside(
    project: Project, stages: Collection[PipelineStage], *, others: Collection[str] = ()
) -> tuple[str, ...]:
    """Return a warning for every path that a command names, that no stage declares, and that leads
    out of the repository; `others` are those of `undeclared`."""
    return tuple(text for stage in stages for text in _outside(project, stage, others))


def touches(project: Project, stages: Collection[PipelineStage], changed: Collection[str]) -> bool:
    """Whether a program of these stages may use one of `changed`, or is unknown; quick, errs
    towards yes."""
    for stage in stages:
        uses = program_uses.find(project, stage, read=modules.scan)
        if uses.unseen or any(use.path in changed for use in uses.uses):
            return True
    return False


def prefetch(project: Project, stages: Collection[PipelineStage]) -> None:
    """Read in one request the programs that these stages name."""
    scripts = (
        p.path
        for s in stages
        for run in programs.find(s.commands, s.wdir)
        for p in run.programs
        if isinstance(p, programs.ProgramFile)
    )
    project.shelf.fetch(project.tree, scripts)


def _of_stage(
    project: Project, stage: PipelineStage, inputs: frozenset[str], others: Collection[str]
) -> Iterator[Undeclared]:
    uses = program_uses.find(project, stage, others=others)
    declared = {d.path for d in stage.dependencies} | {p.path for p in stage.parameters}
    made = {o.path for o in stage.outs}
    known = declared | made | inputs
    for use in uses.uses:
        if not known.isdisjoint((use.path, *paths.ancestors(use.path))):
            continue
        if _is_folder(project, use.path) and _holds(use.path, known | {stage.wdir, stage.file}):
            continue
        yield _missing(stage, use)
    if uses.unseen and not _declares_other_code(project, stage, uses):
        yield from (_unseen(stage, one) for one in uses.unseen)


def _outside(project: Project, stage: PipelineStage, others: Collection[str]) -> Iterator[str]:
    declared = {d.written for d in stage.dependencies} | {o.written for o in stage.outs}
    for one in program_uses.find(project, stage, others=others).outside:
        if one.written not in declared:
            where = f", in {one.by}," if one.by else ""
            yield (
                f"stage {stage.name} of {stage.file}{where} names {one.written}, which is outside "
                "the repository: its content is not part of the fingerprint"
            )


def _missing(stage: PipelineStage, use: FileUse) -> Undeclared:
    line = nouns.entry(use.path, wdir=stage.wdir)
    own = f"stage {stage.name} of {stage.file}"
    if use.how.startswith("imports"):
        what = f"{f'{use.by}:{use.line}' if use.by else own} {use.how} ({use.path})"
    elif use.how == "is started after":
        what = f"Python loads {use.path} before {use.by}"
    elif use.by:
        what = f"{use.by}{f':{use.line}' if use.line else ''} {use.how} {use.path}"
    else:
        what = f"{own} {use.how} {use.path}"
    sentence = f"{what}, which stage {stage.name} does not declare; add to its deps: `{line}`"
    written = nouns.written(use.path, wdir=stage.wdir)
    return Undeclared(stage.file, stage.name, use.path, written, sentence)


def _unseen(stage: PipelineStage, code: Unseen) -> Undeclared:
    text = " ".join(code.text.split()).replace("`", "'")
    text = text if len(text) <= _MOST else text[: _MOST - 1] + "…"
    where = f", in {code.by}," if code.by else ""
    sentence = (
        f"stage {stage.name} of {stage.file}{where} cannot see what code `{text}` runs; "
        "add it to deps"
    )
    return Undeclared(stage.file, stage.name, "", "", sentence)


def _declares_other_code(project: Project, stage: PipelineStage, uses: ProgramUses) -> bool:
    """Whether a dependency is, or contains, code that no other known command of the stage runs:
    then it counts as the code of the unknown command."""
    used = {place for use in uses.uses for place in (use.path, *paths.ancestors(use.path))}
    return any(
        path is not None and path not in used and _holds_code(project, path)
        for path in (d.path for d in stage.dependencies)
    )


def _holds_code(project: Project, path: str) -> bool:
    if path.endswith(programs.SOURCES):
        return True
    below = f"{path}/" if path else ""
    return _is_folder(project, path) and any(
        place.startswith(below) for place in project.tree.named(programs.SOURCES)
    )


def _is_folder(project: Project, path: str) -> bool:
    entry = project.tree.entries.get(path)
    return entry is not None and entry.mode == FOLDER


def _holds(folder: str, places: Collection[str | None]) -> bool:
    return any(place == folder or (place or "").startswith(f"{folder}/") for place in places)
