"""Where a version's bytes lie: in a folder, whatever the model is."""

from __future__ import annotations

import dataclasses

import pytest

from interlock.domain.promotion import registry_state
from interlock.domain.promotion.promotion import Phase, Promotion, PromotionKind
from interlock.domain.promotion.registry_state import ModelVersion


@pytest.mark.parametrize(
    ("artifact", "folder"),
    [("model", "model"), ("model/model.txt", "model"), ("a/b/model.onnx", "a/b")],
)
def test_source__is_the_folder_that_holds_the_artifact(artifact: str, folder: str) -> None:
    assert registry_state.source(artifact) == folder


ACT = Promotion(
    model="digits",
    kind=PromotionKind.PROMOTION,
    phase=Phase.INTENT,
    fingerprint="f1" * 32,
    revision="c1" * 20,
    position=1,
    run_id="r1",
    sha256="a1" * 32,
    registry_name="digits",
    environments=("production",),
    at="2030-01-01T00:00:00+00:00",
)


def version(number: int, **more: str) -> ModelVersion:
    right = {"sha256": ACT.sha256, "fingerprint": ACT.fingerprint, "run_id": "r1"}
    return ModelVersion("digits", number, **({**right, "artifact": "model"} | more))  # type: ignore[arg-type]


def test_find__the_oldest_of_the_act() -> None:
    assert registry_state.find_version([version(3), version(2)], ACT) == version(2)
    assert registry_state.find_version([], ACT) is None


def test_find__the_one_that_the_record_names() -> None:
    done = dataclasses.replace(ACT, phase=Phase.DONE, version=3)
    assert registry_state.find_version([version(2), version(3)], done) == version(3)
    assert registry_state.find_version([version(2)], done) == version(2)


@pytest.mark.parametrize(
    "more",
    [
        {"artifact": ""},
        {"artifact": "other"},
        {"run_id": "r2"},
        {"sha256": "a2" * 32},
        {"fingerprint": "f2" * 32},
    ],
)
def test_find_version__none_with_another_artifact_or_place(more: dict[str, str]) -> None:
    assert registry_state.find_version([version(1, **more)], ACT) is None
    assert registry_state.find_version([version(1, **more), version(2)], ACT) == version(2)


@pytest.mark.parametrize("more", [{"artifact": ""}, {"artifact": "other"}, {"run_id": "r2"}])
def test_find__not_even_the_one_that_is_named_in_another_place(more: dict[str, str]) -> None:
    done = dataclasses.replace(ACT, phase=Phase.DONE, version=1)
    assert registry_state.find_version([version(1, **more), version(2)], done) == version(2)


@pytest.mark.parametrize("more", [{"sha256": ""}, {"fingerprint": "f2" * 32}])
def test_find_version__the_named_one_even_with_damaged_tags(more: dict[str, str]) -> None:
    done = dataclasses.replace(ACT, phase=Phase.DONE, version=1)
    assert registry_state.find_version([version(1, **more), version(2)], done) == version(1, **more)


def test_lies_with__a_single_file_lies_in_its_folder() -> None:
    act = dataclasses.replace(ACT, artifact="model/model.onnx")
    assert registry_state.is_stored_with(version(1), act)
    assert not registry_state.is_stored_with(version(1, artifact="model/model.onnx"), act)
