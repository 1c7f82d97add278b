"""The convolutional example: what it learns, and that stopping it changes nothing."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import polars as pl
import pytest

from . import cnn
from .cnn import Bench

torch = pytest.importorskip("torch", reason="it comes with the extra gpu")
safetensors = pytest.importorskip("safetensors.torch", reason="it comes with the extra gpu")
TORCHRUN = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2")
EPOCHS = 4
STEPS_PER_EPOCH = 870 // 64


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """A short training that nobody disturbed."""
    bench = cnn.open_bench(tmp_path_factory.mktemp("whole"), epochs=EPOCHS)
    bench.finish()
    return bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return cnn.open_bench(tmp_path, epochs=EPOCHS)


def marks(bench: Bench) -> list[int]:
    return [json.loads(p.read_text())["step"] for p in sorted(bench.checkpoints.glob("*.json"))]


def test_training__as_committed_holds_its_gates(tmp_path: Path) -> None:
    bench = cnn.open_bench(tmp_path)
    bench.finish()
    rows = bench.workshop.predictions(cnn.MODEL)
    scores = [name for name in rows.columns if name.startswith("score_")]
    assert rows.columns == ["id", "target", "prediction", "stroke", *scores]
    assert len(scores) == 10
    measured = bench.workshop.metrics(cnn.MODEL)["test"]
    assert measured["rows"] == rows.height == 927
    assert measured["f1_macro"] == pytest.approx(0.987, abs=0.008)
    right = rows.group_by("stroke").agg((pl.col("target") == pl.col("prediction")).mean())
    assert min(right["target"]) > 0.96
    weights = safetensors.load_file(bench.folder / "model/weights.safetensors")
    assert sum(each.numel() for each in weights.values()) < 50_000
    # Nobody killed it, and what it stored on the way is of the last two stretches.
    assert marks(bench) == [50 * STEPS_PER_EPOCH, 55 * STEPS_PER_EPOCH]


def test_training__twice_gives_the_same_bytes(whole: Bench, bench: Bench) -> None:
    bench.finish()
    assert bench.digests() == whole.digests()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_training__stopped_by_a_signal_stores_where_it_is_and_goes_on(
    whole: Bench, bench: Bench, number: signal.Signals
) -> None:
    process = bench.start()
    cnn.wait_for(f"step {STEPS_PER_EPOCH} of", process)
    process.send_signal(number)
    text, _ = process.communicate(timeout=60)
    assert process.returncode == 128 + number, text
    last = marks(bench)[-1]
    assert STEPS_PER_EPOCH <= last < EPOCHS * STEPS_PER_EPOCH
    assert f"stopped by signal {int(number)} after step {last}" in text
    assert f"going on after step {last}" in bench.finish()
    assert bench.digests() == whole.digests()


def test_training__passes_over_what_is_damaged_or_of_another_training(
    whole: Bench, bench: Bench
) -> None:
    bench.finish()
    older, newer = sorted(bench.checkpoints.glob("*.state"))
    damaged = bytearray(newer.read_bytes())
    damaged[-1] ^= 1
    newer.write_bytes(damaged)
    text = bench.finish()
    assert f"checkpoint {newer.stem} is not used: its bytes are not those" in text
    assert f"going on after step {int(older.stem.removeprefix('step-'))}" in text
    assert bench.digests() == whole.digests()
    text = bench.finish(fingerprint="e" * 64)
    assert text.count("it is of another training") == 2
    assert "going on" not in text
    for mark in bench.checkpoints.glob("*.json"):
        mark.write_text("{")
    assert bench.finish().count("it cannot be read") == 2
    assert bench.digests() == whole.digests()


def test_training__in_two_processes_learns_from_the_same_batches(
    whole: Bench, bench: Bench
) -> None:
    """Sums in another order are other bytes: nearly the same weights, the same predictions."""
    text = bench.finish(*TORCHRUN)
    assert "one of 2" in text
    one, two = (
        safetensors.load_file(each.folder / "model/weights.safetensors") for each in (whole, bench)
    )
    apart = max(float((one[name] - two[name]).abs().max()) for name in one)
    assert 0 <= apart < 1e-3
    first, second = (each.workshop.predictions(cnn.MODEL) for each in (whole, bench))
    both = first.join(second, on="id", suffix="_of_two")
    assert both.filter(pl.col("prediction") != pl.col("prediction_of_two")).height <= 4


def test_training__in_two_processes_is_stopped_by_a_signal_and_goes_on(bench: Bench) -> None:
    process = bench.start(*TORCHRUN)
    cnn.wait_for(f"step {STEPS_PER_EPOCH} of", process)
    process.send_signal(signal.SIGINT)
    text, _ = process.communicate(timeout=60)
    assert process.returncode != 0, text
    assert "stopped by signal" in text
    assert f"going on after step {marks(bench)[-1]}" in bench.finish(*TORCHRUN)
