"""What holds for every test, wherever it lies: whatever it asks of a GitHub on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import kept_demo, warm

pytest_plugins = ["tests.contract.openapi_plugin"]


@pytest.fixture(scope="session")
def programs() -> Iterator[Path]:
    """The folder of `interlock` and `dvc` without their imports, for tests that start many."""
    with warm.programs() as folder:
        yield folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that look at the kept demo come first and side by side: else one worker plays it while
    another waits for it."""
    items.sort(key=lambda item: not _looks_at_the_demo(item))


def _looks_at_the_demo(item: pytest.Item) -> bool:
    return getattr(getattr(item, "module", None), "kept_demo", None) is kept_demo


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
