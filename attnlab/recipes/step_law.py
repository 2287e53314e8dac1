"""The law of a step in many processes: what is computed, what is sent, and what hides behind what.

    seconds = compute + max(0, communicate - hidden)

All is pure arithmetic on what a machine can do. What larger machines can, and what was reached on
them, was published; what a small one can is stored, of two cores of a processor.

python -m attnlab.recipes.step_law      measures this machine, and keeps the least of all times
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from attnlab.training.launching import launched

STORED = Path(__file__).with_suffix(".json")
"""Where the times of a small machine lie."""

COUNTS = (1, 2, 4)
"""In how many processes it was measured."""


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """Accelerators in servers, and what joins them.

    Args:
        flops: that one accelerator really reaches, a second.
        inside: bytes a second that each can send to another one in its server.
        between: bytes a second that each can send to another server.
        latency: seconds until a message begins to arrive.
        server: how many accelerators share a server.
    """

    flops: float
    inside: float
    between: float
    latency: float = 10e-6
    server: int = 8


A100 = Cluster(flops=0.4 * 312e12, inside=300e9, between=25e9)
"""NVIDIA's DGX A100: 312 TFLOP/s in 16 bits at most, of which 40 % are taken; 600 GB/s of NVLink
both ways together; 200 Gbit/s of InfiniBand for each accelerator."""

P100 = Cluster(flops=float("nan"), inside=80e9, between=50e9 / 8 / 8)
"""Facebook's Big Basin of 2017: NVLink inside, one card of 50 Gbit/s for the 8 of a server. Its
times are given, so nothing is said of its FLOP/s."""

V100 = Cluster(flops=39e12, inside=150e9, between=100e9 / 16, server=16)
"""NVIDIA's DGX-2H: 39 TFLOP/s reached by one alone; 300 GB/s of NVSwitch both ways together;
100 GB/s of InfiniBand for the 16 of a server."""


def ring_seconds(size: float, processes: int, bandwidth: float, latency: float = 0.0) -> float:
    """How long an all-reduce in a ring takes: 2 (P - 1) messages of size / P bytes, each way.

        seconds = 2 (P - 1) (latency + size / (P bandwidth))

    >>> round(ring_seconds(100e6, 4, 1e9), 6)
    0.15

    Source: Patarasuk and Yuan 2009, "Bandwidth optimal all-reduce algorithms for clusters of
    workstations".
    """
    return 2 * (processes - 1) * (latency + size / (processes * bandwidth))


def all_reduce_seconds(size: float, processes: int, cluster: Cluster) -> float:
    """The same in servers: a ring inside each, and rings between them, one for each place.

    A server's sums are shared out inside before anything leaves it, so that each accelerator sends
    size / server bytes to the next server.

    >>> all_reduce_seconds(100e6, 16, A100) > all_reduce_seconds(100e6, 8, A100)
    True
    """
    within = min(processes, cluster.server)
    servers = -(-processes // cluster.server)
    inside = ring_seconds(size, within, cluster.inside, cluster.latency)
    return inside + ring_seconds(size / within, servers, cluster.between, cluster.latency)


def step_seconds(compute: float, communicate: float, hidden: float = 0.0) -> float:
    """The time of a step: what can be sent while something is computed costs nothing.

    Args:
        compute: seconds of forward and backward in each process.
        communicate: seconds of the all-reduce.
        hidden: for so many of these there is still something to compute: 0 if gradients are sent
            when all are there, and at most two thirds of `compute`, the backward pass.

    >>> step_seconds(2.0, 0.5), step_seconds(2.0, 0.5, hidden=0.4), step_seconds(2.0, 0.5, 1.3)
    (2.5, 2.1, 2.0)
    """
    return compute + max(0.0, communicate - hidden)


def training_flops(parameters: float, tokens: float) -> float:
    """What a Transformer's training computes: 2 for each parameter and token forward, 4 backward.

        FLOPs = 6 N D

    >>> f"{training_flops(405e9, 15.6e12):.1e}"
    '3.8e+25'

    Source: Kaplan et al. 2020, "Scaling Laws for Neural Language Models", section 2.1.
    """
    return 6 * parameters * tokens


def language_model_step(
    processes: int, *, parameters: float, tokens: float, cluster: Cluster = A100, grows: bool
) -> float:
    """Seconds of a data-parallel step of a language model, gradients in 16 bits sent meanwhile.

    Args:
        processes: one for each accelerator.
        parameters: of the model.
        tokens: of a batch; for each process if it grows.
        cluster: the accelerators.
        grows: whether the batch grows with the processes (weak scaling) or is shared by them
            (strong scaling).
    """
    compute = training_flops(parameters, tokens) / cluster.flops / (1 if grows else processes)
    communicate = all_reduce_seconds(2 * parameters, processes, cluster)
    return step_seconds(compute, communicate, hidden=2 / 3 * compute)


def amdahl(serial: float, processes: float) -> float:
    """How many times as fast P processes are, if a share of the work cannot be divided.

        speed-up = 1 / (serial + (1 - serial) / P)

    >>> round(amdahl(0.05, 1024), 1)
    19.6

    Source: Amdahl 1967, "Validity of the single processor approach to achieving large scale
    computing capabilities".
    """
    return 1 / (serial + (1 - serial) / processes)


def gustafson(serial: float, processes: float) -> float:
    """How much more P processes do in the same time, if what can be divided grows with them.

        speed-up = serial + (1 - serial) P

    >>> round(gustafson(0.05, 1024), 1)
    972.8

    Source: Gustafson 1988, "Reevaluating Amdahl's law".
    """
    return serial + (1 - serial) * processes


def fitted(times: Iterable[tuple[float, float]], processes: int) -> tuple[float, float]:
    """Latency and bandwidth of a ring, by least squares of the relative errors.

    Args:
        times: pairs of bytes and seconds.
        processes: how many took part, at least 2.

    Returns:
        latency in seconds, bandwidth in bytes a second; see `ring_seconds`.

    Raises:
        ValueError: fewer than two pairs or processes.

    >>> latency, bandwidth = fitted([(s, ring_seconds(s, 4, 2e9, 1e-4)) for s in (1e3, 1e8)], 4)
    >>> round(latency, 6), round(bandwidth)
    (0.0001, 2000000000)
    """
    size, seconds = np.array(list(times), float).reshape(-1, 2).T
    if processes < 2 or len(size) < 2:
        raise ValueError(
            f"there are {len(size)} times of {processes} processes: two numbers are fitted, so "
            "give at least two sizes, and at least two processes"
        )
    messages = 2 * (processes - 1)
    columns = np.column_stack([np.full(len(size), messages), messages * size / processes])
    latency, per_byte = np.linalg.lstsq(columns / seconds[:, None], np.ones(len(size)))[0]
    return max(float(latency), 0.0), 1 / float(per_byte)


@dataclass(frozen=True, kw_only=True)
class Published:
    """What was measured on many accelerators, and what the law says of it.

    Args:
        what: which training, and who told of it.
        few, many: from how many accelerators to how many.
        compute: seconds of a step that each computes.
        exposed: seconds of messages that nothing can hide.
        communicate: seconds of the gradients' all-reduce.
        hidden: for so many of them there is something to compute.
        reached: the share of the ideal speed that was measured.
    """

    what: str
    few: int
    many: int
    compute: float
    exposed: float
    communicate: float
    hidden: float
    reached: float

    @property
    def without_overlap(self) -> float:
        """The share of the ideal speed by the law, if gradients wait until all are there."""
        return self._share(0.0)

    @property
    def with_overlap(self) -> float:
        """The same if they are sent during the backward pass."""
        return self._share(self.hidden)

    def _share(self, hidden: float) -> float:
        compute = self.compute + self.exposed
        return self.compute / step_seconds(compute, self.communicate, hidden)


def _resnet() -> Published:
    """32 images for each of 256 P100: 25.6 million parameters, of which 100 MB are sent."""
    backward = 0.12
    return Published(
        what="ResNet-50, Goyal et al. 2017",
        few=8,
        many=256,
        compute=1.5 * backward,  # forward takes half of the time of backward
        exposed=0.0,
        communicate=all_reduce_seconds(4 * 25.6e6, 256, P100),
        hidden=backward,
        reached=0.90,
    )


def _megatron() -> Published:
    """8.3 billion parameters, each layer cut into 8, 64 copies of that; 8 sequences for a copy."""
    parameters, cut, copies = 8.3e9, 8, 64
    layers, width, tokens = 72, 3072, 8 * 1024
    compute = 8 / 6 * training_flops(parameters, tokens) / cut / V100.flops  # forward twice
    sums = 6 * layers  # of the layers' outputs: two forward, two when it is repeated, two backward
    return Published(
        what="GPT-2 of 8.3 billion, Shoeybi et al. 2019",
        few=1,
        many=cut * copies,
        compute=compute,
        exposed=sums * ring_seconds(2 * tokens * width, cut, V100.inside, V100.latency),
        communicate=ring_seconds(2 * parameters / cut, copies, V100.between, V100.latency),
        hidden=compute / 2,  # backward, of forward, forward again and backward
        reached=15.1e15 / 512 / 39e12,
    )


PUBLISHED = (_resnet(), _megatron())
"""Two trainings of which enough was told to put it into the law."""


def measured() -> dict[str, dict[str, list[dict[str, Any]]]]:
    """The stored times: by the number of processes, those of a step and those of an all-reduce.

    A row has the keys that `step_times.measured` and `collectives.all_reduce_times` name. All
    seconds are the least of several launches, since what else runs on a machine only adds.

    >>> list(measured()), sorted(measured()["2"])
    (['1', '2', '4'], ['all_reduce_times', 'step_times'])
    """
    return json.loads(STORED.read_text(encoding="utf-8"))["processes"]


def step_of(processes: int, width: int, *, grows: bool = False) -> dict[str, Any]:
    """The stored row of a step: of so many processes, and layers of this width.

    Raises:
        StopIteration: nothing is stored of these.

    >>> step_of(2, 512)["rows"]
    512
    """
    rows = measured()[str(processes)]["step_times"]
    return next(row for row in rows if row["width"] == width and row["grows"] is grows)


def ring_of(processes: int) -> tuple[float, float]:
    """Latency and bandwidth, fitted to the stored times of an all-reduce; see `fitted`.

    >>> ring_of(2)[0] > 0
    True
    """
    rows = measured()[str(processes)]["all_reduce_times"]
    return fitted([(row["bytes"], row["least"]) for row in rows], processes)


def _measure() -> None:
    """Measure once more, and keep the least of what is stored and what is found."""
    kept: dict[str, Any] = measured() if STORED.exists() else {}
    for processes in COUNTS:
        names = "step_times", "all_reduce_times"
        found = launched("attnlab.recipes.in_processes", processes, *names, seconds=120)
        old = kept.get(str(processes), found)
        kept[str(processes)] = {name: _least(old[name], found[name]) for name in names}
        text = json.dumps({"command": "python -m attnlab.recipes.step_law", "processes": kept})
        STORED.write_text(_a_row_a_line(text), encoding="utf-8", newline="\n")


def _least(one: list[dict], other: list[dict]) -> list[dict]:
    return [
        {
            name: round(min(value, b[name]), 6) if isinstance(value, float) else value
            for name, value in a.items()
        }
        for a, b in zip(one, other, strict=True)
    ]


def _a_row_a_line(text: str) -> str:
    return text.replace("{", "\n{").strip() + "\n"


if __name__ == "__main__":
    _measure()
