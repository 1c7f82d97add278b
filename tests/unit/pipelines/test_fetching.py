"""What a plan says that a training needs of Git LFS and of submodules: what its inputs are."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.training import lfs_pointer
from interlock.domain.training.lfs_pointer import LfsPointer
from interlock.domain.training.plan import Decision, FetchedInputs
from tests.unit.pipelines.history import HERE, Content, History, Link, Program, Submodule, model

SPEC = "version https://git-lfs.github.com/spec/v1\n"
ATTRIBUTES: dict[str, Content] = {".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n"}
PIPELINE = """\
stages:
  train:
    cmd: python train.py
    deps: [train.py, {deps}]
    outs: [model, predictions.csv]
"""


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "repository.git")


def stored(digit: str = "a", size: int = 5) -> str:
    return f"{SPEC}oid sha256:{digit * 64}\nsize {size}\n"


def needs(
    history: History, deps: str, files: dict[str, Content], *, base: bool = False
) -> FetchedInputs:
    history.commit(model(PIPELINE.format(deps=deps)) | files)
    (model_plan,) = history.plan("main" if base else None).models
    assert model_plan.decision is (Decision.UNAFFECTED if base else Decision.TRAIN), (
        model_plan.sentence
    )
    return model_plan.needs


@pytest.mark.parametrize(
    ("deps", "files", "expected"),
    [
        ("prepare.py", {f"{HERE}/other.bin": stored()}, FetchedInputs()),
        ("weights.bin", {f"{HERE}/weights.bin": stored()}, FetchedInputs((f"{HERE}/weights.bin",))),
        ("tool", {f"{HERE}/tool": Program(stored())}, FetchedInputs((f"{HERE}/tool",))),
        ("weights.bin", {f"{HERE}/weights.bin": "the content itself"}, FetchedInputs()),
        (
            "images",
            {f"{HERE}/images/{n}.bin": stored(n) for n in "ab"} | {f"{HERE}/images/c.txt": "c"},
            FetchedInputs((f"{HERE}/images/a.bin", f"{HERE}/images/b.bin")),
        ),
        (
            "weights.bin",
            {f"{HERE}/weights.bin": Link("../../big/w.bin"), "big/w.bin": stored()},
            FetchedInputs(("big/w.bin",)),
        ),
        (
            "../../vendor/a/x.py",
            {"vendor/a": Submodule("1" * 40)},
            FetchedInputs((), ("vendor/a",)),
        ),
        (
            "../../vendor/a",
            {"vendor/a": Submodule("1" * 40), "vendor/b": Submodule("2" * 40)},
            FetchedInputs((), ("vendor/a",)),
        ),
    ],
    ids=[
        "an undeclared file",
        "a file",
        "a program",
        "content under the filter",
        "a folder",
        "a link",
        "a file of a submodule",
        "a submodule of two",
    ],
)
def test_needs__are_those_of_the_inputs_and_no_more(
    history: History, deps: str, files: dict[str, Content], expected: FetchedInputs
) -> None:
    assert needs(history, deps, ATTRIBUTES | files) == expected


def test_needs__of_what_does_not_train_are_none(history: History) -> None:
    assert (
        needs(history, "w.bin", ATTRIBUTES | {f"{HERE}/w.bin": stored()}, base=True)
        == FetchedInputs()
    )


def test_needs__are_not_looked_for_where_nothing_is_filtered(history: History) -> None:
    """Then the files are not read; a training that meets a pointer says what to fetch."""
    assert needs(history, "w.bin", {f"{HERE}/w.bin": stored()}) == FetchedInputs()
    below: dict[str, Content] = {f"{HERE}/.gitattributes": "w.bin filter=lfs -text\n"}
    assert needs(history, "w.bin", below) == FetchedInputs((f"{HERE}/w.bin",))


@given(st.integers(0, 10**18), st.sampled_from("0123456789abcdef"), st.booleans())
def test_pointer__is_read_as_the_specification_has_it(size: int, digit: str, old: bool) -> None:
    text = stored(digit, size)
    if old:
        text = text.replace("git-lfs.github.com", "hawser.github.com")
    assert lfs_pointer.parse(text.encode()) == LfsPointer(digit * 64, size)
    extended = text.replace("oid", f"ext-0-case sha256:{'b' * 64}\noid")
    assert lfs_pointer.parse(extended.encode()) == LfsPointer(digit * 64, size)


@pytest.mark.parametrize(
    "blob",
    [
        b"",
        SPEC.encode(),
        stored().replace("\n", "\r\n").encode(),
        stored().replace("sha256", "sha512").encode(),
        stored("g").encode(),
        (stored() + "more\n").encode(),
        (" " + stored()).encode(),
        stored().replace("size 5", "size -5").encode(),
        (stored() + "\n" * 1024).encode(),
    ],
)
def test_content__that_only_looks_like_a_pointer_is_none(blob: bytes) -> None:
    assert lfs_pointer.parse(blob) is None
