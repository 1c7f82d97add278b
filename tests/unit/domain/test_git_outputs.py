"""What a training leaves for Git is committed only where it can do nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.basics.refusal import Refusal
from interlock.domain.model import git_outputs
from interlock.domain.model.git_outputs import LARGEST_BYTES, GitOutput
from interlock.domain.training import dvc_lock

OUTPUTS = (
    GitOutput("m/metrics.json", is_measure=True, stage="m/dvc.yaml:train", written="metrics.json"),
    GitOutput("m/live", is_measure=True),
    GitOutput("m/report.json", is_measure=False, stage="m/dvc.yaml:train", written="report.json"),
    GitOutput(".github/x.yml", is_measure=True),
)
INPUTS = ("m/train.py", "m/live/params.yaml", "data", "m/dvc.yaml")


def check_file(path: str, *, size_bytes: int = 10) -> Refusal | None:
    return git_outputs.check_file(path, size_bytes=size_bytes, outputs=OUTPUTS, inputs=INPUTS)


@pytest.mark.parametrize(
    "path",
    ["m/metrics.json", "m/live/a.csv", "m/live/deep/B.YAML", "m/live/c.toml", "m/live/d.yml"],
)
def test_check_file__allows_a_small_metric_or_plot(path: str) -> None:
    assert check_file(path) is None
    assert check_file(path, size_bytes=LARGEST_BYTES) is None
    assert "larger than 1 MB" in str(check_file(path, size_bytes=LARGEST_BYTES + 1))


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("m/report.json", "neither"),
        ("m/metrics.json.json", "neither"),
        ("m/lively/a.json", "neither"),
        ("n/metrics.json", "neither"),
        ("m/live/../train.json", "dot"),
        ("m/live//a.json", "dot"),
        ("m/live/.a.json", "dot"),
        (".github/x.yml", "dot"),
        ("m/live/dvc.yaml", "DVC"),
        ("m/live/dvc.lock", "DVC"),
        ("m/live/rows.csv.dvc", "DVC"),
        ("m/live/params.yaml", "made from it"),
        ("m/live/params.yaml/a.json", "made from it"),
        ("m/live", "made from it"),
        ("m/live/a.png", "not JSON"),
        ("m/live/json", "not JSON"),
    ],
)
def test_check_file__returns_the_reason(path: str, reason: str) -> None:
    assert reason in str(check_file(path))


_PART = st.sampled_from(
    ["m", "live", "metrics.json", "data", ".github", "..", "", "dvc.yaml", "a.csv"]
)


@given(
    st.lists(_PART, min_size=1, max_size=4).map("/".join),
    st.lists(st.lists(_PART, min_size=1, max_size=3).map("/".join), max_size=4),
    st.lists(st.lists(_PART, min_size=1, max_size=3).map("/".join), max_size=4),
)
def test_check_file__allows_no_input_and_no_hidden_file(
    path: str, places: list[str], inputs: list[str]
) -> None:
    outputs = [GitOutput(place, is_measure=True) for place in places]
    if git_outputs.check_file(path, size_bytes=1, outputs=outputs, inputs=inputs):
        return
    assert path not in inputs
    assert git_outputs.covers(outputs, path)
    assert not any(part.startswith(".") or not part for part in path.split("/"))
    assert not path.endswith("dvc.yaml")


LOCK: dict[str, dict[str, Any]] = {
    "m/dvc.lock": {
        "train": {"cmd": "t", "outs": [{"path": "metrics.json", "md5": "1"}, {"path": "live"}]},
        "other": {"cmd": "o"},
    },
    "dvc.lock": {"train": {"cmd": "t"}},
    "../dvc.lock": {"train": {"cmd": "t"}},
}


def test_of_stages__keeps_those_and_no_other() -> None:
    wanted = ("m/dvc.yaml:train", "m/dvc.yaml:gone", "n/dvc.yaml:train", "../dvc.yaml:train")
    of_stages = dvc_lock.of_stages(LOCK, wanted)
    assert {path: set(stages) for path, stages in of_stages.items()} == {"m/dvc.lock": {"train"}}
    assert dvc_lock.of_stages(LOCK, ("dvc.yaml:train",)) == {"dvc.lock": {"train": {"cmd": "t"}}}


def test_digest__is_the_md5_of_that_output() -> None:
    assert dvc_lock.digest(LOCK, OUTPUTS[0]) == "1"
    assert dvc_lock.digest(LOCK, OUTPUTS[2]) == ""
    live = GitOutput("m/live", is_measure=True, stage="m/dvc.yaml:train", written="live")
    assert dvc_lock.digest(LOCK, live) == ""
    assert dvc_lock.digest({"m/dvc.lock": {"train": {"cmd": "t"}}}, live) == ""
