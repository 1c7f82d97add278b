"""What a text of ours says of itself in a hidden comment, written and read back; the rest of the
text is people's and counts for nothing."""

from __future__ import annotations

import json
import re

from interlock.domain.basics import timestamps
from interlock.domain.monitoring.monitoring_records import Cause
from interlock.domain.retraining.retraining_facts import HiddenMark

_FOUND = re.compile(r"<!-- interlock:(retrain|feed) ([a-z][a-z0-9-]*) (\{[^\n]{1,500}?\}) -->")
_HEX = re.compile(r"[0-9a-f]{0,64}")
_LARGEST = 1e9


def opening(kind: str, model: str) -> str:
    """What every text of that kind about that model holds, whatever else it says of itself."""
    return f"<!-- interlock:{kind} {model} "


def write(kind: str, model: str, mark: HiddenMark) -> str:
    """One line that nobody sees: `<!-- interlock:retrain digits {"cause": …} -->`."""
    said = {
        "cause": mark.cause.value,
        "window_end": mark.window_end,
        # A number that JSON lacks would make the whole of it unreadable.
        "severity": max(0.0, min(mark.severity, _LARGEST)),
        "reference": mark.reference,
    }
    return f"{opening(kind, model)}{json.dumps(said)} -->"


def read(text: str, *, kind: str, model: str) -> HiddenMark | None:
    """Return the last mark of that kind and model; None where there is none that is whole."""
    found = [m[3] for m in _FOUND.finditer(text) if (m[1], m[2]) == (kind, model)]
    return _mark(found[-1]) if found else None


def _mark(text: str) -> HiddenMark | None:
    try:
        said = json.loads(text)
        mark = HiddenMark(
            Cause(said["cause"]),
            str(said["window_end"]),
            float(said["severity"]),
            str(said["reference"]),
        )
    except (ValueError, KeyError, TypeError):
        return None
    is_window = mark.window_end == "" or timestamps.read(mark.window_end) is not None
    is_whole = is_window and _HEX.fullmatch(mark.reference) is not None
    return mark if is_whole and 0 <= mark.severity <= _LARGEST else None
