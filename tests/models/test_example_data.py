"""The data pointers in Git describe exactly the bytes that the scripts make."""

from __future__ import annotations

import os

import pytest

from .workshop import Workshop

MODELS = ["digits", "diabetes"]


@pytest.mark.parametrize("model", MODELS)
def test_pointer__regenerated_bytes_agree(workshop: Workshop, model: str) -> None:
    text = workshop.run(model, "python", "make_data.py", "--check")
    assert "as regenerated" in text
    assert not (workshop.folder(model) / f"data/{model}.csv").exists()


@pytest.mark.parametrize("model", MODELS)
def test_data__are_made_without_the_import_of_scikit_learn(workshop: Workshop, model: str) -> None:
    program = "import sys, make_data; make_data.render(2); print('sklearn' in sys.modules)"
    assert workshop.run(model, "python", "-c", program).strip() == "False"


@pytest.mark.parametrize(
    ("before", "after"), [("  size: 16074", "  size: 16075"), ("- md5: 2", "- md5: 3")]
)
def test_pointer__other_bytes_are_refused(workshop: Workshop, before: str, after: str) -> None:
    pointer = workshop.folder("diabetes") / "data/diabetes.csv.dvc"
    text = pointer.read_text("utf-8")
    assert before in text
    pointer.write_text(text.replace(before, after), "utf-8")
    actual = workshop.run("diabetes", "python", "make_data.py", "--check", status=1)
    field = after.partition(":")[0].strip(" -")
    assert f"{field} is" in actual
    assert "hint:" in actual


def test_pointer__grown_data_are_written_as_dvc_writes_them(workshop: Workshop) -> None:
    workshop.start_repository("diabetes")
    pointer = workshop.folder("diabetes") / "data/diabetes.csv.dvc"
    committed = pointer.read_text("utf-8")
    workshop.run("diabetes", "python", "make_data.py", "--rows", "442", "--pointer")
    grown = pointer.read_text("utf-8")
    assert "rows: 353" in committed
    assert "rows: 442" in grown
    # DVC, asked to describe the same file, finds nothing to change: not even the rows it ignores.
    workshop.run("diabetes", "dvc", "add", "--quiet", "data/diabetes.csv")
    assert pointer.read_text("utf-8") == grown
    assert "up to date" in workshop.run("diabetes", "dvc", "status", "data/diabetes.csv.dvc")


def test_pointer__a_pull_restores_the_bytes_it_names(workshop: Workshop) -> None:
    workshop.start_repository("diabetes")
    data = workshop.folder("diabetes") / "data/diabetes.csv"
    made = data.read_bytes()
    remote = str(workshop.root / "remote")
    workshop.run("diabetes", "dvc", "remote", "add", "--quiet", "--default", "store", remote)
    workshop.run("diabetes", "dvc", "push", "--quiet", "data/diabetes.csv.dvc")
    data.unlink()
    workshop.run("diabetes", "dvc", "pull", "--quiet", "data/diabetes.csv.dvc")
    assert data.read_bytes() == made


def test_data__a_link_into_the_cache_is_replaced_not_written_through(workshop: Workshop) -> None:
    folder = workshop.folder("diabetes") / "data"
    cached = folder / "cached"
    cached.write_text("what the cache holds")
    os.link(cached, folder / "diabetes.csv")
    workshop.run("diabetes", "python", "make_data.py")
    assert cached.read_text() == "what the cache holds"
