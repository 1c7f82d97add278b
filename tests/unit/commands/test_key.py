"""`interlock key` makes a key once, and prints the line for the policy."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from interlock import cli, errors, manifests
from interlock.adapters import signing_key


def interlock(*arguments: str) -> str:
    result = CliRunner().invoke(cli.group, ["key", *arguments], catch_exceptions=False)
    return result.stdout


def test_key__is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    file = tmp_path / "evaluator.key"
    first, second = interlock(str(file)), interlock(str(file))
    assert first == second
    assert re.fullmatch(r"keys: \[[\w-]{43}\]\n", first)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_key__prints_a_line_of_the_policy(tmp_path: Path) -> None:
    line = interlock(str(tmp_path / "key"))
    policy, problems = manifests.read_policy(f"version: 1\n{line}".encode())
    assert problems == ()
    assert policy is not None
    assert policy.provenance.keys == (signing_key.public_of(tmp_path / "key"),)


def test_key__json(tmp_path: Path) -> None:
    document = json.loads(interlock(str(tmp_path / "key"), "--json"))
    assert document["is_new"] is True
    assert document["public"] == signing_key.public_of(tmp_path / "key")


@pytest.mark.parametrize("content", [b"", b"-----BEGIN PRIVATE KEY-----\nAAAA\n"])
def test_key__another_content(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "key"
    file.write_bytes(content)
    with pytest.raises(errors.BadInput, match="is not a private key") as raised:
        signing_key.public_of(file)
    assert raised.value.hint == "make one in a new file: interlock key FILE"
    with pytest.raises(errors.BadInput, match=r"^INTERLOCK_KEY: .* is not a private key"):
        signing_key.KeyTokens(file=file).attest({})


def test_key__that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(errors.BadInput, match=r"^INTERLOCK_KEY: .* cannot be read: No such file"):
        signing_key.KeyTokens(file=tmp_path / "missing").attest({})
    with pytest.raises(errors.BadInput, match="cannot be read: Is a directory"):
        signing_key.public_of(tmp_path)


def test_key__a_folder_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(errors.OutsideFailure, match="cannot be written: No such file") as raised:
        signing_key.create(tmp_path / "missing" / "key")
    assert str(tmp_path / "missing") in raised.value.hint


def test_key__never_replaces_a_file(tmp_path: Path) -> None:
    signing_key.create(tmp_path / "key")
    with pytest.raises(errors.Refused, match="never replaced"):
        signing_key.create(tmp_path / "key")
