"""Installed projects are known as long as their revision is, and no longer."""

from __future__ import annotations

import gc
import weakref

from interlock import wiring
from interlock.pipelines import installed
from interlock.pipelines.project import Project
from tests.unit.pipelines.history import History


def test_project__is_freed_once_nobody_uses_it(history: History) -> None:
    """Its repository keeps a Git process open until then."""
    history.commit({"pyproject.toml": "[project]\nname = 'acme'\n"})
    project = Project(wiring.repository(history.folder).tree("main"))
    assert installed.of(project) is installed.of(project)
    freed = weakref.ref(project)
    del project
    gc.collect()
    assert freed() is None
