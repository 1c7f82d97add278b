"""`interlock evaluate --candidate`: files alone, as a script or a person would call it."""

from __future__ import annotations

import json
import math
import shutil
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

from interlock import cli
from tests.integration import predictions_files as files

SCHEMA = json.loads(
    resources.files("interlock").joinpath("schemas/evaluation.v1.json").read_text("utf-8")
)


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        resolution: dict[str, Any] = json.loads(self.out)
        jsonschema.validate(resolution, SCHEMA)
        return resolution


class Bench:
    """A folder with a candidate and a champion, and the command line."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capsys = folder, capsys
        self.candidate = folder / "candidate.parquet"
        self.champion = folder / "champion.parquet"
        self.put(right=0.9)
        self.put_champion(right=0.7)

    def put(self, **of: Any) -> None:
        files.write(self.candidate, files.classes(**of))

    def put_champion(self, **of: Any) -> None:
        files.write(self.champion, files.classes(seed=1, **of))

    def gates(self, *lines: str) -> Path:
        path = self.folder / "gates.yaml"
        path.write_text("gates:\n" + "".join(f"  - {line}\n" for line in lines), "utf-8")
        return path

    def run(self, *flags: object, compare: bool = True, task: str = "multiclass") -> Done:
        champion = ["--champion", self.champion] if compare else []
        arguments = ["evaluate", "--candidate", self.candidate, *champion, "--task", task, *flags]
        with pytest.raises(SystemExit) as caught:
            cli.main([str(each) for each in arguments])
        out, err = self.capsys.readouterr()
        return Done(int(caught.value.code or 0), out, err)


@pytest.fixture
def bench(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Bench:
    return Bench(tmp_path, capsys)


def test_document__tells_every_metric_as_candidate_minus_champion(bench: Bench) -> None:
    document = bench.run("--json").document
    assert (document["schema"], document["task"]) == ("interlock/evaluation/v1", "multiclass")
    assert document["rows"] == 300
    f1 = document["metrics"]["f1_macro"]
    assert f1["candidate"] > f1["champion"]
    assert f1["difference"] == pytest.approx(f1["candidate"] - f1["champion"])
    assert f1["interval"][0] < f1["difference"] < f1["interval"][1]
    assert f1["confidence"] == 0.95
    assert set(document["metrics"]) == {
        "accuracy", "balanced_accuracy", "cohen_kappa", "f1_macro", "f1_micro", "f1_weighted",
        "matthews_corrcoef", "precision_macro", "recall_macro",
    }  # fmt: skip


def test_candidate__alone_is_scored_without_a_champion(bench: Bench) -> None:
    document = bench.run("--json", compare=False).document
    assert document["metrics"]["accuracy"] == {
        "candidate": pytest.approx(0.9, abs=0.05),
        "champion": None,
        "difference": None,
        "interval": None,
        "confidence": 0.95,
    }


def test_no_gates__is_no_pass_and_no_failure_of_the_command(bench: Bench) -> None:
    done = bench.run("--json")
    assert (done.code, done.document["verdict"]) == (0, "inconclusive")
    assert done.document["sentence"] == "there are no gates, so there is no verdict"


def test_gates_file__that_asks_nothing_is_an_error(bench: Bench) -> None:
    path = bench.folder / "gates.yaml"
    path.write_text("gates: []\n", "utf-8")
    done = bench.run("--gates", path)
    assert done.code == 2
    assert "gates has no entry" in done.err


def test_exit_zero__is_for_the_verdict_and_not_for_errors(bench: Bench) -> None:
    gates = bench.gates("{metric: accuracy, min: 0.99}")
    done = bench.run("--gates", gates, "--json", "--exit-zero")
    assert (done.code, done.document["verdict"]) == (0, "fail")
    gates.write_text("gates: []\n", "utf-8")
    assert bench.run("--gates", gates, "--exit-zero").code == 2


@pytest.mark.parametrize(
    ("gate", "code", "verdict"),
    [
        ("{metric: accuracy, min: 0.8}", 0, "pass"),
        ("{metric: accuracy, min: 0.99}", 1, "fail"),
        ("{metric: accuracy, max_drop: 0.01, against: champion}", 0, "pass"),
        ("{metric: accuracy, max_drop: 0.01, against: champion, confidence: 0.999}", 0, "pass"),
    ],
)
def test_exit_code__is_the_verdict(bench: Bench, gate: str, code: int, verdict: str) -> None:
    done = bench.run("--gates", bench.gates(gate), "--json")
    assert (done.code, done.document["verdict"]) == (code, verdict)
    (finding,) = done.document["findings"]
    assert (finding["metric"], finding["outcome"]) == ("accuracy", verdict)
    assert finding["sentence"]


@pytest.mark.parametrize(
    ("policy", "code", "verdict"),
    [("ask", 1, "inconclusive"), ("pass", 0, "pass"), ("fail", 1, "fail")],
)
def test_close_call__is_what_the_flag_says(
    bench: Bench, policy: str, code: int, verdict: str
) -> None:
    bench.put(right=0.7, seed=9)
    gates = bench.gates("{metric: accuracy, max_drop: 0.01, against: champion}")
    done = bench.run("--gates", gates, "--inconclusive", policy, "--json")
    assert (done.code, done.document["verdict"]) == (code, verdict)


def test_gate_against_the_champion__without_one_is_skipped_and_proves_nothing(
    bench: Bench,
) -> None:
    gates = bench.gates("{metric: accuracy, max_drop: 0.5, against: champion}")
    done = bench.run("--gates", gates, "--json", compare=False)
    assert (done.code, done.document["verdict"]) == (1, "inconclusive")
    assert done.document["findings"][0]["outcome"] == "skipped"


@pytest.mark.parametrize(
    ("gate", "sentence"),
    [
        ("{metric: model_size_mb, max: 20}", "model_size_mb needs a repository"),
        ("{metric: 'dvc:train.seconds', max: 20}", "dvc:train.seconds needs a repository"),
        ("{metric: log_loss, max: 0.5}", "log_loss needs the columns score_<class>"),
    ],
)
def test_gate__on_what_files_do_not_tell_fails(bench: Bench, gate: str, sentence: str) -> None:
    done = bench.run("--gates", bench.gates("{metric: accuracy, min: 0.1}", gate), "--json")
    assert (done.code, done.document["verdict"]) == (1, "fail")
    assert done.document["findings"][1]["sentence"].startswith(sentence)


@pytest.mark.parametrize("gates", [True, False])
def test_other_rows__are_no_pass_even_when_no_gate_compares(bench: Bench, gates: bool) -> None:
    bench.put_champion(rows=310)
    arguments = ["--gates", bench.gates("{metric: accuracy, min: 0.1}")] if gates else []
    done = bench.run(*arguments, "--json")
    assert (done.code, done.document["verdict"]) == (1, "fail")
    assert "evaluated on other rows than the champion" in done.document["sentence"]
    assert done.document["metrics"]["accuracy"]["difference"] is None


@pytest.mark.parametrize("which", ["candidate", "champion"])
def test_unusable_file__is_a_failed_document_and_a_sentence_for_people(
    bench: Bench, which: str
) -> None:
    target = [1.0, math.nan, 0.0]
    columns = {"id": [1, 2, 3], "target": target, "prediction": [1, 1, 0]}
    path = files.write(bench.folder / f"{which}.parquet", columns)
    done = bench.run("--gates", bench.gates("{metric: accuracy, min: 0.1}"), "--json")
    sentence = f"{path}: column 'target', row 2 (id '2'): is NaN"
    assert (done.code, done.document["verdict"]) == (2, "fail")
    assert done.document["sentence"] == sentence
    assert done.err == f"error: {sentence}\n"
    assert bench.run().out == ""


def test_missing_file__is_a_failed_document_too(bench: Bench) -> None:
    bench.candidate.unlink()
    done = bench.run("--json")
    assert (done.code, done.document["verdict"], done.document["rows"]) == (2, "fail", 0)
    sentence, hint = done.document["sentence"], done.document["hint"]
    assert sentence == f"{bench.candidate} cannot be read: No such file or directory"
    assert hint == "name a file of predictions that exists and that you may read"
    assert done.err == f"error: {sentence}\nhint: {hint}\n"


def test_slices__are_reported_by_value(bench: Bench) -> None:
    gates = bench.gates("{metric: accuracy, min: 0.5, slice: group}")
    document = bench.run(
        "--slices", "group", "--primary", "recall_macro", "--gates", gates, "--json"
    ).document
    a, b = (document["slices"]["group"][value] for value in ("a", "b"))
    assert (a["rows"], b["rows"]) == (100, 200)
    assert set(a["metrics"]) == {"recall_macro", "accuracy"}
    assert "(the worst of 2 values)" in document["findings"][0]["sentence"]


def test_regression__is_scored_by_its_own_metrics(bench: Bench) -> None:
    files.write(bench.candidate, files.values(error=1.0))
    files.write(bench.champion, files.values(error=2.0, seed=1))
    gates = bench.gates(
        "{metric: rmse, max: 1.5}", "{metric: rmse, max_rise: 0.1, against: champion}"
    )
    done = bench.run("--gates", gates, "--json", task="regression")
    assert (done.code, done.document["verdict"]) == (0, "pass")
    assert done.document["metrics"]["rmse"]["difference"] == pytest.approx(-1, abs=0.2)
    assert done.document["metrics"]["max_error"]["interval"] is None


def test_seed_and_resamples__are_the_users(bench: Bench) -> None:
    one, same, other = (
        bench.run("--seed", seed, "--resamples", 500, "--json").out for seed in (1, 1, 2)
    )
    assert one == same != other


def test_table__shows_a_person_the_numbers_and_the_verdict(bench: Bench) -> None:
    gates = bench.gates("{metric: accuracy, min: 0.99}")
    done = bench.run("--gates", gates)
    assert done.code == 1
    assert "300 rows, multiclass" in done.out
    assert "f1_macro" in done.out
    assert "verdict: fail: 1 of 1 gate fails: accuracy is" in done.out
    assert done.err == ""


def test_table__says_once_what_ails_every_metric(bench: Bench) -> None:
    bench.put_champion(rows=310)
    done = bench.run()
    assert "95 % interval" in done.out
    assert len([line for line in done.out.splitlines() if "other rows" in line]) == 2
    notes, verdict = done.out.split("verdict: ")
    assert "\nit was evaluated on other rows than the champion (10 only there" in notes
    assert "evaluated on other rows than the champion" in verdict


def test_table__names_the_metrics_that_something_ails(bench: Bench) -> None:
    gates = bench.gates("{metric: log_loss, max: 0.5}", "{metric: accuracy, min: 0.1}")
    assert "\nlog_loss: needs the columns score_<class>" in bench.run("--gates", gates).out


def test_table__says_which_gate_was_skipped(bench: Bench) -> None:
    gates = bench.gates(
        "{metric: accuracy, min: 0.99}", "{metric: f1_macro, max_drop: 0.1, against: champion}"
    )
    out = bench.run("--gates", gates, compare=False).out
    assert "f1_macro is not compared with the champion: there is no champion file" in out
    assert "verdict: fail: 1 of 2 gates fails: accuracy is" in out


def test_table__says_names_from_files_as_they_are(bench: Bench) -> None:
    bench.put(right=0.9)
    columns = files.classes(right=0.9) | {"group": np.full(300, "[red]x[/red]")}
    files.write(bench.candidate, columns)
    assert "[red]x[/red]" in bench.run("--slices", "group").out


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["evaluate", "--candidate", "a.csv"], "--candidate needs --task"),
        (["evaluate", "--task", "binary"], "--task needs --candidate"),
        (
            ["evaluate", "digits", "--candidate", "a", "--task", "binary"],
            "--candidate compares files; give no MODELS",
        ),
        *(
            (["evaluate", *flag, "--candidate", "a", "--task", "binary"], f"{flag[0]} is for a rep")
            for flag in (["--rev", "v1"], ["--base", "v1"], ["--branch", "dev"], ["--pull", "7"])
        ),
        *(
            (["evaluate", "digits", *flag], f"{flag[0]} needs --candidate FILE")
            for flag in (
                ["--seed", "0"],
                ["--confidence", "0.9"],
                ["--resamples", "9"],
                ["--inconclusive", "fail"],
                ["--primary", "rmse"],
            )
        ),
        (
            ["evaluate", "--candidate", "a", "--task", "binary", "--primary", "rmse"],
            "--primary rmse is not a metric of binary files",
        ),
        (["evaluate", "--candidate", "a", "--task", "ranking"], "'ranking' is not one of"),
        (["evaluate", "--candidate", "a", "--task", "binary", "--confidence", "1"], "1.0 is not"),
    ],
)
def test_flags__that_do_not_fit_are_reported(
    flags: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(flags)
    assert caught.value.code == 2
    assert message in capsys.readouterr().err


def test_gates_file__with_a_mistake_is_reported_as_a_compiler_would(bench: Bench) -> None:
    done = bench.run("--gates", bench.gates("{metric: accurasy, min: 0.5}"))
    assert done.code == 2
    assert done.err.startswith(f"{bench.folder}/gates.yaml:2:")
    assert done.err.count("error: ") == 1
    assert "accuracy" in done.err


def test_file_type__follows_the_content_not_the_name(bench: Bench) -> None:
    csv = files.write(bench.folder / "x.csv", files.classes(right=0.9))
    before = bench.run("--json").document
    shutil.move(csv, bench.candidate)
    assert bench.run("--json").document == before


PAYMENTS = "id,target,prediction,score_fraud,score_legit\n" + "".join(
    f"{i},{'fraud' if i < 20 else 'legit'},legit,.01,.99\n" for i in range(1000)
)
"""The model finds none of 20 frauds."""


def payments(bench: Bench) -> Path:
    bench.candidate.write_text(PAYMENTS, "utf-8")
    return bench.gates(*(f"{{metric: {m}, min: 0.8}}" for m in ("recall", "f1")))


def test_positive_class__of_two_texts_must_be_given(bench: Bench) -> None:
    done = bench.run("--gates", payments(bench), "--json", task="binary", compare=False)
    assert (done.code, done.document["verdict"]) == (2, "fail")
    assert "nothing says which of them is the positive class" in done.document["sentence"]
    assert "--positive" in done.document["hint"]
    message, hint = done.err.splitlines()
    assert message == f"error: {done.document['sentence']}"
    assert hint == f"hint: {done.document['hint']}"


def test_positive_class__is_named_beside_what_depends_on_it(bench: Bench) -> None:
    flags = ("--gates", payments(bench), "--positive", "fraud")
    document = bench.run(*flags, "--json", task="binary", compare=False).document
    assert (document["verdict"], document["positive"]) == ("fail", "fraud")
    assert document["metrics"]["recall"]["candidate"] == 0.0
    named = {name for name, each in document["metrics"].items() if "positive" in each}
    assert named == {"f1", "precision", "recall", "average_precision"}
    assert {each["positive"] for each in document["findings"]} == {"fraud"}
    out = bench.run(*flags, task="binary", compare=False).out
    assert out.startswith("1,000 rows, binary, positive class fraud\n")
    assert "recall (fraud)" in out
    assert "recall of class fraud is 0, below the minimum of 0.8" in out


def test_positive_class__is_of_a_binary_task(bench: Bench) -> None:
    done = bench.run("--positive", "1")
    assert done.code == 2
    assert "--positive 1: a multiclass task has no positive class" in done.err


def test_unusable_file__is_reported_with_every_fault_on_a_line_of_its_own(bench: Bench) -> None:
    bench.candidate.write_text("id,target,prediction\n1,,a\n1,a,\n", "utf-8")
    done = bench.run(compare=False)
    assert done.code == 2
    assert [line.partition("column ")[2][:12] for line in done.err.splitlines()[:3]] == [
        "'id': '1' oc", "'target', ro", "'prediction'",
    ]  # fmt: skip
    assert done.err.splitlines()[3].startswith("hint: ")
    assert "\\n" not in done.err


DROP = "{metric: accuracy, max_drop: 0.001, against: champion}"


def test_resolution__is_reported_for_every_gate_that_compares(bench: Bench) -> None:
    bench.put(right=0.7, seed=9)
    (finding,) = bench.run("--gates", bench.gates(DROP), "--json").document["findings"]
    resolution = finding["resolution"]
    low, high = finding["interval"]
    assert resolution["smallest"] == pytest.approx((high - low) / 2)
    assert (resolution["rows"], resolution["margin"]) == (300, 0.001)
    assert resolution["rows_needed"] > 300 * (resolution["smallest"] / 0.001) ** 2 * 0.99
    assert "a non-inferiority margin of 0.001 needs about" in finding["sentence"]
    passed = bench.run("--gates", bench.gates(DROP.replace("0.001", "0.5"))).out
    assert "\n             with 300 rows, differences below about" in passed
    assert "and a non-inferiority margin of 0.5 can" in passed


def test_resolution__is_reported_for_the_primary_metric_where_no_gate_compares(
    bench: Bench,
) -> None:
    assert "\nf1_macro: with 300 rows, differences below about" in bench.run().out
    assert "\naccuracy: with 300 rows" in bench.run("--primary", "accuracy").out
    metrics = bench.run("--json").document["metrics"]
    low, high = metrics["accuracy"]["interval"]
    assert metrics["accuracy"]["resolution"] == pytest.approx((high - low) / 2)
    assert "resolved" not in bench.run(compare=False).out
