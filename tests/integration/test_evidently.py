"""Evidently beside us: its page for people, and the statistics that both compute."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from interlock import cli, errors
from interlock.adapters.profiling import FileProfiling
from interlock.domain.drift import comparison
from interlock.domain.drift.measures import ColumnMeasure
from interlock.domain.drift.profile import ColumnKind
from interlock.wiring import measuring

ROWS = 4_000


def frame(
    seed: int, *, by: float = 0.0, shares: tuple[float, ...] = (0.5, 0.3, 0.2)
) -> pl.DataFrame:
    chance = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "x": chance.normal(size=ROWS) + by,
            "c": chance.choice(["a", "b", "c"], ROWS, p=shares),
        }
    )


def put(folder: Path, name: str, data: pl.DataFrame) -> str:
    path = folder / f"{name}.parquet"
    data.write_parquet(path)
    return str(path)


def theirs(reference: str, live: str, *methods: tuple[str, str]) -> list[float]:
    from evidently import DataDefinition, Dataset, Report  # noqa: PLC0415 - takes seconds
    from evidently.metrics import ValueDrift  # noqa: PLC0415

    definition = DataDefinition(numerical_columns=["x"], categorical_columns=["c"])
    one, other = (
        Dataset.from_pandas(pl.read_parquet(file).to_pandas(), data_definition=definition)
        for file in (reference, live)
    )
    report = Report([ValueDrift(column=column, method=method) for column, method in methods])
    metrics: list[dict[str, Any]] = report.run(other, one).dict()["metrics"]
    return [float(metric["value"]) for metric in metrics]


def ours(reference: str, live: str) -> dict[str, ColumnMeasure]:
    known = FileProfiling().profile([reference])
    window = FileProfiling().profile_window([live], reference=known).profile
    return {column.name: column for column in comparison.compare(known, window).columns}


@pytest.mark.parametrize("by", [0.06, 0.5])
def test_statistics__agree_where_both_compute_them(tmp_path: Path, by: float) -> None:
    reference = put(tmp_path, "reference", frame(1))
    live = put(tmp_path, "live", frame(2, by=by, shares=(0.5 - by / 5, 0.3, 0.2 + by / 5)))
    psi, wasserstein, ks, psi_c, jensen_shannon, chi_square_p = theirs(
        reference,
        live,
        ("x", "psi"),
        ("x", "wasserstein"),
        ("x", "ks"),
        ("c", "psi"),
        ("c", "jensenshannon"),
        ("c", "chisquare"),
    )
    result = ours(reference, live)
    x, c = result["x"], result["c"]
    assert x.psi == pytest.approx(psi, rel=0.2, abs=0.02)  # theirs is on bins of equal width
    column = pl.read_parquet(reference)["x"].to_numpy()
    spread = (np.quantile(column, 0.75) - np.quantile(column, 0.25)) / 1.349
    assert x.wasserstein is not None
    assert x.wasserstein * spread / column.std() == pytest.approx(wasserstein, rel=0.05)
    assert x.p_value == pytest.approx(ks, rel=0.5, abs=1e-9)
    assert c.psi == pytest.approx(psi_c, rel=0.02, abs=1e-4)
    assert c.jensen_shannon is not None  # theirs is in nats
    assert c.jensen_shannon * math.sqrt(math.log(2)) == pytest.approx(jensen_shannon, rel=0.01)
    # Theirs takes the reference's shares for known, ours for a sample as large as it is.
    assert chi_square_p <= (c.p_value or 0) + 1e-9


def test_page__is_drawn_of_odd_columns_and_holds_no_markup_of_theirs(tmp_path: Path) -> None:
    name, value = "<script>name()</script>", "<script>value()</script>"
    odd = pl.DataFrame(
        {
            name: np.append(np.arange(99.0), np.inf),
            "constant": [1.0] * 100,
            "c": [value, None] * 50,
        }
    )
    file = put(tmp_path, "odd", odd)
    page = tmp_path / "page.html"
    columns = {
        name: ColumnKind.NUMBER,
        "constant": ColumnKind.NUMBER,
        "c": ColumnKind.CATEGORY,
        "t": ColumnKind.TIME,
    }
    measuring.drift_pages().draw([file, file], [file], columns=columns, to=page)
    text = page.read_text(encoding="utf-8")
    for payload in ("name()", "value()"):
        # What stands in the page's script is JSON in which Evidently leaves < as it is.
        assert f"\\u2039script\\u203a{payload}\\u2039/script\\u203a" in text
        assert f"<script>{payload}" not in text


def test_page__of_nothing_cannot_be_drawn(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    with pytest.raises(errors.CannotDraw, match="no column of numbers or categories"):
        measuring.drift_pages().draw([], [], columns={"t": ColumnKind.TEXT}, to=page)
    empty = put(tmp_path, "empty", frame(1).clear())
    with pytest.raises(errors.CannotDraw, match="Evidently cannot draw the page"):
        measuring.drift_pages().draw([empty], [empty], columns={"x": ColumnKind.NUMBER}, to=page)


LOADED = """
import sys
from interlock.cli import group
group.main(sys.argv[1:], standalone_mode=False)
print([name for name in ("evidently", "pandas", "scipy", "matplotlib") if name in sys.modules])
"""


def test_command__draws_the_page_and_imports_evidently_only_for_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reference, live = (put(tmp_path, str(seed), frame(seed)) for seed in (1, 2))
    command = [sys.executable, "-c", LOADED, "monitor", "--reference", reference, "--live", live]
    done = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True)
    document, _, loaded = done.stdout.rpartition("}\n")
    assert json.loads(document + "}")["verdict"] == "stable"
    assert loaded == "[]\n"
    page = tmp_path / "page.html"
    with pytest.raises(SystemExit):
        cli.main([*command[3:], "--json", "--html", str(page)])
    out, err = capsys.readouterr()
    assert json.loads(out)["verdict"] == "stable"
    assert err == ""
    assert page.read_text(encoding="utf-8").lstrip().startswith("<")


def test_page__is_drawn_of_a_csv_as_the_verdict_reads_it(tmp_path: Path) -> None:
    for name, marker in (("reference", "NA"), ("live", r"\N")):
        rows = "".join(f"{k / 10:.1f};{'ab'[k % 2]}\n".replace(".", ",") for k in range(99))
        (tmp_path / f"{name}.csv").write_text(f"x;c\n{marker};a\n{rows}")
    page = tmp_path / "page.html"
    names = [str(tmp_path / f"{name}.csv") for name in ("reference", "live")]
    columns = {"x": ColumnKind.NUMBER, "c": ColumnKind.CATEGORY}
    measuring.drift_pages().draw(names[:1], names[1:], columns=columns, to=page)
    assert page.stat().st_size
