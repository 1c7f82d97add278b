"""A program that is started as several, as a manifest says it."""

from __future__ import annotations

import pytest

from interlock import manifests
from interlock.domain.model.manifest import Launcher, Training
from tests.unit.manifests import examples


def read(*lines: str) -> tuple[Training | None, list[str]]:
    text = examples.SOUND + "".join(f"{line}\n" for line in lines)
    manifest, diagnostics = manifests.read(text.encode(), path=examples.PATH)
    return (manifest.training if manifest else None), [each.message for each in diagnostics]


def test_training__of_several_processes() -> None:
    assert read("training: {launcher: torchrun, gpus: 1}") == (Training(Launcher.TORCHRUN, 1), [])
    assert read() == (None, [])


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("training: {launcher: torchrun, gpus: 2}", "2 processes need one GPU each"),
        ("training: {launcher: mpirun, gpus: 1}", "torchrun"),
        ("training: {launcher: torchrun}", "gpus"),
        ("training: {launcher: torchrun, gpus: 0}", "0"),
        ("training: torchrun", "training"),
    ],
)
def test_training__that_makes_no_sense_is_complained_of(line: str, words: str) -> None:
    training, lines = read(line)
    assert training is None
    assert len(lines) == 1
    assert words in lines[0]
