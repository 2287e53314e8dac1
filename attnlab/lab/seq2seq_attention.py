"""Reading: what a recurrent translator looks at while it writes a sentence."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from attnlab.lab.attended_sentences import Reading
from attnlab.nn import Seq2Seq
from attnlab.tasks import ENGLISH, FRENCH, Pair, pad
from attnlab.training import aligned
from attnlab.training.decoding import without_dropout


def check_pair(name: str, pair: object) -> None:
    """Refuse what is no sentence of this course with its translation.

    Raises:
        TypeError: a text or anything else.
    """
    if not all(hasattr(pair, part) for part in ("source", "target", "alignment")):
        kind = "text" if isinstance(pair, str) else type(pair).__name__
        raise TypeError(
            f"{name} is a {kind}, and must be a Pair of this course's English and French, such as "
            "attnlab.tasks.AGREEMENT: for languages of your own take recording(model) and "
            "attention_heads(weights=...)"
        )


def check_reader(model: object) -> None:
    """Refuse a model that is no recurrent translator.

    Raises:
        TypeError: it has no `look`.
    """
    if not hasattr(model, "look"):
        raise TypeError(
            f"model is a {type(model).__name__}, and must be a Seq2Seq: of a Transformer take "
            "looking(model, sentence)"
        )


def reading(model: Seq2Seq, pair: Pair) -> Reading:
    """How a model with attention reads a sentence of the translation task while it writes it.

    At each step the decoder is given the right words before it (teacher forcing), so that the
    rows belong to the words of `pair.target`. The model works without dropout.

    Raises:
        TypeError: no pair of the translation task, or another model.
        ValueError: a model without attention, or words that the task does not have.

    >>> import torch
    >>> from attnlab.nn import Seq2Seq, Seq2SeqConfig
    >>> from attnlab.tasks import AGREEMENT, ENGLISH, FRENCH
    >>> words = {"source_vocabulary": len(ENGLISH), "target_vocabulary": len(FRENCH)}
    >>> reading(Seq2Seq(Seq2SeqConfig(**words, d_model=4, hidden=3)), AGREEMENT).scores.shape
    (13, 12)
    """

    check_pair("pair", pair)
    check_reader(model)
    source = torch.tensor([ENGLISH.encode(pair.source)])
    target = torch.tensor([FRENCH.encode(pair.target, marks=True)])
    with without_dropout(model):
        memory = model.encode(source)
        look = model.look(target[:, :-2], memory)  # from the begin mark to the last word but one
    scores, states = (tensor[0].double().numpy() for tensor in (look.scores, memory))
    return Reading(pair.source, pair.target, scores, states, pair.alignment)


def alignment_of(model: Seq2Seq, pairs: Sequence[Pair]) -> set[tuple[int, int, int]]:
    """The alignment that a model's weights make: each target word with its heaviest source word.

    As in `reading`, each step is given the right words before it, and the model works without
    dropout. The end mark is no word, and is left out.

    Args:
        model: one with attention, trained on the translation task of this course.
        pairs: sentences with their translations, of any lengths, at least one.

    Returns:
        Triples (number of the pair, source place, target place), as `alignment_error` takes them.

    Raises:
        ValueError: no pairs, or a model without attention.

    >>> import torch
    >>> from attnlab.nn import Seq2Seq, Seq2SeqConfig
    >>> from attnlab.tasks import AGREEMENT, ENGLISH, FRENCH
    >>> words = {"source_vocabulary": len(ENGLISH), "target_vocabulary": len(FRENCH)}
    >>> model = Seq2Seq(Seq2SeqConfig(**words, d_model=4, hidden=3))
    >>> sorted(i for _, _, i in alignment_of(model, [AGREEMENT])) == [*range(13)]
    True

    Source: Garg et al. 2019, "Jointly Learning to Align and Translate with Transformer Models",
    section 3.2.
    """

    if isinstance(pairs, str):
        raise TypeError("pairs is a text, and must be a list of pairs, as splits(...).test")
    pairs = list(pairs)
    if not pairs:
        raise ValueError("pairs is empty: alignment_of needs at least one sentence")
    for place, pair in enumerate(pairs):
        check_pair(f"pairs[{place}]", pair)
    check_reader(model)
    source, sources = pad([ENGLISH.encode(pair.source) for pair in pairs])
    target, targets = pad([FRENCH.encode(pair.target, marks=True) for pair in pairs])
    mask = (torch.arange(source.shape[1]) < sources[:, None])[:, None]  # True: a real word
    with without_dropout(model):
        look = model.look(target[:, :-2], model.encode(source, mask), mask)
    return aligned(look.weights, sources, targets - 2)  # the two marks are no words
