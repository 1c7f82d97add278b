"""Reads what `init` decides from: pipelines, metrics, rows, owners, manifests of a repository."""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from interlock import errors
from interlock.domain.adoption.column_choice import TableFacts
from interlock.domain.adoption.pipeline_facts import (
    AdoptionFacts,
    DvcArtifact,
    PipelineFacts,
    StageFacts,
)
from interlock.domain.basics import dotted_keys
from interlock.pipelines import ResolveTemplates, dvcfiles, mentions, parameters, paths
from interlock.pipelines.project import Project
from interlock.pipelines.stage import PipelineStage
from interlock.ports.git import Tree
from interlock.ports.table_facts import TableDescriptions

_OWNERS = ("CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS")
_OWNER = re.compile(r"(?<!\S)@[A-Za-z0-9][\w./-]*")
_TABLES = (".csv", ".parquet", ".tsv")


def observe(
    tree: Tree,
    *,
    root: Path,
    origin: str,
    branch: str,
    resolve: ResolveTemplates | None,
    descriptions: TableDescriptions,
) -> AdoptionFacts:
    """Return the facts of a tree; metrics and rows are read from the checkout at `root`.

    Raises CannotReadPipelines for a dvc.yaml that DVC refuses.
    """
    project = Project(tree, resolve_templates=resolve)
    broken = next(iter(project.index.unreadable), None)
    if broken is not None:
        raise broken.error
    account, name = repository_name(origin, root)
    pipelines = tuple(_pipeline(project, file) for file in project.index.tops)
    made = [out for pipeline in pipelines for stage in pipeline.stages for out in stage.outs]
    listed = [m for pipeline in pipelines for m in pipeline.metrics]
    measured = [m for pipeline in pipelines for stage in pipeline.stages for m in stage.metrics]
    return AdoptionFacts(
        name=name,
        owner=_owner(tree) or (f"@{account}" if account else ""),
        branch=branch,
        pipelines=pipelines,
        files=frozenset(tree.entries),
        numbers={path: _numbers(root / path, path) for path in (*measured, *listed)},
        tables=tuple(_tables(made, root, descriptions)),
        remote=_remote(tree),
    )


def _remote(tree: Tree) -> str:
    """Return the address of the default DVC remote in Git."""
    config = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        config.read_string((tree.read(".dvc/config") or b"").decode("utf-8", "replace"))
    except configparser.Error:
        return ""
    name = config.get("core", "remote", fallback="")
    return config.get(f"'remote \"{name}\"'", "url", fallback="")


def repository_name(origin: str, root: Path) -> tuple[str, str]:
    """Return the account and the name of a remote's URL; the folder's name without a remote."""
    match = re.search(r"[:/]([A-Za-z0-9][\w-]*)/([^/]+?)(\.git)?/?$", origin)
    is_web = "://" in origin or origin.startswith("git@")
    return (match[1], match[2]) if match and is_web else ("", root.resolve().name)


def _owner(tree: Tree) -> str:
    for path in _OWNERS:
        text = (tree.read(path) or b"").decode("utf-8", "replace")
        lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
        if match := _OWNER.search("\n".join(lines)):
            return match[0]
    return ""


def _pipeline(project: Project, file: str) -> PipelineFacts:
    document = project.shelf.read(project.tree, file, dvcfiles.pipeline)
    stages = project.index.stages_in.get(file, ())
    return PipelineFacts(
        file,
        tuple(_stage(project, each, document) for each in stages),
        project.index.tops[file].metrics,
        tuple(_artifacts(document, file)),
    )


def _stage(project: Project, stage: PipelineStage, document: Mapping[str, Any]) -> StageFacts:
    written = document.get("stages", {}).get(stage.name.partition("@")[0])
    about = written.get("desc", "") if isinstance(written, Mapping) else ""
    return StageFacts(
        stage.name,
        tuple(dep.path for dep in stage.dependencies if dep.path),
        tuple(out.path for out in stage.outs if out.path),
        tuple(out.path for out in stage.outs if out.path and out.section == "metrics"),
        about if isinstance(about, str) else "",
        stage.wdir,
        mentions.find(project, stage),
    )


def _artifacts(document: Mapping[str, Any], file: str) -> Iterator[DvcArtifact]:
    section = document.get("artifacts")
    for name, entry in section.items() if isinstance(section, Mapping) else ():
        written = entry.get("path") if isinstance(entry, Mapping) else None
        path = paths.join(paths.folder(file), written) if isinstance(written, str) else None
        if path is not None:
            yield DvcArtifact(name, path, str(entry.get("type", "")), str(entry.get("desc") or ""))


def _numbers(place: Path, path: str) -> dict[str, float]:
    """Return the numbers of a metrics file; none of a file that is absent or cannot be read."""
    try:
        content = parameters.read(place.read_bytes(), path=path)
    except (OSError, errors.InterlockError):
        return {}
    return dotted_keys.numbers({path: content})[0]


def _tables(outs: list[str], root: Path, descriptions: TableDescriptions) -> Iterator[TableFacts]:
    """Yield the files of rows among the outputs, those in folders included."""
    for out in outs:
        place = root / out
        inside = sorted(place.rglob("*")) if place.is_dir() else [place]
        for each in inside:
            if each.suffix in _TABLES and each.is_file():
                name = each.relative_to(root).as_posix()
                table = descriptions.describe(each, name=name)
                if table is not None:
                    yield table
