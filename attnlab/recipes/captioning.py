"""Recipes for captions: what is to be seen in a scene of shapes, said in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache, partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from attnlab.nn import Captioner, CaptionerConfig
from attnlab.recipes.recipe import Recipe
from attnlab.recipes.translating import next_word_loss, next_words
from attnlab.tasks import (
    BEGIN,
    END,
    LONGEST_CAPTION,
    SCENE_WORDS,
    Scene,
    captions_of,
    draw_scene,
    pad,
    shape_scenes,
)
from attnlab.tasks.shape_scenes import Split
from attnlab.training import corpus_bleu, exact_match, greedy

_SEEDS = {"validation": 1_000_001, "test": 1_000_002, "unseen": 1_000_003}
_AT_ONCE = 500  # pictures


def pictures_of(scenes: Sequence[Scene], size: int = 32) -> Tensor:
    """The pictures of scenes as a captioner takes them, (batch, 3, size, size), float32.

    Raises:
        TypeError, ValueError: as `draw_scene`; ValueError for no scenes.
    """
    if not len(scenes):
        raise ValueError("scenes is empty: a batch needs at least one")
    return torch.from_numpy(np.stack([draw_scene(scene, size) for scene in scenes])).float()


def described(model: nn.Module, scenes: Sequence[Scene] | Tensor) -> list[str]:
    """The captions that a model finds, by greedy decoding.

    Args:
        model: a `Captioner` of `SCENE_WORDS`.
        scenes: a list of scenes, or their pictures (batch, 3, size, size).

    Raises:
        TypeError, ValueError: as `pictures_of` and `greedy`.
    """
    pictures = scenes if isinstance(scenes, Tensor) else pictures_of(scenes)
    found = []
    for some in pictures.split(_AT_ONCE):
        found += greedy(model, some, begin=BEGIN, end=END, most=LONGEST_CAPTION)
    return [" ".join(SCENE_WORDS.decode(row)) for row in found]


def targets_of(scenes: Sequence[Scene]) -> Tensor:
    """The caption in front of `captions_of` of each, in tokens: BEGIN, the words, END, padding."""
    return pad([SCENE_WORDS.encode(captions_of(scene)[0], marks=True) for scene in scenes])[0]


@cache
def unseen_scenes(split: Split, count: int = 1000) -> list[Scene]:
    """Scenes to choose or to judge by, always the same.

    Raises:
        ValueError: the split is "train", of which there are always new ones, or unknown.
    """
    if split not in _SEEDS:
        raise ValueError(f"split is {split!r}, and must be one of {', '.join(_SEEDS)}")
    return shape_scenes(torch.Generator().manual_seed(_SEEDS[split]), count, split=split)


def caption_quality(model: nn.Module, scenes: Sequence[Scene]) -> dict[str, int | float]:
    """How well a model says what is to be seen.

    Returns:
        scenes: how many there are
        exact: the share of captions that are right, whichever of the right ones it is
        first: the share that is the one that models are trained on
        bleu: of the corpus, 0 to 100, against that one
    """
    found = described(model, scenes)
    right = [captions_of(scene) for scene in scenes]
    exact = [caption in good for caption, good in zip(found, right, strict=True)]
    wanted = [good[0] for good in right]
    return {
        "scenes": len(scenes),
        "exact": round(sum(exact) / len(exact), 4),
        "first": round(exact_match(found, wanted), 4),
        "bleu": round(corpus_bleu(found, wanted), 2),
    }


def _batches(random: torch.Generator) -> Iterator[tuple]:
    while True:
        scenes = shape_scenes(random, 64)
        yield pictures_of(scenes), targets_of(scenes)


def _judge(model: nn.Module) -> dict[str, int | float]:
    unseen = caption_quality(model, unseen_scenes("unseen"))
    of_unseen = {f"unseen_{name}": unseen[name] for name in ("exact", "first", "bleu")}
    return caption_quality(model, unseen_scenes("test")) | of_unseen


def captioning_recipe(about: str, config: CaptionerConfig, **pace) -> Recipe:
    """A recipe for captions of scenes.

    Args:
        about: what is learnt by what.
        config: all numbers of the model.
        pace: steps, lr and so on, as `Recipe` takes them.
    """
    return Recipe(
        about=about,
        config=config,
        model=partial(Captioner, config),
        batches=_batches,
        loss=next_word_loss,
        terms=next_words,
        validate=lambda model: caption_quality(model, unseen_scenes("validation", 500))["exact"],
        judge=_judge,
        **pace,
    )


_PACE: dict[str, Any] = {"steps": 3000, "warm_up": 100, "every": 250}

GRU = captioning_recipe(
    "say what is in a picture of shapes by a GRU with attention",
    CaptionerConfig(vocabulary=len(SCENE_WORDS), decoder="gru"),
    lr=3e-3,
    **_PACE,
)
TRANSFORMER = captioning_recipe(
    "say what is in a picture of shapes by a Transformer decoder of 2 layers",
    CaptionerConfig(vocabulary=len(SCENE_WORDS), decoder="transformer"),
    lr=2e-3,
    **_PACE,
)
