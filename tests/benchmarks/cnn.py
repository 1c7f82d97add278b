"""How fast the convolutional example learns: `python tests/benchmarks/cnn.py` where torch is.

Prints samples per second of the example (schedule, shifted pictures, mean loss, as it is trained)
beside those of a bare loop that was tuned by hand for the same network, batch, precision and
determinism: data on the device, a fused optimizer, one captured graph a step on a GPU. Both are
measured in turns in one run; the target is 90 % of the bare loop. What storing a checkpoint costs
is told apart.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

_HERE = Path(__file__).resolve().parents[2]
_EXAMPLE = _HERE / "model-manifests" / "digits-cnn"
sys.path[:0] = [str(_EXAMPLE), str(_EXAMPLE.parent)]

import learning  # noqa: E402 - it lies where no package is
import network  # noqa: E402
import torch  # noqa: E402
import train  # noqa: E402
import yaml  # noqa: E402
from safetensors.torch import save  # noqa: E402
from sklearn.datasets import load_digits  # noqa: E402
from torch.nn import functional  # noqa: E402

ROWS = 870
Run = Callable[[], int]


def main() -> None:
    options = _options()
    params = yaml.safe_load((_EXAMPLE / "params.yaml").read_text("utf-8"))
    settings = params["learning"] | {"epochs": options.epochs, "batch": options.batch}
    settings["compile"] = options.compile
    place = learning.place()
    train.steady(7, is_cuda=place.is_cuda)
    bunch = load_digits()
    pictures = torch.tensor(bunch.images[:ROWS], dtype=torch.float32).unsqueeze(1) / 16
    digits = torch.tensor(bunch.target[:ROWS], dtype=torch.int64)
    made = learning.Learning(
        network.Network(**params["network"]),
        pictures,
        digits,
        settings=settings,
        stretch_epochs=params["checkpoint"]["epochs"],
        place=place,
    )
    bare = _bare(network.Network(**params["network"]), pictures, digits, options, place)
    name = torch.cuda.get_device_name() if place.is_cuda else "one core"
    print(f"torch {torch.__version__} on {name}, batches of {options.batch}, {made.steps} steps")
    _compare({"example": _example(made), "bare loop": bare}, options.rounds)
    seconds = _timed(lambda: len(save({n: t.cpu().clone() for n, t in made.state().items()})))[0]
    print(f"a checkpoint's state in memory: {seconds * 1000:.1f} ms")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--compile", action="store_true", help="torch.compile in the example")
    return parser.parse_args()


def _example(made: learning.Learning) -> Run:
    def run() -> int:
        for start in range(0, made.steps, made.stretch):
            end = min(made.steps, start + made.stretch)
            made.step.fill_(start)
            made.run(start, end, is_stopped=lambda: False)
            made.mean_loss(end - start)
        return int(made.steps * made.batch)

    return run


def _bare(
    model: network.Network,
    pictures: torch.Tensor,
    digits: torch.Tensor,
    options: argparse.Namespace,
    place: learning.Place,
) -> Run:
    model, pictures, digits = (each.to(place.device) for each in (model, pictures, digits))
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True, capturable=place.is_cuda)
    chosen = torch.zeros(options.batch, dtype=torch.int64, device=place.device)

    def step() -> None:
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast(
            place.device.type, torch.bfloat16, enabled=place.is_cuda, cache_enabled=False
        ):
            logits = model(pictures.index_select(0, chosen))
            loss = functional.cross_entropy(logits, digits.index_select(0, chosen))
        loss.backward()
        optimizer.step()

    advance = _captured(step) if place.is_cuda else step
    steps = len(digits) // options.batch

    def run() -> int:
        for _ in range(options.epochs):
            order = torch.randperm(len(digits), device=place.device)
            for number in range(steps):
                chosen.copy_(order[number * options.batch : (number + 1) * options.batch])
                advance()
        return int(options.epochs * steps * options.batch)

    return run


def _captured(step: Callable[[], None]) -> Callable[[], None]:
    aside = torch.cuda.Stream()
    aside.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(aside):
        for _ in range(3):
            step()
    torch.cuda.current_stream().wait_stream(aside)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    replay: Callable[[], None] = graph.replay
    return replay


def _compare(runs: dict[str, Run], rounds: int) -> None:
    speeds: dict[str, list[float]] = {name: [] for name in runs}
    for run in runs.values():
        run()
    for _ in range(rounds):
        for name, run in runs.items():
            seconds, samples = _timed(run)
            speeds[name].append(samples / seconds)
    for name, rates in speeds.items():
        spread = f"{min(rates):,.0f} to {max(rates):,.0f}"
        print(f"{name:10} {statistics.median(rates):12,.0f} samples/s ({spread})")
    ratios = [a / b for a, b in zip(*speeds.values(), strict=True)]
    print(f"ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")


def _timed(run: Run) -> tuple[float, int]:
    _settle()
    began = time.perf_counter()
    samples = run()
    _settle()
    return time.perf_counter() - began, samples


def _settle() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()


if __name__ == "__main__":
    main()
