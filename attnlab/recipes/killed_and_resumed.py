"""Killed and resumed: a training that loses processes, against one that is never stopped.

torchrun --standalone --nproc-per-node 2 --max-restarts 3 -m attnlab.recipes.killed_and_resumed \\
    FOLDER --kill 1:12:step 0:20:saving 0:30:naming

A process that is to die sends itself the signal that kill -9 sends, which nothing can catch, at the
moment that is named. Then torchrun ends the others, and begins all again.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import torch
from torch import nn

from attnlab.recipes.sharding import batches, loss, model, sharded, whole_of
from attnlab.training.checkpoints.sharded import load_sharded, save_sharded
from attnlab.training.loop import adamw, train
from attnlab.training.parallel import place, process_group, shared_loss

STEPS = 40

MOMENTS = {
    "step": "in the middle of the step",
    "saving": "while it saves, with its share not yet on the disk",
    "naming": "once all is on the disk, and the checkpoint has no name yet: process 0 alone",
}
"""When a process can be made to die: in a step, or while the step is saved."""


def run(
    folder: Path | None, until: int = STEPS, watch: Callable[[int], None] | None = None
) -> tuple[nn.Module, int]:
    """Train from the newest checkpoint in the folder, and save after each step; all must call it.

    Args:
        folder: of the checkpoints; None to start anew and save nothing.
        until: after which of the `STEPS` steps to stop.
        watch: called with the number of each step, while it is taken.

    Returns:
        The model, and after which step it went on.
    """
    ours, random = sharded(model()), torch.Generator().manual_seed(0)
    optimizer = adamw(ours)
    parts: dict[str, Any] = {"generators": [random]}
    begin = load_sharded(folder, ours, optimizer, **parts) if folder else 0
    number = begin

    def watched(model: nn.Module, *batch) -> torch.Tensor:
        if watch:
            watch(number + 1)
        return shared_loss(loss)(model, *batch)

    pace = {"steps": STEPS, "optimizer": optimizer, "done": begin}
    if begin < until:
        for step in train(ours, batches(random), watched, **pace):
            number = step.number
            if folder:
                save_sharded(folder, ours, optimizer, step=number, keep=STEPS, **parts)
            if number == until:
                break
    return ours, begin


def compared(folder: Path, until: int = STEPS, moments: Sequence[str] = ()) -> dict[str, Any]:
    """What a run came to that was stopped, against one that never was, of as many processes.

    Args:
        folder: of the checkpoints.
        until: after which of the `STEPS` steps to stop.
        moments: when which process is to die, as `arm` takes them.

    Returns:
        processes: how many there are
        restarts: how often torchrun has begun them again
        begin: after which step the last beginning went on
        equal: whether all parameters are the same, bit for bit
        apart: the largest difference of any parameter
        digest: the first digits of the SHA-256 of all parameters
    """
    folder.mkdir(parents=True, exist_ok=True)
    _process_file(folder, place().rank).write_text(str(os.getpid()))
    ours, begin = run(folder, until, arm(folder, moments))
    never, _ = run(None, until)
    both = zip(ours.parameters(), never.parameters(), strict=True)
    pairs = [(whole_of(a).detach(), whole_of(b).detach()) for a, b in both]
    found = b"".join(a.numpy().tobytes() for a, _ in pairs)
    return {
        "processes": place().world,
        "restarts": int(os.environ.get("TORCHELASTIC_RESTART_COUNT", "0")),
        "begin": begin,
        "equal": all(torch.equal(a, b) for a, b in pairs),
        "apart": max((a - b).abs().max().item() for a, b in pairs),
        "digest": hashlib.sha256(found).hexdigest()[:16],
    }


def arm(folder: Path, moments: Sequence[str]) -> Callable[[int], None]:
    """Make this process die at the moments that are its own, at each of them once.

    Args:
        folder: where is kept which moments are over.
        moments: each "rank:step:moment", with one of `MOMENTS`.

    Returns:
        What is to be called with the number of each step, while it is taken.

    Raises:
        ValueError: a moment that there is not.
    """
    for told in moments:
        if told.count(":") != 2 or told.split(":")[2] not in MOMENTS:
            raise ValueError(f"moment is {told!r}, and must be RANK:STEP:{'|'.join(MOMENTS)}")
    steps = [0]

    def reach(moment: str) -> None:
        told = f"{place().rank}:{steps[-1]}:{moment}"
        over = folder / f"killed-{told.replace(':', '-')}"
        if told in moments and not over.exists():
            over.touch()
            os.kill(os.getpid(), signal.SIGKILL)

    def in_step(number: int) -> None:
        steps.append(number)
        reach("step")

    if moments:
        os.fsync = _before(os.fsync, lambda *_: reach("saving"))
        Path.rename = _before(
            Path.rename, lambda path, *_: path.name.startswith(".unfinished") and reach("naming")
        )
    return in_step


def kill(folder: Path, rank: int, step: int, seconds: float = 60.0) -> int:
    """What `kill -9` does to one process of a run, as soon as a checkpoint of this step is there.

    Args:
        folder: of the run's checkpoints.
        rank: which process.
        step: from which checkpoint on.
        seconds: how long to wait for it.

    Returns:
        The number of the system's process that was killed.

    Raises:
        TimeoutError: no such checkpoint has come.
    """
    end = monotonic() + seconds
    while not (folder / f"step-{step:08d}").exists():
        if monotonic() > end:
            raise TimeoutError(f"{folder} has no step-{step:08d} after {seconds:g} seconds")
        sleep(0.01)
    process = int(_process_file(folder, rank).read_text())
    os.kill(process, signal.SIGKILL)
    return process


def _before(real: Callable, first: Callable[..., Any]) -> Callable:
    def called(*arguments: Any) -> Any:
        first(*arguments)
        return real(*arguments)

    return called


def _process_file(folder: Path, rank: int) -> Path:
    return folder / f"process-{rank}"


def main(arguments: list[str] | None = None) -> int:
    """Train, die, go on, and print what it came to."""
    parser = argparse.ArgumentParser(prog="killed_and_resumed")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--until", type=int, default=STEPS)
    parser.add_argument("--kill", nargs="*", default=[], metavar="RANK:STEP:MOMENT")
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(1)
    with process_group() as (rank, _):
        found = compared(chosen.folder, chosen.until, chosen.kill)
        if rank == 0:
            print(json.dumps(found), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
