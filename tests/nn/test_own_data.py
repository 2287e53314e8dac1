"""What goes wrong with a reader's own data: masks of padding, tokens, types, sizes."""

import math
import warnings

import numpy as np
import pytest
import torch
from torch import nn

from attnlab import attention, causal, padding, window
from attnlab.nn import (
    ENCODINGS,
    AdditiveAttention,
    AlibiPositions,
    Encoder,
    EncoderLayer,
    FeedForward,
    FlowPositions,
    LanguageConfig,
    LanguageModel,
    LearnedPositions,
    MultiHeadAttention,
    OneLookClassifier,
    RecurrentPositions,
    Seq2Seq,
    Seq2SeqConfig,
    SinusoidalPositions,
    TokenClassifier,
    TokenClassifierConfig,
    Transformer,
    TransformerConfig,
    fused_attention,
)

# Most of what is handed in here is wrong, and our own words are asked for.
pytestmark = pytest.mark.usefixtures("as_a_reader_runs_it")

SIZES = {"d_model": 8, "heads": 2, "layers": 2, "d_ff": 12}
TOKENS = {"source_vocabulary": 11, "target_vocabulary": 11}


def config(**changes):
    return TransformerConfig(**TOKENS, **(SIZES | changes))


def classifier(**changes):
    torch.manual_seed(0)
    sizes = SIZES | changes
    return TokenClassifier(TokenClassifierConfig(vocabulary=11, answers=11, **sizes)).eval()


def language(**changes):
    torch.manual_seed(0)
    return LanguageModel(LanguageConfig(vocabulary=11, **(SIZES | changes))).eval()


def transformer(**changes):
    torch.manual_seed(0)
    return Transformer(config(**changes)).eval()


def recurrent():
    torch.manual_seed(0)
    return Seq2Seq(Seq2SeqConfig(**TOKENS, d_model=8, hidden=6)).eval()


FRONT = torch.tensor([[0, 0, 1, 5, 6, 7]])
REAL = (FRONT != 0)[:, None]
every_encoding = pytest.mark.parametrize("positions", ENCODINGS)
ABSOLUTE = {"sinusoidal", "learned", "flow", "recurrent"}


@every_encoding
@pytest.mark.parametrize("pad", [0, 10])
def test_padding_in_front_of_a_language_model(positions, pad):
    model, tokens = language(positions=positions), FRONT.masked_fill(FRONT == 0, pad)
    if positions in ABSOLUTE:
        with pytest.raises(ValueError, match=r"mask has padding in front .* goes behind.*rotary"):
            model(tokens, REAL)
    else:
        torch.testing.assert_close(model(tokens, REAL)[:, 2:], model(tokens[:, 2:]))


@every_encoding
def test_padding_in_front_of_a_source(positions):
    model, target = transformer(positions=positions), torch.tensor([[1, 4, 5]])
    calls = (lambda: model(FRONT, target, REAL), lambda: model.encode(FRONT, REAL))
    if positions in ABSOLUTE:
        for call in (*calls, lambda: model(target, FRONT, None, REAL)):
            with pytest.raises(ValueError, match=r"_mask has padding in front .* goes behind"):
                call()
        with pytest.raises(ValueError, match="padding in front"):
            classifier(positions=positions)(FRONT, REAL)
    else:
        torch.testing.assert_close(calls[0](), model(FRONT[:, 2:], target))
        later = model(target, FRONT, None, REAL)[:, 2:]
        torch.testing.assert_close(later, model(target, FRONT[:, 2:]))


@every_encoding
def test_padding_behind_is_as_the_row_alone(positions):
    tokens, lengths = torch.tensor([[1, 5, 6, 7, 0, 0], [1, 2, 3, 4, 5, 6]]), torch.tensor([4, 6])
    mask = padding(lengths, torch.arange(6))
    alone = tokens[:1, :4]
    model = language(positions=positions)
    torch.testing.assert_close(model(tokens, mask)[:1, :4], model(alone))
    model = transformer(positions=positions)
    torch.testing.assert_close(model.encode(tokens, mask)[:1, :4], model.encode(alone))
    together = model(tokens, tokens, mask)[:1, :4]
    torch.testing.assert_close(together, model(alone, alone))


def test_one_row_of_several_with_padding_in_front():
    tokens = torch.tensor([[1, 5, 6, 7], [0, 1, 5, 6]])
    for model in (language(), transformer().encoder, transformer().encode, recurrent().encode):
        with pytest.raises(ValueError, match=r"in front|no first token"):
            model(tokens, (tokens != 0)[:, None])


@pytest.mark.parametrize("batch", [2, 3, 4])
def test_a_mask_of_padding_with_two_axes(batch):
    """Of as many sequences as positions it could be one of pairs: it is refused as well."""
    tokens = torch.tensor([[1, 5, 6, 0], [1, 5, 0, 0], [1, 5, 6, 7], [1, 2, 2, 0]])[:batch]
    mask = tokens != 0
    translator = transformer()
    memory = translator.encode(tokens, mask[:, None])
    calls = [
        lambda: translator(tokens, tokens, mask),
        lambda: translator.encode(tokens, mask),
        lambda: translator.encoder(tokens, mask),
        lambda: translator.decode(tokens, memory, mask),
        lambda: translator.decode(tokens, memory, mask[:, None], mask),
        lambda: classifier()(tokens, mask),
        lambda: language()(tokens, mask),
        lambda: recurrent()(tokens, tokens, mask),
        lambda: recurrent().encode(tokens, mask),
    ]
    for call in calls:
        with pytest.raises(ValueError, match=r"mask has shape .*mask\[:, None\]"):
            call()


def test_a_mask_of_padding_with_two_axes_in_a_layer():
    layer, x = MultiHeadAttention(8, 2), torch.ones(2, 4, 8)
    with pytest.raises(ValueError, match=r"mask has shape \(2, 4\).*mask\[:, None\]"):
        layer(x, mask=torch.ones(2, 4) == 1)
    square = torch.ones(4, 4, 8)
    places = torch.arange(4)
    assert layer(square, mask=causal(places, places)).shape == (4, 4, 8)  # (query, key)
    x = x[:, None]
    for attend in (attention, fused_attention):
        with pytest.raises(ValueError, match=r"mask has shape \(2, 4\).*mask\[:, None\]"):
            attend(x, x, x, torch.ones(2, 4) == 1)


def test_masks_of_pairs_are_taken():
    tokens, places = torch.tensor([[1, 5, 6, 7], [1, 2, 3, 4]]), torch.arange(4)
    near = window(places, places, 1)
    model = transformer()
    expected = model.encode(tokens, near.expand(2, 4, 4))
    for mask in (near, near[None], near[None, None], near.expand(2, 1, 4, 4)):
        torch.testing.assert_close(model.encode(tokens, mask), expected)
    one = tokens[:1]
    torch.testing.assert_close(model.encode(one, one != 0), model.encode(one))


@pytest.mark.parametrize("mask", [[[True] * 4], np.ones((1, 1, 4), bool), "mask"])
def test_masks_that_are_no_tensors(mask):
    tokens = torch.tensor([[1, 5, 6, 7]])
    for model in (transformer().encode, language(), recurrent().encode):
        with pytest.raises(TypeError, match=r"mask is a .*torch tensor"):
            model(tokens, mask)


@pytest.mark.parametrize("dtype", [torch.int64, torch.float32, torch.uint8])
def test_masks_that_are_no_booleans(dtype):
    tokens = torch.tensor([[1, 5, 6, 7]])
    mask = torch.ones(1, 1, 4, dtype=dtype)
    for model in (transformer().encode, language(), recurrent().encode):
        with pytest.raises(TypeError, match=r"mask holds torch.*== 1"):
            model(tokens, mask)


PADDED = torch.tensor([[5, 6, 7, 8], [5, 6, 0, 0]])


@pytest.mark.parametrize("make", [transformer, recurrent])
def test_padding_without_a_mask_is_told(make):
    model = make()
    with pytest.warns(UserWarning, match=r"source has rows that end in 0.*\(source != 0\)\[:, N"):
        model.encode(PADDED)
    with pytest.warns(UserWarning, match="no mask"):
        model(PADDED, torch.tensor([[1, 2], [1, 2]]))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.encode(PADDED, (PADDED != 0)[:, None])
        model.encode(PADDED[:1])
        model.encode(torch.tensor([[5, 0, 7, 8], [5, 6, 0, 0]]))  # 0 is a real token here
        model.encode(PADDED, (torch.ones_like(PADDED) == 1)[:, None])


def models():
    yield transformer().encode
    yield transformer()
    yield language()
    yield language().next_logits
    yield recurrent().encode
    yield recurrent()
    yield Encoder(11, **SIZES).eval()
    yield classifier()
    yield OneLookClassifier(11, 3, ENCODINGS["none"](8, 2, 9), d_model=8, heads=2)


def read(model, tokens):
    return model(tokens, tokens) if isinstance(model, Transformer | Seq2Seq) else model(tokens)


@pytest.mark.parametrize("tokens", ["3 May 2021", ["a"], [[1, 2]], np.array([[1, 2]]), None, 5])
def test_tokens_that_are_no_tensor(tokens):
    for model in models():
        with pytest.raises(TypeError, match=r"^\w+ is a .*vocabulary\.encode"):
            read(model, tokens)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bool, torch.complex64])
def test_tokens_that_are_not_whole(dtype):
    for model in models():
        with pytest.raises(TypeError, match=r"^\w+ holds torch.*\.long\(\)"):
            read(model, torch.ones(1, 2, dtype=dtype))


@pytest.mark.parametrize("name", ["uint8", "int8", "int16", "int32", "uint16", "uint32", "uint64"])
def test_tokens_of_every_whole_type(name):
    tokens = torch.tensor([[4, 5, 6]])
    for model in models():
        model = model.eval() if isinstance(model, nn.Module) else model
        torch.testing.assert_close(
            read(model, tokens.to(getattr(torch, name))), read(model, tokens), check_dtype=False
        )


def test_tokens_elsewhere():
    for model in models():
        with pytest.raises(ValueError, match=r"^\w+ lies on meta and the model on cpu"):
            read(model, torch.ones(1, 2, dtype=torch.long, device="meta"))


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16, torch.int64])
def test_vectors_of_another_type(dtype):
    layer = MultiHeadAttention(8, 2)
    x = torch.ones(1, 3, 8)
    for given in ({"query": x.to(dtype)}, {"query": x, "key": x.to(dtype)}):
        name = list(given)[-1]
        with pytest.raises(TypeError, match=rf"^{name} holds .* and the parameters of this layer"):
            layer(**given)
    with torch.autocast("cpu", torch.bfloat16):
        assert layer(x).dtype == torch.bfloat16


def test_biases():
    x = torch.randn(1, 3, 8)
    with pytest.raises(TypeError, match=r"bias holds torch.bool.*mask"):
        fused_attention(x, x, x, bias=torch.ones(3, 3) == 1)
    for dtype in (torch.int64, torch.int32, torch.float64, torch.float16, torch.bfloat16):
        with pytest.raises(TypeError, match=r"bias holds torch.* and query torch.float32"):
            fused_attention(x, x, x, bias=torch.ones(3, 3, dtype=dtype))
        mask = torch.ones(3, 3) == 1
        with pytest.raises(TypeError, match="bias holds"):
            fused_attention(x, x, x, mask, bias=torch.ones(3, 3, dtype=dtype))
    for bias in (np.ones((3, 3)), [[0.0]], 1.0):
        with pytest.raises(TypeError, match="bias is a"):
            fused_attention(x, x, x, bias=bias)


@pytest.mark.parametrize("which", [0, 1, 2])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float16])
def test_types_of_query_key_and_value(which, dtype):
    given = [torch.ones(1, 3, 8) for _ in range(3)]
    given[which] = given[which].to(dtype)
    with pytest.raises(TypeError, match=r"query holds torch.* and (key|value) torch"):
        fused_attention(*given)


WRONG = [
    *[(n, v) for n in ("d_model", "heads", "layers", "d_ff", "length") for v in (0, -1, 2.0)],
    *[("heads", v) for v in (3, 16, "2", None, True)],
    *[("dropout", v) for v in (1.5, 1.0, -0.1, math.nan, "0.1", None, True)],
    *[("norm", v) for v in ("x", None, True)],
    *[("positions", v) for v in ("x", None)],
    ("share_embeddings", "yes"),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_configs_are_refused_when_they_are_made(name, value):
    for make in (config, lambda **c: LanguageConfig(vocabulary=11, **(SIZES | c))):
        with pytest.raises((TypeError, ValueError), match=rf"^{name} is "):
            make(**{name: value})


@pytest.mark.parametrize("value", [0, -1, 2.5, "9", None, True])
def test_other_sizes_of_configs(value):
    for name in TOKENS:
        with pytest.raises((TypeError, ValueError), match=rf"^{name} is "):
            TransformerConfig(**(TOKENS | {name: value}))
    for name in (*TOKENS, "d_model", "hidden"):
        with pytest.raises((TypeError, ValueError), match=rf"^{name} is "):
            Seq2SeqConfig(**(TOKENS | {name: value}))
    with pytest.raises((TypeError, ValueError), match=r"^vocabulary is "):
        LanguageConfig(vocabulary=value)


def test_more_of_configs():
    with pytest.raises(ValueError, match=r"heads is 3 and d_model 8.*one of 1, 2, 4, 8"):
        config(heads=3)
    with pytest.raises(ValueError, match=r"heads is 8 and d_model 8.*rotary.*pairs"):
        config(heads=8, positions="rotary")
    for value in (1.5, -0.1, math.nan, "0.1"):
        with pytest.raises((TypeError, ValueError), match=r"^dropout is "):
            Seq2SeqConfig(**TOKENS, dropout=value)
    assert config(d_model=np.int64(8)).d_model == 8


@pytest.fixture(params=[torch.float64, torch.bfloat16, torch.float16, torch.float32])
def default(request):
    before = torch.get_default_dtype()
    torch.set_default_dtype(request.param)
    yield request.param
    torch.set_default_dtype(before)


@every_encoding
def test_models_are_made_in_the_default_type(default, positions):
    tokens = torch.tensor([[1, 5, 6]])
    for model in (transformer(positions=positions), language(positions=positions)):
        assert {p.dtype for p in model.parameters()} == {default}
        output = read(model.train(), tokens)
        assert output.dtype == default
        output.float().square().sum().backward()


def test_other_models_are_made_in_the_default_type(default):
    tokens = torch.tensor([[1, 5, 6]])
    for model in (recurrent(), classifier()):
        assert read(model, tokens).dtype == default
    attend = AdditiveAttention(3, 4, 5)
    assert attend(torch.ones(1, 2, 3), torch.ones(1, 7, 4)).dtype == default


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated")  # PyTorch calls it itself
def test_what_helps_where_a_fused_kernel_does_not():
    layer, x = MultiHeadAttention(8, 2, attend=attention), torch.randn(1, 3, 8)
    assert "attend=attention" in MultiHeadAttention.__doc__
    _, tangent = torch.func.jvp(layer, (x,), (torch.ones_like(x),))
    assert tangent.shape == x.shape
    x.requires_grad_()
    (first,) = torch.autograd.grad(layer(x).square().sum(), x, create_graph=True)
    first.square().sum().backward()
    assert x.grad.abs().sum() > 0


def test_a_masked_nan():
    """As the docstring says: a masked key does no harm, a masked value does."""
    assert "0 * NaN is NaN" in attention.__doc__
    x, mask = np.ones((3, 2)), np.array([True, True, False])
    spoilt = x.copy()
    spoilt[2] = np.nan
    assert np.isfinite(attention(x, spoilt, x, mask)).all()
    assert np.isnan(attention(x, x, spoilt, mask)).all()


@pytest.mark.filterwarnings("ignore:There is a performance drop")
def test_models_in_vmap():
    model, tokens = transformer(), torch.tensor([[[1, 5, 6]], [[2, 3, 0]]])
    mapped = torch.func.vmap(model.encode)(tokens)
    torch.testing.assert_close(mapped[0], model.encode(tokens[0]))


@pytest.mark.parametrize("wrong", [0, -1, None, True, "1", 2.5, math.nan])
@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("d_ff", lambda size: FeedForward(8, size)),
        ("d_model", lambda size: FeedForward(size, 8)),
        ("d_ff", lambda size: EncoderLayer(8, 2, size)),
        ("heads", AlibiPositions),
        ("length", lambda size: LearnedPositions(8, size)),
        ("d_model", SinusoidalPositions),
        ("d_model", FlowPositions),
        ("d_model", RecurrentPositions),
        ("hidden", lambda size: FlowPositions(8, hidden=size)),
        ("steps", lambda size: FlowPositions(8, steps=size)),
        ("hidden", lambda size: AdditiveAttention(4, 4, size)),
        ("classes", lambda size: OneLookClassifier(9, size, SinusoidalPositions(8), d_model=8)),
    ],
)
def test_sizes_of_layers(name, make, wrong):
    with pytest.raises((TypeError, ValueError), match=rf"^{name} is .*at least 1"):
        make(wrong)


def test_sizes_of_numpy():
    assert RecurrentPositions(np.int64(4)).vectors(3).shape == (3, 4)


WRONG_ROWS = [
    ([[1]], TypeError),
    ("x", TypeError),
    (None, TypeError),
    (torch.tensor([[1.0]]), TypeError),
    (torch.tensor([[True]]), TypeError),
    (torch.tensor([1]), ValueError),
    (torch.tensor([[[1]]]), ValueError),
    (torch.tensor([[1], [1]]), ValueError),
]


@pytest.mark.parametrize(("rows", "error"), WRONG_ROWS)
def test_what_a_language_model_goes_on_with(rows, error):
    model = language()
    if getattr(rows, "shape", ()) == (2, 1):  # without a cache, there may be any number of rows
        assert model.next_logits(rows).shape == (2, 11)
    else:
        with pytest.raises(error, match=r"^tokens "):
            model.next_logits(rows)
    caches = model.decoder.empty_caches()
    model.next_logits(torch.tensor([[3]]), caches)
    with pytest.raises(error, match=r"^tokens "):
        model.next_logits(rows, caches)


def test_a_language_model_that_reads_nothing():
    with pytest.raises(ValueError, match="tokens has shape"):
        language().next_logits(torch.zeros(1, 0, dtype=torch.long))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_a_flow_of_16_bits_is_reckoned_in_float32(dtype):
    torch.manual_seed(0)
    flow = FlowPositions(16).to(dtype)
    wide = FlowPositions(16)
    wide.load_state_dict(flow.state_dict())
    torch.testing.assert_close(flow.vectors(200), wide.vectors(200))
    flow(torch.ones(1, 5, 16, dtype=dtype)).sum().backward()
    assert flow.inward.bias.grad.dtype == dtype


@pytest.mark.parametrize("mask", [[[True]], "x", True, np.ones((1, 3, 3), bool)])
def test_a_mask_that_is_no_tensor(mask):
    with pytest.raises(TypeError, match="mask is a"):
        MultiHeadAttention(8, 2)(torch.ones(1, 3, 8), mask=mask)


@pytest.mark.parametrize("model", [LanguageModel, Transformer, Seq2Seq, TokenClassifier])
@pytest.mark.parametrize("wrong", [None, {}, "x", nn.Linear(1, 1), LanguageConfig])
def test_what_is_no_config(model, wrong):
    with pytest.raises(TypeError, match=r"^config is "):
        model(wrong)


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ("x", TypeError),
        (None, TypeError),
        (np.ones((1, 3, 8)), TypeError),
        (torch.ones(1, 3, 8, dtype=torch.long), TypeError),
        (torch.ones(1, 3, 4), ValueError),
    ],
)
def test_what_are_no_vectors(wrong, error):
    right = torch.ones(1, 3, 8)
    for layer in (FeedForward(8, 16), SinusoidalPositions(8), LearnedPositions(8, 5)):
        with pytest.raises(error, match=r"^x "):
            layer(wrong)
    attention = AdditiveAttention(8, 8, 4)
    for method in (attention.forward, attention.look):
        with pytest.raises(error, match=r"^state "):
            method(wrong, right)
        with pytest.raises(error, match=r"^memory "):
            method(right, wrong)


def test_vectors_that_the_parameters_do_not_meet():
    wide = torch.ones(1, 3, 8, dtype=torch.float64)
    for layer in (FeedForward(8, 16), lambda x: AdditiveAttention(8, 8, 4)(x, x)):
        with pytest.raises(TypeError, match=r"holds torch\.float64, and the parameters"):
            layer(wide)


@pytest.mark.parametrize("mask", [[[True]], "x", torch.tensor(True)])
def test_a_mask_of_a_transformer_that_is_none(mask):
    model, tokens = transformer(), torch.tensor([[1, 5, 6]])
    for given in ({"source_mask": mask}, {"target_mask": mask}):
        with pytest.raises((TypeError, ValueError), match=f"^{next(iter(given))} "):
            model(tokens, tokens, **given)


def test_alibi_without_an_axis_of_heads():
    x = torch.ones(3, 8)
    with pytest.raises(ValueError, match="query has shape"):
        AlibiPositions(2).attend(x, x, x)
