"""What `attnlab train` does: a run on a terminal, that can be left and taken up again."""

from __future__ import annotations

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
    folder = _new_folder(f"{task}-{config}") if resume is None else resume
    run = Run(recipe, folder, seed=seed, steps=steps, pause=pause)
    start = f"going on after step {run.done}" if run.done else "from the start"
    print(f"{recipe.about}: {run.recipe.steps} steps at most, {start}, in {folder}", flush=True)
    with _interruption() as interruption:
        for _ in progress(run.steps(), run.recipe.steps):
            if interruption.asked:
                break
    if not run.ended:
        run.save()
        again = f"attnlab train {task} --config {config} --resume {shlex.quote(str(folder))}"
        print(f"stopped after step {run.done}, and saved; go on with: {again}")
        return STOPPED
    results = ", ".join(f"{name} {value:.6g}" for name, value in recipe.judge(run.model).items())
    print(f"ended after step {run.done}; on unseen data: {results}")
    print(f"the weights are in {run.save() / 'weights.safetensors'}")
    return 0


def _new_folder(name: str) -> Path:
    folders = (Path("runs") / f"{name}-{number}" for number in count(1))
    return next(folder for folder in folders if not folder.exists())


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
