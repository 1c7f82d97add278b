"""What people type for a commit: whole, abbreviated, or by another name."""

from __future__ import annotations

import pytest

from interlock.domain.basics import commit_ids

SHA = "89abcde0" * 5


@pytest.mark.parametrize(
    ("revision", "digits"),
    [
        (SHA, ""),
        ("89abcde0" * 8, ""),
        (f"{SHA}~1", ""),
        (f"v1-2-g{SHA}", ""),
        (SHA[:39], SHA[:39]),
        ("89abcde", "89abcde"),
        ("89ABCDE", "89abcde"),
        ("89abcde~1", "89abcde"),
        ("89abcde^{commit}", "89abcde"),
        ("89abcde:README.md", "89abcde"),
        ("v1-2-g89abcde", "89abcde"),
        ("89a", ""),
        ("main", ""),
        ("HEAD@{1}", ""),
        ("origin/main", ""),
        ("", ""),
    ],
)
def test_abbreviation(revision: str, digits: str) -> None:
    assert commit_ids.abbreviation(revision) == digits
