"""Proposes the pipeline of a repository without DVC, from the command that trains its model."""

from __future__ import annotations

from collections.abc import Mapping

from interlock import errors
from interlock.commands.init.proposal import ProposedFile
from interlock.domain.adoption import new_stage
from interlock.domain.adoption.new_stage import NewStage
from interlock.pipelines import mentions, new_pipeline
from interlock.pipelines.project import Project
from interlock.ports.git import Repository


def propose(
    repository: Repository, base: str, *, command: str, data: tuple[str, ...]
) -> tuple[ProposedFile, ...]:
    """Return the dvc.yaml with one stage, and the files of `dvc init`; none for no command.

    Raises BadInput if there is a pipeline, data that is not in Git, or no model in the programs.
    """
    if not command:
        return ()
    entries = repository.tree(base).entries
    if any(path.rpartition("/")[2] == new_pipeline.FILE for path in entries):
        raise errors.BadInput("there is a dvc.yaml", hint="run init without --from")
    for path in data:
        if path.rstrip("/") not in entries:
            raise errors.BadInput(f"--data: Git has no {path}", hint="commit it, or `dvc add` it")
    files = _set_up(entries) | {new_pipeline.FILE: _pipeline(repository, base, command, data)}
    return tuple(ProposedFile(path, text, None, _PURPOSES[path]) for path, text in files.items())


_PURPOSES = {
    new_pipeline.FILE: "the pipeline: what trains the model, and what it reads and writes",
    **dict.fromkeys(new_pipeline.SET_UP, "DVC's settings, as `dvc init` writes them"),
}


def _set_up(entries: Mapping[str, object]) -> dict[str, str]:
    return {path: text for path, text in new_pipeline.SET_UP.items() if path not in entries}


def _pipeline(repository: Repository, base: str, command: str, data: tuple[str, ...]) -> str:
    """Return the text of the dvc.yaml; a stage with the command alone shows its programs."""
    bare = new_pipeline.write(NewStage(command, (), ("interlock-init",)))
    draft = {new_pipeline.FILE: bare} | new_pipeline.SET_UP
    contents = {path: text.encode() for path, text in draft.items()}
    tree = repository.tree(repository.commit(base, contents, message="Draft"))
    project = Project(tree)
    (stage,) = project.index.stages.values()
    names = mentions.find(project, stage, with_tracked=True)
    chosen = new_stage.choose(command, data, names, files=tree.entries)
    if chosen is None:
        hint = "write the path of the model as a string in the program, or a dvc.yaml manually"
        raise errors.BadInput(f"no file that {command!r} names looks like a model", hint=hint)
    return new_pipeline.write(chosen)
