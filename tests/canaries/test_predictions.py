"""Class labels, slices and columns that are injections are judged, drawn and shown as names."""

from __future__ import annotations

import csv
import json
import unicodedata
from pathlib import Path

import pytest

from interlock import cli
from interlock.adapters.plots import MatplotlibPlots
from interlock.domain.evaluation.chart_data import Charts, Confusion
from tests.canaries import eyes, payloads
from tests.canaries.test_repository import _is_text

LABELS = [p.text for p in payloads.SHORT if _is_text(p.text)]
# What a drawing program reads more into: mathematics, escapes, letters that no font has.
DRAWN = [t for t in LABELS if {"$", "\\", "_", "^", "{"} & set(t) or not t.isascii()]
_A_PICTURE = 25
# As many values as a slice may have, or fewer.
_A_SLICE = 90
COLUMN = "$(touch $CANARY) @octocat ##[error]forged"


def write(file: Path, labels: list[str]) -> None:
    with file.open("w", encoding="utf-8", newline="") as opened:
        rows = csv.writer(opened)
        rows.writerow(["id", "target", "prediction", COLUMN])
        for number, label in enumerate(labels):
            rows.writerow([f"{number} {label}", label, labels[number - 1], label])


def evaluate(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as ended:
        cli.main(["evaluate", *words, "--resamples", "1"])
    output = capsys.readouterr()
    assert ended.value.code in {None, 0, 1}, output.err
    assert eyes.steering(output.out) == []
    assert eyes.steering(output.err) == []
    return output.out


@pytest.mark.parametrize("start", range(0, len(LABELS), _A_SLICE))
def test_evaluate__shows_labels_and_slices_and_obeys_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], start: int
) -> None:
    file, labels = tmp_path / "candidate.csv", LABELS[start : start + _A_SLICE]
    write(file, labels)
    words = ["--candidate", str(file), "--task", "multiclass", "--slices", COLUMN]
    if start == 0:
        evaluate(words, capsys)
    out = evaluate([*words, "--json"], capsys)
    shown = eyes.skeleton(json.dumps(json.loads(out), ensure_ascii=False)).replace("\\", "")
    bones = (eyes.skeleton(unicodedata.normalize("NFC", t)).replace("\\", "") for t in labels)
    assert [each for each in bones if each[:40] not in shown] == []


def test_plots__are_drawn_whatever_the_classes_are_called() -> None:
    for start in range(0, len(DRAWN), _A_PICTURE):
        classes = tuple(DRAWN[start : start + _A_PICTURE])
        counts = tuple(tuple(int(a == b) for a in classes) for b in classes)
        drawn = MatplotlibPlots().draw(
            Charts(confusion=Confusion(classes, counts)), champion=None, names=("a", "b")
        )
        assert drawn["confusion"].startswith(b"\x89PNG")
    print(f"\n{len(DRAWN)} payloads drawn")
