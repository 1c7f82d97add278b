"""Fixtures of the example models: each test gets a copy, the trained ones are trained once."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import pytest

from .workshop import Workshop, open_workshop


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return open_workshop(tmp_path / "workshop")


@pytest.fixture(scope="session")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Workshop]:
    """Give a model trained by hand, with the committed parameters; each is trained once."""

    @functools.cache
    def trained_by_hand(model: str) -> Workshop:
        workshop = open_workshop(tmp_path_factory.mktemp(model) / "workshop")
        workshop.train(model)
        return workshop

    return trained_by_hand
