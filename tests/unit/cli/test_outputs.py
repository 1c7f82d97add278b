"""What a step leaves for later jobs: read as GitHub's runner reads it, whatever the values are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock import errors
from interlock.cli import main, outputs
from tests.unit.pipelines.history import History, model

_LINES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"))


def read(text: str) -> dict[str, str]:
    """As actions/runner does (FileCommandManager.cs): `name<<end`, lines, `end`."""
    outputs_by_name: dict[str, str] = {}
    lines = iter(text.split("\n"))
    for line in lines:
        if not line:
            continue
        name, _, end = line.partition("<<")
        outputs_by_name[name] = "\n".join(iter(lambda: next(lines), end))
    return outputs_by_name


@given(values=st.dictionaries(st.from_regex(r"[a-z]+", fullmatch=True), _LINES))
def test_outputs__are_read_as_they_were_written(
    values: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("step") / "output"
    outputs.append(file, values)
    assert read(file.read_text(encoding="utf-8")) == values


def delimiters(file: Path) -> list[str]:
    lines = file.read_text(encoding="utf-8").splitlines()
    return [line.partition("<<")[2] for line in lines if "<<" in line]


def test_outputs__have_a_new_delimiter_each(tmp_path: Path) -> None:
    file = tmp_path / "output"
    for _ in range(2):
        outputs.append(file, {"train": "[]", "judge": "[]"})
    assert len(set(delimiters(file))) == 4


def test_outputs__cannot_be_ended_with_a_delimiter_of_before(tmp_path: Path) -> None:
    outputs.append(tmp_path / "earlier", {"head": "HEAD"})
    (delimiter,) = delimiters(tmp_path / "earlier")
    forged = {"head": f"HEAD\n{delimiter}\ntrain<<{delimiter}\n[forged]\n{delimiter}"}
    outputs.append(tmp_path / "output", forged)
    assert read((tmp_path / "output").read_text(encoding="utf-8")) == forged


def test_outputs__without_a_file_go_nowhere() -> None:
    outputs.append(None, {"train": "[]"})


def test_outputs__that_cannot_be_written_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(errors.OutsideFailure, match="cannot be written"):
        outputs.append(tmp_path, {"train": "[]"})


def test_plan__in_a_job_takes_its_inputs_from_variables_and_leaves_a_matrix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = History(tmp_path / "repository.git")
    head = history.commit(model())
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    monkeypatch.setenv("INTERLOCK_REPO", str(history.folder))
    monkeypatch.setenv("INTERLOCK_HEAD", head)
    monkeypatch.setenv("INTERLOCK_BASE", "")
    monkeypatch.setenv("INTERLOCK_MERGE_BASE", "false")
    with pytest.raises(SystemExit) as ending:
        main(["plan"])
    assert ending.value.code == 0
    left = read((tmp_path / "output").read_text())
    (job,) = json.loads(left["train"])
    assert job == {
        "models": "digits",
        "labels": ["self-hosted", "gpu"],
        "timeout_minutes": 90,
        "lfs": "",
        "submodules": "",
    }
    assert (left["judge"], left["base"], left["head"]) == ("digits", "", head)
