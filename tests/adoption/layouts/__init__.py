"""Thirteen repositories that do not use Interlock yet, each in the shape of real ones."""

from __future__ import annotations

from tests.adoption.layouts import one_model, other_tools, several_models
from tests.adoption.repository import Layout

ALL: tuple[Layout, ...] = (
    one_model.TRAIN_EVALUATE,
    several_models.MONOREPOSITORY,
    one_model.METRICS_ONLY,
    several_models.FAMILY,
    other_tools.CONSOLE_SCRIPT,
    other_tools.R_PROJECT,
    one_model.ONE_STAGE,
    one_model.OTHER_COLUMNS,
    other_tools.ALWAYS_CHANGED,
    other_tools.WITHOUT_DVC,
    one_model.NO_METRIC,
    one_model.SCORED,
    several_models.MATRIX,
)
