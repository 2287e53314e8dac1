import doctest
import importlib
import subprocess
import sys
import types
from functools import partial

import numpy as np
import pytest
import torch
from torch import nn

from attnlab import (
    additive,
    attention,
    attention_weights,
    causal,
    lab,
    rotary,
    scaled_dot,
    split_heads,
)
from attnlab.lab import recording
from attnlab.nn import ENCODINGS, MultiHeadAttention, PositionEncoding, fused_attention


def draw(*shape, seed=0):
    return torch.tensor(np.random.default_rng(seed).normal(size=shape))


def close(a, b):
    torch.testing.assert_close(a, b, atol=1e-12, rtol=0)


class Stack(nn.Module):
    """Two layers of self-attention, then one that looks at the input again."""

    def __init__(self, attend=fused_attention):
        super().__init__()
        self.first = MultiHeadAttention(6, 2, attend=attend)
        self.inner = nn.ModuleList([MultiHeadAttention(6, 3)])
        self.across = MultiHeadAttention(6, 2)

    def forward(self, x, mask=None):
        y = self.inner[0](self.first(x, mask=mask))
        return self.across(y[:, :4], x)


def expected(layer, query, key, mask=None, score=scaled_dot):
    query, key = split_heads(layer.query(query), layer.heads), layer.key(key)
    return attention_weights(query, split_heads(key, layer.heads), mask, score=score).detach()


def test_by_hand():
    # The same key everywhere: a third of the attention to each of three words.
    layer = MultiHeadAttention(2, 1)
    with recording(layer) as weights:
        layer(torch.ones(1, 3, 2))
    torch.testing.assert_close(weights["MultiHeadAttention"], torch.full((1, 1, 3, 3), 1 / 3))


def test_every_layer_by_its_name_in_order_of_use():
    model, x = Stack().double(), draw(5, 7, 6)
    mask = causal(torch.arange(7), torch.arange(7))
    with recording(model) as weights:
        output = model(x, mask)
    assert list(weights) == ["first", "inner.0", "across"]
    assert [tuple(w.shape) for w in weights.values()] == [(5, 2, 7, 7), (5, 3, 7, 7), (5, 2, 4, 7)]
    assert not any(w.requires_grad for w in weights.values())
    close(weights["first"], expected(model.first, x, x, mask))
    y = model.first(x, mask=mask)
    close(weights["inner.0"], expected(model.inner[0], y, y))
    y = model.inner[0](y)
    close(weights["across"], expected(model.across, y[:, :4], x))
    assert torch.equal(output, model(x, mask)), "it computes what it computes unseen"


def test_gradients_are_those_of_a_run_unseen():
    model, x = Stack().double(), draw(2, 5, 6)
    gradients = []
    for watch in (True, False):
        model.zero_grad()
        if watch:
            with recording(model):
                model(x).square().sum().backward()
        else:
            model(x).square().sum().backward()
        gradients.append([p.grad.clone() for p in model.parameters()])
    for a, b in zip(*gradients, strict=True):
        assert torch.equal(a, b)


def test_a_query_with_nothing_to_attend_to_has_zeros():
    mask = torch.ones(5, 5, dtype=torch.bool)
    mask[2] = False
    model = Stack().double()
    with recording(model) as weights:
        model(draw(2, 5, 6), mask)
    assert torch.equal(weights["first"][:, :, 2], torch.zeros(2, 2, 5, dtype=torch.float64))
    close(weights["first"].sum(-1), mask.any(-1).double().expand(2, 2, 5))


def additively(query, key):
    weights = (draw(3, 4, seed=1), draw(3, 4, seed=2), draw(4, seed=3))
    return additive(query, key, *weights)


def turned(query, key):
    places = torch.arange(key.shape[-2])
    return scaled_dot(rotary(query, places), rotary(key, places))


def far(query, key):
    places = torch.arange(key.shape[-2])
    distance = (places[:, None] - places).abs().double()
    return scaled_dot(query, key) - distance * torch.tensor([[[2.0**-4]], [[2.0**-8]]])


ATTENDS = {
    "unfused": (6, attention, scaled_dot),
    "additive": (6, partial(attention, score=additively), additively),
    "rotary": (8, ENCODINGS["rotary"](8, 2, 7).attend, turned),
    "alibi": (6, ENCODINGS["alibi"](6, 2, 7).attend, far),
    "encoding": (6, PositionEncoding().attend, scaled_dot),
}


@pytest.mark.parametrize("name", ATTENDS)
def test_whatever_attends(name):
    d_model, attend, score = ATTENDS[name]
    layer, x = MultiHeadAttention(d_model, 2, attend=attend).double(), draw(3, 7, d_model)
    mask = causal(torch.arange(7), torch.arange(7))
    with recording(layer) as weights:
        layer(x, mask=mask)
    close(weights["MultiHeadAttention"], expected(layer, x, x, mask, score))
    assert layer.attend == attend


class Forgetful(PositionEncoding):
    """Drops half of what the heads have read."""

    def __init__(self):
        super().__init__()
        self.dropout = nn.Dropout(0.5)

    def attend(self, query, key, value, mask=None):
        return self.dropout(fused_attention(query, key, value, mask))

    def forward(self, query, key, value, mask=None):  # so that it can be held as a module, too
        return self.attend(query, key, value, mask)


@pytest.mark.parametrize("held", ["method", "module"])
@pytest.mark.parametrize("depth", [1, 2])
def test_dropout_is_not_in_the_weights_and_draws_no_more_numbers(held, depth):
    encoding, x = Forgetful(), draw(2, 7, 6)
    attend = encoding.attend if held == "method" else encoding
    layer = MultiHeadAttention(6, 2, attend=attend).double()
    torch.manual_seed(0)
    unseen = layer(x)
    torch.manual_seed(0)
    with recording(layer) as weights:
        if depth == 1:
            seen = layer(x)
        else:
            with recording(layer) as weights:
                seen = layer(x)
    assert torch.equal(seen, unseen)
    close(weights["MultiHeadAttention"], expected(layer, x, x))
    assert encoding.training
    assert encoding.dropout.training
    assert layer.attend == attend


def test_an_attention_without_heads_is_one_head():
    class Reader(nn.Module):
        def __init__(self):
            super().__init__()
            self.attend = attention

        def forward(self, query, key):
            return self.attend(query, key, key)

    query, key = draw(3, 5, 2), draw(3, 7, 2)
    with recording(Reader()) as weights:
        Reader()(query, key)
        assert weights == {}, "another object of the class is not recorded"
    model = Reader()
    with recording(model) as weights:
        model(query, key)
    close(weights["Reader"], attention_weights(query, key)[:, None])


def test_the_last_call_wins():
    layer = MultiHeadAttention(6, 2).double()
    with recording(layer) as weights:
        layer(draw(1, 3, 6))
        layer(draw(2, 5, 6, seed=1))
    x = draw(2, 5, 6, seed=1)
    close(weights["MultiHeadAttention"], expected(layer, x, x))


def test_blocks_within_blocks_and_one_after_the_other():
    model, x, y = Stack().double(), draw(1, 5, 6), draw(1, 7, 6)
    with recording(model) as outer:
        model(x)
        with recording(model.first) as inner:
            model(y)
        assert list(inner) == ["MultiHeadAttention"]
        assert torch.equal(inner["MultiHeadAttention"], outer["first"])
        model(x)
        assert inner["MultiHeadAttention"].shape[-1] == 7
        assert outer["first"].shape[-1] == 5
    with recording(model) as again:
        model(y)
    assert again["first"].shape[-1] == 7
    assert outer["first"].shape[-1] == 5, "a block that is over hears no more"


# PyTorch's own layers ----------------------------------------------------------------------------


def theirs(layer, x, mask=None):
    """The weights per head of a nn.MultiheadAttention on (batch, n, d_model), from its matrices."""
    query, key, _ = nn.functional.linear(x, layer.in_proj_weight, layer.in_proj_bias).chunk(3, -1)
    query, key = split_heads(query, layer.num_heads), split_heads(key, layer.num_heads)
    return attention_weights(query, key, mask).detach()


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("need_weights", [True, False])
@pytest.mark.parametrize("batch_first", [True, False])
def test_the_layer_of_torch(training, need_weights, batch_first):
    layer = nn.MultiheadAttention(6, 2, dropout=0.5, batch_first=batch_first).double()
    layer.train(training)
    x = draw(3, 7, 6)
    mask = causal(torch.arange(7), torch.arange(7))
    given = x if batch_first else x.transpose(0, 1)
    torch.manual_seed(0)
    unseen = layer(given, given, given, attn_mask=~mask, need_weights=need_weights)
    torch.manual_seed(0)
    with recording(layer) as weights:
        seen = layer(given, given, given, None, need_weights, ~mask)
    close(weights["MultiheadAttention"], theirs(layer, x, mask))
    assert not weights["MultiheadAttention"].requires_grad
    close(seen[0], unseen[0])
    assert (seen[1] is None) == (not need_weights)
    assert layer.training == training


def test_the_layer_of_torch_without_a_batch():
    layer = nn.MultiheadAttention(6, 2).double()
    x = draw(7, 6)
    with recording(layer) as weights:
        layer(x, x, x)
    close(weights["MultiheadAttention"], theirs(layer, x[None]))


@pytest.mark.parametrize("batch_first", [True, False])
def test_a_row_with_nothing_allowed_is_what_the_layer_made_of_it(batch_first):
    layer, x = nn.MultiheadAttention(6, 2, batch_first=batch_first).double(), draw(7, 7, 6)
    refused = torch.zeros(7, 7, dtype=torch.bool)
    refused[2] = True
    with recording(layer) as weights:
        layer(x, x, x, attn_mask=refused, need_weights=False)
        assert torch.all(weights["MultiheadAttention"][:, :, 2] == 0)
        layer(x, x, x, attn_mask=refused)
        assert torch.all(weights["MultiheadAttention"][:, :, 2].isnan())
        assert torch.isfinite(weights["MultiheadAttention"][:, :, 3:]).all()


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")  # its own fast path warns
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("gradient", [True, False])
def test_the_encoder_of_torch_even_on_its_fast_path(training, gradient):
    layer = nn.TransformerEncoderLayer(6, 2, 11, dropout=0.5, batch_first=True)
    model = nn.TransformerEncoder(layer, 2).double().train(training)
    x, lengths = draw(3, 7, 6), torch.tensor([7, 2, 5])
    padding = torch.arange(7) >= lengths[:, None]
    torch.manual_seed(0)
    with torch.set_grad_enabled(gradient):
        unseen = model(x, src_key_padding_mask=padding)
    torch.manual_seed(0)
    with recording(model) as weights, torch.set_grad_enabled(gradient):
        seen = model(x, src_key_padding_mask=padding)
    names = ["layers.0.self_attn", "layers.1.self_attn"]
    assert list(weights) == names
    allowed = ~padding[:, None, None]
    close(weights[names[0]], theirs(model.layers[0].self_attn, x, allowed))
    close(seen[~padding], unseen[~padding])
    assert torch.backends.mha.get_fastpath_enabled()


# What is left behind -----------------------------------------------------------------------------


def state(model):
    return [dict(vars(module)) for module in model.modules()]


@pytest.mark.parametrize(
    "make",
    [Stack, lambda: Stack(Forgetful()), lambda: nn.TransformerEncoderLayer(6, 2, batch_first=True)],
)
@pytest.mark.parametrize("fails", [False, True])
def test_everything_is_as_before(make, fails):
    model = make().double()
    before = state(model)

    def run():
        with recording(model):
            assert state(model) != before
            model(draw(2, 5, 6))
            if fails:
                raise RuntimeError("on purpose")

    if fails:
        with pytest.raises(RuntimeError, match="on purpose"):
            run()
    else:
        run()
    assert state(model) == before
    assert torch.backends.mha.get_fastpath_enabled()


@pytest.mark.parametrize(
    ("model", "error", "words"),
    [
        (nn.Linear(2, 2), ValueError, "no attention in this Linear: .*hold an attend"),
        (PositionEncoding(), ValueError, "no attention in this PositionEncoding"),
        (fused_attention, TypeError, "model is a function, and must be a torch.nn.Module"),
    ],
)
@pytest.mark.usefixtures("as_a_reader_runs_it")
def test_bad_input_is_named(model, error, words):
    with pytest.raises(error, match=words), recording(model):
        pass
    assert torch.backends.mha.get_fastpath_enabled()


def test_only_what_is_handed_a_model_waits_for_torch():
    program = """
import sys
import types
from attnlab import lab
print(*sorted(m for m in ("torch", "matplotlib", "ipywidgets") if m in sys.modules))
wait = {"recording", "looking", "alignment_rates", "reading", "alignment_of", "jacobian"}
wait |= {"influence", "LayerMixing", "layer_mixing", "Translator", "translator"}
wait |= {"CaptionerView", "captioner", "Merges", "merges"}
wait |= {"attention_off", "AttentionSwitch", "attention_switch", "Machine", "machine"}
wait |= {"TranslationBeam", "TranslationStep"}
wait |= {"step_jacobians", "gradient_back", "multiplications", "peak_memory"}  # of PyTorch's own
for name in set(lab.__all__) - wait:
    getattr(lab, name)
print("torch" in sys.modules)
"""
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert result.stdout == "\nFalse\n"


def test_each_name_of_the_lab_is_there_and_no_module_hides_it():
    for name in lab.__all__:
        assert not isinstance(getattr(lab, name), types.ModuleType), name
    assert dir(lab) == lab.__all__
    with pytest.raises(AttributeError, match="no attribute 'microscope'"):
        _ = lab.microscope


def test_the_example_in_the_docstring():
    module = importlib.import_module("attnlab.lab.recorded_weights")
    names = {"torch": torch, "MultiHeadAttention": MultiHeadAttention}
    result = doctest.testmod(module, extraglobs=names)
    assert result.attempted > 0
    assert result.failed == 0


def test_steps_that_read_the_same_keys_are_put_together():
    layer, x, memory = MultiHeadAttention(6, 2).double(), draw(3, 5, 6), draw(3, 7, 6, seed=1)
    keys, values = layer.remember(memory)
    with recording(layer) as weights:
        for step in x.split(1, dim=1):
            layer.read(step, keys, values)
        close(weights["MultiHeadAttention"], expected(layer, x, memory))
        layer.read(x[:, :2], *layer.remember(memory))  # keys of its own: another sequence
    close(weights["MultiHeadAttention"], expected(layer, x[:, :2], memory))
