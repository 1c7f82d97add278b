"""Fixtures of the example models: each test gets a copy, the trained ones are trained once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import filelock
import pytest

from .workshop import Workshop, open_workshop


@pytest.fixture
def workshop(tmp_path: Path, programs: Path) -> Workshop:
    return open_workshop(tmp_path / "workshop", programs)


@pytest.fixture(scope="session")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Workshop]:
    """Give a model trained by hand, with the committed parameters; all workers share it."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base

    def trained_by_hand(model: str) -> Workshop:
        folder = shared / f"committed-{model}"
        with filelock.FileLock(f"{folder}.lock"):
            if not (folder / "done").exists():
                open_workshop(folder / "workshop").train(model)
                (folder / "done").touch()
        return Workshop(folder / "workshop")

    return trained_by_hand
