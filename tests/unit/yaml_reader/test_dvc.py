"""Merge keys (https://yaml.org/type/merge.html) keep the precedence that DVC gives them."""

from __future__ import annotations

import pytest
from dvc.utils.serialize import parse_yaml

from interlock.yaml_reader import dvc

BASES = "one: &one {x: 1, y: 1}\ntwo: &two {y: 2, z: 2}\n"


@pytest.mark.parametrize(
    ("mapping", "expected"),
    [
        ("{<<: *one, x: 9}", {"x": 9, "y": 1}),
        ("{x: 9, <<: *one}", {"x": 9, "y": 1}),
        ("{<<: [*one, *two]}", {"x": 1, "y": 1, "z": 2}),
        ("{<<: [*two, *one]}", {"x": 1, "y": 2, "z": 2}),
        ("{y: 9, <<: [*two, *one]}", {"x": 1, "y": 9, "z": 2}),
    ],
)
def test_merge__explicit_key_wins_then_the_earlier_mapping(
    mapping: str, expected: dict[str, int]
) -> None:
    text = f"{BASES}merged: {mapping}\n"
    assert dvc.read(text.encode(), path="dvc.yaml")["merged"] == expected
    assert parse_yaml(text, "dvc.yaml")["merged"] == expected
