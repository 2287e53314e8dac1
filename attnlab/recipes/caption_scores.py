"""Captioners from several seeds: what they say rightly, where they look, what it hangs on.

Three ways to read the picture, with the same steps and as many parameters within 1 %: a recurrent
decoder with attention, the same with one vector of the whole picture, and a Transformer decoder.
Each has its best of the learning rates, by seed 0 on scenes to choose by, and then further seeds.

python -m attnlab.recipes.caption_scores      trains those that are not stored yet
"""

from __future__ import annotations

import json
from pathlib import Path
from statistics import mean
from typing import Any

import torch

from attnlab.nn import Captioner, CaptionerConfig
from attnlab.recipes.caption_gaze import by_head, by_word, gaze_of, on_named
from attnlab.recipes.captioning import caption_quality, captioning_recipe, unseen_scenes
from attnlab.recipes.covering import cover_each, forbid_each
from attnlab.recipes.shipped import learn
from attnlab.recipes.word_prior import shape_after_colour, words_of_held_out
from attnlab.tasks import SCENE_WORDS, shape_scenes

STORED = Path(__file__).with_suffix(".json")
"""Where the results lie."""

_WORDS: dict[str, Any] = {"vocabulary": len(SCENE_WORDS)}

DECODERS = {
    "gru": CaptionerConfig(**_WORDS, decoder="gru"),
    "one vector": CaptionerConfig(**_WORDS, decoder="gru", attention=False, hidden=106),
    "transformer": CaptionerConfig(**_WORDS, decoder="transformer"),
}
"""What is compared."""

LEARNING_RATES = (8e-3, 4e-3, 2e-3)
"""The full learning rates, of which each gets its best."""

STEPS, SEEDS = 1000, (0, 1, 2)
"""The same for all."""

LONG = 3000
"""As many steps as the models took that come with the package: a GRU from each seed, and one
vector from the first."""


def trained_captioner(decoder: str, lr: float, seed: int, steps: int = STEPS) -> Captioner:
    """A captioner of `DECODERS`, trained anew, in evaluation mode."""
    pace = {"steps": steps, "lr": lr, "warm_up": 100, "every": steps + 1}
    model, _ = learn(captioning_recipe(decoder, DECODERS[decoder], **pace), seed)
    assert isinstance(model, Captioner)
    return model.eval()


def scores_of(model: Captioner) -> dict[str, Any]:
    """All that is stored of a model but how it was trained; some of it only with attention."""
    test, unseen = unseen_scenes("test"), unseen_scenes("unseen")
    fresh = shape_scenes(torch.Generator().manual_seed(1_000_004), 1000)
    found: dict[str, Any] = {
        "chosen_by": caption_quality(model, unseen_scenes("validation"))["exact"],
        "train": caption_quality(model, fresh),
        "test": caption_quality(model, test),
        "unseen": caption_quality(model, unseen),
        "held out": words_of_held_out(model, unseen),
        "shape after colour": shape_after_colour(model, unseen),
    }
    if model.config.attention:
        found |= looks_of(model)
    return _rounded(found)


def looks_of(model: Captioner) -> dict[str, Any]:
    """Where the weights of a model with attention lie, and captions where it may not look so."""
    test = unseen_scenes("test")
    gaze = gaze_of(model, test)
    torch.manual_seed(0)
    untrained = Captioner(model.config).eval()
    random = torch.Generator().manual_seed(0)
    return {
        "gaze": on_named(gaze),
        "gaze by word": by_word(gaze),
        "gaze by head": by_head(gaze).tolist(),
        "gaze of another picture": on_named(gaze_of(model, test, others=[*test[1:], test[0]])),
        "gaze untrained": on_named(gaze_of(untrained, test)),
        "cover": cover_each(model, test),
        "forbid": forbid_each(model, test),
        "forbid around": forbid_each(model, test, around=1),
        "hard, drawn": caption_quality(model.hard(random), test),
        "hard, heaviest": caption_quality(model.hard(), test),
    }


def caption_scores() -> list[dict[str, Any]]:
    """The stored rows, one for each run: decoder, lr, seed, steps, and its scores.

    >>> sorted({row["decoder"] for row in caption_scores()})
    ['gru', 'one vector', 'transformer']
    """
    return json.loads(STORED.read_text(encoding="utf-8"))["rows"]


def at_best_lr(decoder: str, steps: int = STEPS) -> list[dict[str, Any]]:
    """The runs of a decoder with the learning rate that did best on scenes to choose by, a row for
    each seed.

    Args:
        decoder: one of `DECODERS`.
        steps: `STEPS`, at which the rate was chosen, or `LONG`.

    Raises:
        ValueError: an unknown decoder.

    >>> [row["seed"] for row in at_best_lr("gru")]
    [0, 1, 2]
    """
    if decoder not in DECODERS:
        raise ValueError(f"decoder is {decoder!r}, and must be one of {', '.join(DECODERS)}")
    lr = _best_lr(decoder)
    runs = [row for row in caption_scores() if row["decoder"] == decoder and row["lr"] == lr]
    return [row for row in runs if row["steps"] == steps]


def over_seeds(
    decoder: str, score: str, name: str, steps: int = STEPS
) -> tuple[float, float, float]:
    """The mean of a score over the seeds, the lowest and the highest.

    >>> low, high = over_seeds("gru", "test", "exact")[1:]
    >>> 0.8 < low <= high <= 1
    True
    """
    values = [row[score][name] for row in at_best_lr(decoder, steps)]
    return mean(values), min(values), max(values)


def main() -> None:
    """Train all that are not stored yet, and store their scores."""
    torch.set_num_threads(1)
    for decoder in DECODERS:
        for lr in LEARNING_RATES:
            _run(decoder, lr, SEEDS[0])
    for seed in SEEDS[1:]:
        for decoder in DECODERS:
            _run(decoder, _best_lr(decoder), seed)
    _run("one vector", _best_lr("one vector"), SEEDS[0], LONG)
    for seed in SEEDS:
        _run("gru", _best_lr("gru"), seed, LONG)


def _best_lr(decoder: str) -> float:
    wanted = {"decoder": decoder, "seed": SEEDS[0], "steps": STEPS}
    first = [row for row in caption_scores() if wanted.items() <= row.items()]
    return max(first, key=lambda row: row["chosen_by"])["lr"]


def _run(decoder: str, lr: float, seed: int, steps: int = STEPS) -> None:
    rows = caption_scores() if STORED.exists() else []
    made = {"decoder": decoder, "lr": lr, "seed": seed, "steps": steps}
    if any(made.items() <= row.items() for row in rows):
        return
    rows.append(made | scores_of(trained_captioner(decoder, lr, seed, steps)))
    print(made, rows[-1]["test"], flush=True)
    lines = ",\n  ".join(json.dumps(row) for row in rows)
    start = {"command": "python -m attnlab.recipes.caption_scores"}
    STORED.write_text(
        f'{json.dumps(start)[:-1]}, "rows": [\n  {lines}\n]}}\n', encoding="utf-8", newline="\n"
    )


def _rounded(value: Any) -> Any:
    """To four places, which is more than seeds agree in."""
    if isinstance(value, dict):
        return {name: _rounded(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_rounded(each) for each in value]
    return round(value, 4) if isinstance(value, float) else value


if __name__ == "__main__":
    main()
