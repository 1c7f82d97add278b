"""`plan --suggest-deps`: what stages lack, and the checkout in which they lack nothing."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner, Result

from interlock.cli.plan import command
from interlock.ledger import lookup
from tests.unit.pipelines.history import HERE, PIPELINE, Content, model

SCHEMA = Path(lookup.__file__).parents[1] / "schemas/plan.v1.json"
FILES: dict[str, Content] = {
    "pyproject.toml": "[project]\nname = 'acme'\n",
    "src/acme/__init__.py": "",
    "src/acme/net.py": "from acme import layers\n",
    "src/acme/layers.py": "x = 1\n",
    f"{HERE}/train.py": "from acme import net\nopen('words.txt')\n",
    f"{HERE}/words.txt": "a\n",
    f"{HERE}/Makefile": "data:\n\tbash tools/data.sh\n",
    f"{HERE}/tools/data.sh": "python look.py\n",
    f"{HERE}/look.py": "x = 1\n",
}
STAGES = PIPELINE.replace("python prepare.py", "python prepare.py && make data")
LACKING = {
    "prepare": ["Makefile", "tools/data.sh", "look.py"],
    "train": ["../../src/acme/net.py", "words.txt", "../../src/acme/layers.py"],
}


def checkout(folder: Path, files: Mapping[str, Content]) -> Path:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(str(content), encoding="utf-8")
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "first"]):
        who = ["-c", "user.name=o", "-c", "user.email=o@example.com"]
        subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)
    return folder


def run(folder: Path, *arguments: str) -> Result:
    done = CliRunner().invoke(command, ["--repo", str(folder), "--suggest-deps", *arguments])
    assert done.exit_code == 0, done.output
    return done


def suggestions(folder: Path, *arguments: str) -> dict[str, list[dict[str, object]]]:
    document = json.loads(run(folder, "--json", *arguments).stdout)
    jsonschema.validate(document, json.loads(SCHEMA.read_text(encoding="utf-8")))
    suggested = document["suggestions"]
    assert isinstance(suggested, dict)
    return suggested


def test_suggest__names_what_every_stage_lacks_at_a_revision(tmp_path: Path) -> None:
    folder = checkout(tmp_path, model(STAGES) | FILES)
    suggested = suggestions(folder)
    assert {str(one["stage"]): one["deps"] for one in suggested["lacking"]} == LACKING
    assert suggested["written"] == []
    text = (folder / HERE / "dvc.yaml").read_text(encoding="utf-8")
    assert text == STAGES


def test_suggest__for_people_is_a_block_to_paste(tmp_path: Path) -> None:
    output = run(checkout(tmp_path, model(STAGES) | FILES)).output
    assert (
        f"stage prepare of {HERE}/dvc.yaml lacks:\n    deps:\n      - Makefile\n"
        "      - tools/data.sh\n      - look.py\n"
    ) in output


def test_write__leaves_nothing_lacking_and_every_other_letter_as_it_was(tmp_path: Path) -> None:
    text = "# The pipeline.\n" + STAGES.replace("params: [train.c]", "params: [train.c]  # weak")
    folder = checkout(tmp_path, model(text) | FILES)
    suggested = suggestions(folder, "--write")
    assert (suggested["lacking"], suggested["unknown"], suggested["refused"]) == ([], [], [])
    assert {str(one["stage"]): one["deps"] for one in suggested["written"]} == LACKING
    after = text
    for last, stage in (("data/rows.csv]", "prepare"), (" prepared.csv]", "train")):
        after = after.replace(last, f"{last[:-1]}, {', '.join(LACKING[stage])}]")
    assert (folder / HERE / "dvc.yaml").read_text(encoding="utf-8") == after
    assert "no missing dependency detected" in run(folder, "--write").output


def test_write__reads_files_that_are_not_committed(tmp_path: Path) -> None:
    folder = checkout(tmp_path, model())
    (folder / HERE / "train.py").write_text("import fresh\n", encoding="utf-8")
    (folder / HERE / "fresh.py").write_text("x = 1\n", encoding="utf-8")
    (one,) = suggestions(folder, "--write")["written"]
    assert one["deps"] == ["fresh.py"]


def test_write__says_what_it_cannot_write_and_what_it_cannot_see(tmp_path: Path) -> None:
    pipeline = "stages:\n  train:\n    foreach: [1]\n    do:\n      cmd: python x.py && acme go\n"
    pipeline += "      deps: [train.py]\n      outs: [model, predictions.csv]\n"
    files = model(pipeline) | {f"{HERE}/x.py": "y = 1\n"}
    manifest = str(files[f"{HERE}/model.yaml"]).replace("target: train", "target: train@1")
    folder = checkout(tmp_path, files | {f"{HERE}/model.yaml": manifest})
    suggested = suggestions(folder, "--write")
    assert [one["deps"] for one in suggested["lacking"]] == [["x.py"]]
    (refused,) = suggested["refused"]
    message = f"{HERE}/dvc.yaml: stage train@1: it comes from a template; add the lines manually"
    assert str(refused) == message
    output = run(folder, "--write").output
    assert "add the lines manually" in output


def test_write__sees_no_code_in_a_command_of_others(tmp_path: Path) -> None:
    pipeline = PIPELINE.replace("python train.py", "python train.py && acme go")
    suggested = suggestions(checkout(tmp_path, model(pipeline)), "--write")
    assert "cannot see what code `acme go` runs" in str(suggested["unknown"])


def test_suggest__what_a_later_stage_makes_is_not_suggested(tmp_path: Path) -> None:
    pipeline = PIPELINE.replace("python prepare.py", "python prepare.py --skip predictions.csv")
    assert suggestions(checkout(tmp_path, model(pipeline)))["lacking"] == []


@pytest.mark.parametrize("arguments", [["--write"], ["--merge-base"]])
def test_plan__flags_that_need_another_one_say_so(tmp_path: Path, arguments: list[str]) -> None:
    folder = checkout(tmp_path, model())
    done = CliRunner().invoke(command, ["--repo", str(folder), *arguments])
    assert done.exit_code == 2
    assert "needs --" in done.output
