"""Parses JSON text from any author, within limits."""

from __future__ import annotations

import json

from interlock.domain.basics import parse_limits, value_size
from interlock.domain.basics.parse_limits import Size


def read(data: bytes | str, *, size: Size) -> object:
    """Return the value of a JSON text by the rules of Python's parser (NaN and Infinity are
    allowed).

    Raises json.JSONDecodeError, or TooMuch: both are ValueErrors.
    """
    value = _parse(data, size)
    value_size.require(value, values=size.values, key=size.key)
    return value


def read_strict(data: bytes | str, *, size: Size) -> object:
    """Read JSON like `read`, but by its standard (RFC 8259): numbers are finite, and fit a double.

    Raises ValueError for other numbers, too.
    """
    value = _parse(data, size)
    value_size.require_finite(value, values=size.values, key=size.key)
    return value


def _parse(data: bytes | str, size: Size) -> object:
    size.bytes.require(len(data))
    try:
        return json.loads(data)
    except RecursionError:
        raise parse_limits.DEPTH.refusal() from None
    except json.JSONDecodeError:
        raise
    except UnicodeDecodeError as error:
        raise ValueError(f"it is not UTF-8 (byte {error.start})") from error
    except ValueError as error:  # Python has its own limit for the digits of a number.
        raise parse_limits.DIGITS.refusal() from error
