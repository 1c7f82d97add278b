"""Modules that PyGithub and MLflow rarely use are imported at their first use."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_GITHUB = """
import sys
import interlock.adapters.github
print(sorted({"jwt", "nacl", "cryptography"} & set(sys.modules)))
import github
from github import Auth, PublicKey
"""
_SECRET = """
from nacl.public import PrivateKey, SealedBox
import base64
key = PrivateKey.generate()
shown = PublicKey.encrypt(base64.b64encode(bytes(key.public_key)).decode(), "secret")
print(SealedBox(key).decrypt(base64.b64decode(shown)).decode())
"""
_APP = """
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
kinds = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
key = rsa.generate_private_key(65537, 2048)
token = Auth.AppAuth(12, key.private_bytes(*kinds).decode()).token
import jwt
print(jwt.decode(token, key.public_key(), algorithms=["RS256"])["iss"])
"""


def output(folder: Path, *programs: str) -> list[str]:
    command = [sys.executable, "-c", "".join(programs)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


@pytest.mark.parametrize(("program", "shown"), [(_SECRET, "secret"), (_APP, "12")])
def test_github__imports_cryptography_where_it_is_used(
    tmp_path: Path, program: str, shown: str
) -> None:
    assert output(tmp_path, _GITHUB, program) == ["[]", shown]
