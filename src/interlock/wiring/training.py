"""What a training runs on: DVC, the machine, and files that it keeps after a job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interlock import errors

if TYPE_CHECKING:
    from interlock.ports.checkpoints import Checkpoints
    from interlock.ports.dvc_state import DvcState
    from interlock.ports.machine import Machine
    from interlock.ports.pipeline import PipelineRunner
    from interlock.ports.refreshing import Refreshing
    from interlock.settings import Settings


def pipeline() -> PipelineRunner:
    with errors.needing_extra("train"):
        from interlock.adapters.dvc.pipeline import DvcPipeline
    return DvcPipeline()


def dvc_state() -> DvcState:
    with errors.needing_extra("train"):
        import dvc  # noqa: F401 - its process needs it
    from interlock.adapters.dvc.state import DvcProcessState

    return DvcProcessState()


def refreshing() -> Refreshing:
    with errors.needing_extra("train"):
        from interlock.adapters.dvc.refreshing import DvcRefreshing
    return DvcRefreshing()


def machine(settings: Settings) -> Machine:
    """Compares its clock with the servers of a training: MLflow's and GitHub's. Pages of GitHub are
    used, since they cost nothing of the API's rate limit."""
    from interlock.adapters.machine import LocalMachine

    servers = [settings.mlflow_tracking_uri]
    servers += [settings.github_server_url] if settings.in_actions else []
    return LocalMachine(
        visible=settings.visible_gpus, servers=servers, runner_version=settings.runner_version
    )


def checkpoints(settings: Settings) -> Checkpoints | None:
    """None where the machine keeps no files after a job."""
    if settings.checkpoints is None:
        return None
    from interlock.adapters.checkpoints import FolderCheckpoints

    return FolderCheckpoints(settings.checkpoints)
