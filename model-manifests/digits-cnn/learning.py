"""How the network learns: data that stay on the device, one step, many steps; no file may enter.

A step reads nothing but tensors that are on the device already, and nothing of it is read back: on
a GPU it is captured once as a CUDA graph and replayed, so that Python costs next to nothing.
Which pictures a step sees follows from the seed and the number of the epoch alone. So the state is
the weights, the optimizer's moments and the number of the step, and going on is the same as never
having stopped.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
import torch.distributed as dist
from network import Network
from torch import Tensor, nn
from torch.nn import functional

# Every picture is learnt from as it is and moved by one pixel, in each of the eight directions.
SHIFTS = [(down, right) for down in (0, -1, 1) for right in (0, -1, 1)]
WARM_UP = 0.1


@dataclass(frozen=True, slots=True)
class Place:
    """Where this process computes, and which of `size` it is."""

    device: torch.device
    rank: int = 0
    size: int = 1

    @property
    def is_cuda(self) -> bool:
        return self.device.type == "cuda"


class Learning:
    """One network on its way from the first step to the last.

    `pictures` are (n, 1, 8, 8) in [0, 1], `digits` (n,); `settings` is the group `learning` of
    params.yaml; at most `stretch_epochs` are learnt at a stretch. With several processes each
    takes its share of every batch.
    """

    def __init__(
        self,
        network: Network,
        pictures: Tensor,
        digits: Tensor,
        *,
        settings: Mapping[str, Any],
        stretch_epochs: int,
        place: Place,
    ) -> None:
        self.seed, self.batch = int(settings["seed"]), int(settings["batch"])
        self.rows = len(digits)
        self.steps_per_epoch = self.rows // self.batch
        self.steps = self.steps_per_epoch * int(settings["epochs"])
        if not self.steps or self.batch % place.size:
            raise SystemExit(
                f"learning.batch is {self.batch}: at most {self.rows} rows, and a multiple of the "
                f"{place.size} processes"
            )
        self.place = place
        self.network = network.to(place.device)
        self.images = torch.cat([torch.roll(pictures, by, (2, 3)) for by in SHIFTS])
        self.images = self.images.to(place.device)
        self.labels = digits.repeat(len(SHIFTS)).to(place.device)
        self.schedule = schedule(self.steps, peak=float(settings["rate"])).to(place.device)
        # Which row of the order comes next, and which step: counted together, in one kernel.
        self.counts = torch.zeros(2, dtype=torch.int64, device=place.device)
        self.row, self.step = self.counts[:1], self.counts[1:]
        self.loss_sum = torch.zeros((), device=place.device)
        self.optimizer = torch.optim.AdamW(
            self.network.parameters(),
            lr=torch.tensor(0.0, device=place.device),
            weight_decay=float(settings["decay"]),
            fused=True,
            capturable=place.is_cuda,
        )
        self._loss = self._loss_of(is_compiled=bool(settings["compile"]))
        # The batches of the steps to come, a row each; filled before every stretch of steps.
        self.stretch = max(1, stretch_epochs) * self.steps_per_epoch
        shape = (self.stretch, self.batch // place.size)
        self.order = torch.zeros(shape, dtype=torch.int64, device=place.device)
        self._advance = self._prepared()

    def state(self) -> dict[str, Tensor]:
        """Return all that changes while it learns, by name; the tensors are the live ones."""
        tensors = {f"network.{name}": each for name, each in self.network.state_dict().items()}
        for name, weight in self.network.named_parameters():
            for kind, each in self.optimizer.state[weight].items():
                tensors[f"optimizer.{name}.{kind}"] = each
        return tensors | {"step": self.step}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Go back to what `state` said; raises KeyError or RuntimeError for one of another kind."""
        live = self.state()
        if live.keys() != state.keys():
            raise KeyError(f"{min(live.keys() ^ state.keys())} is in one of the two alone")
        with torch.no_grad():
            for name, each in live.items():
                each.copy_(state[name])

    def run(self, start: int, end: int, *, is_stopped: Callable[[], bool]) -> int:
        """Take the steps from `start` to before `end`; return where it came to.

        `end` is at most `stretch` steps from `start`. `is_stopped` is asked after every step;
        nothing else of the world is.
        """
        self.order[: end - start].copy_(self.batches(start, end))
        self.row.zero_()
        self.loss_sum.zero_()
        for done in range(start, end):
            self._advance()
            if is_stopped():
                return done + 1
        return end

    def batches(self, start: int, end: int) -> Tensor:
        """Return which images each step sees, this process's share of them: one row a step."""
        epochs = range(start // self.steps_per_epoch, -(-end // self.steps_per_epoch))
        rows = torch.cat([self._epoch(number) for number in epochs])
        first = epochs[0] * self.steps_per_epoch
        return rows[start - first : end - first, self.place.rank :: self.place.size]

    def mean_loss(self, steps: int) -> float:
        """The mean over the last stretch of steps; waits for the device."""
        return float(self.loss_sum) / max(1, steps)

    def _epoch(self, number: int) -> Tensor:
        generator = torch.Generator().manual_seed(self.seed * 1_000_003 + number)
        rows = torch.randperm(self.rows, generator=generator)
        shifts = torch.randint(len(SHIFTS), (self.rows,), generator=generator)
        kept = (shifts * self.rows + rows)[: self.steps_per_epoch * self.batch]
        return kept.view(self.steps_per_epoch, self.batch)

    def _loss_of(self, *, is_compiled: bool) -> Callable[[Tensor, Tensor], Tensor]:
        model: nn.Module = self.network
        if self.place.size > 1:
            model = nn.parallel.DistributedDataParallel(model)

        def loss(images: Tensor, labels: Tensor) -> Tensor:
            # The cache of autocast would hand a graph the weights of another replay.
            with torch.autocast(
                self.place.device.type,
                dtype=torch.bfloat16,
                enabled=self.place.is_cuda,
                cache_enabled=False,
            ):
                return functional.cross_entropy(model(images), labels)

        return torch.compile(loss) if is_compiled else loss

    def _one_step(self) -> None:
        """Learn from the next row of the order; everything it needs is on the device."""
        chosen = self.order.index_select(0, self.row).view(-1)
        rate = self.optimizer.param_groups[0]["lr"]
        torch.index_select(self.schedule, 0, self.step, out=rate.view(1))
        loss = self._loss(self.images.index_select(0, chosen), self.labels.index_select(0, chosen))
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        self.loss_sum += loss.detach()
        self.counts += 1

    def _prepared(self) -> Callable[[], None]:
        """Return the step as it is to be taken; what trying it out has changed is put back.

        The optimizer makes its moments with its first step, and a graph may only be captured once
        every library has made its buffers.
        """
        weights = {name: each.clone() for name, each in self.network.state_dict().items()}
        advance = self._captured() if self.place.is_cuda and self.place.size == 1 else self._eager()
        with torch.no_grad():
            for name, each in self.state().items():
                kind, _, rest = name.partition(".")
                each.copy_(weights[rest]) if kind == "network" else each.zero_()
        return advance

    def _eager(self) -> Callable[[], None]:
        self._one_step()
        return self._one_step

    def _captured(self) -> Callable[[], None]:
        aside = torch.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            for _ in range(3):
                self.counts.zero_()
                self._one_step()
        torch.cuda.current_stream().wait_stream(aside)
        self.counts.zero_()
        graph = torch.cuda.CUDAGraph()
        self.optimizer.zero_grad(set_to_none=True)
        with torch.cuda.graph(graph):
            self._one_step()
        return graph.replay


def schedule(steps: int, *, peak: float) -> Tensor:
    """Return the learning rate of every step: up in a straight line, down along half a cosine."""
    rise = max(1, round(steps * WARM_UP))
    fall = max(1, steps - rise)
    rates = [
        peak * (n + 1) / rise
        if n < rise
        else peak * 0.5 * (1 + math.cos(math.pi * (n - rise) / fall))
        for n in range(steps)
    ]
    return torch.tensor(rates)


def device() -> torch.device:
    """A GPU of its own for each process, or the processor."""
    if not torch.cuda.is_available():
        return torch.device("cpu")
    return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))


def place() -> Place:
    """Join the other processes when torchrun started this one."""
    joined = Place(
        device(), int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
    )
    if joined.is_cuda:
        torch.cuda.set_device(joined.device)
    if joined.size > 1:
        dist.init_process_group("nccl" if joined.is_cuda else "gloo")
    return joined
