"""The place of runs and versions without MLflow."""

from __future__ import annotations

import pytest

from interlock.domain.adoption import store_choice


@pytest.mark.parametrize(
    ("remote", "store"),
    [
        ("s3://acme-models/dvc", "s3://acme-models/dvc/interlock"),
        ("s3://acme-models/", "s3://acme-models/interlock"),
        ("gs://acme", "gs://acme/interlock"),
        ("/srv/dvc", "/srv/dvc/interlock"),
        ("../dvc", ""),
        ("ssh://acme.example/dvc", ""),
        ("https://acme.example/dvc", ""),
        ("s3://key:secret@acme/dvc", ""),
        ("", ""),
    ],
)
def test_choose__is_a_folder_in_the_remote_that_fsspec_opens(remote: str, store: str) -> None:
    assert store_choice.choose(remote) == store
