"""What holds for every test, wherever it lies: whatever it asks of a GitHub on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import warm

pytest_plugins = ["tests.contract.openapi_plugin"]


@pytest.fixture(scope="session")
def programs() -> Iterator[Path]:
    """The folder of `interlock` and `dvc` without their imports, for tests that start many."""
    with warm.programs() as folder:
        yield folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that share a long story come first and side by side: else one worker tells it while
    another waits for it, or tells it again."""
    items.sort(key=lambda item: not _shares_a_story(item))


def _shares_a_story(item: pytest.Item) -> bool:
    module = getattr(item, "module", None)
    return hasattr(module, "kept_demo") or hasattr(module, "attack_stage")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> None:
    """Coverage is measured in tests/unit: no other test counts, and measuring doubles its time."""
    controller = getattr(item.config.pluginmanager.get_plugin("_cov"), "cov_controller", None)
    if controller is None:
        return
    counts = item.nodeid.startswith("tests/unit/")
    if counts and not controller.started:
        controller.resume()
    elif controller.started and not counts:
        controller.pause()
