"""Structure-aware fuzzing of the command line; every module here that has a TARGET is run."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.fuzz.driver import Target


def targets() -> dict[str, Target]:
    """Every target by its name."""
    names = [module.name for module in pkgutil.iter_modules(__path__) if module.name != "__main__"]
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    known = [module.TARGET for module in modules if hasattr(module, "TARGET")]
    return {target.name: target for target in known}
