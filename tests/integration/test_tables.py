"""What keeps a data file from being read, and that saying so takes little memory."""

from __future__ import annotations

import gzip
import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from interlock import errors
from interlock.adapters.scoring import FileScoring
from interlock.domain.basics import table_limits as limits
from interlock.domain.model.manifest import Task
from interlock.services import tables
from interlock.services.tables import ReadMode, examiner
from tests.integration import bombs

EVERY_USE = pytest.mark.parametrize("use", list(ReadMode))


def reason(path: Path, use: ReadMode = ReadMode.HELD) -> str:
    refusal = tables.refusal(path, use=use)
    return "" if refusal is None else refusal.reason


@EVERY_USE
@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_file__that_is_sound_may_be_read(tmp_path: Path, suffix: str, use: ReadMode) -> None:
    frame = pl.DataFrame({"id": [1, 2], "target": ["a", "b"], "when": [None, "now"]})
    path = tmp_path / f"sound[*].{suffix}"
    getattr(frame, f"write_{suffix}")(path)
    assert reason(path, use) == ""


def test_file__with_more_rows_than_are_held_is_refused_by_its_footer(tmp_path: Path) -> None:
    path = bombs.many_rows(tmp_path / "p.parquet", limits.MOST_HELD_ROWS + 1)
    assert path.stat().st_size < 1_000_000
    assert reason(path) == "has 20,000,001 rows, and at most 20,000,000 are read"
    assert reason(path, ReadMode.STREAMED) == ""


def test_file__whose_footer_hides_its_rows_is_refused_by_what_comes_out(tmp_path: Path) -> None:
    path = bombs.many_rows(tmp_path / "p.parquet", 10_500_000, groups=2)
    bombs.claim(path, rows=10, instead=21_000_000)
    assert reason(path) == "has 21,000,000 rows, and at most 20,000,000 are read"


@EVERY_USE
def test_file__whose_footer_says_more_rows_than_there_can_be_is_refused(
    tmp_path: Path, use: ReadMode
) -> None:
    path = bombs.claim(bombs.many_rows(tmp_path / "p.parquet", 1_000), rows=1 << 60, instead=1_000)
    assert reason(path, use).startswith("cannot be read: ")


def test_file__that_needs_more_memory_than_there_is_ends_a_process_and_not_ours(
    tmp_path: Path,
) -> None:
    rows = 5_000_000
    path = bombs.many_rows(tmp_path / "p.parquet", rows, dtype="int64", groups=25)
    bombs.claim(path, rows=7, instead=25 * rows)
    assert path.stat().st_size < 2_000_000
    assert reason(path) == limits.undecodable("SIGABRT").reason
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 <= limits.MEMORY_BYTES
    # The next file is read by a new process.
    assert reason(bombs.many_rows(tmp_path / "sound.parquet", 10)) == ""


def test_text__that_a_dictionary_holds_once_counts_in_every_row(tmp_path: Path) -> None:
    path = bombs.long_texts(tmp_path / "p.parquet", size_bytes=4_000, rows=100_000)
    assert path.stat().st_size < 1_000_000
    assert reason(path) == "takes 1,148 MiB once it is decoded, and at most 1,024 MiB are read"


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_text__that_is_too_long_is_refused_in_both_formats(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"p.{suffix}"
    frame = pl.DataFrame({"id": ["x" * 5_000], "target": ["a"], "prediction": ["a"]})
    getattr(frame, f"write_{suffix}")(path)
    with pytest.raises(errors.CannotScore, match="has a text of 5,000 bytes in column 'id'"):
        FileScoring().read(path, name="the file", task=Task.MULTICLASS)


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_columns__that_are_too_many_are_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"p.{suffix}"
    names = [f"c{n}" for n in range(limits.MOST_COLUMNS + 1)]
    if suffix == "csv":
        path.write_text(",".join(names) + "\n" + "\n" * 100)
    else:
        pq.write_table(pa.table({name: pa.nulls(1, pa.int8()) for name in names}), path)
    assert reason(path) == "has 20,001 columns, and at most 20,000 are read"


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_columns__with_a_name_without_end_are_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"p.{suffix}"
    getattr(pl.DataFrame({"x" * 1_000_000: [1]}), f"write_{suffix}")(path)
    assert "has a column whose name has 1,000,000 characters, and at most 1,000" in reason(path)


def test_columns__that_are_not_read_may_hold_anything(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    pl.DataFrame({"id": [1], "why": ["x" * 100_000], "image": [b"\x00" * 100_000]}).write_parquet(
        path
    )
    assert "in column 'why'" in reason(path)
    assert tables.refusal(path, use=ReadMode.HELD, include=["id"]) is None
    assert tables.refusal(path, use=ReadMode.HELD, exclude=["why"]) is None


@EVERY_USE
def test_file__that_is_cut_off_or_encrypted_is_refused(tmp_path: Path, use: ReadMode) -> None:
    sound = bombs.many_rows(tmp_path / "p.parquet", 1_000).read_bytes()
    path = tmp_path / "cut"
    path.write_bytes(sound[:100])
    assert reason(path, use).startswith("cannot be read: ")
    path.write_bytes(b"PARE" + sound[4:])
    assert reason(path, use) == "is encrypted Parquet: write it without encryption"


@EVERY_USE
def test_file__that_is_compressed_is_not_unpacked(tmp_path: Path, use: ReadMode) -> None:
    path = tmp_path / "p.csv.gz"
    path.write_bytes(gzip.compress(b"id,target,prediction\n" + b"1,a,a\n" * 1_000_000))
    assert reason(path, use) == "is compressed (gzip): write it as it is, or as Parquet"


@EVERY_USE
@pytest.mark.parametrize("head", [b"", b"id,target,prediction\n"])
def test_text__of_one_line_without_end_is_refused(
    tmp_path: Path, head: bytes, use: ReadMode
) -> None:
    path = tmp_path / "p.csv"
    with path.open("wb") as file:
        file.write(head + b"1,a,")
        file.truncate(3 * limits.LONGEST_LINE_BYTES)
    assert reason(path, use) == "has a line of more than 16 MiB, so it is not a table"


@EVERY_USE
def test_text__of_empty_lines_below_many_columns_is_refused(tmp_path: Path, use: ReadMode) -> None:
    path = tmp_path / "p.csv"
    path.write_bytes(b",".join(b"c%d" % n for n in range(10_000)) + b"\n" * 20_000)
    text = reason(path, use)
    assert text.startswith(
        "takes 3,051 MiB" if use is ReadMode.HELD else "has 200,000,000 cells in "
    )


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (os.mkfifo, "is a pipe, not a file: write it to a file first"),
        (Path.mkdir, "is a folder, not a file"),
        (lambda path: path.symlink_to("/dev/zero"), "is not a file"),
    ],
)
def test_place__that_is_no_file_is_not_opened(
    tmp_path: Path, make: Callable[[Path], None], sentence: str
) -> None:
    make(tmp_path / "place")
    assert reason(tmp_path / "place") == sentence


def test_process__that_was_killed_is_started_again(tmp_path: Path) -> None:
    path = bombs.many_rows(tmp_path / "p.parquet", 10)
    assert reason(path) == ""
    process = examiner._examiner(os.getpid())._process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    other = bombs.many_rows(tmp_path / "q.parquet", 10)
    assert reason(other) == ""


def test_process__gets_no_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "ghs_secret")
    process = examiner._start()
    try:
        assert b"ghs_secret" not in Path(f"/proc/{process.pid}/environ").read_bytes()
    finally:
        process.kill()
        process.communicate()


def test_evaluate__ends_with_a_sentence_and_little_memory(tmp_path: Path) -> None:
    path = bombs.many_rows(tmp_path / "p.parquet", 10_000_000, groups=9)
    command = [sys.executable, "-m", "interlock", "evaluate", "--candidate", str(path)]
    done = subprocess.run(
        [*command, "--task", "binary", "--json"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, json.loads(done.stdout)["verdict"]) == (2, "fail")
    text = f"error: {path} has 90,000,000 rows, and at most 20,000,000 are read\n"
    assert done.stderr.startswith(text)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
    print(f"{path.stat().st_size:,} bytes that hold 90,000,000 rows: at most {peak} MiB of memory")
