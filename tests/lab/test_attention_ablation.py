"""Attention switched off: each step reads the mean, all else stays, and translations fall apart."""

import doctest
from functools import partial

import pytest
import torch

from attnlab.lab import attention_off, recording
from attnlab.nn import (
    Captioner,
    CaptionerConfig,
    LanguageConfig,
    LanguageModel,
    Transformer,
    TransformerConfig,
)
from attnlab.recipes import trained, translate
from attnlab.recipes.sentences import corpus
from attnlab.training import corpus_bleu

SIZES = {"d_model": 10, "heads": 2, "layers": 2, "d_ff": 8, "dropout": 0.0}
SOURCE, TARGET = torch.tensor([[3, 4, 5, 6, 7], [4, 5, 6, 0, 0]]), torch.tensor([[1, 2, 3]] * 2)
REAL = (SOURCE != 0)[:, None]


@pytest.fixture
def model():
    torch.manual_seed(0)
    return Transformer(TransformerConfig(source_vocabulary=8, target_vocabulary=9, **SIZES)).eval()


def test_only_cross_attention_reads_all_words_alike_and_no_padding(model):
    with attention_off(model), recording(model) as off:
        model(SOURCE, TARGET, REAL)
    with recording(model) as on:
        model(SOURCE, TARGET, REAL)
    wanted = torch.tensor([[1 / 5] * 5, [1 / 3] * 3 + [0, 0]])[:, None, None].expand(2, 2, 3, 5)
    for name, weights in off.items():
        if name.endswith("cross_attention"):
            torch.testing.assert_close(weights, wanted)
            assert (on[name] - wanted).abs().max() > 0.01
        if name.startswith("encoder"):
            torch.testing.assert_close(weights, on[name])


def test_the_output_is_that_of_the_mean_by_hand(model):
    layer = model.decoder.layers[0].cross_attention
    query, words = torch.randn(1, 3, 10), torch.randn(1, 5, 10)
    by_hand = layer.output(layer.value(words).mean(dim=1, keepdim=True)).expand(1, 3, 10)
    with attention_off(model):
        torch.testing.assert_close(layer(query, words), by_hand)
    assert not torch.allclose(layer(query, words), by_hand, atol=1e-3)


@pytest.mark.parametrize("decoder", ["gru", "transformer"])
def test_a_captioner_reads_all_regions_alike(decoder):
    torch.manual_seed(0)
    config = CaptionerConfig(vocabulary=9, decoder=decoder, size=8, d_model=6, hidden=5, heads=2)
    model = Captioner(config).eval()
    pictures = torch.rand(2, 3, 8, 8)
    before = model(pictures, TARGET)
    with attention_off(model), recording(model) as off:
        found = model(pictures, TARGET)
        memory = model.encode(pictures)
    crossed = [weights for name, weights in off.items() if "cross" in name or "context" in name]
    assert len(crossed) == (1 if decoder == "gru" else 2)
    for weights in crossed:
        torch.testing.assert_close(weights, torch.full_like(weights, 1 / 4))
    mean = model.decode(TARGET, memory.mean(1, keepdim=True).expand_as(memory))
    torch.testing.assert_close(found, mean)
    assert not torch.allclose(found, before, atol=1e-4)
    assert torch.equal(model(pictures, TARGET), before)


def test_afterwards_all_is_as_before_even_if_something_failed(model):
    before = model(SOURCE, TARGET, REAL)
    with pytest.raises(ZeroDivisionError), attention_off(model):
        _ = 1 / 0
    assert torch.equal(model(SOURCE, TARGET, REAL), before)


@pytest.mark.parametrize("what", ["a text", torch.nn.Linear(2, 2), "language model"])
def test_what_has_no_cross_attention_is_named(what):
    if what == "language model":
        what = LanguageModel(LanguageConfig(vocabulary=5, **SIZES))
    with (
        pytest.raises(TypeError, match=f"model is a {type(what).__name__}, and has no cross-att"),
        attention_off(what),
    ):
        pass


@pytest.mark.slow
def test_without_attention_few_translations_are_exact():
    model, pairs = trained("translation"), corpus(20_000, 15).test
    ask = partial(translate, model, [pair.source for pair in pairs])
    wanted = [list(pair.target) for pair in pairs]
    on = ask()
    with attention_off(model):
        off = ask()
    exact = [sum(map(list.__eq__, found, wanted)) for found in (on, off)]
    assert exact[0] > 1960
    assert exact[1] < 150
    assert corpus_bleu(on, wanted) > 99
    assert corpus_bleu(off, wanted) < 10


def test_the_example(model):
    module = __import__("attnlab.lab.attention_ablation", fromlist=["_"])
    names = {"torch": torch, "model": model, "recording": recording}
    failed, tried = doctest.testmod(module, extraglobs=names)
    assert tried > 1
    assert not failed
