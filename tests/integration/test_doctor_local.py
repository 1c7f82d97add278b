"""`interlock doctor` on a laptop: models, data and rows of a real repository of Git and DVC."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from interlock import cli, errors
from tests import tiny
from tests.docs import documents as printed
from tests.tiny import Tiny

Lines = dict[str, dict[str, str]]


@pytest.fixture
def made(tmp_path: Path) -> Tiny:
    return tiny.make(tmp_path)


def doctor(made: Tiny, *arguments: str, code: int = 0) -> Lines:
    command = ["doctor", "--repo", str(made.root), "--json", *arguments]
    done = CliRunner().invoke(cli.group, command, standalone_mode=False)
    assert done.exception is None, done.exception
    document = json.loads(done.stdout)
    printed.check(document)
    assert done.return_value == code, document
    return {each["name"]: each for each in document["checks"]}


def marks(lines: Lines) -> dict[str, str]:
    return {name: line["mark"] for name, line in lines.items()}


def test_models__of_a_repository_that_is_right(made: Tiny) -> None:
    before = made.status()
    assert marks(doctor(made, "--only", "models")) == {
        "pipeline of tiny": "ok",
        "outputs of tiny": "ok",
        "code of tiny": "ok",
        "environment of tiny": "ok",
    }
    assert made.status() == before


def test_models__each_fault_has_a_line_and_a_fix(made: Tiny) -> None:
    made.commit(train_py="import helper\n" + tiny.TRAIN, helper_py="A = 1\n")
    (made.root / "env.lock").rename(made.root / "env.txt")
    text = tiny.MANIFEST.replace("env.lock", "requirements.txt")
    (made.root / "requirements.txt").write_text("numpy\n")
    made.commit(model_yaml=text)
    (made.root / "tiny" / "predictions.csv").write_text("id\n")
    made.git("add", "--force", "tiny/predictions.csv")
    made.commit()
    lines = doctor(made, "--only", "models", code=1)
    assert "tiny/helper.py" in lines["code of tiny"]["sentence"]
    assert lines["code of tiny"]["fix"] == "interlock plan --suggest-deps --write"
    assert "numpy" in lines["environment of tiny"]["sentence"]
    assert "git rm -r --cached tiny/predictions.csv" in lines["outputs of tiny"]["fix"]
    assert marks(lines)["pipeline of tiny"] == "ok"


def test_models__an_output_that_no_stage_makes(made: Tiny) -> None:
    made.commit(model_yaml=tiny.MANIFEST.replace("predictions.csv", "rows.csv"))
    line = doctor(made, "--only", "models", code=1)["pipeline of tiny"]
    assert line["mark"] == "wrong"
    assert "rows.csv" in line["sentence"]


def test_models__a_manifest_that_cannot_be_read_and_no_manifest(made: Tiny) -> None:
    made.commit(model_yaml="model: [")
    assert "tiny/model.yaml:" in doctor(made, "--only", "models", code=1)["manifests"]["sentence"]
    made.git("rm", "--quiet", "tiny/model.yaml")
    made.commit()
    assert doctor(made, "--only", "models", code=1)["manifests"]["fix"] == "interlock init"


def test_models__the_keys_of_metrics_files(made: Tiny) -> None:
    gate = "  - {metric: 'dvc:test.rows', min: 1}\n"
    made.commit(model_yaml=tiny.MANIFEST.replace("gates:\n", f"gates:\n{gate}"))
    absent = doctor(made, "--only", "models")["metrics of tiny"]
    assert absent["mark"] == "unknown"
    assert "tiny/metrics.json is not there" in absent["sentence"]
    metrics = made.root / "tiny" / "metrics.json"
    metrics.write_text('{"test": {"rows": 3}}')
    assert marks(doctor(made, "--only", "models"))["metrics of tiny"] == "ok"
    metrics.write_text('{"test": {"lines": 3}}')
    wrong = doctor(made, "--only", "models", code=1)["metrics of tiny"]
    assert wrong["sentence"] == "no metrics file has test.rows"
    assert "test.lines" in wrong["fix"]


def test_data__of_a_remote_that_has_all(made: Tiny) -> None:
    (made.root / "tiny" / "dvc.yaml").write_text("not committed")
    lines = doctor(made, "--only", "data")
    write = lines.pop("write to the remote")
    assert marks(lines) == {"DVC": "ok", "remote": "ok", "data": "ok"}
    assert lines["data"]["sentence"] == "the remote has 1 file of HEAD"
    assert (write["mark"], write["fix"]) == ("unknown", "interlock doctor --try")
    assert made.git("status", "--porcelain") == "M tiny/dvc.yaml"


def test_data__a_try_leaves_nothing_in_the_remote(made: Tiny) -> None:
    before = sorted(made.remote.rglob("*"))
    assert marks(doctor(made, "--only", "data", "--try"))["write to the remote"] == "ok"
    assert sorted(made.remote.rglob("*")) == before


def test_data__that_is_in_no_place(made: Tiny) -> None:
    made.object(tiny.DATA).unlink()
    line = doctor(made, "--only", "data", code=1)["data"]
    assert (line["mark"], line["sentence"]) == ("wrong", "in no place: tiny/data.csv")


def test_data__that_was_not_pushed(made: Tiny) -> None:
    cached = made.root / ".dvc" / "cache" / made.object(tiny.DATA).relative_to(made.remote)
    cached.parent.mkdir(parents=True)
    shutil.move(made.object(tiny.DATA), cached)
    line = doctor(made, "--only", "data", code=1)["data"]
    assert (line["fix"], line["sentence"]) == ("dvc push", "not in the remote: tiny/data.csv")


@pytest.mark.parametrize(
    ("text", "name", "sentence"),
    [
        ("", "remote", "there is no default remote"),
        ("[core]\n    remote = store\n['remote \"store\"']\n    url = s3\n    x = 1\n", "DVC", "x"),
    ],
)
def test_data__settings_that_are_wrong(made: Tiny, text: str, name: str, sentence: str) -> None:
    (made.root / ".dvc" / "config").write_text(text)
    made.commit()
    lines = doctor(made, "--only", "data", code=1)
    assert lines[name]["mark"] == "wrong"
    assert sentence in lines[name]["sentence"]
    assert "data" not in lines


def test_data__a_pipeline_that_dvc_cannot_read(made: Tiny) -> None:
    made.commit(dvc_yaml="stages: {train: {cmd: a, dep: [b]}}\n")
    line = doctor(made, "--only", "data", code=1)["DVC"]
    assert line["mark"] == "wrong"
    assert "dvc.yaml" in line["sentence"]


def test_data__needs_a_checkout(made: Tiny, tmp_path: Path) -> None:
    bare = Tiny(tmp_path / "bare.git", made.remote, made.count)
    made.git("clone", "--quiet", "--bare", str(made.root), str(bare.root))
    lines = doctor(bare, "--only", "data", "--only", "models")
    assert marks(lines)["DVC"] == "unknown"
    assert marks(lines)["pipeline of tiny"] == "ok"


def predictions(made: Tiny, text: str) -> None:
    (made.root / "tiny" / "predictions.csv").write_text(text)


def test_rows__that_are_valid_and_what_they_resolve(made: Tiny) -> None:
    rows = "".join(f"{i},{'ab'[i % 2]},{'ab'[i % 3 % 2]}\n" for i in range(60))
    predictions(made, f"id,target,prediction\n{rows}")
    line = doctor(made, "--only", "rows")["rows of tiny"]
    assert line["mark"] == "ok"
    assert line["sentence"].startswith("tiny/predictions.csv is valid, with 60 rows; accuracy is")
    assert "±0.1" in line["sentence"]


def test_rows__that_are_invalid_or_absent(made: Tiny) -> None:
    absent = doctor(made, "--only", "rows")["rows of tiny"]
    assert (absent["mark"], absent["fix"]) == ("unknown", "dvc pull, or dvc repro")
    predictions(made, "id,target\n1,a\n")
    wrong = doctor(made, "--only", "rows", code=1)["rows of tiny"]
    assert "tiny/predictions.csv" in wrong["sentence"]
    assert "prediction" in wrong["sentence"]


def test_python__of_the_program_and_its_packages(made: Tiny) -> None:
    assert doctor(made, "--only", "python")["python of tiny"]["sentence"].startswith("Python 3.")
    made.commit(model_yaml=tiny.MANIFEST.replace("env.lock", "requirements.txt"))
    (made.root / "requirements.txt").write_text("numpy==2.0\nno-such-package==1.0\n")
    made.commit()
    line = doctor(made, "--only", "python", code=1)["python of tiny"]
    assert line["sentence"].endswith(" has no no-such-package")


def test_python__that_does_not_start(made: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    made.commit(dvc_yaml=tiny.PIPELINE.replace("python train.py", ".venv/bin/python train.py"))
    line = doctor(made, "--only", "python", code=1)["python of tiny"]
    assert "does not start" in line["sentence"]


def test_python__gets_no_token_of_the_job(made: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "ghp_secret")
    program = made.root / "tiny" / "python"
    program.write_text("#!/bin/sh\nenv > ../variables\n")
    program.chmod(0o755)
    made.commit(dvc_yaml=tiny.PIPELINE.replace("python train.py", "./python train.py"))
    doctor(made, "--only", "python", code=1)
    assert "ghp_secret" not in (made.root / "variables").read_text()


def fix(made: Tiny) -> tuple[list[str], Lines]:
    command = ["doctor", "--repo", str(made.root), "--json", "--only", "models", "--fix"]
    done = CliRunner().invoke(cli.group, command, standalone_mode=False)
    assert done.exception is None, done.exception
    document = json.loads(done.stdout)
    printed.check(document)
    return document["fixed"], {each["name"]: each for each in document["checks"]}


def test_fix__adds_missing_deps_once_and_leaves_the_rest(made: Tiny) -> None:
    made.commit(train_py="import helper\n" + tiny.TRAIN, helper_py="A = 1\n")
    fixed, lines = fix(made)
    (sentence,) = fixed
    assert sentence == "tiny/dvc.yaml: stage train now declares helper.py; commit the file"
    assert lines["code of tiny"]["mark"] == "wrong"  # HEAD has it not yet
    assert made.git("status", "--porcelain") == "M tiny/dvc.yaml"
    made.commit()
    assert fix(made)[0] == []
    assert marks(doctor(made, "--only", "models"))["code of tiny"] == "ok"
    assert made.git("status", "--porcelain") == ""


def test_fix__keeps_away_from_changes_that_are_not_committed(made: Tiny) -> None:
    made.commit(train_py="import helper\n" + tiny.TRAIN, helper_py="A = 1\n")
    file = made.root / "tiny" / "dvc.yaml"
    file.write_text(mine := file.read_text() + "# mine\n")
    command = ["doctor", "--repo", str(made.root), "--fix"]
    done = CliRunner().invoke(cli.group, command, standalone_mode=False)
    assert isinstance(done.exception, errors.BadInput)
    assert "tiny/dvc.yaml has changes that are not committed" in done.exception.message
    assert file.read_text() == mine
