"""Which commands a launcher starts, and how."""

from __future__ import annotations

import pytest

from interlock.domain.model.manifest import Launcher, Training
from interlock.domain.training import launcher

LAUNCH = "-m torch.distributed.run --standalone --nproc-per-node=4"


def test_arguments__of_a_manifest_with_a_launcher_and_of_one_without() -> None:
    assert launcher.arguments(Training(Launcher.TORCHRUN, gpus=4)) == LAUNCH
    assert launcher.arguments(None) == ""


@pytest.mark.parametrize(
    ("command", "started"),
    [
        ("python train.py", f"python {LAUNCH} train.py"),
        (" python3.11  train.py --fast\n", f"python3.11 {LAUNCH} train.py --fast"),
        ("python -m acme.train", f"python {LAUNCH} -m acme.train"),
        ("/opt/venv/bin/python train.py", f"/opt/venv/bin/python {LAUNCH} train.py"),
        ("uv run python train.py", f"uv run python {LAUNCH} train.py"),
        (
            "uv run --no-sync --frozen python train.py",
            f"uv run --no-sync --frozen python {LAUNCH} train.py",
        ),
        ("python -u train.py", None),
        ("python", None),
        ("./train.sh", None),
        ("echo python train.py", None),
        ("pythonic train.py", None),
    ],
)
def test_launched__is_the_command_with_the_launcher_in_front_of_the_program(
    command: str, started: str | None
) -> None:
    assert launcher.launched(command, LAUNCH) == started
