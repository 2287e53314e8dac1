"""The relay: who still knows the first word at the end of a sentence, and how far gradients reach.

python -m attnlab.recipes.carrying      trains what is not stored yet
"""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from math import log10
from pathlib import Path
from statistics import mean

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from attnlab.nn import LastLook, LastState, LastWordClassifier, MultiHeadAttention, Summary
from attnlab.recipes.grid import Row, fill, pick, rows, settings
from attnlab.tasks import first_word_recall
from attnlab.training import train

STORED = Path(__file__).with_suffix(".json")
"""Where the results lie."""

ANSWERS = 8
"""How many words may stand first: a guess is right in one of eight."""

LENGTHS = (5, 10, 20, 40, 80)
"""How many words a sentence has."""

LEARNING_RATES = (0.003, 0.01, 0.03)
"""The full learning rates, of which each reader gets its best at each length."""

STEPS, BATCH, SEEDS = 600, 64, (0, 1, 2, 3, 4)
"""The same for all."""

Reader = tuple[Callable[[], nn.Module], int, int]
"""What makes a reader, the dimension of the words' vectors, and that of what is handed over."""


def _gru(d_model: int, hidden: int, **kind: bool) -> nn.GRU:
    return nn.GRU(d_model, hidden, batch_first=True, **kind)


def _keeping(network: nn.RNNBase) -> nn.RNNBase:
    """The gate that keeps, the second part of both GRU and LSTM, begins near sigmoid(4) = 0.98."""
    hidden = network.hidden_size
    with torch.no_grad():
        network.get_parameter("bias_ih_l0")[hidden : 2 * hidden].add_(4.0)
    return network


def _lstm() -> nn.LSTM:
    return nn.LSTM(32, 20, batch_first=True)


READERS: dict[str, Reader] = {
    "RNN": (lambda: LastState(nn.RNN(32, 49, batch_first=True)), 32, 49),
    "GRU": (lambda: LastState(_gru(33, 24)), 33, 24),
    "GRU that keeps": (lambda: LastState(_keeping(_gru(33, 24))), 33, 24),
    "LSTM": (lambda: LastState(_lstm()), 32, 20),
    "LSTM that keeps": (lambda: LastState(_keeping(_lstm())), 32, 20),
    "bidirectional, last word": (lambda: LastState(_gru(34, 14, bidirectional=True)), 34, 28),
    "bidirectional, both ends": (lambda: Summary(_gru(34, 14, bidirectional=True)), 34, 28),
    "attention": (lambda: LastLook(MultiHeadAttention(32, 1)), 32, 32),
}
"""Networks of about 5,030 parameters, embeddings and answers included, equal within 1 %."""


def _asked(asked: str, readers: Iterable[str], lengths: Iterable[int]) -> list[Row]:
    choices = {"asked": [asked], "steps": [STEPS], "reader": readers, "length": lengths}
    return settings(**choices, lr=LEARNING_RATES)


_COMPARED = ("RNN", "GRU", "LSTM", "GRU that keeps", "attention")
_BOTH_ENDS = "bidirectional, both ends"

SETTINGS = [
    *_asked("first", _COMPARED, LENGTHS),
    *_asked("middle", ("attention", _BOTH_ENDS), (40,)),  # as far from an end as the first of 20
    *_asked("first", (_BOTH_ENDS, "bidirectional, last word"), (20,)),
]
"""Which word is asked for, the steps, who reads, how many words, and the learning rate."""


def carrying() -> list[Row]:
    """The stored results: a row for each setting, with a number for each of the seeds.

    `right` is the share right of unseen sentences, `trained` that of the last ten batches trained
    on, and `learnt` the step by which ten batches in a row were at least 95 % right, or else the
    number of steps. `start` and `end`, of the network before and after training, are powers of
    ten: how large the gradient at the asked word is, measured by those at the last two words.

    >>> sorted(carrying()[0])  # doctest: +NORMALIZE_WHITESPACE
    ['asked', 'end', 'learnt', 'length', 'lr', 'reader', 'right', 'seeds',
     'start', 'steps', 'trained']
    """
    return rows(STORED)


def at_best_lr(reader: str, length: int, asked: str = "first", steps: int = STEPS) -> Row:
    """The stored row of the learning rate that serves a reader best in training: the most right,
    and of several the soonest.

    Raises:
        ValueError: nothing is stored of these, naming them.

    >>> at_best_lr("attention", 40)["lr"] in LEARNING_RATES
    True
    """
    wanted = {"reader": reader, "length": length, "asked": asked, "steps": steps}
    if not (found := pick(carrying(), **wanted)):
        raise ValueError(f"nothing is stored of {wanted}: see SETTINGS for what there is")
    return max(found, key=lambda row: (mean(row["trained"]), -mean(row["learnt"])))


def relay_model(reader: str, *, seed: int) -> LastWordClassifier:
    """An untrained network with this reader.

    Args:
        reader: one of `READERS`.
        seed: of the starting parameters.

    Raises:
        ValueError: an unknown reader, naming those that there are.

    >>> relay_model("attention", seed=0)(torch.tensor([[3, 9, 12, 0]])).shape
    torch.Size([1, 8])
    """
    if reader not in READERS:
        raise ValueError(f"reader is {reader!r}: take one of {', '.join(map(repr, READERS))}")
    make, d_model, width = READERS[reader]
    torch.manual_seed(seed)
    return LastWordClassifier(1 + 2 * ANSWERS, ANSWERS, make(), width=width, d_model=d_model)


def measure(
    *, seed: int, reader: str, length: int, lr: float, asked: str = "first", steps: int = STEPS
) -> dict[str, float]:
    """Train a reader; gives what `carrying` tells of."""
    task = {"length": length, "answers": ANSWERS, "place": _place(asked, length)}
    unseen = first_word_recall(torch.Generator().manual_seed(1000 + seed), 1000, **task)
    model = relay_model(reader, seed=seed)
    found = {"start": reach_of_gradient(model, *unseen, task["place"])}
    found |= learn_relay(model, seed=seed, lr=lr, steps=steps, **task)
    found["end"] = reach_of_gradient(model, *unseen, task["place"])
    return found | {"right": share_right(model(unseen[0]), unseen[1])}


def learn_relay(
    model: nn.Module, *, seed: int, lr: float, steps: int = STEPS, **task: int
) -> dict[str, float]:
    """Train a network in place; gives `trained` and `learnt`, as `carrying` tells of them.

    Args:
        model: from words to a score for each answer.
        seed: of the sentences.
        lr: the full learning rate.
        steps: how many.
        task: length, answers and place, as `first_word_recall` takes them.
    """
    shares: deque[float] = deque(maxlen=10)
    learnt = steps

    def loss(model: nn.Module, words: Tensor, answer: Tensor) -> Tensor:
        logits = model(words)
        shares.append(share_right(logits, answer))
        return cross_entropy(logits, answer)

    for step in train(model, _sentences(seed, task), loss, steps=steps, lr=lr):
        if step.number >= 10 and learnt == steps and sum(shares) / 10 >= 0.95:
            learnt = step.number
    return {"trained": sum(shares) / len(shares), "learnt": learnt}


def reach_while_learning(
    reader: str, *, seed: int, lr: float, length: int, steps: int = 300, every: int = 30
) -> list[dict[str, float]]:
    """Does the gradient reach the first word before the answers are right, or after?

    Args:
        reader: one of `READERS`.
        seed: of parameters and sentences.
        lr: the full learning rate, of a training of `STEPS`.
        length: how many words a sentence has.
        steps: after how many steps of that to stop.
        every: how many steps lie between two rows.

    Returns:
        rows with `step`, `reach`, as `reach_of_gradient` gives it, and `right`, the share right
        of 200 unseen sentences.
    """
    model, found = relay_model(reader, seed=seed), []
    unseen = first_word_recall(torch.Generator().manual_seed(1000 + seed), 200, length=length)
    sentences = _sentences(seed, {"length": length, "answers": ANSWERS})
    for step in train(model, sentences, _loss, steps=STEPS, lr=lr):
        if step.number % every == 0:
            row = {"step": step.number, "reach": reach_of_gradient(model, *unseen)}
            found.append(row | {"right": share_right(model(unseen[0]), unseen[1])})
        if step.number >= steps:
            break
    return found


def share_right(logits: Tensor, answer: Tensor) -> float:
    """How many of the answers have the highest score."""
    return (logits.argmax(-1) == answer).double().mean().item()


def gradient_by_place(model: LastWordClassifier, words: Tensor, answer: Tensor) -> Tensor:
    """How fast the right answer's score moves with the vector of each word.

        mean over the sentences of |d logit / d x_t|

    Args:
        model: it is not changed; a copy in float64 is used.
        words: (batch, length); as the task gives them.
        answer: (batch,)

    Returns:
        (length,), float64
    """
    model = copy.deepcopy(model).double()
    vectors = model.embedding(words).detach().requires_grad_()
    right = model.answer_of(vectors).gather(1, answer[:, None]).sum()
    return torch.autograd.grad(right, vectors)[0].norm(dim=-1).mean(0)


def reach_of_gradient(
    model: LastWordClassifier, words: Tensor, answer: Tensor, place: int = 0
) -> float:
    """The gradient at the asked word by the mean of those at the last two words, as a power of
    ten: 0 is as large, -3 a thousandth. Nothing is below -99.
    """
    by_place = gradient_by_place(model, words[:100], answer[:100])
    return max(-99.0, log10(max(by_place[place] / by_place[-2:].mean(), 1e-99)))


def _loss(model: nn.Module, words: Tensor, answer: Tensor) -> Tensor:
    return cross_entropy(model(words), answer)


def _place(asked: str, length: int) -> int:
    return {"first": 0, "middle": (length - 1) // 2}[asked]


def _sentences(seed: int, task: dict[str, int]) -> Iterator[tuple[Tensor, Tensor]]:
    random = torch.Generator().manual_seed(seed)
    while True:
        yield first_word_recall(random, BATCH, **task)


if __name__ == "__main__":
    fill(STORED, "python -m attnlab.recipes.carrying", SETTINGS, measure, SEEDS)
