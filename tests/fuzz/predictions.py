"""Target: data files. Predictions of candidate and champion, references and live windows, as
Parquet and as text: odd types, odd values, odd dialects, and bytes that were changed."""

from __future__ import annotations

import importlib
import io
import json
import random
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.fuzz.driver import Ending, Target

_METRICS = {"binary": "f1", "multiclass": "f1_macro", "regression": "rmse"}
_NAMES = ["id", "target", "prediction", "score_a", "score_b", "score_1", "score_", "seg", "x", ""]
_ODD_NAMES = ["target_duplicated_0", "\x00", "é", "e\u0301", "\u202e", "a,b", '"', "*", "x" * 2_000]
_SLICES = ["seg"] * 9 + ["x", "seg,x", "score_a", "nowhere", "id", "*", "\u202e"]
_TEXTS = [
    "a", "b", "a", "b", "1", "0", "1.0", "true", "False", "", " ", "NA", "nan", "inf", "1e999",
    "-0", "2018-11-04T00:00:00Z", "9" * 400, "é", "e\u0301", "\u202e", "\x00", "x" * 5_000, "{}",
]  # fmt: skip
_FLOATS = [0.0, -0.0, 1.0, 0.5, 1e308, -1e308, 5e-324, float("nan"), float("inf"), float("-inf")]
_WHOLES = [0, 1, 2, -1, 2**31, 2**53 + 1, 2**63 - 1, -(2**63)]
_DAY = datetime(2018, 11, 4, tzinfo=UTC)
_SEPARATORS = [",", ",", ",", ";", "\t", "|", ":", "  "]
_BYTES = [
    b"",
    b"\x00",
    b"PAR1",
    b"PARE",
    b"\x1f\x8b\x08\x00",
    b"(\xb5/\xfd",
    b"\xff\xfe",
    b"\n" * 500,
]

_Random = random.Random


def warm() -> None:
    # Without polars, scikit-learn or numpy: their threads would be lost in a fork.
    for verb in ("evaluate", "monitor"):
        importlib.import_module(f"interlock.cli.{verb}")


def make(random: _Random, folder: Path) -> list[list[str]]:
    task = random.choice(list(_METRICS))
    names = [_file(random, folder / f"{place}{random.choice(['.parquet', '.csv', ''])}", task)
             for place in ("one", "two", "three")]  # fmt: skip
    (folder / "gates.yaml").write_text(_gates(random, task))
    return [_evaluate(random, names, task), _monitor(random, names)]


def check(folder: Path, arguments: list[str], ending: Ending) -> str:
    """Whatever the files are, what is printed for programs is a document or nothing."""
    if not ending.stdout:
        return "" if ending.code else "nothing was printed, and it ended with 0"
    try:
        document = json.loads(ending.stdout, parse_constant=_no_constant)
    except ValueError as error:
        return f"standard output is no JSON: {error}"
    is_unusable = ending.code not in (0, 1)
    return "a pass of an unusable file" if is_unusable and document["verdict"] == "pass" else ""


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _evaluate(random: _Random, names: Sequence[str], task: str) -> list[str]:
    words = ["evaluate", "--candidate", names[0], "--task", task, "--json"]
    words += ["--resamples", "200"]
    if random.random() < 0.7:
        words += ["--champion", names[random.choice([0, 1])]]
    if random.random() < 0.5:
        words += ["--slices", random.choice(_SLICES)]
    if random.random() < 0.5:
        words += ["--gates", "gates.yaml"]
    if task == "binary":
        words += ["--positive", random.choice(["a", "a", "a", "1", "zebra", "true"])]
    return words


def _monitor(random: _Random, names: Sequence[str]) -> list[str]:
    words = ["monitor", "--reference", names[0], "--json", "--min-rows", "1"]
    for name in names[1 : random.randint(2, 3)]:
        words += ["--live", name]
    if random.random() < 0.3:
        words += ["--exclude", random.choice(["id", "*_*", "?", ""])]
    return words


def _gates(random: _Random, task: str) -> str:
    against = "max_drop: 0.1, against: champion"
    rule = random.choice(["min: 0.5", against, "max: 1", "min: .nan"])
    return f"- {{metric: {_METRICS[task]}, {rule}}}\n"


def _file(random: _Random, path: Path, task: str) -> str:
    rows = random.choice([0, 1, 2, 20, 20, 20, 150, 300])
    columns = _columns(random, rows, task)
    data = _parquet(random, columns) if random.random() < 0.6 else _text(random, columns)
    if random.random() < 0.2:
        data = _damaged(random, data)
    path.write_bytes(data)
    return path.name


def _columns(
    random: _Random, rows: int, task: str
) -> list[tuple[str, list[Any], pa.DataType | None]]:
    """A sound table of predictions, of which some columns are changed, added or left out."""
    columns_by_name: dict[str, tuple[list[Any], pa.DataType | None]] = {
        "id": (list(range(rows)), None),
        "target": ([_answer(random, task) for _ in range(rows)], None),
        "prediction": ([_answer(random, task) for _ in range(rows)], None),
        "seg": ([random.choice("xyz") for _ in range(rows)], None),
    }
    for name in random.sample([*_NAMES, *_ODD_NAMES], k=random.choice([0, 0, 0, 1, 1, 2, 4])):
        make_values, dtype = random.choice(_KINDS)
        columns_by_name[name] = [make_values(random) for _ in range(rows)], dtype
    if random.random() < 0.05:
        del columns_by_name[random.choice(sorted(columns_by_name))]
    columns = [(name, values, dtype) for name, (values, dtype) in columns_by_name.items()]
    if columns and random.random() < 0.03:
        columns.append(random.choice(columns))
    random.shuffle(columns)
    return columns


def _answer(random: _Random, task: str) -> Any:
    return random.gauss(0, 1) if task == "regression" else random.choice("abc"[: len(task) // 3])


def _or_none(make_value: Callable[[_Random], Any]) -> Callable[[_Random], Any]:
    return lambda random: None if random.random() < 0.1 else make_value(random)


_KINDS: list[tuple[Callable[[_Random], Any], pa.DataType | None]] = [
    (lambda r: r.random(), pa.float64()),
    (lambda r: r.choice(_FLOATS), pa.float64()),
    (lambda r: r.choice(_FLOATS), pa.float32()),
    (_or_none(lambda r: r.choice(_WHOLES)), pa.int64()),
    (_or_none(lambda r: r.choice([0, 1, 2**64 - 1])), pa.uint64()),
    (_or_none(lambda r: r.choice([0, 1])), pa.int8()),
    (_or_none(lambda r: r.choice(_TEXTS)), pa.string()),
    (_or_none(lambda r: r.choice("ab")), pa.dictionary(pa.int32(), pa.string())),
    (_or_none(lambda r: r.random() < 0.5), pa.bool_()),
    (lambda r: None, pa.null()),
    (_or_none(lambda r: bytes([r.randrange(256)])), pa.binary()),
    (_or_none(lambda r: bytes(4)), pa.binary(4)),
    (_or_none(lambda r: [r.random()] * r.randint(0, 3)), pa.list_(pa.float64())),
    (_or_none(lambda r: [1, 2]), pa.list_(pa.int64(), 2)),
    (_or_none(lambda r: {"a": 1, "b": ["x"]}), None),
    (_or_none(lambda r: [("k", 1)]), pa.map_(pa.string(), pa.int64())),
    (_or_none(lambda r: Decimal(r.randrange(100)) / 4), pa.decimal128(12, 2)),
    (_or_none(lambda r: Decimal(r.randrange(100))), pa.decimal256(60, 0)),
    (_or_none(lambda r: _DAY + timedelta(hours=r.randrange(9_999))), pa.timestamp("ns", "UTC")),
    (_or_none(lambda r: r.choice([0, -(2**62), 2**62])), pa.timestamp("s")),
    (_or_none(lambda r: date.fromordinal(r.randrange(1, 3_652_059))), pa.date32()),
    (_or_none(lambda r: time(r.randrange(24), 5)), pa.time64("us")),
    (_or_none(lambda r: timedelta(seconds=r.randrange(-9, 9))), pa.duration("ms")),
]


def _parquet(random: _Random, columns: list[tuple[str, list[Any], pa.DataType | None]]) -> bytes:
    arrays = [pa.array(values, type=dtype) for _, values, dtype in columns]
    table = pa.Table.from_arrays(arrays, names=[name for name, *_ in columns])
    file = io.BytesIO()
    try:
        pq.write_table(
            table,
            file,
            compression=random.choice(["none", "snappy", "zstd", "gzip", "lz4", "brotli"]),
            use_dictionary=random.random() < 0.5,
            data_page_version=random.choice(["1.0", "2.0"]),
            row_group_size=random.choice([1, 7, 1_000]),
            write_statistics=random.random() < 0.7,
            store_schema=random.random() < 0.7,
            version=random.choice(["1.0", "2.6"]),
        )
    except (pa.ArrowException, ValueError):
        return _text(random, columns)
    return file.getvalue()


def _text(random: _Random, columns: list[tuple[str, list[Any], pa.DataType | None]]) -> bytes:
    separator = random.choice(_SEPARATORS)
    quote = random.choice(["", "", '"', "'"])
    end = random.choice(["\n", "\n", "\r\n", "\r"])
    lines = [[name for name, *_ in columns]]
    lines += [
        list(map(_cell, row)) for row in zip(*(values for _, values, _ in columns), strict=False)
    ]
    text = end.join(separator.join(quote + cell + quote for cell in line) for line in lines)
    encoding = random.choice(["utf-8"] * 6 + ["utf-8-sig", "utf-16", "latin-1"])
    return (text + random.choice([end, ""])).encode(encoding, errors="replace")


def _cell(value: Any) -> str:
    return "" if value is None else str(value)


def _damaged(random: _Random, data: bytes) -> bytes:
    damaged = bytearray(data)
    for _ in range(random.randint(1, 4)):
        random.choice([_flip, _flip, _flip_in_footer, _cut, _put])(random, damaged)
    return bytes(damaged)


def _flip(random: _Random, data: bytearray) -> None:
    if data:
        data[random.randrange(len(data))] = random.choice([0, 0x7F, 0x80, 0xFF, 10, 34, 44])


def _flip_in_footer(random: _Random, data: bytearray) -> None:
    """Of Parquet: where its schema, its counts and the places of its pages are."""
    size = min(int.from_bytes(data[-8:-4], "little"), len(data) - 8)
    if size > 0:
        place = len(data) - 8 - random.randrange(size) - 1
        data[place] = random.choice([0, 1, 0x7F, 0x80, 0xFF, random.randrange(256)])


def _cut(random: _Random, data: bytearray) -> None:
    start = random.randrange(len(data) + 1)
    del data[start : start + random.choice([1, 8, 1 << 20])]


def _put(random: _Random, data: bytearray) -> None:
    place = random.choice([0, len(data), random.randrange(len(data) + 1)])
    data[place:place] = random.choice(_BYTES)


TARGET = Target("predictions", warm, make, check=check)
