"""A language model that learns the prose of this course while one watches.

attnlab train reading      trains it in the terminal
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache, partial

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from attnlab.nn import LanguageConfig, LanguageModel
from attnlab.recipes.recipe import Recipe
from attnlab.tasks import BytePairs, course_text
from attnlab.training import next_token_loss, sample
from attnlab.training.evaluation import without_dropout

UP_TO = "17"
"""The last chapter that is read: the later ones speak of what comes out here."""

HELD_OUT = {
    "validation": ("10_the_decoder",),
    "test": ("05_many_heads", "14_long_sequences"),
}
"""Chapters that are not read, but for choosing by, and for the test."""

PIECES, WINDOW, BATCH = 512, 64, 16
"""How many sub-words there are, how many are read in a row, and how many rows a step takes."""

END_OF_CHAPTER = "<end>"


def chapters(split: str) -> dict[str, str]:
    """The prose of the chapters of a split: "train", "validation" or "test".

    Raises:
        ValueError: an unknown split.

    >>> list(chapters("test"))
    ['05_many_heads', '14_long_sequences']
    """
    if split not in ("train", *HELD_OUT):
        raise ValueError(f"split is {split!r}, and must be one of train, {', '.join(HELD_OUT)}")
    held = {name for names in HELD_OUT.values() for name in names}
    wanted = HELD_OUT.get(split)
    return {
        name: text
        for name, text in course_text().items()
        if name[:2] <= UP_TO and (name in wanted if wanted else name not in held)
    }


@cache
def course_pieces(size: int = PIECES) -> BytePairs:
    """The sub-words that the chapters of training are made of, and a mark for their ends."""
    return BytePairs.learn(chapters("train").values(), size, marks=[END_OF_CHAPTER])


@cache
def course_tokens(split: str, size: int = PIECES) -> Tensor:
    """The chapters of a split end to end, in sub-words, (position,)."""
    pieces = course_pieces(size)
    end = pieces.marks[END_OF_CHAPTER]
    return torch.tensor(
        [token for text in chapters(split).values() for token in (*pieces.encode(text), end)]
    )


def reading_config(d_model: int = 64, layers: int = 2, size: int = PIECES) -> LanguageConfig:
    """The numbers of a model that reads the course; each head has 16 features."""
    return LanguageConfig(
        vocabulary=size + 1,
        d_model=d_model,
        heads=max(1, d_model // 16),
        layers=layers,
        d_ff=4 * d_model,
        dropout=0.0,
        positions="rotary",
    )


def course_windows(
    random: torch.Generator, tokens: Tensor | None = None, batch: int = BATCH
) -> Iterator[tuple[Tensor]]:
    """Windows of the text from any place, without end: tokens (batch, WINDOW + 1)."""
    tokens = course_tokens("train") if tokens is None else tokens
    while True:
        first = torch.randint(len(tokens) - WINDOW, (batch, 1), generator=random)
        yield (tokens[first + torch.arange(WINDOW + 1)],)


def reading_scores(
    model: nn.Module, split: str = "test", size: int = PIECES, most: int | None = None
) -> dict[str, float]:
    """How well a model knows the chapters of a split.

    Args:
        model: a causal model of `course_pieces(size)`.
        split: "train", "validation" or "test".
        size: how many sub-words it reads.
        most: of how many windows, evenly spread; of all if not given.

    Returns:
        loss (nats for each sub-word), perplexity, bits for each character (which compares models
        with other sub-words), and the share of sub-words that it holds most probable rightly
    """
    tokens, text = course_tokens(split, size), "".join(chapters(split).values())
    rows = tokens[: len(tokens) // (WINDOW + 1) * (WINDOW + 1)].view(-1, WINDOW + 1)
    rows = rows[:: -(-len(rows) // most)] if most else rows
    loss, right = torch.zeros((), dtype=torch.float64), 0
    with without_dropout(model):
        for some in rows.split(64):
            logits, asked = model(some[:, :-1]).flatten(0, 1), some[:, 1:].flatten()
            loss += cross_entropy(logits, asked, reduction="sum").double()
            right += int((logits.argmax(-1) == asked).sum())
    count = rows[:, 1:].numel()
    return scores_of_loss(loss.item() / count, len(text) / len(tokens)) | {"right": right / count}


def scores_of_loss(loss: float, characters: float) -> dict[str, float]:
    """Perplexity and bits for each character, of a loss for each token of so many characters.

    >>> scores_of_loss(math.log(8), characters=2.0)["bits"]
    1.5
    """
    bits = round(loss / math.log(2) / characters, 12)
    return {"loss": loss, "perplexity": math.exp(loss), "bits": bits}


def ngram_scores(order: int, split: str = "test", size: int = PIECES) -> dict[str, float]:
    """The same of counting: how often each sub-word came behind the order - 1 before it.

        p(w | c) = (count(c w) + k p(w | c without its first)) / (count(c) + k)

    A word that never stood behind so many others is asked of fewer; below one word all are
    equally probable. k is the one of five that does best on the chapters to choose by.

    Args:
        order: 1 counts words alone, 2 pairs, 3 triples.
        split, size: as `reading_scores`.

    Source: MacKay and Peto 1995, "A Hierarchical Dirichlet Language Model", eq. 4.
    """
    known = course_tokens("train", size).tolist()
    counts = [
        Counter(zip(*(known[i:] for i in range(n)), strict=False)) for n in range(1, order + 1)
    ]
    totals = [Counter(key[:-1] for key in each.elements()) for each in counts]

    def loss(k: float, tokens: Sequence[int]) -> float:
        logs = 0.0
        for place in range(order, len(tokens)):
            p = 1 / (size + 1)
            for n in range(order):
                key = tuple(tokens[place - n : place + 1])
                p = (counts[n][key] + k * p) / (totals[n][key[:-1]] + k)
            logs -= math.log(p)
        return logs / (len(tokens) - order)

    choose = course_tokens("validation", size).tolist()
    k = min((1.0, 3.0, 10.0, 30.0, 100.0), key=lambda k: loss(k, choose))
    text, asked = "".join(chapters(split).values()), course_tokens(split, size).tolist()
    return scores_of_loss(loss(k, asked), len(text) / len(asked))


def continued(
    model: nn.Module, prompt: str, *, most: int = 60, temperature: float = 0.7, seed: int = 0
) -> str:
    """What the model writes behind a prompt, as if this began a paragraph.

    Args:
        model: of `course_pieces()`.
        prompt: any text, at least one character.
        most: how many sub-words.
        temperature: small values keep to the probable ones.
        seed: of what is drawn.
    """
    pieces = course_pieces()
    found = sample(
        model,
        torch.tensor([pieces.encode(prompt)]),
        begin=pieces.encode("\n")[-1],
        end=pieces.marks[END_OF_CHAPTER],
        most=most,
        temperature=temperature,
        generator=torch.Generator().manual_seed(seed),
    )
    return prompt + pieces.decode(found[0].tolist())


def _share_right(model: nn.Module) -> float:
    return reading_scores(model, "validation")["right"]


READING = Recipe(
    about="say how the prose of this course goes on, by a decoder of 2 layers",
    config=reading_config(),
    model=partial(LanguageModel, reading_config()),
    batches=course_windows,
    loss=next_token_loss,
    validate=_share_right,
    judge=reading_scores,
    steps=1000,
    lr=1e-2,
    every=1001,
)
