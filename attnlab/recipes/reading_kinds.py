"""Models that have read about animals and things, and what they make of a few labels."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from functools import cache

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from attnlab.nn import LanguageConfig, LanguageModel, MaskedLanguageModel, SentenceClassifier
from attnlab.tasks import BEGIN, END, KIND_WORDS, PAD, pad, text_of_kinds
from attnlab.training import mask_tokens, masked_loss, next_token_loss, train
from attnlab.training.evaluation import without_dropout

MASK = len(KIND_WORDS)
"""The token that hides another one."""

READ, READ_STEPS, READ_LR = 4000, 2000, 1e-2
"""How many sentences are read, in how many steps, at which rate."""

SHARE = 0.3
"""How many tokens a masked model is asked for. Of so short a text 0.15 is learnt more slowly; see
Wettig et al. 2023, "Should You Mask 15% in Masked Language Modeling?"."""

WINDOW = 24
"""How many tokens in a row are read at a time."""

CONFIG = LanguageConfig(
    vocabulary=MASK + 1,
    d_model=32,
    heads=2,
    layers=2,
    d_ff=64,
    dropout=0.0,
    positions="rotary",
)
"""The numbers of all these models."""

TEXTS = ("as written", "shuffled sentences", "shuffled text")
"""What is read: sentences, the same with the words of each in any order, or the same words each
anywhere in the text, so that no word has its own company any longer."""


def rows_of(sentences: Sequence[str]) -> tuple[Tensor, Tensor]:
    """Sentences as token numbers (batch, position), and which of these are real (batch, 1,
    position)."""
    tokens, _ = pad([KIND_WORDS.encode(sentence, marks=True) for sentence in sentences])
    return tokens, (tokens != PAD)[:, None]


def text_to_read(text: str, seed: int) -> Tensor:
    """The tokens of the text, end to end, one of `TEXTS`.

    Raises:
        ValueError: an unknown text.
    """
    if text not in TEXTS:
        raise ValueError(f"text is {text!r}, and must be one of {', '.join(TEXTS)}")
    random = torch.Generator().manual_seed(seed)
    sentences = [KIND_WORDS.encode(each) for each in text_of_kinds(random, READ)]
    if text == "shuffled text":
        words = _shuffled([word for each in sentences for word in each], random)
        sentences = [[words.pop() for _ in each] for each in sentences]
    if text == "shuffled sentences":
        sentences = [_shuffled(each, random) for each in sentences]
    return torch.tensor([word for each in sentences for word in (BEGIN, *each, END)])


def _shuffled(words: list[int], random: torch.Generator) -> list[int]:
    return [words[place] for place in torch.randperm(len(words), generator=random).tolist()]


def untrained(reader: str, seed: int) -> MaskedLanguageModel | LanguageModel:
    """A new model: "masked" or "causal"; both have the same parts."""
    torch.manual_seed(seed)
    return {"masked": MaskedLanguageModel, "causal": LanguageModel}[reader](CONFIG)


def read(
    reader: str, text: str = "as written", *, seed: int = 0, steps: int = READ_STEPS
) -> MaskedLanguageModel | LanguageModel:
    """A model that has read without any label.

    Args:
        reader: "masked" fills in hidden words, "causal" says which word comes next.
        text: one of `TEXTS`.
        seed: of the text and the parameters.
        steps: how many, of 32 windows of the text.

    Raises:
        ValueError: an unknown text.
    """
    model, tokens = untrained(reader, seed), text_to_read(text, seed)
    random = torch.Generator().manual_seed(seed)

    def windows() -> Iterator[tuple]:
        while True:
            first = torch.randint(len(tokens) - WINDOW, (32, 1), generator=random)
            rows = tokens[first + torch.arange(WINDOW)]
            hidden = {"mask": MASK, "vocabulary": MASK, "first": END + 2, "share": SHARE}
            yield mask_tokens(rows, random, **hidden) if reader == "masked" else (rows,)

    loss = masked_loss if reader == "masked" else next_token_loss
    for _ in train(model, windows(), loss, steps=steps, lr=READ_LR):
        pass
    return model.eval()


@cache
def _read_once(reader: str, text: str, seed: int) -> MaskedLanguageModel | LanguageModel:
    return read(reader, text, seed=seed)


def classifier(reader: str, text: str | None, seed: int) -> SentenceClassifier:
    """A classifier of two answers, whose encoder has read a text, or nothing.

    Args:
        reader: "masked" or "causal".
        text: one of `TEXTS`, or None: nothing was read.
        seed: of the text and of all parameters.
    """
    model = (
        untrained(reader, seed) if text is None else copy.deepcopy(_read_once(reader, text, seed))
    )
    torch.manual_seed(100 + seed)
    stack = model.encoder if isinstance(model, MaskedLanguageModel) else model.decoder
    return SentenceClassifier(stack, CONFIG.d_model, 2)


def learn_labels(
    model: nn.Module,
    sentences: Sequence[str],
    labels: Sequence[int],
    *,
    lr: float,
    steps: int = 120,
    seed: int = 0,
) -> nn.Module:
    """Train a classifier in place by labelled sentences, 32 a step; what is frozen stays."""
    tokens, real = rows_of(sentences)
    answer, random = torch.tensor(labels), torch.Generator().manual_seed(seed)

    def batches() -> Iterator[tuple]:
        while True:
            some = torch.randint(len(tokens), (32,), generator=random)
            yield tokens[some], real[some], answer[some]

    for _ in train(model, batches(), _answer_loss, steps=steps, lr=lr, warm_up=15):
        pass
    return model.eval()


def _answer_loss(model: nn.Module, tokens: Tensor, real: Tensor, answer: Tensor) -> Tensor:
    return cross_entropy(model(tokens, real), answer)


def share_right(model: nn.Module, sentences: Sequence[str], labels: Sequence[int]) -> float:
    """How many of the sentences get their label."""
    with without_dropout(model):
        found = model(*rows_of(sentences)).argmax(-1)
    return (found == torch.tensor(labels)).double().mean().item()
