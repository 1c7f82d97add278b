"""Pictures: what is drawn for which task, how large, and that no name can break them."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from interlock.adapters.plots import MatplotlibPlots
from interlock.domain.evaluation.chart_data import Charts
from interlock.domain.evaluation.scores import Scores
from interlock.domain.model.manifest import Task
from tests.integration import predictions_files as files


def draw(scored: Scores, *, alone: bool = False) -> dict[str, bytes]:
    return MatplotlibPlots().draw(
        scored.charts,
        champion=None if alone else scored.champion_charts,
        names=("candidate", "champion, version 1"),
    )


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return int(width), int(height)


@pytest.mark.parametrize(
    ("task", "columns", "names"),
    [
        (Task.MULTICLASS, files.classes(scores=True), {"confusion", "calibration"}),
        (Task.BINARY, files.classes(labels=2, scores=True), {"confusion", "calibration"}),
        (Task.MULTICLASS, files.classes(), {"confusion"}),
        (Task.REGRESSION, files.values(), {"residuals"}),
    ],
)
def test_pictures__fit_the_task_and_a_comment(
    tmp_path: Path, task: Task, columns: dict[str, Any], names: set[str]
) -> None:
    other = columns | {"prediction": np.roll(columns["prediction"], 1)}
    scored = files.score(tmp_path, columns, other, task=task)
    both, alone = draw(scored), draw(scored, alone=True)
    assert set(both) == set(alone) == names
    assert {size(png)[0] for png in both.values()} == {900}
    assert {size(png)[0] for png in alone.values()} == {560}
    assert max(map(len, both.values())) < 200_000
    assert draw(scored) == both


@pytest.mark.parametrize(
    "name", ["$x$", "$\\frac{", "a\nb", "\x00\x07", "\u202edlrow", "数字", "x" * 500, "%s {0} \\"]
)
def test_pictures__survive_any_name_of_a_class(
    tmp_path: Path, name: str, recwarn: pytest.WarningsRecorder
) -> None:
    columns = {"id": [1, 2, 3], "target": [name, "b", name], "prediction": ["b", "b", name]}
    assert set(draw(files.score(tmp_path, columns, columns))) == {"confusion"}
    assert not recwarn.list


@pytest.mark.parametrize(("labels", "names"), [(40, {"confusion"}), (60, set())])
def test_pictures__of_many_classes_are_a_matrix_or_none(
    tmp_path: Path, labels: int, names: set[str]
) -> None:
    columns = files.classes(rows=2000, labels=labels)
    assert set(draw(files.score(tmp_path, columns))) == names


def test_pictures__of_many_rows_show_an_even_sample(tmp_path: Path) -> None:
    scored = files.score(tmp_path, files.values(rows=5001), task=Task.REGRESSION)
    residuals = scored.charts.residuals
    assert residuals is not None
    assert (residuals.rows, len(residuals.predictions)) == (5001, 1667)
    assert len(draw(scored)["residuals"]) < 200_000


def test_calibration__is_the_mean_score_and_the_share_that_was_right(tmp_path: Path) -> None:
    columns = {
        "id": range(4), "target": [1, 0, 1, 1], "prediction": [1, 1, 1, 0],
        "score_1": [0.92, 0.94, 0.96, 0.11],
    }  # fmt: skip
    calibration = files.score(tmp_path, columns, task=Task.BINARY).charts.calibration
    assert calibration is not None
    assert calibration.scores == pytest.approx((0.11, 0.94))
    assert calibration.shares == pytest.approx((1.0, 2 / 3))
    assert calibration.rows == (1, 3)


def test_pictures__of_nothing_are_none() -> None:
    assert MatplotlibPlots().draw(Charts(), champion=Charts(), names=("a", "b")) == {}


DRAW = """
import sys
from interlock.adapters.plots import figure
with figure.drawing():
    drawn, (axes,) = figure.panels(1, width_inches=3, height_inches=2)
    axes.plot([1, 2])
    sys.stdout.buffer.write(figure.png(drawn, "one, two"))
"""


def test_picture__is_the_same_where_a_folder_has_settings_of_matplotlib(tmp_path: Path) -> None:
    """A stranger's `matplotlibrc` could else start LaTeX, with a preamble of theirs."""
    plain, hostile, programs = (tmp_path / name for name in ("plain", "hostile", "programs"))
    for folder in (plain, hostile, programs):
        folder.mkdir()
    settings = "text.usetex: True\naxes.facecolor: red\nbackend: module://canary\n"
    (hostile / "matplotlibrc").write_text(settings)
    for name in ("latex", "dvipng"):
        (programs / name).write_text(f"#!/bin/sh\ntouch {tmp_path}/canary\nexit 1\n")
        (programs / name).chmod(0o755)
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    first, second = (
        subprocess.run(
            [sys.executable, "-c", DRAW],
            cwd=folder,
            env=os.environ | {"PATH": path, "MPLCONFIGDIR": str(tmp_path / "own")},
            stdout=subprocess.PIPE,
            check=True,
        ).stdout
        for folder in (plain, hostile)
    )
    assert first == second
    assert size(first) == (300, 200)
    assert not (tmp_path / "canary").exists()
