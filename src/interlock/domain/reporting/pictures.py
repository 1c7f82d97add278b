"""Paths of pictures on their own branch: by month, so that old months can be removed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta

from interlock.domain.promotion import ledger_paths

_PATH = re.compile(
    r"[0-9]{4}-[0-9]{2}/[a-z][a-z0-9-]*/[0-9a-f]{4,64}/[0-9A-Za-z][0-9A-Za-z._-]*\.png"
)
_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_IN_LEDGER = "pictures/"


def path(model: str, fingerprint: str, name: str, *, at: str) -> str:
    """Return the path of a picture in the month of `at` (ISO 8601)."""
    return check_path(f"{at[:7]}/{model}/{fingerprint}/{name}.png")


def check_path(text: str) -> str:
    """Return the path; raises CannotResolve for one that cannot be a picture's."""
    hint = "<year>-<month>/<model>/<fingerprint>/<name>.png"
    return ledger_paths.check(text, _PATH, "cannot be the path of a picture", hint=hint)


def is_in_ledger(text: str) -> bool:
    """True for a path that an earlier version of Interlock wrote to the ledger."""
    return text.startswith(_IN_LEDGER)


def expired(names: Iterable[str], *, now: str, days: int) -> tuple[str, ...]:
    """Return the months that ended at least `days` before `now`. Other names are kept."""
    last = date.fromisoformat(now[:10]) - timedelta(days=days)
    return tuple(
        name for name in names if (month := _MONTH.fullmatch(name)) and _end(month) <= last
    )


def _end(month: re.Match[str]) -> date:
    """Return the first day of the next month."""
    return (date(int(month[1]), int(month[2]), 1) + timedelta(days=31)).replace(day=1)
