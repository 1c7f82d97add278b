"""TOML text of anybody's making to a document, within the limits; what it means is not known."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from interlock.domain import bounds, measuring

_PART = r"""(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+"""
# Python's reader looks at all parts of a dotted key once for each of them, tables' too.
_LONG_KEY = re.compile(rf"(?<![\w-])(?:{_PART}\.[ \t]*+){{{bounds.DOTS.most}}}")


def read(text: str) -> dict[str, Any]:
    """Return a document; raises TOMLDecodeError or TooMuch, both ValueErrors."""
    bounds.FILE.bytes.require(len(text))
    if _LONG_KEY.search(text):
        raise bounds.DOTS.refusal()
    try:
        found = tomllib.loads(text)
    except RecursionError:
        raise bounds.DEPTH.refusal() from None
    except tomllib.TOMLDecodeError:
        raise
    except ValueError as error:  # Python converts no more digits than it has a limit of
        raise bounds.DIGITS.refusal() from error
    measuring.require(found, values=bounds.FILE.values)
    return found
