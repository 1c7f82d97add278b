"""How large a data file may be: each limit is met, and one more is a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.basics import table_limits
from interlock.domain.basics.refusal import Refusal
from interlock.domain.basics.table_limits import ReadMode, TableShape

EVERY_USE = st.sampled_from(list(ReadMode))


def shape(rows: int = 10, names: tuple[str, ...] = ("id",), width: int = 8) -> TableShape:
    return TableShape(rows, names, dict.fromkeys(names, width))


@pytest.mark.parametrize(
    ("file_shape", "use", "reason"),
    [
        (shape(20_000_000), ReadMode.HELD, ""),
        (shape(20_000_001), ReadMode.HELD, "has 20,000,001 rows, and at most 20,000,000 are read"),
        (shape(200_000_000), ReadMode.STREAMED, ""),
        (shape(200_000_001), ReadMode.COPIED, "has 200,000,001 rows, and at most 200,000,000 are"),
        (shape(1_000, width=1 << 20), ReadMode.HELD, ""),
        (
            shape(1_025, width=1 << 20),
            ReadMode.HELD,
            "takes 1,025 MiB once it is decoded, and at most",
        ),
        (shape(1_025, width=1 << 20), ReadMode.STREAMED, ""),
        (shape(names=tuple(map(str, range(20_000)))), ReadMode.STREAMED, ""),
        (
            shape(names=tuple(map(str, range(20_001)))),
            ReadMode.STREAMED,
            "has 20,001 columns, and at",
        ),
        (shape(names=("a", "x" * 1_000)), ReadMode.HELD, ""),
        (
            shape(names=("a", "x" * 1_001)),
            ReadMode.HELD,
            "has a column whose name has 1,001 characters",
        ),
        (shape(names=()), ReadMode.HELD, ""),
    ],
)
def test_shape__is_refused_beyond_each_limit_and_not_at_it(
    file_shape: TableShape, use: ReadMode, reason: str
) -> None:
    refusal = table_limits.check_shape(file_shape, use)
    assert bool(refusal) is bool(reason)
    assert refusal is None or refusal.reason.startswith(reason)


def test_text__is_refused_beyond_its_length() -> None:
    assert table_limits.check_text("id", 4_096) is None
    assert table_limits.check_text("id", 4_097) == Refusal(
        "has a text of 4,097 bytes in column 'id', and at most 4,096 are read"
    )


@given(rows=st.integers(0, 10**7), columns=st.integers(1, 100), use=EVERY_USE)
def test_lines__of_which_every_cell_has_a_byte_are_refused_only_where_they_are_held(
    rows: int, columns: int, use: ReadMode
) -> None:
    size_bytes = rows * columns
    refusal = table_limits.check_lines(rows=rows, columns=columns, size_bytes=size_bytes, use=use)
    is_much = 17 * size_bytes > table_limits.MOST_HELD_BYTES
    assert bool(refusal) is (use is ReadMode.HELD and is_much)


def test_lines__that_are_empty_are_refused_wherever_they_are_read() -> None:
    for use in ReadMode:
        assert table_limits.check_lines(rows=10**5, columns=10**4, size_bytes=10**6, use=use)
        # A few empty lines below a wide header cost nothing.
        assert not table_limits.check_lines(rows=10, columns=10**4, size_bytes=10**5, use=use)


def test_end__of_the_process_that_decodes_is_named() -> None:
    reason = table_limits.undecodable("SIGSEGV").reason
    assert reason.endswith("so that it breaks its reader (SIGSEGV)")
