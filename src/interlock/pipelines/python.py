"""Python source to its syntax tree; what a tree means is not known here."""

from __future__ import annotations

import ast
import threading

# CPython before 3.11.8 counts the depth of a tree in a place that all threads share, and fails
# with "AST constructor recursion depth mismatch": https://github.com/python/cpython/issues/106905
_ONE_AT_A_TIME = threading.Lock()


def tree(source: bytes | str, *, path: str = "<source>") -> ast.Module:
    """Parse a module; raises what `ast.parse` raises."""
    with _ONE_AT_A_TIME:
        return ast.parse(source, filename=path)
