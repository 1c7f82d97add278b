"""Takes the place of a module that another program imports, until the program uses a name of it."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any


class LaterModule(ModuleType):
    """A module in `sys.modules` that is imported at the first use of one of its names."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _LaterName(self, name)

    def find(self, name: str) -> Any:
        """Import the module, and return the value of a name in it."""
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


class _LaterName:
    """A class or an enum of the module."""

    def __init__(self, module: LaterModule, name: str) -> None:
        self._module, self._name = module, name

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return self._module.find(self._name)(*arguments, **named)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module.find(self._name), name)
