"""Windows of several files: some lack a column, some cannot be read, and the others count."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from interlock.adapters.profiling import FileProfiling
from interlock.domain.drift.profile import Profile, WindowProfile
from interlock.domain.drift.status import DriftStatus
from tests.integration import drift_files as files

CHANCE = np.random.default_rng(5)


def profile(*names: str) -> Profile:
    return FileProfiling().profile(names)


def part(folder: Path, name: str, rows: int = 200) -> str:
    return files.write(folder / name, {"x": CHANCE.normal(size=rows), "c": ["a"] * rows})


@pytest.mark.parametrize("order", [("full", "bare"), ("bare", "full")])
def test_parts__that_lack_a_column_have_missing_values_in_it(
    tmp_path: Path, order: tuple[str, str]
) -> None:
    span = [datetime.timedelta(minutes=each) for each in range(100)]
    written: dict[str, dict[str, Any]] = {
        "full": {"x": [1.0] * 100, "c": ["a"] * 100, "s": span, "n": [None] * 100},
        "bare": {"c": ["b"] * 300},
    }
    names = [files.write(tmp_path / f"{name}.parquet", written[name]) for name in order]
    file_profile = profile(*names).named()
    assert {name: column.missing for name, column in file_profile.items()} == {
        "x": 300,
        "c": 0,
        "s": 300,
        "n": 400,
    }


def window_of(reference: str, *live: str, **patterns: Sequence[str]) -> WindowProfile:
    return FileProfiling().profile_window(live, reference=profile(reference), **patterns)


def test_window__of_which_a_file_is_torn_is_that_of_the_others(tmp_path: Path) -> None:
    sound, empty = part(tmp_path, "a.parquet"), tmp_path / "none.parquet"
    empty.touch()
    torn = Path(part(tmp_path, "b.parquet", rows=5_000))
    data = bytearray(torn.read_bytes())
    data[1_000:20_000] = bytes(len(data[1_000:20_000]))
    torn.write_bytes(data)
    text = files.write(tmp_path / "t.parquet", {"x": ["1.5"] * 10, "c": ["a"] * 10})
    result = window_of(sound, text, sound, str(torn), str(empty), str(tmp_path / "gone.parquet"))
    assert result.profile == window_of(sound, sound).profile
    assert list(result.unread) == [str(torn), str(empty), str(tmp_path / "gone.parquet"), text]
    assert result.unread[text] == "has column 'x' as String, where others have Float64"
    assert all(reason.startswith(("cannot be read: ", "has ")) for reason in result.unread.values())
    judged = files.compared([sound], [sound, text])
    assert judged.verdict is DriftStatus.BROKEN


def test_window__of_which_no_file_can_be_read_has_no_rows(tmp_path: Path) -> None:
    sound = part(tmp_path, "a.parquet")
    result = window_of(sound, str(tmp_path / "gone.parquet"))
    assert (result.profile.rows, len(result.unread)) == (0, 1)


def test_window__whose_every_part_has_another_type_is_a_finding(tmp_path: Path) -> None:
    sound = part(tmp_path, "a.parquet")
    texts = [
        files.write(tmp_path / f"{name}.parquet", {"x": ["b"] * 100, "c": ["a"] * 100})
        for name in "de"
    ]
    assert window_of(sound, *texts).unread == {}
    assert files.compared([sound], texts).columns[0].sentence == (
        "has another type: Float64 became String"
    )


def test_window__says_which_files_lack_which_columns(tmp_path: Path) -> None:
    sound = part(tmp_path, "a.parquet")
    bare = files.write(tmp_path / "b.parquet", {"x": [1.0] * 10})
    none = files.write(tmp_path / "c.parquet", {"x": np.empty(0)})
    more = files.write(tmp_path / "d.parquet", {"x": [1.0], "c": ["a"], "new": [1]})
    assert window_of(sound, sound, bare, none, more).lacking == {bare: ("c",)}


def test_window__is_not_held_to_columns_that_nobody_compares(tmp_path: Path) -> None:
    sound = part(tmp_path, "a.parquet")
    odd = files.write(tmp_path / "o.parquet", {"x": ["b"] * 100, "c": ["a"] * 100})
    assert window_of(sound, sound, odd, exclude=["x"]).unread == {}
