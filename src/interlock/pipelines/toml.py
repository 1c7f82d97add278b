"""TOML text of anybody's making to a document, within the limits; what it means is not known."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from interlock.domain.basics import parse_limits, value_size

_PART = r"""(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+"""
# Python's reader looks at all parts of a dotted key once for each of them, tables' too.
_LONG_KEY = re.compile(rf"(?<![\w-])(?:{_PART}\.[ \t]*+){{{parse_limits.DOTS.most}}}")


def read(text: str) -> dict[str, Any]:
    """Return a document; raises TOMLDecodeError or TooMuch, both ValueErrors."""
    parse_limits.FILE.bytes.require(len(text))
    if _LONG_KEY.search(text):
        raise parse_limits.DOTS.refusal()
    try:
        document = tomllib.loads(text)
    except RecursionError:
        raise parse_limits.DEPTH.refusal() from None
    except tomllib.TOMLDecodeError:
        raise
    except ValueError as error:  # Python converts no more digits than it has a limit of
        raise parse_limits.DIGITS.refusal() from error
    value_size.require(document, values=parse_limits.FILE.values)
    return document
