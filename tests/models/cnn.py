"""Trains the convolutional example in a scratch copy, a few epochs of it; no assertions here.

It needs torch, which the development group has not: see the step of .ci/run that brings it.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import yaml

from .workshop import Workshop, open_workshop

MODEL = "digits-cnn"
OUTPUTS = ("model/weights.safetensors", "model/card.json", "predictions.parquet", "metrics.json")
FINGERPRINT = "f" * 64


@dataclass(frozen=True, slots=True)
class Bench:
    """A copy with prepared data; `checkpoints` is where a training that is told so keeps them."""

    workshop: Workshop
    checkpoints: Path

    @property
    def folder(self) -> Path:
        return self.workshop.folder(MODEL)

    def start(self, *launcher: str, fingerprint: str = FINGERPRINT) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, *launcher, "train.py"],
            cwd=self.folder,
            env=self.environment(fingerprint=fingerprint),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def environment(self, *, fingerprint: str = FINGERPRINT) -> dict[str, str]:
        return self.workshop.environment() | {
            "INTERLOCK_CHECKPOINT_DIR": str(self.checkpoints),
            "INTERLOCK_FINGERPRINT": fingerprint,
            "OMP_NUM_THREADS": "1",
            "CUDA_VISIBLE_DEVICES": "",
        }

    def finish(self, *launcher: str, fingerprint: str = FINGERPRINT) -> str:
        """Train to the end; return what was printed."""
        process = self.start(*launcher, fingerprint=fingerprint)
        text, _ = process.communicate(timeout=240)
        assert process.returncode == 0, text
        return text

    def digests(self) -> dict[str, str]:
        return {
            name: hashlib.sha256((self.folder / name).read_bytes()).hexdigest() for name in OUTPUTS
        }


def open_bench(folder: Path, *, epochs: int | None = None, every: int = 1) -> Bench:
    """Copy the examples and prepare the digits; `epochs` in place of the committed number."""
    workshop = open_workshop(folder / "workshop")
    workshop.make_data("digits")
    workshop.run("digits", "python", "prepare.py")
    path = workshop.folder(MODEL) / "params.yaml"
    params = yaml.safe_load(path.read_text("utf-8"))
    if epochs is not None:
        params["learning"]["epochs"] = epochs
        params["checkpoint"]["epochs"] = every
        path.write_text(yaml.safe_dump(params), "utf-8")
    return Bench(workshop, folder / "checkpoints")


def wait_for(word: str, process: subprocess.Popen[str]) -> str:
    """Read what it prints up to a line with this word; return that line."""
    assert process.stdout is not None
    printed = []
    for line in process.stdout:
        printed.append(line)
        if word in line:
            return line
    raise AssertionError("".join(printed) + os.linesep + f"it ended without {word!r}")
