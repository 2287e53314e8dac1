"""Trains, is killed, goes on, many times; asks whether the end is that of an unbroken run.

    python killed_runs.py random|every FOLDER

"random" kills at random moments; "every" at each single call to the disk while saving and
while a checkpoint is replaced. All runs are forks of one process that has loaded everything, so
that twenty of them take seconds.
"""

import json
import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path

import torch
from torch import nn

from attnlab.nn import Transformer, TransformerConfig
from attnlab.training import load_checkpoint, save_checkpoint, train
from attnlab.training.checkpoints import newest_checkpoint
from attnlab.training.loop import adamw

CONFIG = TransformerConfig(
    source_vocabulary=13, target_vocabulary=13, d_model=16, heads=2, layers=1, d_ff=32, dropout=0.2
)


def run(folder: Path | None, steps: int, keep: int, twice=False) -> tuple[nn.Module, list[float]]:
    """Train to the end, from the newest checkpoint in the folder if there is one.

    Each checkpoint is saved, and if `twice`, it is saved again and so replaces itself.
    """
    torch.manual_seed(0)
    model = Transformer(CONFIG)
    optimizer, source = adamw(model), torch.Generator().manual_seed(0)
    done, losses = 0, []
    if folder and newest_checkpoint(folder):
        start = load_checkpoint(folder, model, optimizer, generators=[source])
        done, losses = start.step, start.record

    def batches():
        while True:
            yield (torch.randint(13, (4, 7), generator=source),)

    def loss(model, tokens):
        logits = model(tokens, tokens[:, :-1])
        return nn.functional.cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten())

    for step in train(model, batches(), loss, steps=steps, optimizer=optimizer, done=done):
        losses.append(step.loss)
        if folder:
            saved = {"step": step.number, "generators": [source], "record": losses, "keep": keep}
            for _ in range(1 + twice):
                save_checkpoint(folder, model, optimizer, **saved)
    return model, losses


def killed(folder: Path, steps: int, keep: int, after: float) -> bool:
    """Run in a fork, and kill it after so many seconds; False if it was done before."""
    child = os.fork()
    if child == 0:
        run(folder, steps, keep)
        os._exit(0)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1] == signal.SIGKILL


def killed_at_call(folder: Path, steps: int, keep: int, call: int) -> bool:
    """Run in a fork that kills itself before the call to the disk of this number."""
    child = os.fork()
    if child == 0:
        count = 0

        def watched(real):
            def counted(*arguments, **options):
                nonlocal count
                count += 1
                if count == call:
                    os.kill(os.getpid(), signal.SIGKILL)
                return real(*arguments, **options)

            return counted

        os.fsync, Path.rename, Path.mkdir = map(watched, (os.fsync, Path.rename, Path.mkdir))
        Path.open, shutil.rmtree, os.unlink = map(watched, (Path.open, shutil.rmtree, os.unlink))
        run(folder, steps, keep, twice=True)
        os._exit(0)
    return os.waitpid(child, 0)[1] == signal.SIGKILL


def number(path: Path | None) -> int:
    return int(path.name.removeprefix("step-")) if path else 0


def all_whole(folder: Path) -> bool:
    """Whether every checkpoint there can be loaded, as far as its own step."""
    model = Transformer(CONFIG)
    for path in folder.glob("step-*"):
        start = load_checkpoint(path, model)
        if path.name != f"step-{start.step:08d}" or len(start.record) != start.step:
            return False
    return True


def same(ours: tuple[nn.Module, list[float]], theirs: tuple[nn.Module, list[float]]) -> bool:
    pairs = zip(ours[0].state_dict().values(), theirs[0].state_dict().values(), strict=True)
    return ours[1] == theirs[1] and all(torch.equal(a, b) for a, b in pairs)


def at_random_moments(folder: Path) -> dict:
    """Runs that are killed again and again, until there were twenty kills."""
    moments, steps, kills, runs = random.Random(4), 150, 0, 0
    unbroken, reached = run(None, steps, 2), []
    while kills < 20:
        runs += 1
        here = folder / f"run{runs}"
        while kills < 20 and killed(here, steps, 2, moments.uniform(0.0, 0.3)):
            kills += 1
            assert all_whole(here)
            reached.append(number(newest_checkpoint(here)))
        if not same(run(here, steps, 2), unbroken):
            return {"killed": kills, "equal": False}
        left = sorted(path.name for path in here.iterdir())
        assert left == ["step-00000149", "step-00000150"], left
    assert max(reached) > 0, "killed before anything was saved"
    return {"killed": kills, "equal": True, "reached": reached}


def at_every_call(folder: Path) -> dict:
    """Two steps, one checkpoint kept, killed at each call to the disk, then brought to the end."""
    kills, reached, ends = 0, 0, run(None, 2, 1)
    while True:
        here = folder / f"call{kills + 1}"
        if not killed_at_call(here, 2, 1, kills + 1):
            return {"killed": kills, "equal": True}
        kills += 1
        assert all_whole(here)
        step = number(newest_checkpoint(here))
        assert step >= reached, "what was saved is lost"
        reached = step
        if not same(run(here, 2, 1), ends):
            return {"killed": kills, "equal": False}


if __name__ == "__main__":
    torch.set_num_threads(1)
    ways = {"random": at_random_moments, "every": at_every_call}
    print(json.dumps(ways[sys.argv[1]](Path(sys.argv[2]))))
