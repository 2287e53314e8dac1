"""Alignments and sentences of every kind: as tensors, arrays, lists and iterators."""

import numpy as np
import pytest
import torch

from attnlab.training import aligned, alignment_error, corpus_bleu, exact_match

PAIRS = [(0, 0), (1, 2), (2, 1)]
TRIPLES = [(5, *pair) for pair in PAIRS]
KINDS = {
    "set": set,
    "list of lists": lambda p: [list(x) for x in p],
    "tensor": torch.tensor,
    "int32": lambda p: torch.tensor(p, dtype=torch.int32),
    "uint8": lambda p: torch.tensor(p, dtype=torch.uint8),
    "array": np.array,
    "rows": lambda p: [torch.tensor(x) for x in p],
    "tensors in tuples": lambda p: [tuple(map(torch.tensor, x)) for x in p],
    "numpy numbers": lambda p: {tuple(map(np.int16, x)) for x in p},
    "iterator": lambda p: iter(p),
    "zip": lambda p: zip(*map(list, zip(*p, strict=True)), strict=True),
    "dict": dict.fromkeys,
}
kinds = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


@kinds
@pytest.mark.parametrize("pairs", [PAIRS, TRIPLES])
def test_pairs_of_every_kind(kind, pairs):
    assert alignment_error(kind(pairs), kind(pairs)) == 0.0
    assert alignment_error(kind(pairs), set(pairs), kind(pairs)) == 0.0
    expected = alignment_error(set(pairs[:2]), set(pairs))
    assert alignment_error(kind(pairs[:2]), kind(pairs)) == expected > 0


@pytest.mark.parametrize(
    "wrong",
    [
        torch.eye(3) > 0,
        np.eye(3, dtype=bool),
        torch.rand(3, 3),
        torch.tensor([0, 1]),
        torch.ones(2, 4, dtype=int),
        torch.ones(2, 2),
        "0-0 1-2",
        ["0-0", "1-2"],
        {0: 1},
        [(0, 0.5)],
        [("the", "le")],
        [(0,)],
        5,
        None,
    ],
)
def test_what_holds_no_pairs(wrong):
    for given in ({"found": wrong, "sure": PAIRS}, {"found": PAIRS, "sure": wrong}):
        name = next(n for n, value in given.items() if value is wrong)
        with pytest.raises(TypeError, match=rf"^{name} holds .*pairs"):
            alignment_error(**given)


def test_pairs_among_triples():
    with pytest.raises(ValueError, match="pairs and triples"):
        alignment_error(PAIRS, TRIPLES)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_weights_of_every_type(dtype):
    weights = torch.tensor([[[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]]], dtype=dtype)
    found = aligned(weights, torch.tensor([3]), np.array([2]))
    assert alignment_error(found, {(0, 0, 0), (0, 2, 1)}) == 0.0


@pytest.mark.parametrize("weights", [[[[0.5]]], np.ones((1, 1, 1)), torch.ones(1, 1, 1) > 0, None])
def test_weights_that_are_none(weights):
    with pytest.raises(TypeError, match=r"^weights "):
        aligned(weights)


@pytest.mark.parametrize("lengths", [[1.5], [True], ["1"]])
def test_lengths_that_are_none(lengths):
    with pytest.raises(TypeError, match=r"^source_lengths is "):
        aligned(torch.ones(1, 1, 2), lengths)


SHORT = ["a", "a b", "a b c", "a b c d"]


@pytest.mark.parametrize("sentence", [*SHORT, "", " a  b "])
@pytest.mark.parametrize("count", [1, 200])
def test_what_is_as_wanted_is_a_hundred(sentence, count):
    for kind in (list, tuple, iter, lambda s: [x.split() for x in s]):
        assert corpus_bleu(kind([sentence] * count), kind([sentence] * count)) == 100.0


def test_short_sentences_that_are_not():
    assert 0 < corpus_bleu(["a b c"] * 200, ["a b d"] * 200) < 100
    # (2/3 1/2)^(1/2) of two lengths: there are no three words.
    assert corpus_bleu(["a b"], ["a c"]) == pytest.approx(100 * (1 / 2 * 1 / 2) ** (1 / 2))
    assert corpus_bleu(["a"], ["b"]) < 100
    assert corpus_bleu([""], ["a"]) == 0.0


@pytest.mark.parametrize("wrong", ["a b", 5, None, [5], [["a", 5]], [None]])
def test_sentences_that_are_none(wrong):
    with pytest.raises(TypeError, match=r"^found "):
        corpus_bleu(wrong, ["a b"])


def test_a_single_answer():
    for wrong in ("abc", [5, 6], 5, torch.tensor([5, 6])):
        with pytest.raises((TypeError, ValueError), match=r"^found "):
            exact_match(wrong, [[5]])
    assert exact_match(iter([[5, 6]]), np.array([[5, 6]])) == 1.0


def test_lengths_and_first_of_every_kind():
    weights = torch.rand(2, 3, 4)
    wanted = aligned(weights, [2, 3])
    for lengths in ([torch.tensor(2), torch.tensor(3)], np.array([2, 3]), iter([2, 3])):
        assert aligned(weights, lengths) == wanted
    for lengths in (2, "23"):
        with pytest.raises(TypeError, match="source_lengths is"):
            aligned(weights, lengths)
    for first in (True, 1.5, "1", None):
        with pytest.raises(TypeError, match="first is"):
            aligned(weights, first=first)


@pytest.mark.parametrize("corpus", [{"a b"}, {"a b": 1}, frozenset(["a b"])])
def test_a_corpus_has_an_order(corpus):
    with pytest.raises(TypeError, match=r"found is a .* which has no order"):
        corpus_bleu(corpus, ["a b"])


def test_what_is_no_end_mark_and_no_rows():
    for end in (True, 2.0, [2]):
        with pytest.raises(TypeError, match="end is"):
            exact_match([[5, 2]], [[5, 2]], end=end)
    for rows in (np.ones((1, 1, 1)), np.ones(3)):
        with pytest.raises(ValueError, match="found has shape"):
            exact_match(rows, [[1]])


def test_bytes_are_no_pairs():
    with pytest.raises(TypeError, match="found holds b'ab'"):
        alignment_error([b"ab"], {(97, 98)})
