"""What `attnlab train` does: a run on a terminal, that can be left and taken up again."""

from __future__ import annotations

import os
import shlex
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import torch

from attnlab.recipes.run import Run
from attnlab.recipes.shelf import RECIPES, find
from attnlab.training.parallel import anywhere, first_says, process_group
from attnlab.training.progress import progress

STOPPED = 130  # the exit code of what was left by Ctrl-C


def train_by_recipe(
    task: str,
    config: str | None = None,
    resume: Path | None = None,
    *,
    steps: int | None = None,
    seed: int | None = None,
    pause: int | float = 15.0,
    threads: int = 1,
) -> int:
    """Train, and say on the terminal what came of it; the exit code is returned.

    Under torchrun all its processes make one run together, and the first of them speaks.

    Args:
        task, config: the names of a recipe; the first configuration if none is named.
        resume: the folder of a run, to go on from its newest checkpoint or to begin there; a
            new folder below `runs` if not given.
        steps, seed, pause: as `Run` takes them.
        threads: how many PyTorch may use; models this small are quickest with one.

    Raises:
        ValueError: an unknown name, or as `Run`.
        OSError: a checkpoint cannot be saved.
    """
    config = config or next(iter(RECIPES.get(task, ["small"])))
    recipe = find(task, config)
    if threads < 1:
        raise ValueError(f"threads is {threads}, and must be at least 1")
    torch.set_num_threads(threads)
    with process_group() as (rank, world):
        folder = resume or first_says(lambda: _folder_for(f"{task}-{config}"))
        run = Run(recipe, folder, seed=seed, steps=steps, pause=pause)
        say = print if rank == 0 else lambda *_, **__: None
        start = f"going on after step {run.done}" if run.done else "from the start"
        most = f"{run.recipe.steps} steps at most" + (f" in {world} processes" if world > 1 else "")
        say(f"{recipe.about}: {most}, {start}, in {folder}", flush=True)
        _take_steps(run, shown=rank == 0)
        if not run.ended:
            run.save()
            again = f"attnlab train {task} --config {config} --resume {shlex.quote(str(folder))}"
            say(f"stopped after step {run.done}, and saved; go on with: {again}", flush=True)
            return STOPPED
        if rank == 0:
            results = recipe.judge(run.model).items()
            told = ", ".join(f"{name} {value:.6g}" for name, value in results)
            say(f"ended after step {run.done}; on unseen data: {told}")
            say(f"the weights are in {run.save() / 'weights.safetensors'}", flush=True)
    return 0


def _take_steps(run: Run, *, shown: bool) -> None:
    """All steps, or those until somebody asks to stop: then every process stops after the same."""
    with _interruption() as interruption:
        for _ in progress(run.steps(), run.recipe.steps) if shown else run.steps():
            if anywhere(interruption.asked):
                break


def _folder_for(name: str) -> Path:
    """A new folder; for a run that torchrun has begun again, the one that it had."""
    number = next(n for n in count(1) if not (Path("runs") / f"{name}-{n}").exists())
    again = int(os.environ.get("TORCHELASTIC_RESTART_COUNT", "0")) > 0
    return Path("runs") / f"{name}-{max(1, number - again)}"


@contextmanager
def _interruption() -> Iterator[SimpleNamespace]:
    """Ctrl-C, or being ended by the system, asks to stop after the step; a second one stops."""
    interruption = SimpleNamespace(asked=False)

    def ask(*_):
        interruption.asked = True
        for number, handler in before.items():
            signal.signal(number, handler)

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, ask)
    try:
        yield interruption
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
