"""The composition root: the only importer of adapters, each imported when it is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

from interlock import errors
from interlock.pipelines.templates import Resolved
from interlock.ports.checkpoints import Checkpoints
from interlock.ports.comments import Comments
from interlock.ports.drift_pages import DriftPages
from interlock.ports.git import Repository, Tree
from interlock.ports.github import GitHub
from interlock.ports.labelling import Labelling
from interlock.ports.ledger import Ledger
from interlock.ports.live import Live
from interlock.ports.machine import Machine
from interlock.ports.pipeline import PipelineRunner
from interlock.ports.plots import Plots
from interlock.ports.profiling import Profiling
from interlock.ports.refreshing import Refreshing
from interlock.ports.registry import Registry
from interlock.ports.runs import Runs
from interlock.ports.scoring import Scoring
from interlock.settings import Settings


def repository(path: Path, *, warn: Callable[[str], None] = lambda _: None) -> Repository:
    return cast(Repository, _adapter("git").open_repository(path, warn=warn))


def working_tree(repo: Repository) -> Tree:
    """The repository's files as they lie on disk, uncommitted ones too."""
    return cast(Tree, _adapter("git.worktree").WorkingTree(repo.root))


def ledger(repo: Repository, settings: Settings) -> Ledger:
    return cast(Ledger, _adapter("ledger").GitLedger(repo, branch=settings.ledger_branch))


def resolve_templates(
    document: Mapping[str, Any], *, path: str, read: Callable[[str], bytes | None]
) -> Resolved:
    """DVC's own reading of a dvc.yaml with templates; see pipelines.ResolveTemplates."""
    module = _adapter("dvc_templates", extra="train")
    found = module.resolve_templates(document, path=path, read=read)
    return cast("Resolved", found)


def runs(settings: Settings) -> Runs:
    uri = settings.require("mlflow_tracking_uri")
    module = _adapter("mlflow.runs", extra="train")
    return cast(Runs, module.MlflowRuns(uri, deadline_seconds=settings.mlflow_deadline_seconds))


def pipeline() -> PipelineRunner:
    return cast(PipelineRunner, _adapter("dvc.pipeline", extra="train").DvcPipeline())


def refreshing() -> Refreshing:
    return cast(Refreshing, _adapter("dvc.refreshing", extra="train").DvcRefreshing())


def machine(settings: Settings) -> Machine:
    """Compares its clock with the servers that a training has to do with: GitHub's pages cost
    nothing of the budget that its API has."""
    servers = [settings.mlflow_tracking_uri]
    servers += [settings.github_server_url] if settings.in_actions else []
    return cast(
        Machine,
        _adapter("machine").LocalMachine(
            visible=settings.visible_gpus,
            servers=servers,
            runner_version=settings.runner_version,
        ),
    )


def checkpoints(settings: Settings) -> Checkpoints | None:
    """None where the machine keeps nothing beyond a job."""
    if settings.checkpoints is None:
        return None
    return cast(Checkpoints, _adapter("checkpoints").FolderCheckpoints(settings.checkpoints))


def live(root: Path) -> Live:
    """Live data of the repository whose checkout is `root`; what DVC tracks needs the extra that
    trains."""

    def open_dvc(folder: Path) -> Any:
        return _adapter("dvc.files", extra="train").open_files(folder)

    return cast(Live, _adapter("live").FileLive(root, open_dvc=open_dvc))


def scoring() -> Scoring:
    return cast(Scoring, _adapter("scoring").FileScoring())


def profiling() -> Profiling:
    return cast(Profiling, _adapter("profiling").FileProfiling())


def labelling() -> Labelling:
    return cast(Labelling, _adapter("labelling").FileLabelling())


def drift_pages() -> DriftPages:
    return cast(DriftPages, _adapter("evidently", extra="monitor").EvidentlyPages())


def plots() -> Plots:
    return cast(Plots, _adapter("plots").MatplotlibPlots())


def registry(settings: Settings) -> Registry:
    uri = settings.require("mlflow_tracking_uri")
    module = _adapter("mlflow.registry", extra="train")
    return cast(
        Registry, module.MlflowRegistry(uri, deadline_seconds=settings.mlflow_deadline_seconds)
    )


def github(settings: Settings) -> GitHub:
    return cast(
        GitHub,
        _adapter("github").PyGithubAdapter(
            api_url=settings.github_api_url,
            repository=settings.require("github_repository"),
            token=settings.require("github_token"),
            login=settings.github_login,
        ),
    )


def cml(settings: Settings, folder: Path) -> Comments:
    """`folder` is the checkout. Raises MissingSetting where there is no program of that name."""
    where = f"{settings.github_server_url}/{settings.require('github_repository')}"
    token = settings.require("github_token")
    comments = _adapter("cml").CmlComments(repository_url=where, token=token, folder=folder)
    return cast(Comments, comments)


def _adapter(name: str, *, extra: str = "") -> Any:
    try:
        return importlib.import_module(f"interlock.adapters.{name}")
    except ModuleNotFoundError as error:
        if not extra or str(error.name).startswith("interlock"):
            raise
        raise errors.missing_extra(str(error.name), extra=extra) from error
