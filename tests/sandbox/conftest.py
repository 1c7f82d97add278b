"""Fixtures of the sandbox's tests: each test has a GitHub of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .scene import Scene, serve


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with serve(tmp_path) as made:
        yield made
