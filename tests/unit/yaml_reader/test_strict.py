"""YAML of anybody's making: what is refused, where, and what a word means."""

from __future__ import annotations

import pytest
import yaml

from interlock import manifests
from interlock.domain.basics import parse_limits
from interlock.yaml_reader import ambiguous_scalars


def read(text: str | bytes) -> tuple[object, list[str]]:
    data = text.encode() if isinstance(text, str) else text
    value, _, diagnostics = manifests.read_yaml(data, path="f")
    return value, [f"{d.line}:{d.column} {d.message}" for d in diagnostics]


def refusal(text: str | bytes) -> str:
    value, (actual,) = read(text)
    assert value is None
    return actual


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"a: \xff", "1:4 byte 0xff is not UTF-8"),
        ("é: ü\nb: ".encode() + b"\xe4\n", "2:4 byte 0xe4 is not UTF-8"),
        ("a: b".encode("utf-16"), "1:1 byte 0xff is not UTF-8"),
        (b"\xef\xbb\xbfa: \xff", "1:4 byte 0xff is not UTF-8"),
        (b"a: \x00", "1:4 a control character (U+0000)"),
        ("ü: ü\x07".encode(), "1:5 a control character (U+0007)"),
        ("a: x\u2028b: y".encode(), "1:5 an invisible line separator (U+2028)"),
        (b"a: *b", "1:4 unknown alias (found undefined alias)"),
        (b"a: &x [*x]", "1:4 an alias is inside the value that it refers to"),
        (b"a:\n- &x {b: *x}", "2:3 an alias is inside the value that it refers to"),
        (b"a: `b`", "1:4 text cannot begin with '`' unless it is quoted"),
        (b"a:\n\tb: 2", "2:1 a tab where only spaces are allowed"),
        (b"%YAML 3.0\n---\na: 1", None),
        (b'a: "\\q"', "1:5 unknown escape sequence (found unknown escape character)"),
    ],
)
def test_yaml__cannot_be_read(data: bytes, message: str | None) -> None:
    assert message is None or refusal(data) == message
    assert read(data)[0] is None


@pytest.mark.parametrize("text", ["[" * 400_000, "- " * 400_000, "{a: " * 200_000, "? " * 400_000])
def test_yaml__nested_without_end(text: str) -> None:
    assert "nested more than 50 deep" in refusal(text)


def test_yaml__nested_through_aliases() -> None:
    text = "a0: &a0 [" + "[" * 40 + "]" * 41 + "\na1: [" + "[" * 20 + "*a0" + "]" * 21
    assert "nested more than 50 deep" in refusal(text)


def test_yaml__aliases_that_explode() -> None:
    text = "a0: &a0 [x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10)
    )
    assert len(text) < 600
    assert "has more than 100,000 values" in refusal(text)


def test_yaml__aliases_of_nothing_that_explode() -> None:
    text = 'a: &a ["", "", "", "", "", "", "", "", "", ""]\n' + "".join(
        f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]\n" for old, new in ("ab", "bc", "cd", "de")
    )
    assert "has more than 100,000 values" in refusal(text)


def test_yaml__one_long_text_by_many_aliases() -> None:
    text = f"a: &a {'x' * 50_000}\nb: [{', '.join(['*a'] * 100)}]"
    assert "more than 2,000,000 characters with its aliases expanded" in refusal(text)


def test_yaml__more_bytes_than_are_read() -> None:
    actual = refusal(b"#" * (parse_limits.SETTINGS.bytes.most + 1))
    assert actual == "1:1 the file has more than 1,000,000 bytes"


def test_yaml__more_values_than_are_read() -> None:
    assert "has more than 100,000 values" in refusal("[" + "1," * 100_001 + "]")


def test_yaml__a_file_of_the_greatest_size() -> None:
    value, lines = read("a: " + "x" * (parse_limits.SETTINGS.bytes.most - 3))
    assert lines == []
    assert isinstance(value, dict)


@pytest.mark.parametrize("text", ["a: !!python/object/apply:os.system [ls]", "a: !x b", "!!map {}"])
def test_yaml__tag(text: str) -> None:
    _, lines = read(text)
    assert [line.partition(" ")[2][:5] for line in lines] == ["a tag"]


@pytest.mark.parametrize("key", ["12", "1.5", "true", "~", "null", "0x1"])
def test_yaml__key_that_is_not_text(key: str) -> None:
    assert read(f"{key}: 1")[1] == [f"1:1 the key {key!r} is not text"]


def test_yaml__key_that_is_a_list() -> None:
    assert read("[a]: 1")[1] == ["1:1 a key is one word, not a list or a mapping"]


def test_yaml__empty_key() -> None:
    assert read("? \n: 1")[1] == ["1:2 a key is empty"]


def test_yaml__key_twice_keeps_the_first() -> None:
    value, lines = read('a: 1\nb: {c: 1, "c": 2}\na: 3')
    assert value == {"a": 1, "b": {"c": 1}}
    assert lines == [
        "2:11 duplicate key 'c', first in line 2",
        "3:1 duplicate key 'a', first in line 1",
    ]


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("true", True),
        ("False", False),
        ("", None),
        ("~", None),
        ("NULL", None),
        ("12", 12),
        ("-7", -7),
        ("+7", 7),
        ("0", 0),
        ("0x1F", 31),
        ("1.5", 1.5),
        ("0.5", 0.5),
        ("1.", 1.0),
        ("1.5e+3", 1500.0),
        ("train", "train"),
        ("nowhere", "nowhere"),
        ("3 apples", "3 apples"),
        ("1.2.3", "1.2.3"),
        ("v1", "v1"),
        ("-", "-"),
    ],
)
def test_word__both_versions_agree(word: str, value: object) -> None:
    read_scalar = ambiguous_scalars.read(word)
    assert read_scalar == ambiguous_scalars.Scalar(value)  # type: ignore[arg-type]
    assert type(read_scalar.value) is type(value)
    assert yaml.load(f"[{word}]" if word else "[~]", yaml.CSafeLoader) == [value] or word == "-"


@pytest.mark.parametrize(
    ("word", "advice"),
    [
        ("yes", 'write "yes" for the word, true for the boolean'),
        ("NO", 'write "NO" for the word, false for the boolean'),
        ("on", 'write "on" for the word, true for the boolean'),
        ("Off", 'write "Off" for the word, false for the boolean'),
        ("y", 'write "y" for the word, true for the boolean'),
        ("12:30", 'write "12:30" for text, 750 for the number'),
        ("12:30:45", 'write "12:30:45" for text, 45045 for the number'),
        ("1:30.5", 'write "1:30.5" for text, 90.5 for the number'),
        ("1e3", 'write 1000.0 for the number, "1e3" for text'),
        ("1e-3", 'write 0.001 for the number, "1e-3" for text'),
        ("1e30", 'write 1.000000e+30 for the number, "1e30" for text'),
        ("+.5", 'write 0.5 for the number, "+.5" for text'),
        ("010", 'write 10 for the number, "010" for text'),
        ("08", 'write 8 for the number, "08" for text'),
        ("0o17", 'write 15 for the number, "0o17" for text'),
        ("0b11", 'write "0b11" for text, 3 for the number'),
        ("1_000", 'write "1_000" for text, 1000 for the number'),
        ("2024-01-31", 'write "2024-01-31"'),
        ("2024-99-99", 'write "2024-99-99"'),
        (".inf", "write a number, or leave it out"),
        ("-.INF", "write a number, or leave it out"),
        (".nan", "write a number, or leave it out"),
        ("1e999", "write a number, or leave it out"),
        ("=", 'write "="'),
    ],
)
def test_word__ambiguous(word: str, advice: str) -> None:
    assert ambiguous_scalars.read(word).ambiguity
    assert ambiguous_scalars.read(word).hint == advice
    _, lines = read(f"a: {word}")
    assert len(lines) == 1


@pytest.mark.parametrize("word", ["yes", "12:30", "1e3", "010", ".nan", "2024-01-31"])
def test_word__quoted_is_never_ambiguous(word: str) -> None:
    assert read(f'a: "{word}"\n"{word}": 1') == ({"a": word, word: 1}, [])


def test_word__ambiguous_as_a_key() -> None:
    assert read("on: 1") == ({"on": 1}, ["1:1 'on' is true in YAML 1.1 and text in YAML 1.2"])


def test_positions__of_values_and_keys() -> None:
    text = "ü: {b: [1, é, ]}\nc:\nd: &x [1]\ne: *x\n"
    _, positions, _ = manifests.read_yaml(text.encode(), path="f")
    assert positions.value(("ü", "b", 1)) == (1, 12)
    assert positions.key(("ü", "b")) == (1, 5)
    assert positions.value(("c",)) == (2, 1)
    assert positions.value(("ü", "none", 3)) == (1, 4)
    assert positions.value(("e", 0)) == (3, 8)
    assert positions.lines()["e.0"] == 3


def test_positions__forgotten_are_found_again() -> None:
    _, positions, _ = manifests.read_yaml(b"a: 1\nb: {c: 2}\n", path="f")
    before = positions.value(("b", "c"))
    positions.forget()
    assert positions.value(("b", "c")) == before == (2, 8)
