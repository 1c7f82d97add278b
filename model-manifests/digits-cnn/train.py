"""Teaches a convolutional network handwritten digits, on a GPU when there is one.

Killed and started again, it goes on from its newest checkpoint. INT and TERM make it write one and
end. Under torchrun each process takes its share of every batch.
"""

from __future__ import annotations

import os
import platform
import signal
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

# For cuBLAS to compute the same sums in the same order; read when CUDA starts.
os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")

import polars as pl
import torch
import torch.distributed as dist
import yaml
from safetensors.torch import load, save
from sklearn.metrics import accuracy_score, f1_score, log_loss
from torch import Tensor

# The folder above holds what the models share; programs run with their own folder on the path.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import learning
from network import CLASSES, SIDE, Network
from shared import checkpoints, outputs

DATA = Path("../digits/prepared")
GREY_STEPS = 16
# What decides the numbers in a model, next to its inputs.
LIBRARIES = ("numpy", "safetensors", "torch")


class Stopped:
    """Whether the training must stop: `number` is that of the signal, 0 without one.

    Asked after every step. Of several processes one may hear of it before the others, which would
    wait for it for ever: they agree every few steps, and go by that.
    """

    AGREE_STEPS = 8

    def __init__(self) -> None:
        self.number = self._last_signal = self._checks = 0
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._hear)

    def _hear(self, number: int, _: object) -> None:
        self._last_signal = number

    def __call__(self) -> bool:
        self._checks += 1
        if not dist.is_initialized():
            self.number = self._last_signal
        elif self._checks % self.AGREE_STEPS == 0:
            signal_tensor = torch.tensor(self._last_signal, device=learning.device())
            dist.all_reduce(signal_tensor, dist.ReduceOp.MAX)
            self.number = int(signal_tensor)
        return self.number != 0


def main() -> int:
    stopped = Stopped()
    params = yaml.safe_load(Path("params.yaml").read_text("utf-8"))
    place = learning.place()
    steady(params["learning"]["seed"], is_cuda=place.is_cuda)
    train, test = (pl.read_parquet(DATA / f"{name}.parquet") for name in ("train", "test"))
    run = learning.Learning(
        Network(**params["network"]),
        *tensors(train),
        settings=params["learning"],
        stretch_epochs=params["checkpoint"]["epochs"],
        place=place,
    )
    tell(place, f"train: {train.height} rows, {run.steps} steps on {words(place)}")
    try:
        if not learn(run, checkpoints.open_shelf(), stopped):
            return 128 + stopped.number
        if place.rank == 0:
            leave(run, params, train=train, test=test)
    finally:
        if place.size > 1:
            dist.destroy_process_group()
    return 0


def steady(seed: int, *, is_cuda: bool) -> None:
    """Let equal inputs give equal bytes: one seed, one order of every sum."""
    torch.manual_seed(seed)
    torch.use_deterministic_algorithms(True)
    # It would fill every new tensor first; nothing here reads what nobody wrote.
    torch.utils.deterministic.fill_uninitialized_memory = False
    torch.backends.cudnn.benchmark = False
    if not is_cuda:
        torch.set_num_threads(1)


def learn(run: learning.Learning, shelf: checkpoints.Shelf, stopped: Stopped) -> bool:
    """Take every step that is left, with a checkpoint after each stretch; False when stopped."""
    step = resume(run, shelf)
    while step < run.steps:
        goal = min(run.steps, (step // run.stretch + 1) * run.stretch)
        reached = run.run(step, goal, is_stopped=stopped)
        if run.place.rank == 0 and reached < run.steps:
            shelf.save(save(on_cpu(run)), step=reached, of=run.steps)
        loss = run.mean_loss(reached - step)
        tell(run.place, f"train: step {reached} of {run.steps}, loss {loss:.4f}")
        step = reached
        if stopped.number and step < run.steps:
            tell(run.place, f"train: stopped by signal {stopped.number} after step {step}")
            return False
    return True


def resume(run: learning.Learning, shelf: checkpoints.Shelf) -> int:
    """Take up the newest checkpoint; return the step that comes next, 0 without one."""
    checkpoint = shelf.newest()
    if checkpoint is None:
        return 0
    step, content = checkpoint
    run.restore(load(content))
    tell(run.place, f"train: going on after step {step}")
    return step


def leave(
    run: learning.Learning, params: dict[str, Any], *, train: pl.DataFrame, test: pl.DataFrame
) -> None:
    """Write the weights, the predictions on the test rows, and the numbers."""
    pictures, digits = tensors(test)
    run.network.eval()
    with torch.no_grad():
        logits = run.network(pictures.to(run.place.device))
    scores = torch.softmax(logits.float().cpu(), dim=1).double()
    scores = (scores / scores.sum(dim=1, keepdim=True)).numpy()
    predicted = scores.argmax(axis=1)
    names = [str(digit) for digit in range(CLASSES)]
    outputs.write_predictions(
        Path("predictions.parquet"),
        test,
        target="digit",
        prediction=predicted,
        scores=dict(zip(names, scores.T, strict=True)),
        slices=["stroke"],
    )
    size_bytes = write_model(Path("model"), run.network, params=params, classes=names)
    truth = digits.numpy()
    f1_macro = float(f1_score(truth, predicted, average="macro"))
    outputs.write_json(
        Path("metrics.json"),
        {
            "test": {
                "accuracy": float(accuracy_score(truth, predicted)),
                "f1_macro": f1_macro,
                "log_loss": float(log_loss(truth, scores)),
                "rows": test.height,
            },
            "train": {"rows": train.height, "steps": run.steps},
        },
    )
    print(f"train: macro F1 {f1_macro:.4f} on {test.height} rows, model {size_bytes} bytes")


def write_model(
    folder: Path, network: Network, *, params: dict[str, Any], classes: list[str]
) -> int:
    """Write `weights.safetensors` and `card.json`; return the size of the weights in bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    state = {name: each.cpu().contiguous() for name, each in network.state_dict().items()}
    weights = save(state)
    (folder / "weights.safetensors").write_bytes(weights)
    versions = {name: metadata.version(name) for name in LIBRARIES}
    card = {
        "model": "digits-cnn",
        "task": "multiclass",
        "format": "safetensors",
        "network": params["network"],
        "classes": classes,
        "libraries": versions | {"python": platform.python_version()},
    }
    outputs.write_json(folder / "card.json", card)
    return len(weights)


def tensors(rows: pl.DataFrame) -> tuple[Tensor, Tensor]:
    """Return pictures of shape (n, 1, 8, 8), grey in [0, 1], and the digits."""
    pixels = rows.select(name for name in rows.columns if name.startswith("pixel_"))
    grey = torch.tensor(pixels.to_numpy(), dtype=torch.float32) / GREY_STEPS
    digits = torch.tensor(rows["digit"].to_numpy(), dtype=torch.int64)
    return grey.view(-1, 1, SIDE, SIDE), digits


def on_cpu(run: learning.Learning) -> dict[str, Tensor]:
    return {name: each.detach().cpu().contiguous() for name, each in run.state().items()}


def words(place: learning.Place) -> str:
    where = torch.cuda.get_device_name(place.device) if place.is_cuda else "the processor"
    return where if place.size == 1 else f"{where}, one of {place.size}"


def tell(place: learning.Place, line: str) -> None:
    if place.rank == 0:
        print(line, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
