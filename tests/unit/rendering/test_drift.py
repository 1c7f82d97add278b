"""Drift reports: a first line with the status, a ranked table, within the limits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from interlock.domain.drift.status import DriftStatus
from interlock.rendering import drift, limits
from tests import dashboard_cases, drift_cases


def test_table__says_verdict_cause_and_remedy_first() -> None:
    first = drift.table(drift_cases.drifting()).splitlines()[0]
    assert first == (
        "❌ **digits** has drifted: the inputs have shifted (covariate shift). Retrain the model."
    )


def test_table__ranks_columns_by_what_they_matter() -> None:
    lines = drift.table(drift_cases.drifting()).splitlines()
    rows = [line for line in lines if line.endswith("drift |")]
    assert [row.split("`")[1] for row in rows] == ["age", "income"]
    assert ">▁▂█</code>" not in rows[0]
    assert ">▁▂██</code>" in rows[0]
    assert 'title="2 %, 4 %, 31 %, 31 %"' in rows[0]


def test_table__tells_what_labels_say() -> None:
    fallen = dashboard_cases.fallen("digits").performance
    assert fallen is not None
    text = drift.table((drift_cases.window(4),), labelled=(fallen,))
    assert text.startswith(
        "❌ **digits** has drifted: performance loss on the same inputs (concept drift)"
    )
    assert (
        "Performance on 800 labels from 2030-11-03 00:00 to 2030-11-04 00:00 UTC: "
        "`f1_macro` fell by 0.055 where 0.02 is allowed." in text
    )
    summary = drift.summary((drift_cases.window(4),), labelled=(fallen,))
    assert summary == text + "\n"


def test_table__of_nothing_is_nothing() -> None:
    assert drift.table(()) == ""
    assert drift.summary(()) == ""


def test_table__stable_window_has_numbers_alone() -> None:
    text = drift.table((drift_cases.window(1),))
    assert text.startswith("✅ **digits** is stable: no data drift. No action is needed.")
    assert "| column | what happened |" not in text
    assert "Numbers: 3 columns" in text


@pytest.mark.parametrize("limit", [300, 2_000, 30_000])
def test_table__of_many_columns_fits(limit: int) -> None:
    columns = [
        drift_cases.column(
            f"column-{i:05d}", 0.3, verdict=DriftStatus.DRIFT, sentence="it moved " * 200
        )
        for i in range(2_000)
    ]
    report = drift_cases.window(1, DriftStatus.DRIFT, *columns, diagnosis=drift_cases.SHIFT)
    text = drift.table((report,), limit=limit)
    assert limits.measure(text) <= limit
    assert text.startswith("❌ **digits** has drifted")


def test_table__shows_the_picture_it_is_given() -> None:
    url = "../blob/interlock-ledger/pictures/digits/1111/drift-20301105T000000Z.png?raw=true"
    assert f'<img src="{url}"' in drift.table(drift_cases.drifting(), picture=url)


def test_table__names_and_sentences_are_data() -> None:
    evil = drift_cases.column(
        "@octocat</details>|", 0.3, verdict=DriftStatus.DRIFT, sentence="#1 <img src=x> @octocat"
    )
    report = drift_cases.window(1, DriftStatus.DRIFT, evil, problems=("@octocat closes #2",))
    diagnosis = replace(drift_cases.SHIFT, sentence="@octocat [x](https://evil.example)")
    text = drift.table((replace(report, diagnosis=diagnosis),))
    assert "`@octocat</details>∣`" in text
    assert "<img" not in text.replace("`<img src=x>`", "")
    assert "`@octocat` closes `#2`" in text
    assert "`x](https://evil.example`)" in text


def test_summary__tells_the_gravest_model_first() -> None:
    stable = drift_cases.window(4, model="diabetes")
    text = drift.summary((*drift_cases.drifting(), *drift_cases.broken(), stable))
    lines = [line for line in text.splitlines() if line.startswith("- ")][:3]
    assert [line.split("**")[1] for line in lines] == ["wine", "digits", "diabetes"]
    assert "Fix the data; do not retrain." in lines[0]
    assert text.count("<details><summary>⛔ <code>wine</code></summary>") == 1


def test_summary__of_one_model_is_its_table() -> None:
    reports = drift_cases.drifting()
    assert drift.summary(reports) == drift.table(reports) + "\n"


def test_summary__without_room_is_nothing() -> None:
    assert drift.summary(drift_cases.drifting(), room_bytes=20) == ""


def test_summary__of_many_models_fits() -> None:
    reports = [r for i in range(300) for r in drift_cases.drifting(f"model-{i:03d}")]
    text = drift.summary(reports, room_bytes=40_000)
    assert 0 < limits.measure(text) <= 40_000


def test_table__says_how_many_columns_were_compared_once() -> None:
    compared = "2 of 3 columns compared; not compared: <b>note</b> (too many different values)"
    moved = replace(
        drift_cases.window(3, DriftStatus.DRIFT, diagnosis=drift_cases.SHIFT), compared=compared
    )
    text = drift.table([moved])
    assert "; 2 of 3 columns compared; not compared: " in text
    assert "<b>" not in text
    calm = replace(drift_cases.CALM, sentence=f"no data drift; {compared}")
    quiet = replace(drift_cases.window(3, diagnosis=calm), compared=compared)
    assert drift.table([quiet]).count("columns compared") == 1
