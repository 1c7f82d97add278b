"""The files of DVC are read with the values that DVC reads, merge keys included.

Merge keys: https://yaml.org/type/merge.html
"""

from __future__ import annotations

import pytest
from dvc.utils.serialize import YAMLFileCorruptedError, parse_yaml

from interlock.yaml_reader import dvc, file_errors

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


@pytest.mark.parametrize(
    ("word", "value"),
    [("yes", "yes"), ("12:30", "12:30"), ("1e3", 1000.0), ("010", 10), ("~", None)],
)
def test_scalar__is_read_as_dvc_reads_it(word: str, value: object) -> None:
    text = f"key: {word}\n"
    assert dvc.read(text.encode(), path="dvc.yaml") == {"key": value}
    assert parse_yaml(text, "dvc.yaml") == {"key": value}


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", (3, 1), "duplicate key 'a'"),
        ("a: !x y\n", (1, 4), "unknown tag !x"),
    ],
)
def test_read__refuses_the_same_files_as_dvc(
    text: str, place: tuple[int, int], message: str
) -> None:
    with pytest.raises(file_errors.InvalidFile) as caught:
        dvc.read(text.encode(), path="dvc.yaml")
    (diagnostic,) = caught.value.diagnostics
    assert (diagnostic.line, diagnostic.column, diagnostic.message) == (*place, message)
    with pytest.raises(YAMLFileCorruptedError):
        parse_yaml(text, "dvc.yaml")
