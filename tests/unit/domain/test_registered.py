"""Where a version's bytes lie: in a folder, whatever the model is."""

from __future__ import annotations

import pytest

from interlock.domain import registered


@pytest.mark.parametrize(
    ("artifact", "folder"),
    [("model", "model"), ("model/model.txt", "model"), ("a/b/model.onnx", "a/b")],
)
def test_source__is_the_folder_that_holds_the_artifact(artifact: str, folder: str) -> None:
    assert registered.source(artifact) == folder
