"""Looking: what every cross-attention of a Transformer looks at while it translates."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from attnlab.lab.attended_sentences import Looking
from attnlab.lab.recorded_weights import recording
from attnlab.nn import Transformer
from attnlab.tasks import BEGIN, END, ENGLISH, FRENCH, MARKS, UNKNOWN, Pair, Vocabulary, pad
from attnlab.training import aligned, alignment_error, greedy
from attnlab.training.decoding import without_dropout

LONGEST = 40
"""The most words of a sentence that a figure has room for."""

ROOM = 14
"""A translation may have so many tokens more than its source has words."""


def looking(model: Transformer, sentence: str | Sequence[str] | Pair) -> Looking:
    """How a model translates an English sentence, word by word, and where it looks for it.

    It writes by greedy decoding and without dropout. A word that it does not know is handed on
    as it is, where the model writes <unknown>.

    Args:
        model: one that was trained on the translation task of this course.
        sentence: a text as people type it, words, or a pair. The alignment of a pair is known
            if the model writes the pair's translation.

    Raises:
        ValueError: no words, too many of them, or a model with other vocabularies, with the cure.

    >>> from attnlab.nn import Transformer, TransformerConfig
    >>> from attnlab.tasks import ENGLISH, FRENCH
    >>> words = {"source_vocabulary": len(ENGLISH), "target_vocabulary": len(FRENCH)}
    >>> model = Transformer(TransformerConfig(**words, d_model=8, heads=2, layers=1, d_ff=8))
    >>> looking(model, "The zorgle sleeps.").source
    ('the', 'zorgle', 'sleeps')
    """

    pair = sentence if isinstance(sentence, Pair) else None
    words = tuple(sentence.source) if isinstance(sentence, Pair) else english(sentence)
    _check(model, words)
    source = torch.tensor([ENGLISH.encode(words, unknown="<unknown>")])
    row = greedy(model, source, begin=BEGIN, end=END, most=len(words) + ROOM)[0].tolist()
    row = row[: row.index(END)] if END in row else row
    with without_dropout(model), recording(model) as seen:
        model(source, torch.tensor([[BEGIN, *row]]))
    weights = torch.cat(_crossed(seen))[:, :, : len(row)].double().numpy()
    target = _french(row, ENGLISH.unknown(words))
    gold = pair.alignment if pair and target == tuple(pair.target) else ()
    unknown = tuple(place for place, word in enumerate(words) if word not in ENGLISH)
    return Looking(words, target, weights, gold, unknown)


def alignment_rates(model: Transformer, pairs: Sequence[Pair]) -> dict[str, float]:
    """How well each head of cross-attention aligns: its alignment error rate, 0 is perfect.

    Each step is given the right words before it, and its heaviest source word is taken as the
    one that it translates. Beside the heads stand the mean of all of them, and the rule that word
    3 translates word 3.

    Args:
        model: one that was trained on the translation task of this course.
        pairs: sentences with their alignment, at least one.

    Returns:
        "layer 0, head 0" and so on, "mean of all" and "same place", with the rate of each.

    Raises:
        ValueError: no pairs.

    Source: Garg et al. 2019, "Jointly Learning to Align and Translate with Transformer Models",
    section 3.2; Och and Ney 2003 (the rate).
    """

    if not pairs:
        raise ValueError("pairs is empty: alignment_rates needs at least one sentence")
    found: dict[str, set] = {}
    gold: set[tuple[int, int, int]] = set()
    first = 0
    for length in sorted({len(pair.source) for pair in pairs}):  # no padding in the sources
        some = [pair for pair in pairs if len(pair.source) == length]
        weights, lengths = _forced(model, some)
        grids = {
            f"layer {layer}, head {head}": weights[:, layer, head]
            for layer in range(weights.shape[1])
            for head in range(weights.shape[2])
        }
        same = torch.eye(weights.shape[3], length).expand(len(some), -1, -1)
        for name, grid in {
            **grids,
            "mean of all": weights.mean((1, 2)),
            "same place": same,
        }.items():
            chosen = aligned(grid, target_lengths=lengths, first=first)
            found.setdefault(name, set()).update(chosen)
        gold |= {(b, j, i) for b, pair in enumerate(some, first) for j, i in pair.alignment}
        first += len(some)
    return {name: alignment_error(each, gold) for name, each in found.items()}


def english(text: str | Sequence[str], vocabulary: Vocabulary = ENGLISH) -> tuple[str, ...]:
    """The words of a typed text as the vocabulary has them; a strange word stays as it is.

    >>> english("The cat, Anna said, sleeps.")
    ('the', 'cat', 'Anna', 'said', 'sleeps')
    """

    if isinstance(text, str):
        text = [word.strip('.,;:!?"“”') for word in text.split()]
    return tuple(
        word.lower() if word not in vocabulary and word.lower() in vocabulary else word
        for word in text
        if word
    )


def check_words(words: Sequence[str]) -> None:
    """Refuse a sentence without words, or with too many for a figure.

    Raises:
        ValueError: naming how many, and the cure.
    """
    if not words:
        raise ValueError('sentence has no words: type an English one, such as "the cat sleeps"')
    if len(words) > LONGEST:
        raise ValueError(
            f"sentence has {len(words)} words, and at most {LONGEST} are translated here: take "
            f"{len(words) - LONGEST} off, or make two sentences of it"
        )


def _forced(model: Transformer, pairs: Sequence[Pair]) -> tuple[Tensor, Tensor]:
    """Weights (sentence, layer, head, target, source) of sentences that are equally long, and how
    many target words each has."""

    source = torch.tensor([ENGLISH.encode(pair.source) for pair in pairs])
    target, lengths = pad([FRENCH.encode(pair.target, marks=True) for pair in pairs])
    with without_dropout(model), recording(model) as seen:
        model(source, target[:, :-1])
    return torch.stack(_crossed(seen), 1), lengths - 2  # the marks are no words


def _crossed(seen: dict[str, Tensor]) -> list[Tensor]:
    return [weights for name, weights in seen.items() if name.endswith("cross_attention")]


def _french(tokens: Sequence[int], strange: Sequence[str]) -> tuple[str, ...]:
    """A word for each token, marks among them, as an untrained model may write them."""

    left = iter(strange)
    return tuple(
        next(left, MARKS[UNKNOWN]) if token == UNKNOWN else [*MARKS, *FRENCH.words][token]
        for token in tokens
    )


def _check(model: Transformer, words: tuple[str, ...]) -> None:
    check_words(words)
    if not hasattr(model, "decoder") or not hasattr(model, "config") or hasattr(model, "look"):
        raise TypeError(
            f"model is a {type(model).__name__}, and must be a Transformer that was trained on the "
            "translation task of this course; of a Seq2Seq take reading(model, pair)"
        )
    has = model.config.source_vocabulary, model.config.target_vocabulary
    if has != (len(ENGLISH), len(FRENCH)):
        raise ValueError(
            f"model has vocabularies of {has[0]} and {has[1]} tokens, and ENGLISH and FRENCH have "
            f"{len(ENGLISH)} and {len(FRENCH)}: give a model that was trained on these"
        )
