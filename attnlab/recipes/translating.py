"""Recipes for translation: a Transformer and recurrent models, on sentences short and long."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from attnlab.nn import Seq2Seq, Seq2SeqConfig, Transformer, TransformerConfig
from attnlab.recipes.recipe import Recipe
from attnlab.recipes.sentences import batches, corpus, grouped, groups
from attnlab.tasks import BEGIN, END, ENGLISH, FRENCH, PAD, Pair
from attnlab.training import corpus_bleu, exact_match, greedy, label_smoothed_cross_entropy
from attnlab.training.evaluation import without_dropout

_ROOM = 14  # no translation has so many words more than its source, the end mark among them
_AT_ONCE = 250  # sentences


def next_word_loss(
    model: nn.Module, source: Tensor, target: Tensor, smoothing: float = 0.0
) -> Tensor:
    """Cross-entropy of each next word, given the right ones before it (teacher forcing)."""
    logits = model(source, target[:, :-1])
    return label_smoothed_cross_entropy(logits, target[:, 1:], smoothing)


def next_words(source: Tensor, target: Tensor) -> int:  # noqa: ARG001
    """How many words of a batch are predicted: over them `next_word_loss` is a mean.

    >>> next_words(torch.zeros(2, 3), torch.tensor([[1, 5, 2, 0], [1, 5, 6, 2]]))
    5
    """
    return int((target[:, 1:] != PAD).sum())


def translate(model: nn.Module, sentences: Sequence[str | Sequence[str]]) -> list[list[str]]:
    """The French that a model finds for English sentences, by greedy decoding.

    Words that the model cannot know come through as they are, in their order.

    Args:
        model: one with `encode`, `decode` and `decoder.empty_caches`.
        sentences: each a list of words, or a text with blanks between them.

    Returns:
        For each sentence the words of its translation; `attnlab.tasks.detokenize` joins them.

    Raises:
        TypeError: a single text in place of a list.
        ValueError: a sentence without a word, naming its place.
    """
    texts = _words(sentences)
    found: list[list[str]] = [[] for _ in texts]
    for length in sorted({len(words) for words in texts}):
        places = [i for i, words in enumerate(texts) if len(words) == length]
        for some in (places[i : i + _AT_ONCE] for i in range(0, len(places), _AT_ONCE)):
            source = torch.tensor([ENGLISH.encode(texts[i], unknown="<unknown>") for i in some])
            rows = greedy(model, source, begin=BEGIN, end=END, most=length + _ROOM)
            for i, row in zip(some, rows, strict=True):
                found[i] = FRENCH.decode(row, carried=ENGLISH.unknown(texts[i]))
    return found


def translation_quality(model: nn.Module, pairs: Sequence[Pair]) -> dict[str, int | float]:
    """How well a model translates these.

    Returns:
        sentences: how many there are
        bleu: of the corpus, 0 to 100
        exact: the share of sentences that are right as a whole
        words: the share of words that are right, given the right ones before them
    """
    found = translate(model, [pair.source for pair in pairs])
    wanted = [list(pair.target) for pair in pairs]
    return {
        "sentences": len(pairs),
        "bleu": round(corpus_bleu(found, wanted), 2),
        "exact": round(exact_match(found, wanted), 4),
        "words": round(_right_words(model, pairs), 4),
    }


def quality_by_length(model: nn.Module, pairs: Sequence[Pair]) -> list[dict[str, int | float]]:
    """The quality of sentences of about 5, 10, ... 50 English words, two more or fewer."""
    rows = []
    for length in range(5, 55, 5):
        some = [pair for pair in pairs if abs(len(pair.source) - length) <= 2]
        if some:
            rows.append({"length": length, **translation_quality(model, some)})
    return rows


def _words(sentences: Sequence[str | Sequence[str]]) -> list[list[str]]:
    if isinstance(sentences, str):
        raise TypeError("sentences is a single text, and must be a list of them: [sentences]")
    texts = [text.split() if isinstance(text, str) else [*text] for text in sentences]
    if [] in texts:
        raise ValueError(
            f"sentence {texts.index([])} of {len(texts)} has no words: leave it out, or write one"
        )
    return texts


def _right_words(model: nn.Module, pairs: Sequence[Pair]) -> float:
    right = total = 0
    with without_dropout(model):
        for source, target in grouped(pairs):
            for some, wanted in zip(source.split(_AT_ONCE), target.split(_AT_ONCE), strict=True):
                best = model(some, wanted[:, :-1]).argmax(-1)
                real = wanted[:, 1:] != PAD
                right += int((best == wanted[:, 1:])[real].sum())
                total += int(real.sum())
    return right / total


def translation_recipe(
    about: str,
    config: TransformerConfig | Seq2SeqConfig,
    *,
    count: int = 20_000,
    longest: int = 15,
    words: int = 640,
    smoothing: float = 0.0,
    **pace,
) -> Recipe:
    """A recipe for translation.

    Args:
        about: what is learnt by what.
        config: all numbers of the model; its kind says what model.
        count, longest: which `corpus`.
        words: about how many English words make a batch.
        smoothing: as `label_smoothed_cross_entropy` takes it.
        pace: steps, lr and so on, as `Recipe` takes them.
    """
    kind = Transformer if isinstance(config, TransformerConfig) else Seq2Seq

    def validate(model: nn.Module) -> float:
        return translation_quality(model, corpus(count, longest).validation[:500])["exact"]

    return Recipe(
        about=about,
        config=config,
        model=partial(kind, config),
        batches=lambda random: batches(groups(count, longest), random, words),
        loss=partial(next_word_loss, smoothing=smoothing),
        validate=validate,
        terms=next_words,
        judge=lambda model: translation_quality(model, corpus(count, longest).test),
        details=lambda model: quality_by_length(model, corpus(count, longest).test),
        **pace,
    )


_WORDS: dict[str, Any] = {"source_vocabulary": len(ENGLISH), "target_vocabulary": len(FRENCH)}

SMALL = translation_recipe(
    "translate sentences of 3 to 15 words by a Transformer of 2 + 2 layers",
    TransformerConfig(
        **_WORDS, d_model=128, heads=4, layers=2, d_ff=256, dropout=0.1, norm="pre", length=64
    ),
    steps=1500,
    lr=2e-3,
    warm_up=150,
    every=250,
)
GRU = translation_recipe(
    "translate sentences of 3 to 15 words by GRUs with attention",
    Seq2SeqConfig(**_WORDS, d_model=128, hidden=64, dropout=0.1),
    steps=1500,
    lr=3e-3,
    warm_up=100,
    every=250,
)

_PACE = {"count": 20_000, "longest": 50, "words": 800, "steps": 1600, "warm_up": 150, "every": 200}

LONG = {
    "transformer": translation_recipe(
        "translate sentences of 3 to 50 words by a Transformer of 2 + 2 layers",
        SMALL.config,
        lr=2e-3,
        **_PACE,
    ),
    "attention": translation_recipe(
        "translate sentences of 3 to 50 words by GRUs with attention",
        Seq2SeqConfig(**_WORDS, d_model=128, hidden=144, dropout=0.1),
        lr=3e-3,
        **_PACE,
    ),
    "gru": translation_recipe(
        "translate sentences of 3 to 50 words by GRUs with one context for the whole sentence",
        Seq2SeqConfig(**_WORDS, d_model=128, hidden=144, dropout=0.1, attention=False),
        lr=3e-3,
        **_PACE,
    ),
}
"""The same sentences, the same steps, and about as many weights, for three kinds of model."""
