"""`interlock monitor --reference --live`: files alone, as a script or a person would call it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from interlock import cli, errors
from interlock.commands.monitor import standalone
from interlock.wiring import measuring
from tests.docs import documents

REFERENCE_ROWS, ROWS = 2_000, 1_000


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.out)
        documents.check(document)
        return document


class Bench:
    """A folder with a reference, and the command line."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capsys = folder, capsys
        self.reference = self.put("reference.parquet", rows=REFERENCE_ROWS)
        self.same = self.put("same.parquet", seed=1)
        self.moved = self.put("moved.parquet", seed=2, by=0.5)

    def put(
        self, name: str, *, rows: int = ROWS, seed: int = 0, by: float = 0.0, times: float = 1.0
    ) -> Path:
        chance = np.random.default_rng(seed)
        frame = pl.DataFrame(
            {
                "age": (40 + 10 * (chance.normal(size=rows) + by)) * times,
                "city": chance.choice(["ulm", "bonn", "köln"], rows),
                "flag": chance.random(rows) < 0.3,
            }
        )
        path = self.folder / name
        frame.write_csv(path) if name.endswith(".csv") else frame.write_parquet(path)
        return path

    def run(self, *live: Path, flags: tuple[str, ...] = ("--json",)) -> Done:
        result = ["monitor", "--reference", str(self.reference)]
        result += [word for path in live for word in ("--live", str(path))]
        with pytest.raises(SystemExit) as caught:
            cli.main([*result, *flags])
        out, err = self.capsys.readouterr()
        return Done(int(caught.value.code or 0), out, err)


@pytest.fixture
def bench(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Bench:
    return Bench(tmp_path, capsys)


def test_document__holds_what_its_readers_were_promised(bench: Bench) -> None:
    done = bench.run(bench.same, bench.moved)
    document = done.document
    assert set(document) == {
        "schema",
        "verdict",
        "sentence",
        "compared",
        "reference",
        "windows",
        "columns",
    }
    assert document["compared"] == 3
    assert document["schema"] == "interlock/drift-report/v1"
    assert document["reference"] == {"rows": REFERENCE_ROWS}
    assert document["windows"] == [
        {"rows": ROWS, "verdict": "stable"},
        {"rows": ROWS, "verdict": "warning"},
    ]
    names = {"name", "kind", "verdict", "compared", "statistics", "sentence"}
    assert [set(column) for column in document["columns"]] == [names] * 3
    first = document["columns"][0]
    assert (first["name"], first["kind"], first["verdict"]) == ("age", "number", "warning")
    assert first["statistics"]["wasserstein"] == pytest.approx(0.5, abs=0.1)


def test_windows__tell_the_story_of_a_shift_that_lasts(bench: Bench) -> None:
    done = bench.run(bench.same, bench.same, bench.moved, bench.moved)
    verdicts = [window["verdict"] for window in done.document["windows"]]
    assert verdicts == ["stable", "stable", "warning", "drift"]
    assert (done.code, done.document["verdict"]) == (1, "drift")


@pytest.mark.parametrize(
    ("flags", "verdict", "code"),
    [
        ((), "warning", 0),
        (("--persist", "1 of 1"), "drift", 1),
        (("--persist", "1 of 1", "--effect", "large"), "drift", 1),
        (("--persist", "1 of 1", "--exclude", "a*"), "stable", 0),
        (("--persist", "1 of 1", "--include", "city", "--include", "flag"), "stable", 0),
        (("--min-rows", "1001"), "insufficient", 0),
        (("--persist", "1 of 1", "--level", "1e-300"), "stable", 0),
    ],
)
def test_options__decide(bench: Bench, flags: tuple[str, ...], verdict: str, code: int) -> None:
    done = bench.run(bench.moved, flags=("--json", *flags))
    assert (done.document["verdict"], done.code) == (verdict, code)


def test_another_unit__is_broken_at_once(bench: Bench) -> None:
    done = bench.run(bench.put("grams.parquet", seed=3, times=1000))
    assert (done.document["verdict"], done.code) == ("broken", 1)
    sentence = done.document["columns"][0]["sentence"]
    assert sentence == "has another unit: values are 1000 times as large"


def test_csv__is_read_as_parquet_is(bench: Bench) -> None:
    done = bench.run(bench.put("same.csv", seed=1), bench.put("moved.csv", seed=2, by=0.5))
    assert done.document == bench.run(bench.same, bench.moved).document


def test_people__get_a_table(bench: Bench) -> None:
    done = bench.run(bench.moved, flags=("--persist", "1 of 1"))
    assert "window 1: 1,000 rows, drift" in done.out
    assert "drift age differs in 1 of 1 window:" in " ".join(done.out.split())
    assert "verdict: drift: age drifted; 3 of 3 columns compared" in done.out


@pytest.mark.parametrize("flags", [(), ("--live", "x"), ("--persist", "3 of 2", "--live", "x")])
def test_flags__that_say_nothing_end_with_two(flags: tuple[str, ...], bench: Bench) -> None:
    assert bench.run(flags=flags).code == 2


def test_file__that_is_not_there_is_named(bench: Bench) -> None:
    done = bench.run(bench.folder / "none.parquet")
    assert done.code == 2
    assert "none.parquet cannot be read: No such file" in done.err
    assert done.out == ""


@pytest.mark.parametrize("flag", ["--level", "--max-missing-increase"])
def test_flags__that_are_no_number_let_nothing_pass(flag: str, bench: Bench) -> None:
    done = bench.run(bench.moved, flags=(flag, "nan"))
    assert (done.code, done.out) == (2, "")
    assert "'nan' is not a valid number" in done.err


@pytest.mark.parametrize("flags", [("--include", "nothing"), ("--exclude", "*")])
def test_columns__of_which_none_is_let_in_are_not_calm(
    flags: tuple[str, ...], bench: Bench
) -> None:
    done = bench.run(bench.moved, flags=flags)
    assert (done.code, done.out) == (2, "")
    assert f"no column of {bench.reference} is selected" in done.err


@pytest.mark.parametrize("flags", [("--now", "2026-11-01"), ("--rev", "main"), ("--repo", ".")])
def test_flags__of_a_repository_are_not_passed_over(flags: tuple[str, ...], bench: Bench) -> None:
    done = bench.run(bench.same, flags=flags)
    assert (done.code, done.out) == (2, "")
    assert f"{flags[0]} is for a repository" in done.err


def test_flags__of_files_are_not_passed_over_in_a_repository(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["monitor", "digits", "--persist", "1 of 1"])
    assert caught.value.code == 2
    assert "--persist needs --reference" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["reference", "same"])
def test_page__writes_over_nothing_that_is_compared(name: str, bench: Bench) -> None:
    file: Path = getattr(bench, name)
    before = file.read_bytes()
    done = bench.run(bench.same, flags=("--html", str(file)))
    assert (done.code, done.out, file.read_bytes()) == (2, "", before)


def test_page__of_a_window_without_rows_says_that_there_are_none(bench: Bench) -> None:
    empty = bench.put("none.parquet", rows=0)
    context = standalone.MonitorFilesContext(profiling=measuring.profiling(), pages=NoPages)
    options = standalone.MonitorFilesOptions(reference=str(bench.reference), windows=[str(empty)])
    comparison = standalone.run(context, options)
    with pytest.raises(errors.CannotDraw, match="the last window has no rows to draw"):
        standalone.draw(context, options, comparison, to=bench.folder / "page.html")


class NoPages:
    def draw(self, *_: object, **__: object) -> None:
        raise AssertionError
