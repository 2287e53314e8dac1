"""How long recipes take to learn what they promise, and what they reach on unseen data.

python tests/bench_recipes.py            the rows of bench.py that concern it
"""

import time
from collections.abc import Callable
from statistics import median

import torch

from attnlab.recipes import Recipe, find
from attnlab.recipes.shipped import learn

LIMITS = {"reverse": 4, "copy": 10, "sort": 20, "add": 30}
"""Seconds in which a task of digits is to be learnt."""


def learning(recipe: Recipe, seed: int) -> tuple[float, dict]:
    """Seconds of a whole training with its judging, and the figures on unseen data."""
    start = time.perf_counter()
    model, _ = learn(recipe, seed)
    figures = recipe.judge(model.eval())
    return time.perf_counter() - start, figures


def rows(row: Callable) -> None:
    """Say what was measured, by the function that bench.py says its rows with."""
    torch.set_num_threads(1)  # for models as small as these, two threads are no quicker
    for task, limit in LIMITS.items():
        found = [learning(find(task, "small"), seed) for seed in range(3)]
        seconds, least = median(pair[0] for pair in found), min(pair[1]["exact"] for pair in found)
        row(f"learn to {task} digits", f"{seconds:.1f} s", f"at most {limit} s", seconds <= limit)
        row("  unseen rows right", f"{least:.2%}", "at least 99.9%", least >= 0.999)
    torch.set_num_threads(2)
    for config, name in (("small", "Transformer"), ("gru", "GRU with attention")):
        seconds, reached = learning(find("translation", config), 0)
        row(f"translation, {name}", f"{seconds:.0f} s", "at most 180 s", seconds <= 180)
        bleu, exact = reached["bleu"], reached["exact"]
        row("  corpus BLEU, unseen sentences", f"{bleu:.1f}", "at least 95", bleu >= 95)
        row("  of these, exactly right", f"{exact:.1%}", "at least 90%", exact >= 0.9)


if __name__ == "__main__":
    rows(lambda *columns: print(*columns, sep="   "))
