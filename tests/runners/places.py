"""Where `runners/` lies, and its programs as modules; nothing is run by importing this."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

RUNNERS = Path(__file__).parents[2] / "runners"
JUST_IN_TIME = RUNNERS / "just-in-time"


def program(name: str) -> ModuleType:
    """A program of the just-in-time service, imported from its file; it is in no package."""
    spec = importlib.util.spec_from_file_location(f"runners_{name}", JUST_IN_TIME / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def tool(name: str) -> str:
    """The path of a tool of the system; its absence is a failure in CI and a skip elsewhere."""
    program = shutil.which(name)
    if not program:
        assert os.environ.get("CI") != "true", f"{name} is not installed"
        pytest.skip(f"{name} is not installed")
    return program
