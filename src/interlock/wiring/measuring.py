"""What reads, scores, compares and draws the rows of data files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from interlock import errors

if TYPE_CHECKING:
    from interlock.ports.drift_pages import DriftPages
    from interlock.ports.labelling import Labelling
    from interlock.ports.live import Live
    from interlock.ports.plots import Plots
    from interlock.ports.profiling import Profiling
    from interlock.ports.scoring import Scoring


def live(root: Path) -> Live:
    """Live data of the checkout at `root`. Files that DVC tracks need the extra `train`."""
    from interlock.adapters.live import FileLive

    return FileLive(root, open_dvc=_open_dvc)


def _open_dvc(folder: Path) -> Any:
    with errors.needing_extra("train"):
        from interlock.adapters.dvc import files
    return files.open_files(folder)


def scoring() -> Scoring:
    from interlock.adapters.scoring import FileScoring

    return FileScoring()


def profiling() -> Profiling:
    from interlock.adapters.profiling import FileProfiling

    return FileProfiling()


def labelling() -> Labelling:
    from interlock.adapters.label_join import FileLabelling

    return FileLabelling()


def drift_pages() -> DriftPages:
    with errors.needing_extra("monitor"):
        from interlock.adapters.evidently import EvidentlyPages
    return EvidentlyPages()


def plots() -> Plots:
    from interlock.adapters.plots import MatplotlibPlots

    return MatplotlibPlots()
