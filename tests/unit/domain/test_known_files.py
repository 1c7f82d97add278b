"""The lists of known files: few of them have the last entry of each file."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.monitoring import known_files
from interlock.domain.monitoring.known_files import KnownFiles
from interlock.domain.monitoring.windows import FileTimeRange


def file(name: object, state: object = "") -> FileTimeRange:
    return FileTimeRange(str(name), "t", str(state))


def own(end: int, *files: FileTimeRange) -> KnownFiles:
    return KnownFiles(end - 1, files)


def history(*windows: tuple[FileTimeRange, ...]) -> dict[int, KnownFiles]:
    """The lists after windows that each joined them, newest first."""
    lists: dict[int, KnownFiles] = {}
    for end, files in enumerate(windows, 1):
        joined = known_files.join({end: own(end, *files), **lists})
        lists = {end: joined, **{older: lists[older] for older in joined.older}}
    return lists


@given(st.lists(st.lists(st.builds(file, st.integers(0, 30), st.integers(0, 3)), max_size=4)))
def test_lists__have_the_last_entry_of_each_file(windows: list[list[FileTimeRange]]) -> None:
    lists = history(*map(tuple, windows))
    last = {each.name: each for files in windows for each in files}
    assert known_files.merge(lists.values()) == last
    sizes = [len(each.files) for each in lists.values()]
    assert all(2 * newer < older for newer, older in itertools.pairwise(sizes))


def test_lists__of_many_windows_are_few_and_a_file_is_written_a_few_times() -> None:
    written = 0
    lists: dict[int, KnownFiles] = {}
    for end in range(1, 2_001):
        joined = known_files.join({end: own(end, file(end)), **lists})
        written += len(joined.files)
        lists = {end: joined, **{older: lists[older] for older in joined.older}}
    assert len(lists) <= 11
    assert written <= 2_000 * 11


def test_join__lists_of_earlier_versions_are_joined_at_any_length() -> None:
    many = tuple(map(file, range(9)))
    windows = {end: own(end, *many) for end in range(known_files.MOST_LISTS, 0, -1)}
    assert known_files.join({99: own(99), **windows}) == KnownFiles(98, (), tuple(windows))
    joined = known_files.join({99: own(99), 98: own(98, *many), **windows})
    assert (joined.after, len(joined.files), joined.older) == (0, 9, ())


def test_join__a_list_over_the_limit_of_a_record_stays_alone() -> None:
    half = known_files.MOST_FILES // 2
    lists = {
        3: own(3, *map(file, range(half))),
        2: own(2, *map(file, range(half))),
        1: own(1, file("first")),
    }
    joined = known_files.join(lists)
    assert (joined.after, len(joined.files), joined.older) == (0, half + 1, ())
    lists[2] = own(2, *map(file, range(half + 1)))
    assert known_files.join(lists) == KnownFiles(2, lists[3].files[::-1], (2, 1))
