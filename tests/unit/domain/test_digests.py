"""SHA-256 of files and folders, and what it costs to have made them."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock import errors
from interlock.domain.basics import digests
from interlock.domain.model import evidence
from interlock.domain.model.policy import Rate
from interlock.services import artifacts

_NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=8)
_FOLDERS = st.dictionaries(_NAMES, st.binary(max_size=4).map(lambda b: digests.of_chunks([b])))


def test_of_folder__is_the_documented_listing() -> None:
    one, two = digests.of_chunks([b"1"]), digests.of_chunks([b"2"])
    lines = f"a/b\0{one}\nz\0{two}\n".encode()
    assert digests.of_folder({"z": two, "a/b": one}) == hashlib.sha256(lines).hexdigest()


@given(_FOLDERS, _FOLDERS)
def test_of_folder__differs_exactly_when_a_name_or_a_byte_does(
    one: dict[str, str], other: dict[str, str]
) -> None:
    assert (digests.of_folder(one) == digests.of_folder(other)) == (one == other)


@given(st.lists(st.binary(max_size=10)))
def test_of_chunks__does_not_depend_on_the_cuts(chunks: list[bytes]) -> None:
    assert digests.of_chunks(chunks) == digests.of_chunks([b"".join(chunks)])


def test_measure__times_modes_and_empty_folders_do_not_count(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name / "deep").mkdir(parents=True)
        (tmp_path / name / "deep" / "file").write_bytes(b"x" * 3_000_000)
    (tmp_path / "two" / "empty").mkdir()
    (tmp_path / "two" / "deep" / "file").chmod(0o700)
    first, second = (artifacts.measure(tmp_path / n, name="model") for n in ("one", "two"))
    assert first == second
    assert first.size_bytes == 3_000_000


NOTE = b"model_name: digits\nmodel_version: '3'\n"


@pytest.mark.parametrize(
    ("note", "with_format", "counts"),
    [
        (NOTE, True, False),
        (NOTE, False, True),
        (NOTE + b"weights: 1\n", True, True),
        (b"", True, True),
    ],
)
def test_measure__the_note_that_mlflow_leaves_is_no_part_of_a_model(
    tmp_path: Path, note: bytes, with_format: bool, counts: bool
) -> None:
    (tmp_path / "weights").write_bytes(b"1")
    if with_format:
        (tmp_path / "MLmodel").write_text("flavors: {}")
    before = artifacts.measure(tmp_path, name="model")
    (tmp_path / "registered_model_meta").write_bytes(note)
    assert (artifacts.measure(tmp_path, name="model") != before) is counts


def test_measure__a_file_has_the_digest_that_sha256sum_prints(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"abc")
    artifact = artifacts.measure(tmp_path / "f", name="f")
    assert artifact.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_measure__nothing_there_is_an_error_with_the_path(tmp_path: Path) -> None:
    with pytest.raises(errors.CannotReadDocument, match="absent"):
        artifacts.measure(tmp_path / "absent", name="x")


RATES = {"gpu": Rate(3.6, "EUR"), "big": Rate(7.2, "USD")}


@pytest.mark.parametrize(
    ("labels", "price"),
    [
        (["self-hosted", "gpu", "big"], (1.8, "EUR")),
        (["big", "gpu"], (3.6, "USD")),
        (["self-hosted"], (None, "")),
        ([], (None, "")),
    ],
)
def test_price__is_that_of_the_first_label_with_a_rate(
    labels: list[str], price: tuple[float | None, str]
) -> None:
    assert evidence.price(1800, labels=labels, rates=RATES) == price


def make_link(folder: Path, name: str, target: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).symlink_to(target)


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("nowhere", "model/deep/link is a link to nowhere, which does not exist"),
        ("../other", "model/deep/link is a link to the folder ../other: copy the folder"),
        ("link", "model/deep/link is a link to link, which does not exist"),
        (".", "model/deep/link is a link to the folder .: copy"),
    ],
)
def test_measure__a_link_without_bytes_of_its_own_is_never_left_out(
    tmp_path: Path, target: str, sentence: str
) -> None:
    (tmp_path / "model" / "other").mkdir(parents=True)
    (tmp_path / "model" / "other" / "file").write_bytes(b"abc")
    make_link(tmp_path / "model", "deep/link", target)
    with pytest.raises(errors.CannotReadDocument) as caught:
        artifacts.measure(tmp_path / "model", name="model")
    assert caught.value.message.startswith(sentence)


def test_measure__a_link_to_a_file_is_the_file(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "weights").write_bytes(b"abc")
    (tmp_path / "two" / "weights").rename(tmp_path / "kept")
    make_link(tmp_path / "two", "weights", "../kept")
    first, second = (artifacts.measure(tmp_path / n, name="model") for n in ("one", "two"))
    assert first == second


def test_check_all__refuses_each_path_that_cannot_be_stored(tmp_path: Path) -> None:
    make_link(tmp_path / "out", "a", "nowhere")
    make_link(tmp_path / "out", "b", "/")
    os.mkfifo(tmp_path / "out" / "c")
    reasons = [refusal.reason for refusal in artifacts.check_all(tmp_path / "out", name="out")]
    assert reasons == [
        "out/a is a link to nowhere, which does not exist",
        "out/b is a link to the folder /: copy the folder, or leave it out",
        "out/c is neither a file nor a folder",
    ]
    make_link(tmp_path, "lone", "nowhere")
    assert artifacts.check_all(tmp_path / "lone", name="lone") != ()
    assert artifacts.check_all(tmp_path / "absent", name="absent") == ()
