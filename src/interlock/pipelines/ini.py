"""Text of an INI file of anybody's making (setup.cfg), within the limits."""

from __future__ import annotations

import configparser
import re

from interlock.domain import bounds

_BLANKS = re.compile(r"[^\S\n]+")


def read(text: str) -> configparser.ConfigParser:
    """Return what is set; raises ValueError, TooMuch for what is over a limit."""
    bounds.SETTINGS.bytes.require(len(text))
    for found in _BLANKS.finditer(text):
        bounds.BLANKS.require(len(found[0]))
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except configparser.Error as error:
        raise ValueError(str(error)) from error
    return parser
