"""A run: a recipe on its way, which saves where it stands and goes on if it was broken off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, is_dataclass, replace
from pathlib import Path
from time import monotonic
from typing import Any

import torch
from torch import nn

from attnlab.recipes.recipe import Recipe
from attnlab.training import Step, load_checkpoint, save_checkpoint, train
from attnlab.training.checkpoints import newest_checkpoint
from attnlab.training.checkpoints.files import read_about
from attnlab.training.parallel import (
    data_parallel,
    first_says,
    place,
    shared_loss,
    step_seed,
)


class Run:
    """Train by a recipe, with checkpoints in a folder; begin there, or go on from the newest.

        run = Run(RECIPES["reverse"]["small"], "runs/reverse")
        for step in run.steps():
            losses.append(step.loss)
        run.recipe.judge(run.model)

    However often it is killed and begun again, it ends with the weights, bit for bit, of a run
    that was never stopped, on the same machine with as many threads and processes. PyTorch's
    global generator is seeded, for weights and dropout.

    In several processes (`attnlab.training.parallel`) all make the same run: each takes its
    share of every batch, and the first one alone saves. Without dropout the steps are those of
    one process within rounding; with it each process drops by random numbers of its own, which
    begin anew at each step from seed, step and rank.

    Args:
        recipe: what is trained, and how.
        folder: of this run's checkpoints alone.
        seed: where all random numbers begin; that of the checkpoint, else 0, if not given.
        steps: how many in place of the recipe's; those of the checkpoint if not given.
        pause: a checkpoint is saved when the last one is so many seconds old.

    Raises:
        ValueError: the checkpoint does not fit, or steps or pause is out of range.
    """

    def __init__(
        self,
        recipe: Recipe,
        folder: str | Path,
        *,
        seed: int | None = None,
        steps: int | None = None,
        pause: int | float = 15.0,
    ):
        _check(steps, pause)
        self.folder, self.pause = Path(folder), pause
        newest = first_says(lambda: newest_checkpoint(self.folder))
        saved = (newest and read_about(newest)["config"]) or {}
        begin: int = saved.get("seed", 0) if seed is None else seed
        steps = saved.get("steps", recipe.steps) if steps is None else steps
        self.recipe = replace(recipe, steps=steps)
        self.config = {**_numbers(self.recipe), "seed": begin}
        torch.manual_seed(begin)
        self.model, self.random = recipe.model(), torch.Generator().manual_seed(begin)
        self.optimizer = recipe.optimizer(self.model)
        self.done, self.learnt, self.path = 0, False, newest
        if newest:
            parts = {"config": self.config, "generators": [self.random]}
            start = load_checkpoint(newest, self.model, self.optimizer, **parts)
            self.done, self.learnt = start.step, start.record["learnt"]

    @property
    def ended(self) -> bool:
        """Whether all steps are taken, or enough is learnt."""
        return self.learnt or self.done >= self.recipe.steps

    def steps(self) -> Iterator[Step]:
        """Take the steps that are left, and save from time to time and after the last one."""
        saved = monotonic()
        parts = {"optimizer": self.optimizer, "done": self.done, **self.recipe.pace}
        if self.ended:
            return
        for step in train(*self._learning(), **parts):
            self.done, self.path = step.number, None
            self.learnt = self._learnt()
            if self.ended or monotonic() - saved >= self.pause:
                self.save()
                saved = monotonic()
            yield step
            if self.learnt:
                return

    def save(self) -> Path:
        """Save where it stands, unless that is saved already; gives the checkpoint's folder.

        Of several processes the first one saves.
        """
        if self.path is None and place().rank > 0:
            self.path = self.folder / f"step-{self.done:08d}"
        elif self.path is None:
            parts = {"config": self.config, "generators": [self.random]}
            parts |= {"step": self.done, "record": {"learnt": self.learnt}}
            self.path = save_checkpoint(self.folder, self.model, self.optimizer, **parts)
        return self.path

    def _learning(self) -> tuple[nn.Module, Iterator[tuple], Callable]:
        """Model, batches and loss; of several processes, so that each takes its share."""
        batches = self.recipe.batches(self.random)
        if place().world == 1:
            return self.model, batches, self.recipe.loss
        loss = shared_loss(self.recipe.loss, self.recipe.terms)
        return data_parallel(self.model), self._seeded(batches), loss

    def _seeded(self, batches: Iterator[tuple]) -> Iterator[tuple]:
        for step, batch in enumerate(batches, self.done + 1):
            torch.manual_seed(step_seed(self.config["seed"], step, place().rank))
            yield batch

    def _learnt(self) -> bool:
        """What the first process finds, where it is time to look."""
        if self.done % self.recipe.every:
            return False
        return first_says(lambda: self.recipe.learnt(self.model, self.done))


def _numbers(recipe: Recipe) -> dict[str, Any]:
    """All that makes one run differ from another, in words and numbers."""
    config = recipe.config
    if is_dataclass(config) and not isinstance(config, type):
        config = asdict(config)
    pace = {**recipe.pace, "enough": recipe.enough, "every": recipe.every}
    return {"recipe": recipe.about, "model": config, **pace}


def _check(steps: int | None, pause: int | float) -> None:
    if steps is not None and steps < 1:
        raise ValueError(f"steps is {steps}, and must be at least 1")
    if not pause >= 0:
        raise ValueError(f"pause is {pause} seconds, and must be at least 0: 0 saves every step")
