import doctest

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attnlab.nn import (
    ENCODINGS,
    OneLookClassifier,
    PositionEncoding,
    SinusoidalPositions,
    classifiers,
)


def model_with(encoding, vocabulary=7, classes=3, **sizes):
    torch.manual_seed(0)
    return OneLookClassifier(vocabulary, classes, encoding, **sizes).double()


def sentences(batch=5, length=11, vocabulary=7, seed=0):
    random = torch.Generator().manual_seed(seed)
    return torch.randint(vocabulary, (batch, length), generator=random)


@pytest.mark.parametrize("name", ENCODINGS)
@pytest.mark.parametrize("length", [2, 11])
def test_one_score_for_each_class_with_every_encoding(name, length):
    model = model_with(ENCODINGS[name](12, 2, 11), d_model=12, heads=2)
    answer = model(sentences(length=length))
    assert answer.shape == (5, 3)
    answer.square().sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())


def test_it_is_embedding_attention_of_the_last_and_two_maps():
    model = model_with(SinusoidalPositions(6), d_model=6, heads=3)
    words = sentences()
    x = model.embedding(words)
    everyone = model.attention(x)  # every word looks; only the last is asked
    torch.testing.assert_close(model(words), model.answer(everyone[:, -1]), atol=1e-12, rtol=0)


@pytest.mark.parametrize("name", ENCODINGS)
def test_where_a_word_is_named_as_the_mark_that_word_looks(name):
    model = model_with(ENCODINGS[name](12, 2, 11), d_model=12, heads=2, mark=0)
    words = sentences().clamp(min=1)
    places = torch.tensor([10, 0, 4, 7, 3])
    words[torch.arange(5), places] = 0
    x = model.embedding(words)
    everyone = model.answer(model.attention(x))
    wanted = torch.stack([everyone[row, place] for row, place in enumerate(places)])
    torch.testing.assert_close(model(words), wanted, atol=1e-12, rtol=0)
    model.mark = None
    torch.testing.assert_close(model(words)[0], wanted[0], atol=1e-12, rtol=0)


def test_a_sentence_without_the_mark_is_named():
    words = torch.tensor([[1, 0, 2], [3, 4, 5]])
    with pytest.raises(ValueError, match="row 1 of tokens lacks the mark, 0: put it in"):
        model_with(PositionEncoding(), mark=0)(words)


@given(st.permutations(range(10)))
def test_without_positions_the_order_of_the_other_words_changes_nothing(order):
    words, model = sentences(), model_with(PositionEncoding())
    shuffled = words[:, [*order, 10]]
    torch.testing.assert_close(model(shuffled), model(words), atol=1e-12, rtol=0)


@pytest.mark.parametrize("name", [name for name in ENCODINGS if name != "none"])
def test_with_positions_the_order_matters(name):
    model = model_with(ENCODINGS[name](32, 4, 11))
    words = torch.tensor([[1, 2, 3, 4, 5, 0]])
    backwards = torch.tensor([[5, 4, 3, 2, 1, 0]])
    assert (model(words) - model(backwards)).abs().max() > 1e-6


def test_sentences_of_a_batch_do_not_meet():
    model, words = model_with(SinusoidalPositions(32)), sentences()
    alone = torch.cat([model(sentence[None]) for sentence in words])
    torch.testing.assert_close(model(words), alone, atol=1e-12, rtol=0)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (torch.tensor([1, 2]), r"tokens has shape \(2,\), .* tokens\[None\]"),
        (torch.zeros(3, 0, dtype=torch.long), r"tokens has shape \(3, 0\)"),
        (torch.tensor([[0, 7]]), "tokens holds numbers from 0 to 7, and the vocabulary has 7"),
        (torch.tensor([[-1, 3]]), "tokens holds numbers from -1 to 3, and the vocabulary has 7"),
    ],
)
@pytest.mark.usefixtures("as_a_reader_runs_it")
def test_bad_words_are_named(words, told):
    with pytest.raises(ValueError, match=told):
        model_with(PositionEncoding())(words)


def test_heads_that_do_not_divide_are_refused():
    with pytest.raises(ValueError, match=r"5.*32|32.*5"):
        model_with(PositionEncoding(), heads=5)


def test_the_example_in_the_docstring():
    result = doctest.testmod(classifiers, extraglobs={"torch": torch})
    assert result.attempted > 0
    assert result.failed == 0
