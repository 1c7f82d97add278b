"""The hidden comment in a pull request or an issue that records its cause and window. Users may
edit all other text, so nothing else is read back."""

from __future__ import annotations

import json
import re

from interlock.domain.basics import timestamps
from interlock.domain.monitoring.monitoring_records import Cause
from interlock.domain.retraining.retraining_facts import HiddenMark

_MARK = re.compile(r"<!-- interlock:(retrain|data) ([a-z][a-z0-9-]*) (\{[^\n]{1,500}?\}) -->")
_HEX = re.compile(r"[0-9a-f]{0,64}")
_LARGEST = 1e9


def opening(kind: str, model: str) -> str:
    """Return the start of a mark, which every text of that kind about that model contains."""
    return f"<!-- interlock:{kind} {model} "


def write(kind: str, model: str, mark: HiddenMark) -> str:
    """Return a line that GitHub hides: `<!-- interlock:retrain digits {"cause": …} -->`."""
    fields = {
        "cause": mark.cause.value,
        "window_end": mark.window_end,
        # JSON has no infinity: the mark would be unreadable.
        "severity": max(0.0, min(mark.severity, _LARGEST)),
        "reference": mark.reference,
    }
    return f"{opening(kind, model)}{json.dumps(fields)} -->"


def read(text: str, *, kind: str, model: str) -> HiddenMark | None:
    """Return the last mark of that kind and model, or None if it is missing or damaged."""
    marks = [m[3] for m in _MARK.finditer(text) if (m[1], m[2]) == (kind, model)]
    return _parse(marks[-1]) if marks else None


def _parse(text: str) -> HiddenMark | None:
    try:
        fields = json.loads(text)
        mark = HiddenMark(
            Cause(fields["cause"]),
            str(fields["window_end"]),
            float(fields["severity"]),
            str(fields["reference"]),
        )
    except (ValueError, KeyError, TypeError):
        return None
    is_window = mark.window_end == "" or timestamps.read(mark.window_end) is not None
    is_complete = is_window and _HEX.fullmatch(mark.reference) is not None
    return mark if is_complete and 0 <= mark.severity <= _LARGEST else None
