"""A world that trains, over any repository; and one job in a tree of its own, without the rest."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from interlock import wiring
from interlock.adapters import git
from interlock.adapters.dvc.pipeline import DvcPipeline
from interlock.adapters.machine import LocalMachine
from interlock.adapters.scoring import FileScoring
from interlock.commands import train
from interlock.domain.model.policy import Rate
from interlock.ports.git import Tree
from interlock.ports.pipeline import PipelineJob
from interlock.ports.runs import Runs
from interlock.services import snapshots


def world(root: Path, runs: Runs, **others: Any) -> train.TrainContext:
    reader = snapshots.Reader(resolve_templates=wiring.resolve_templates)
    parts: dict[str, Any] = {
        "repository": git.open_repository(root),
        "read_model": reader.read_model,
        "training_tree": reader.training_tree,
        "rates": lambda _: {"self-hosted": Rate(3600, "EUR")},
        "pipeline": DvcPipeline(),
        "machine": LocalMachine(),
        "runs": runs,
        "scoring": FileScoring,
        "ambient": dict(os.environ),
        "is_own_machine": True,
    }
    return train.TrainContext(**parts | others)


def dvc_config(tree: Tree, folder: str) -> str:
    return (tree.read(f"{folder}/.dvc/config".lstrip("/")) or b"").decode()


def job(root: Path, folder: Path, *, model: str = "tiny", **fields: Any) -> PipelineJob:
    """Lay the tree of a model of HEAD out in `folder`."""
    repository = git.open_repository(root)
    tree = repository.tree("HEAD")
    reader = snapshots.Reader(resolve_templates=wiring.resolve_templates)
    at = reader.read_model(tree, model)
    grown = reader.training_tree(tree, at)
    folder.mkdir()
    files = repository.export(grown, folder, revision=tree.revision)
    words: dict[str, Any] = {
        "checkout": folder,
        "root": grown.root,
        "file": at.manifest.pipeline.file,
        "target": at.manifest.pipeline.target,
        "timeout_seconds": 120,
        "settings": DvcPipeline().settings(
            root,
            dvc_config(tree, grown.root),
            path=f"{grown.root}/.dvc/config".lstrip("/"),
            is_brought=False,
            scratch=None,
        ),
        "files": files,
        "data": grown.data,
        "pointers": tuple(grown.pointers),
        "storage": grown.storage,
        "metrics": grown.metrics,
        "spelling": grown.spelling,
        "shown": grown.shown,
        "env": dict(os.environ),
    }
    return PipelineJob(**words | fields)
