"""What is said of a bad manifest, word for word: `complaints.txt` holds place, message, hint.

After a change of words, read what changed: python -m tests.unit.manifests.test_complaints
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from interlock import manifests
from tests.unit.manifests.examples import PATH, SOUND, with_gate, with_line

GOLDEN = Path(__file__).with_name("complaints.txt")
OWN = with_gate(
    '{metric: "dvc:accuracy", max_drop: 0.01, against: champion}',
    with_line(
        "evaluate",
        'evaluate: {primary: "dvc:accuracy"}',
        with_line("outputs", "outputs: {model: model/}", with_line("task", "", SOUND)),
    ),
)
"""Without predictions; its gate is in line 10."""


def mapped(columns: str, text: str = SOUND) -> str:
    """The manifest with a mapping of the columns of its predictions."""
    return with_line("outputs", f"outputs: {{model: m, predictions: {{{columns}}}}}", text)


CASES: dict[str, str] = {
    "empty file": "",
    "a list": "- model\n",
    "a word": "digits\n",
    "misspelt field": with_line("owner", 'onwer: "@acme/vision"'),
    "unknown field": with_line("monitor", "colour: red"),
    "missing field": with_line("objective", ""),
    "empty value": with_line("runner", "runner:"),
    "number for a name": with_line("model", "model: 12"),
    "capital letters": with_line("model", "model: Digits"),
    "trailing newline": with_line("model", 'model: "digits\\n"'),
    "owner without at": with_line("owner", "owner: acme/vision"),
    "owner unquoted": with_line("owner", "owner: @acme/vision"),
    "empty objective": with_line("objective", 'objective: ""'),
    "objective with a colon": with_line("objective", "objective: Digits: read them"),
    "misspelt task": with_line("task", "task: multi-class"),
    "task in doubt": with_line("task", "task: NO"),
    "pipeline is a word": with_line("pipeline", "pipeline: train"),
    "pipeline outside": with_line("pipeline", "pipeline: {file: ../../../dvc.yaml, target: train}"),
    "absolute output": with_line("outputs", "outputs: {model: /model, predictions: p.csv}"),
    "backslash": with_line("outputs", "outputs: {model: 'out\\model', predictions: p.csv}"),
    "output is the repository": with_line(
        "outputs", "outputs: {model: ../../, predictions: p.csv}"
    ),
    "one output missing": with_line("outputs", "outputs: {model: model}"),
    "environment is a word": with_line("environment", "environment: ../../uv.lock"),
    "label twice": with_line("runner", "runner: {labels: [gpu, gpu]}"),
    "no label": with_line("runner", "runner: {labels: []}"),
    "gpus in words": with_line("runner", "runner: {gpus: two}"),
    "gpus as a fraction": with_line("runner", "runner: {gpus: 0.5}"),
    "gpus as an old octal": with_line("runner", "runner: {gpus: 010}"),
    "no time": with_line("runner", "runner: {timeout_minutes: 0}"),
    "time in base sixty": with_line("runner", "runner: {timeout_minutes: 12:30}"),
    "misspelt primary": with_line(
        "evaluate", "evaluate: {primary: f1_macr, slices: [writer_group]}"
    ),
    "scored and evaluate is a list": with_line(
        "task", "task: scored", with_line("evaluate", "evaluate: [a]")
    ),
    "scored and evaluate is empty": with_line(
        "task", "task: scored", with_line("evaluate", "evaluate:")
    ),
    "ratio of one column": with_gate(
        "{metric: wer, min: 0.1}",
        with_line(
            "evaluate",
            "evaluate: {primary: wer, metrics: {wer: {ratio: [a], better: greater}}}",
            with_line("task", "task: scored"),
        ),
    ),
    "scored without metrics": with_line("task", "task: scored"),
    "metric of no valid form": with_line(
        "evaluate",
        "evaluate: {primary: a, slices: [writer_group], metrics: {a: {quantile: [x, 95], "
        "better: greater}, B: {mean: x, better: greater}, rmse: {mean: x, better: smaller}, "
        "c: {mean: x, sum: x, better: greater}, d: {mean: x}}}",
    ),
    "metric of the id": with_line(
        "evaluate",
        "evaluate: {primary: f1_macro, slices: [writer_group], group: id, metrics: "
        "{m: {mean: id, better: greater}, r: {ratio: [a, id], better: greater}}}",
    ),
    "gate against the direction of a metric": with_gate(
        "{metric: cost, max_drop: 1, against: champion}",
        with_line(
            "evaluate",
            "evaluate: {primary: f1_macro, slices: [writer_group], metrics: {cost: {sum: cost, "
            "better: smaller}}}",
        ),
    ),
    "primary of another task": with_line(
        "evaluate", "evaluate: {primary: rmse, slices: [writer_group]}"
    ),
    "primary is a size": with_line(
        "evaluate", "evaluate: {primary: model_size_mb, slices: [writer_group]}"
    ),
    "slice is no slice": with_line(
        "evaluate", "evaluate: {primary: f1_macro, slices: [target, writer_group]}"
    ),
    "rows that shrink": with_line(
        "evaluate", "evaluate: {primary: f1_macro, rows: fewer, slices: [writer_group]}"
    ),
    "slice of what was served is a column": with_line(
        "evaluate", "evaluate: {primary: f1_macro, rows: growing, slices: [recent, writer_group]}"
    ),
    "positive class of many": with_line(
        "evaluate", "evaluate: {primary: f1_macro, positive: a, slices: [writer_group]}"
    ),
    "positive class is a list": with_line(
        "evaluate", "evaluate: {primary: f1_macro, positive: [a], slices: [writer_group]}"
    ),
    "positive class is a fraction": with_line(
        "evaluate", "evaluate: {primary: f1_macro, positive: 0.5, slices: [writer_group]}"
    ),
    "gate on what was served and rows are the same": with_gate(
        "{metric: f1_macro, min: 0.9, slice: recent}"
    ),
    "gates is empty": SOUND.partition("gates:")[0]
    + "gates: []\n"
    + SOUND[SOUND.index("promote:") :],
    "misspelt metric": with_gate("{metric: f1_marco, min: 0.9}"),
    "metric of another task": with_gate("{metric: f1, min: 0.9}"),
    "no bound": with_gate("{metric: accuracy}"),
    "misspelt bound": with_gate("{metric: accuracy, mim: 0.9}"),
    "two bounds": with_gate("{metric: accuracy, min: 0.9, max_drop: 0.1, against: champion}"),
    "bound in quotes": with_gate('{metric: accuracy, min: "0.9"}'),
    "bound with an exponent": with_gate("{metric: accuracy, min: 9e-1}"),
    "bound is infinite": with_gate("{metric: accuracy, min: .inf}"),
    "bound as a percentage": with_gate("{metric: accuracy, min: 95}"),
    "bound below all": with_gate("{metric: model_size_mb, max: -1}"),
    "bound that asks nothing": with_gate("{metric: accuracy, min: 0}"),
    "drop that asks nothing": with_gate("{metric: accuracy, max_drop: 1, against: champion}"),
    "drop without against": with_gate("{metric: accuracy, max_drop: 0.1}"),
    "against is misspelt": with_gate("{metric: accuracy, max_drop: 0.1, against: champoin}"),
    "negative drop": with_gate("{metric: accuracy, max_drop: -0.1, against: champion}"),
    "rise of what is better when greater": with_gate(
        "{metric: accuracy, max_rise: 0.1, against: champion}"
    ),
    "drop of what is better when smaller": with_gate(
        "{metric: log_loss, max_drop: 0.1, against: champion}"
    ),
    "max of what is better when greater": with_gate("{metric: accuracy, max: 0.99}"),
    "certain": with_gate("{metric: accuracy, max_drop: 0.1, against: champion, confidence: 1}"),
    "confidence as a percentage": with_gate(
        "{metric: accuracy, max_drop: 0.1, against: champion, confidence: 95}"
    ),
    "confidence of a min": with_gate("{metric: accuracy, min: 0.1, confidence: 0.95}"),
    "against of a max": with_gate("{metric: log_loss, max: 0.1, against: champion}"),
    "slice not named": with_gate("{metric: accuracy, min: 0.1, slice: writer_groups}"),
    "slice of a size": with_gate("{metric: model_size_mb, max: 1, slice: writer_group}"),
    "own number compared": with_gate('{metric: "dvc:seconds", max_rise: 1, against: champion}'),
    "own number sliced": with_gate('{metric: "dvc:seconds", max: 1, slice: writer_group}'),
    "confidence of an own number": with_gate(
        '{metric: "dvc:f1", max_drop: 1, against: champion, confidence: 0.9}'
    ),
    "drop of an own number that falls": with_gate(
        '{metric: "dvc:loss", max_drop: 0.1, better: smaller, against: champion}'
    ),
    "max of an own number that rises": with_gate('{metric: "dvc:f1", max: 0.1, better: greater}'),
    "two directions of an own number": with_gate(
        '{metric: "dvc:f1", min: 0.1, better: greater}\n'
        '  - {metric: "dvc:f1", max_rise: 1, against: champion}'
    ),
    "direction of a known metric": with_gate("{metric: accuracy, min: 0.1, better: smaller}"),
    "better is misspelt": with_gate('{metric: "dvc:f1", min: 0.1, better: higher}'),
    "no predictions and a metric of rows": with_gate("{metric: f1_macro, min: 0.9}", OWN),
    "no predictions and slices": with_line(
        "evaluate", 'evaluate: {primary: "dvc:a", slices: [a], seed: 7, rows: growing}', OWN
    ),
    "no predictions and monitoring of them": with_line(
        "monitor",
        "monitor: {live: a.csv, time: t, reference: evaluation, checks: {performance: "
        "{labels: l.csv, metric: accuracy, max_drop: 0.1}}}",
        OWN,
    ),
    "predictions without a task": with_line("task", ""),
    "predictions are a list": with_line("outputs", "outputs: {model: m, predictions: [p.csv]}"),
    "columns without a file": mapped("id: pin"),
    "columns of a file outside": mapped("path: ../../../p.csv"),
    "unknown column": mapped("path: p.csv, label: price"),
    "no column of an id": mapped("path: p.csv, id: []"),
    "one column for two": mapped("path: p.csv, target: price, prediction: price"),
    "one column for two classes": mapped("path: p.csv, scores: {a: p, b: p}"),
    "scores of no class": mapped("path: p.csv, scores: {}"),
    "scores of a regression": mapped(
        "path: p.csv, scores: {a: p}",
        with_gate(
            "{metric: rmse, max: 1}",
            with_line(
                "evaluate", "evaluate: {primary: rmse}", with_line("task", "task: regression")
            ),
        ),
    ),
    "growing rows without an id": mapped(
        "path: p.csv, id: row",
        with_line(
            "evaluate", "evaluate: {primary: f1_macro, rows: growing, slices: [writer_group]}"
        ),
    ),
    "several labels and a slice of that name": with_line(
        "evaluate",
        "evaluate: {primary: f1_macro, slices: [label]}",
        with_gate(
            "{metric: f1, min: 0.5}\n  - {metric: recall, min: 0.5, slice: label}\n"
            "  - {metric: rmse, max: 1, slice: label}\n"
            "  - {metric: roc_auc, min: 0.5, slice: label}",
            mapped("path: p.csv, target: a, prediction: b").replace(
                "task: multiclass", "task: multilabel"
            ),
        ),
    ),
    "labels without an id": mapped(
        "path: p.csv, id: row",
        with_line(
            "monitor",
            "monitor: {live: a.csv, time: t, checks: {performance: "
            "{labels: l.csv, metric: accuracy, max_drop: 0.1}}}",
        ),
    ),
    "slice of a mapped target": mapped("path: p.csv, target: writer_group"),
    "environments empty": with_line("promote", "promote: {environments: []}"),
    "environments a word": with_line("promote", "promote: {environments: production}"),
    "registry name with a slash": with_line(
        "promote", "promote: {environments: [production], registry_name: a/b}"
    ),
    "field twice": SOUND + "task: binary\n",
    "number as a key": with_line("monitor", "1: 2"),
    "merge key": with_line("runner", "runner: {<<: {gpus: 1}}"),
    "tag": with_line("model", "model: !!python/name:os.system digits"),
    "bracket left open": with_line("runner", "runner: {labels: [gpu}"),
    "two documents": SOUND + "---\n" + SOUND,
    "tab": with_line("runner", "runner:\n\tgpus: 1"),
    "quote left open": with_line("objective", "objective: 'Read"),
}


def message_of(text: str) -> str:
    _, diagnostics = manifests.read(text.encode(), path=PATH)
    return "".join(f"{each}\n".removeprefix(f"{PATH}:") for each in diagnostics)


def golden() -> dict[str, str]:
    parts = GOLDEN.read_text(encoding="utf-8").split("## ")[1:]
    return {name: message for name, _, message in (part.partition("\n") for part in parts)}


@pytest.mark.parametrize("case", CASES)
def test_complaint__word_for_word(case: str) -> None:
    assert message_of(CASES[case]) == golden()[case]


@pytest.mark.parametrize("case", CASES)
def test_manifest__is_none_exactly_with_an_error(case: str) -> None:
    manifest, diagnostics = manifests.read(CASES[case].encode(), path=PATH)
    assert diagnostics
    assert (manifest is None) == any(each.severity == "error" for each in diagnostics)


def test_golden_file__has_no_other_case() -> None:
    assert golden().keys() == CASES.keys()


def test_complaints__all_at_once() -> None:
    text = with_line("model", "model: Digits", with_line("task", "task: ternary"))
    text = with_line("runner", "runner: {gpu: 1}", with_gate("{metric: acuracy, min: 1}", text))
    _, diagnostics = manifests.read(text.encode(), path=PATH)
    assert [(d.line, d.column) for d in diagnostics] == [(1, 8), (4, 7), (8, 10), (11, 14)]


def test_complaints__of_a_hostile_file_are_few() -> None:
    text = with_gate("{metric: accuracy, min: 95}") + "".join(f"f{n}: 1\n" for n in range(300))
    _, diagnostics = manifests.read(text.encode(), path=PATH)
    assert len(diagnostics) == 100
    assert diagnostics[-1].message == "and 101 more problems"
    assert all("unknown field" in d.message for d in diagnostics[:-1])


@pytest.mark.parametrize("digits", [20, 305, 5000])
def test_complaints__of_a_number_beyond_all_numbers(digits: int) -> None:
    text = with_gate("{metric: model_size_mb, max: 1%s}" % ("0" * digits))
    manifest, diagnostics = manifests.read(text.encode(), path=PATH)
    assert (manifest is None) == (digits > 300)
    assert all("must be a number" in d.message for d in diagnostics)


if __name__ == "__main__":
    for name, text in CASES.items():
        sys.stdout.write(f"## {name}\n{message_of(text)}")
