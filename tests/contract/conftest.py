"""Fixtures that several contract suites share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract import node_world
from tests.contract.node_world import Expressions


@pytest.fixture(scope="session")
def expressions() -> Iterator[Expressions]:
    """GitHub's expression engine, one process for the session."""
    with node_world.expressions() as engine:
        yield engine
