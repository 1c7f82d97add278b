"""The image of one job: a build that is not pinned by digest is refused. No image is built."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.runners import places

TEXT = (places.JUST_IN_TIME / "Containerfile").read_text().replace("\\\n", " ")
DIGEST = "sha256:" + "0123456789abcdef" * 4
SOUND = {
    "CUDA_IMAGE": f"nvidia/cuda@{DIGEST}",
    "UV_IMAGE": f"ghcr.io/astral-sh/uv:0.9@{DIGEST}",
    "RUNNER_VERSION": "2.300.0",
    "RUNNER_SHA256": "ab" * 32,
}


def check(**arguments: str) -> subprocess.CompletedProcess[str]:
    script = str(places.JUST_IN_TIME / "check-arguments.sh")
    return subprocess.run(
        ["sh", script], env=SOUND | arguments, capture_output=True, text=True, check=False
    )


def test_build__with_digests_and_a_checksum_goes_on() -> None:
    assert (check().returncode, check().stderr) == (0, "")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CUDA_IMAGE", ""),
        ("CUDA_IMAGE", "nvidia/cuda:12.8.0-base-ubuntu24.04"),
        ("CUDA_IMAGE", "nvidia/cuda:latest"),
        ("CUDA_IMAGE", f"@{DIGEST}"),
        ("CUDA_IMAGE", f"nvidia/cuda@{DIGEST[:-1]}"),
        ("CUDA_IMAGE", f"nvidia/cuda@{DIGEST} x"),
        ("UV_IMAGE", "ghcr.io/astral-sh/uv:latest"),
        ("RUNNER_VERSION", ""),
        ("RUNNER_VERSION", "latest"),
        ("RUNNER_SHA256", ""),
        ("RUNNER_SHA256", "AB" * 32),
    ],
)
def test_build__without_is_refused_and_says_why(name: str, value: str) -> None:
    done = check(**{name: value})
    assert done.returncode == 1
    assert done.stderr.startswith(f"refused: {name} is '{value}'")


def test_containerfile__asks_before_it_does_anything() -> None:
    steps = re.findall(r"^(FROM|RUN|COPY|ARG|USER|ADD) (.*)$", TEXT, re.MULTILINE)
    assert [what for kind, what in steps if kind == "FROM"] == [
        "${UV_IMAGE} AS uv",
        "${CUDA_IMAGE}",
    ]
    first = next(what for kind, what in steps if kind == "RUN")
    assert first == "sh /usr/local/share/interlock/check-arguments.sh"
    assert [what for kind, what in steps if kind == "ARG" and "=" in what] == []


def test_containerfile__ends_as_a_user_without_rights() -> None:
    users = re.findall(r"^USER (.*)$", TEXT, re.MULTILINE)
    assert users == ["1001:1001"]
    assert "sudo" not in TEXT
    assert "sha256sum --check --strict" in TEXT
