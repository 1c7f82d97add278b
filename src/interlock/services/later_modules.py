"""Lets another program import a module that it rarely uses only when it uses a name of it."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any


@contextmanager
def postponed(*names: str) -> Iterator[None]:
    """Import these modules later, where a program imports them inside and uses them at all."""
    with replaced({name: _LaterModule(name) for name in names}):
        yield


@contextmanager
def replaced(modules: Mapping[str, ModuleType | None]) -> Iterator[None]:
    """Replace modules that are not loaded yet; afterwards they can be imported as always.

    The import of a module that is replaced by None fails.
    """
    loaded: dict[str, Any] = sys.modules
    hidden = {name: module for name, module in modules.items() if name not in loaded}
    loaded.update(hidden)
    try:
        yield
    finally:
        for name, module in hidden.items():
            if loaded.get(name) is module:
                del loaded[name]


class _LaterModule(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _LaterName(self, name)

    def find(self, name: str) -> Any:
        """Import the module, and return the value of a name in it, or a module below it."""
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        module = importlib.import_module(self.__name__)
        try:
            return getattr(module, name)
        except AttributeError:
            return importlib.import_module(f"{self.__name__}.{name}")


class _LaterName:
    """A function, a class or a module."""

    def __init__(self, module: _LaterModule, name: str) -> None:
        self._module, self._name = module, name

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return self._module.find(self._name)(*arguments, **named)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module.find(self._name), name)
