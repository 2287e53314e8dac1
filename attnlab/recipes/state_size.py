"""The size of the state: how many pairs a matrix of d times d numbers can hold, and attention.

python -m attnlab.recipes.state_size      trains what is not stored yet
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from attnlab.core import associative_states, attention, dot, linear_attention
from attnlab.recipes.grid import Row, best, fill, pick, rows, settings
from attnlab.tasks import associative_recall

STORED = Path(__file__).with_suffix(".json")
"""Where the results lie."""

Store = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""(key, value) -> what is answered to each key, (pairs, d_v), once all pairs are stored."""


def by_sum(key: np.ndarray, value: np.ndarray) -> np.ndarray:
    """The sum of all k v^T: every pair adds its noise to the answers of all others."""
    return key @ associative_states(key, value)[-1]


def by_delta_rule(key: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Each pair once by the delta rule: it writes what the answer lacks, and spoils older ones."""
    return key @ associative_states(key, value, rate=1.0)[-1]


def by_best_matrix(key: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Of all matrices the one with the least square error, which no rule can beat."""
    return key @ np.linalg.lstsq(key, value, rcond=None)[0]


def by_softmax(key: np.ndarray, value: np.ndarray, sharpness: float = 500.0) -> np.ndarray:
    """Attention that keeps all pairs: softmax of the dot products times `sharpness`."""
    return attention(sharpness * key, key, value, score=dot)


STORES: dict[str, Store] = {
    "sum": by_sum,
    "delta rule": by_delta_rule,
    "best matrix": by_best_matrix,
    "softmax": by_softmax,
}
"""What pairs are kept by. The first three keep d_k times d_v numbers, the last one all pairs."""


def random_pairs(count: int, d: int, *, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Keys of length 1 in random directions, and values of random numbers, each (count, d)."""
    random = np.random.default_rng(seed)
    key, value = random.normal(size=(2, count, d))
    return key / np.linalg.norm(key, axis=-1, keepdims=True), value


def recall_error(store: str, count: int, d: int, *, seed: int) -> float:
    """Store so many random pairs, ask for each: the square error by the square of the values.

    0 is exact, and 1 is what an answer of zeros costs.

    Args:
        store: one of `STORES`.
        count: how many pairs.
        d: the dimension of keys and values.
        seed: of the pairs.

    Raises:
        ValueError: an unknown store, naming those that there are.

    >>> recall_error("best matrix", 8, 8, seed=0) < 1e-20 < recall_error("sum", 8, 8, seed=0)
    True
    """
    if store not in STORES:
        raise ValueError(f"store is {store!r}: take one of {', '.join(map(repr, STORES))}")
    key, value = random_pairs(count, d, seed=seed)
    answer = STORES[store](key, value)
    return float(np.square(answer - value).sum() / np.square(value).sum())


Reads = Callable[[Tensor, Tensor, Tensor], Tensor]
"""(query, key, value) -> outputs, with query and key already mapped to d numbers."""


def read_matrix(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Linear attention without a feature map and without a total: q times the sum of k v^T."""
    return query @ (key.mT @ value)


READS: dict[str, Reads] = {
    "matrix": read_matrix,
    "linear attention": linear_attention,
    "softmax attention": attention,
}
"""What is trained: two maps from names to d numbers each, and one of these on top."""

DIMENSIONS = (4, 8, 16)
LOADS = (0.5, 1.0, 1.5, 2.0, 4.0)
"""Pairs in a memory, by d."""

LEARNING_RATES = (0.03, 0.1, 0.3)
STEPS, BATCH, SEEDS = 500, 64, (0, 1, 2, 3, 4)

SETTINGS = settings(reads=tuple(READS), d=DIMENSIONS, load=LOADS, lr=LEARNING_RATES)
"""What reads, the dimension d of query and key, pairs by d, and the learning rate."""


def state_size() -> list[Row]:
    """The stored results of the trained ones: a row for each setting, a number for each seed.

    `right` is how much of the contents is `recovered`, 1 less the square error by their square;
    `trained` is the same of the last ten batches trained on.

    >>> sorted(state_size()[0])
    ['d', 'load', 'lr', 'reads', 'right', 'seeds', 'trained']
    """
    return rows(STORED)


def at_best_lr(reads: str, d: int, load: float) -> Row:
    """The stored row of the learning rate that serves these best in training.

    Raises:
        ValueError: nothing is stored of these, naming them.

    >>> at_best_lr("matrix", 8, 2.0)["lr"] in LEARNING_RATES
    True
    """
    wanted = {"reads": reads, "d": d, "load": load}
    if not (found := pick(state_size(), **wanted)):
        raise ValueError(f"nothing is stored of {wanted}: see SETTINGS for what there is")
    return best(found)


def measure(*, seed: int, reads: str, d: int, load: float, lr: float) -> dict[str, float]:
    """Train two maps to look up names, all of which stand in each memory; gives what
    `state_size` tells of."""
    random, names = torch.Generator().manual_seed(seed), round(load * d)
    maps = [torch.randn(names, d, generator=random) / d**0.5 for _ in range(2)]
    search = torch.optim.Adam([each.requires_grad_() for each in maps], lr=lr)
    errors = []
    for step in range(STEPS):
        search.param_groups[0]["lr"] = lr * (1 - step / STEPS)
        search.zero_grad()
        error = _error(READS[reads], maps, random)
        error.backward()
        search.step()
        errors.append(error.item())
    return {"trained": 1 - sum(errors[-10:]) / 10, "right": recovered(READS[reads], maps)}


def recovered(reads: Reads, maps: Sequence[Tensor]) -> float:
    """How much of the contents of any memory is recovered, over all memories there could be.

        1 - |A - I|^2 / names

    A are the weights, (names, names): row i says how much of each content is answered to name i.
    What reads by a matrix of d rows has an A of rank d at most, and I has rank `names`, so it
    recovers d / names at best.

    Args:
        reads: one of `READS`.
        maps: of the names to the queries and to the keys, each (names, d).

    >>> recovered(read_matrix, [torch.eye(4)[:, :3], torch.eye(4)[:, :3]])
    0.75

    Source: Eckart and Young 1936, "The Approximation of One Matrix by Another of Lower Rank".
    """
    with torch.no_grad():
        same = torch.eye(len(maps[0]))
        return 1 - (reads(maps[0], maps[1], same) - same).square().mean().item() * len(same)


def _error(reads: Reads, maps: Sequence[Tensor], random: torch.Generator) -> Tensor:
    """The square error by the square of the answers."""
    names = len(maps[0])
    query, memory, answer = associative_recall(random, BATCH, names=names, items=names)
    name, content = memory.split([names, memory.shape[-1] - names], dim=-1)
    found = reads(query @ maps[0], name @ maps[1], content)
    return (found - answer).square().sum() / answer.square().sum()


if __name__ == "__main__":
    fill(STORED, "python -m attnlab.recipes.state_size", SETTINGS, measure, SEEDS)
