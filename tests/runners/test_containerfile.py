"""The image of one job: what it is built from is named by digest. No image is built."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from tests.runners import places

TEXT = (places.JUST_IN_TIME / "Containerfile").read_text().replace("\\\n", " ")


def test_image__is_built_from_digests_that_have_no_default() -> None:
    arguments = re.findall(r"^ARG (.*)$", TEXT, re.MULTILINE)
    assert re.findall(r"^FROM (\S+)", TEXT, re.MULTILINE) == [
        "${UV_IMAGE}@${UV_DIGEST}",
        "${CUDA_IMAGE}@${CUDA_DIGEST}",
    ]
    assert {"UV_DIGEST", "CUDA_DIGEST", "RUNNER_VERSION", "RUNNER_SHA256"} <= set(arguments)


@pytest.mark.parametrize("digest", ["", "latest", "12.8.0-base-ubuntu24.04", "sha256:abc"])
def test_image__with_a_tag_for_a_digest_is_no_name_of_an_image(digest: str) -> None:
    """Docker's own words, said before it asks any daemon or registry."""
    docker = shutil.which("docker")
    if not docker:
        pytest.skip("docker's command line is not installed")
    done = subprocess.run(
        [docker, "pull", f"docker.io/nvidia/cuda@{digest}"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode != 0
    assert "invalid reference format" in done.stderr


def test_image__ends_as_a_user_without_rights_and_checks_what_it_fetches() -> None:
    assert re.findall(r"^USER (.*)$", TEXT, re.MULTILINE) == ["1001:1001"]
    assert "sudo" not in TEXT
    fetched = [line for line in TEXT.splitlines() if "curl --" in line]
    assert all("sha256sum --check --strict" in line for line in fetched)
    assert fetched
