"""What the words before say against what the picture says: shapes whose colour is new to them."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from attnlab.recipes.captioning import described, pictures_of
from attnlab.tasks import BEGIN, COLOURS, HELD_OUT, SCENE_WORDS, Scene, captions_of
from attnlab.training.evaluation import without_dropout


def words_of_held_out(model: nn.Module, scenes: Sequence[Scene]) -> dict[str, float]:
    """Of the objects whose colour and shape never came together in training, how often the model
    says each word rightly.

    Args:
        model: a captioner of scenes.
        scenes: of split "unseen"; of each the objects that its first caption names are taken.

    Returns:
        size, colour, shape: the shares of right words, at their place in the caption
    """
    right, count = torch.zeros(3), 0
    for scene, said in zip(scenes, described(model, scenes), strict=True):
        wanted, found = captions_of(scene)[0].split(), said.split()
        for part in [slice(0, 4), slice(len(wanted) - 4, None)][: 1 + (len(wanted) > 4)]:
            if tuple(wanted[part][2:]) in HELD_OUT:
                words = found[part] if part.start == 0 else found[-4:]
                pairs = zip(wanted[part][1:], words[1:], strict=False)
                right += torch.tensor([a == b for a, b in pairs] + [False] * 3)[:3].float()
                count += 1
    return dict(zip(("size", "colour", "shape"), (right / count).tolist(), strict=True))


def shape_after_colour(model: nn.Module, scenes: Sequence[Scene]) -> dict[str, float]:
    """How often the model says the right shape of an object whose colour and shape never came
    together in training, if the colour before it is its own, and if it is another one.

    The picture is the same; only the word that the decoder reads is changed. If the shape is right
    behind a wrong colour, the model sees the shape, and what keeps it from saying so is the words.

    Args:
        model: a captioner of scenes.
        scenes: of split "unseen"; taken are those whose first caption begins with such an object.

    Returns:
        own, other: the shares of right shapes; other is the mean over all colours that came
            together with this shape
    """
    found: dict[str, list[float]] = {"own": [], "other": []}
    for scene in scenes:
        _, size, colour, shape = captions_of(scene)[0].split()[:4]
        if (colour, shape) not in HELD_OUT:
            continue
        met = [each for each in COLOURS if (each, shape) not in HELD_OUT]
        rows = [[BEGIN, *SCENE_WORDS.encode(["a", size, each])] for each in [colour, *met]]
        with without_dropout(model):
            pictures = pictures_of([scene]).expand(len(rows), -1, -1, -1)
            said = model(pictures, torch.tensor(rows))[:, -1].argmax(-1)
        right = (said == SCENE_WORDS.encode(shape)[0]).float()
        found["own"].append(right[0].item())
        found["other"].append(right[1:].mean().item())
    return {name: sum(each) / len(each) for name, each in found.items()}
