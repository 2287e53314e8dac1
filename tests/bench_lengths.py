"""Attention to long sequences beside the fused full one: python tests/bench_lengths.py

One head of 64, forward, on two threads. Time is that of the fused full attention, measured in the
same run, in turn with it. Memory is what torch's allocator reports: the most that was held at once,
beyond what was handed in, in MB.
"""

import os
import time
from collections.abc import Callable
from statistics import median

os.environ.setdefault("KINETO_LOG_LEVEL", "99")  # the profiler's own words would be in between

import torch
from torch.profiler import ProfilerActivity, profile

from attnlab import attention, blockwise_attention, linear_attention, window_attention
from attnlab.nn import fused_attention

LENGTHS = {1024: 15, 4096: 7, 16384: 3, 32768: 1}  # so many words, measured so many times
Call = Callable[..., torch.Tensor]


def window(reach: int) -> Call:
    """A window of so many keys on either side, by the fused kernel."""
    return lambda *x: window_attention(*x, reach, attend=fused_attention)


# What is timed, with the most that it may take at the longest length, in times of the full one.
MEMBERS: dict[str, tuple[Call, float | None]] = {
    "window of 257": (window(128), 0.2),
    "window of 513": (window(256), None),
    "linear": (linear_attention, 0.1),
    "linear, causal": (lambda *x: linear_attention(*x, causal=True), 0.1),
}
UNFUSED: dict[str, Call] = {"unfused": attention, "blockwise": blockwise_attention}
FEW = 4096  # so many words at most for the unfused ones


def rows(row: Callable) -> None:
    """Say what was measured, by the function that bench.py says its rows with."""
    torch.set_num_threads(2)
    with torch.no_grad():
        for length, times in LENGTHS.items():
            _rows_of(row, length, times)


def _rows_of(row: Callable, length: int, times: int) -> None:
    arrays = torch.randn(3, 1, 1, length, 64).unbind()
    calls = {name: call for name, (call, _) in MEMBERS.items()}
    calls |= UNFUSED if length <= FEW else {}
    ratios, full = against_full(calls, arrays, times)
    held = memory(fused_attention, arrays)
    row(f"fused full attention, {length:,} words", f"{1000 * full:.1f} ms", f"{held:.1f} MB", None)
    for name, call in calls.items():
        limit = MEMBERS.get(name, (call, None))[1] if length == max(LENGTHS) else None
        reached = None if limit is None else ratios[name] <= limit
        target = "" if limit is None else f"at most {limit}"
        what = f"  {name}: {memory(call, arrays):.1f} MB, times"
        row(what, f"{ratios[name]:.3f}", target, reached)


def against_full(calls: dict[str, Call], arrays: tuple, times: int) -> tuple[dict, float]:
    """The time of each in times of the full one, medians of so many in turn; that of the full."""
    for call in calls.values():  # to warm up
        call(*(x[..., :1024, :] for x in arrays))
    spent = {name: [] for name in ["full", *calls]}
    for _ in range(times):
        for name, call in {"full": fused_attention, **calls}.items():
            spent[name].append(_seconds(call, arrays))
    ratios = {
        name: median(a / b for a, b in zip(spent[name], spent["full"], strict=True))
        for name in calls
    }
    return ratios, median(spent["full"])


def memory(call: Call, arrays: tuple) -> float:
    """The most MB that torch held at once for it, beyond what was handed in."""
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as watched:
        output = call(*arrays)
    del output
    events = [e for e in watched.profiler.kineto_results.events() if e.name() == "[memory]"]
    held = most = 0
    for event in sorted(events, key=lambda event: event.start_ns()):
        held += event.nbytes()
        most = max(most, held)
    return most / 1e6


def _seconds(call: Call, arrays: tuple) -> float:
    start = time.perf_counter()
    call(*arrays)
    return time.perf_counter() - start


if __name__ == "__main__":
    rows(lambda *columns: print(*columns, sep="   "))
