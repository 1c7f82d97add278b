"""Python source to its syntax tree; what a tree means is not known here."""

from __future__ import annotations

import ast
import re
import threading
import warnings
from typing import Any

from interlock.domain.basics import parse_limits, value_size

# CPython before 3.11.8 counts the depth of a tree in a place that all threads share, and fails
# with "AST constructor recursion depth mismatch": https://github.com/python/cpython/issues/106905
_ONE_AT_A_TIME = threading.Lock()
# Of the two encodings whose decoders take most of a minute for a megabyte. A program says its own
# in one of its first two lines: https://peps.python.org/pep-0263/
_SLOW = re.compile(rb"[ \t\f]*#.*?coding[:=][ \t]*(?:puny|idna)", re.IGNORECASE)


def tree(source: bytes | str, *, path: str = "<source>") -> ast.Module:
    """Parse a module; raises what `ast.parse` raises (SyntaxError, ValueError), and TooMuch for a
    source that is too long or nests too deep."""
    parse_limits.PROGRAM.require(len(source))
    if isinstance(source, bytes) and any(map(_SLOW.match, source.splitlines()[:2])):
        raise SyntaxError("no encoding of programs")
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an escape that a later Python refuses is fine
        try:
            return ast.parse(source, filename=path)
        except (RecursionError, MemoryError):
            raise parse_limits.DEPTH.refusal() from None


def literal(node: ast.expr) -> Any:
    """Return the value of an expression that is a literal, None for any other, or a larger one."""
    try:
        value = ast.literal_eval(node)
        value_size.require(value, values=parse_limits.FILE.values)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return None
    return value
