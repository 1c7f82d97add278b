"""Decides which rows are held out, from a row's id alone; no random generator may enter."""

from __future__ import annotations

import hashlib


def position(row_id: int, *, salt: str) -> float:
    """Place a row in [0, 1), evenly and for ever: the same id and salt give the same place.

    A shuffled split moves every row when one is added. A row placed by a hash of its id stays
    where it is, whatever arrives later.
    """
    digest = hashlib.sha256(f"{salt}:{row_id}".encode()).digest()
    # 53 bits: what a float holds exactly, so that the result never rounds up to 1.
    return (int.from_bytes(digest[:8], "big") >> 11) / 2**53


def held_out(row_id: int, *, salt: str, test_share: float) -> bool:
    """Say whether a row belongs to the test set, of which about `test_share` of all rows are."""
    return position(row_id, salt=salt) < test_share
