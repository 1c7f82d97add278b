"""The paths of pictures, and the months that are removed."""

from __future__ import annotations

import pytest

from interlock import errors
from interlock.domain.reporting import pictures


def test_path__begins_with_the_month() -> None:
    at = "2030-11-05T00:00:00Z"
    assert pictures.path("digits", "0a1b", "drift-1", at=at) == "2030-11/digits/0a1b/drift-1.png"
    assert not pictures.is_in_ledger("2030-11/digits/0a1b/drift-1.png")
    assert pictures.is_in_ledger("pictures/digits/0a1b/drift-1.png")


@pytest.mark.parametrize(
    "path",
    [
        "../digits/0a1b/a.png",
        "2030-11/digits/0a1b/a.svg",
        "2030-11/digits/0a1b/.a.png",
        "2030-11/digits/../a.png",
        "2030-11/-x/0a1b/a.png",
        "pictures/digits/0a1b/a.png",
    ],
)
def test_path__that_is_not_one(path: str) -> None:
    with pytest.raises(errors.CannotResolve, match="cannot be the path of a picture"):
        pictures.check_path(path)


@pytest.mark.parametrize(
    ("now", "days", "gone"),
    [
        ("2031-01-30T00:00:00Z", 90, ("2030-09", "2030-10")),
        ("2031-01-28T00:00:00Z", 90, ("2030-09",)),
        ("2031-02-28T23:59:00Z", 90, ("2030-09", "2030-10")),
        ("2031-03-01T00:00:00Z", 90, ("2030-09", "2030-10", "2030-11")),
        ("2031-01-01T00:00:00Z", 1, ("2030-09", "2030-10", "2030-11")),
        ("2031-01-02T00:00:00Z", 1, ("2030-09", "2030-10", "2030-11", "2030-12")),
    ],
)
def test_expired__is_a_month_that_ended_long_ago(
    now: str, days: int, gone: tuple[str, ...]
) -> None:
    months = ("2030-09", "2030-10", "2030-11", "2030-12", "2031-01", "README.md", "2030-13")
    assert pictures.expired(months, now=now, days=days) == gone
