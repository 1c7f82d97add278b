"""Ten repositories that do not use Interlock yet, each in the shape of real ones."""

from __future__ import annotations

from tests.adoption.layouts import one_model
from tests.adoption.repository import Layout

ALL: tuple[Layout, ...] = (one_model.TRAIN_EVALUATE,)
