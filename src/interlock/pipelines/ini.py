"""Read an INI file (setup.cfg) within the size limits."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from interlock.domain.basics import parse_limits

if TYPE_CHECKING:
    import configparser

_BLANKS = re.compile(r"[^\S\n]+")


def read(text: str) -> configparser.ConfigParser:
    """Return the settings; raises ValueError, or TooMuch over a limit."""
    import configparser  # noqa: PLC0415 - few projects have such a file

    parse_limits.SETTINGS.bytes.require(len(text))
    for match in _BLANKS.finditer(text):
        parse_limits.BLANKS.require(len(match[0]))
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except configparser.Error as error:
        raise ValueError(str(error)) from error
    return parser
