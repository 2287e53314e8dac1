"""Other beginnings: do the results hang on one seed? The models that come with the package again,
from another one; those for long sentences with half the steps.

python -m attnlab.recipes.beginnings      trains those whose results are not stored
"""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import torch

from attnlab.recipes.recipe import Recipe
from attnlab.recipes.shipped import learn
from attnlab.recipes.translating import GRU, LONG, SMALL

STORED = Path(__file__).with_suffix(".json")
"""Where the results lie."""

SEEDS = (1,)
"""Beside seed 0, whose models come with the package."""


def shorter(config: str) -> Recipe:
    """The recipe for long sentences with half its steps.

    >>> shorter("gru").steps * 2 == LONG["gru"].steps
    True
    """
    return replace(LONG[config], steps=LONG[config].steps // 2)


ANEW = {**{config: shorter(config) for config in LONG}, "small": SMALL, "small gru": GRU}
"""What is trained anew; the last two are those of the task *translation*."""


def beginnings() -> list[dict[str, Any]]:
    """The stored results: a row for each config and seed, with `results` and `details` as in
    `attnlab.recipes.record`.

    >>> sorted(beginnings()[0])
    ['config', 'details', 'results', 'seed', 'steps']
    """
    return json.loads(STORED.read_text(encoding="utf-8"))["rows"]


def main() -> None:
    """Train all whose results are not stored yet, and store them."""
    torch.set_num_threads(1)
    rows = beginnings() if STORED.exists() else []
    done = [(row["config"], row["seed"]) for row in rows]
    for seed, config in product(SEEDS, ANEW):
        if (config, seed) in done:
            continue
        recipe = ANEW[config]
        model, steps = learn(recipe, seed)
        row = {"config": config, "seed": seed, "steps": steps}
        row |= {"results": recipe.judge(model.eval()), "details": recipe.details(model)}
        rows.append(row)
        print(config, seed, row["results"], flush=True)
        text = {"command": "python -m attnlab.recipes.beginnings", "rows": rows}
        STORED.write_text(json.dumps(text, indent=1) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
