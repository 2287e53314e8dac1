"""Scores, each at its own best learning rate: what the division by the root of d is good for.

python -m attnlab.recipes.scoring      trains those whose costs are not stored
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from attnlab.core import additive, attention, dot, scaled_dot
from attnlab.tasks import associative_recall, noisy_recall

STORED = Path(__file__).with_suffix(".json")
"""Where the results lie."""

DIMENSIONS = (4, 16, 64, 256, 512)
SEEDS = tuple(range(10))
STEPS = 400

SEARCHES = {"Adam": torch.optim.Adam, "gradient descent": torch.optim.SGD}
"""How the maps are searched for. Adam's steps are as large where slopes are small; the others'
are not."""

LEARNING_RATES = {
    "Adam": (0.001, 0.003, 0.01, 0.03, 0.1, 0.3),
    "gradient descent": (0.01, 0.1, 1.0, 10.0, 100.0),
}
"""The learning rates that are tried with each."""

Score = Callable[[Tensor, Tensor], Tensor]


def by_dot(query: Tensor, key: Tensor, w_query: Tensor, w_key: Tensor, _: Tensor) -> Tensor:
    """The dot product of two mapped vectors, undivided."""
    return dot(query @ w_query, key @ w_key)


def by_scaled_dot(query: Tensor, key: Tensor, w_query: Tensor, w_key: Tensor, _: Tensor) -> Tensor:
    """The same, divided by the root of d."""
    return scaled_dot(query @ w_query, key @ w_key)


SCORES = {"additive": additive, "dot": by_dot, "dot / √d": by_scaled_dot}
"""What is compared; each is handed two maps and a vector, which only the additive score needs."""


def by_values(score: Score, random: torch.Generator, batch: int) -> Tensor:
    """Four items, a name beside four random numbers: the mean square error of what is fetched.

    Nought is possible; the plain mean of the four costs 0.75.
    """
    query, memory, answer = associative_recall(random, batch, items=4)
    name, content = memory.split([8, 4], dim=-1)
    return (attention(query, name, content, score=score) - answer).square().mean()


def by_weights(score: Score, random: torch.Generator, batch: int, noise: float = 0.0) -> Tensor:
    """The same names, and the cross-entropy of the weights themselves: the right item is told.

    Nought is possible; equal weights cost ln 4.
    """
    query, name, answer = noisy_recall(random, batch, noise=noise)
    return torch.nn.functional.cross_entropy(score(query, name)[:, 0], answer)


def by_noisy_labels(score: Score, random: torch.Generator, batch: int) -> Tensor:
    """As `by_weights`, but one answer in five comes from another item: 0.72 is possible."""
    return by_weights(score, random, batch, noise=0.2)


JUDGES = {"values": by_values, "weights": by_weights, "noisy labels": by_noisy_labels}
"""What the error is measured on."""


def reached(
    judge: str,
    score: str,
    d: int,
    lr: float,
    seed: int,
    search: str = "Adam",
    start: float = 1.0,
) -> float:
    """Train two maps from names to d numbers; gives the cost of 4,000 unseen questions.

    The maps begin with a standard deviation of `start`. The names are those of `JUDGES`,
    `SCORES` and `SEARCHES`.

    Raises:
        ValueError: judge, score or search is unknown, naming those that there are.

    >>> reached("weights", "dot / √d", d=8, lr=0.03, seed=0) < 0.01
    True
    """
    for name, given, known in [
        ("judge", judge, JUDGES),
        ("score", score, SCORES),
        ("search", search, SEARCHES),
    ]:
        if given not in known:
            raise ValueError(f"{name} is {given!r}: take one of {', '.join(map(repr, known))}")
    random = torch.Generator().manual_seed(seed)
    maps = [start * torch.randn(8, d, generator=random) for _ in range(2)]
    maps.append(torch.randn(d, generator=random) / d**0.5)
    optimizer = SEARCHES[search]([each.requires_grad_() for each in maps], lr=lr)
    cost = JUDGES[judge]

    def scored(query: Tensor, key: Tensor) -> Tensor:
        return SCORES[score](query, key, *maps)

    for _ in range(STEPS):
        optimizer.zero_grad()
        cost(scored, random, 64).backward()
        optimizer.step()
    with torch.no_grad():
        return cost(scored, random.manual_seed(1000 + seed), 4000).item()


def scorings() -> list[dict[str, Any]]:
    """The stored costs: a row for each judge, search, d, score and lr, with those of every seed.

    >>> sorted(scorings()[0])
    ['costs', 'd', 'judge', 'lr', 'score', 'search']
    """
    return json.loads(STORED.read_text(encoding="utf-8"))["rows"]


def at_best_lr(judge: str, score: str, d: int, search: str = "Adam") -> dict[str, Any]:
    """The stored row of the learning rate whose mean over the seeds is the lowest.

    Raises:
        ValueError: nothing is stored of these, naming them.

    >>> at_best_lr("values", "dot / √d", 512)["lr"] in LEARNING_RATES["Adam"]
    True
    """
    wanted = {"judge": judge, "score": score, "d": d, "search": search}
    rows = [row for row in scorings() if wanted.items() <= row.items()]
    if not rows:
        raise ValueError(f"no costs are stored of {wanted}: take one of `conditions()`")
    return min(rows, key=lambda row: sum(row["costs"]))


def conditions() -> Iterator[dict[str, Any]]:
    """All that is trained, from every seed: the whole grid by Adam, judged by the values and by
    the weights; fewer d for noisy labels, and for gradient descent, judged by the values.
    """
    fewer = [("noisy labels", "Adam", (4, 16, 512)), ("values", "gradient descent", (16, 512))]
    all_d = [("values", "Adam", DIMENSIONS), ("weights", "Adam", DIMENSIONS)]
    for judge, search, dimensions in [*all_d, *fewer]:
        for d, score, lr in product(dimensions, SCORES, LEARNING_RATES[search]):
            yield {"judge": judge, "search": search, "d": d, "score": score, "lr": lr}


def main() -> None:
    """Train all whose costs are not stored yet, and store them."""
    torch.set_num_threads(1)
    rows = scorings() if STORED.exists() else []
    for made in conditions():
        if not any(made.items() <= row.items() for row in rows):
            rows.append({**made, "costs": [round(reached(**made, seed=s), 4) for s in SEEDS]})
            print(rows[-1], flush=True)
            _store(rows)


def _store(rows: list[dict[str, Any]]) -> None:
    """A row a line: the file is long enough."""
    text = {"command": "python -m attnlab.recipes.scoring", "steps": STEPS, "seeds": SEEDS}
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    start = json.dumps(text, ensure_ascii=False)[:-1]
    STORED.write_text(f'{start}, "rows": [\n{lines}\n]}}\n', encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
