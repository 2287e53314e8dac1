"""A captioner: regions of a picture, and decoders that look at them."""

import doctest
import importlib
import math

import pytest
import torch

from attnlab.core import attention, attention_weights
from attnlab.nn import (
    Captioner,
    CaptionerConfig,
    DecoderLayer,
    HardAttend,
    LearnedPositions,
    PositionEncoding,
    RegionEncoder,
    Transformer,
    TransformerConfig,
    fused_attention,
    post_norm,
    pre_norm,
)
from attnlab.training import beam_search, greedy

SIZES = {"vocabulary": 11, "size": 20, "d_model": 6, "hidden": 7, "heads": 3, "d_ff": 5}
DECODERS = ["gru", "transformer"]


def captioner(decoder, **more):
    torch.manual_seed(0)
    return Captioner(CaptionerConfig(decoder=decoder, **(SIZES | more))).eval()


def pictures(batch=2, size=20, seed=0):
    return torch.rand(batch, 3, size, size, generator=torch.Generator().manual_seed(seed))


TARGET = torch.tensor([[1, 4, 5, 9], [1, 7, 7, 10]])


@pytest.mark.parametrize("decoder", DECODERS)
def test_sizes(decoder):
    model = captioner(decoder)
    assert model.encode(pictures()).shape == (2, 25, 6)
    assert model(pictures(), TARGET).shape == (2, 4, 11)
    layers, heads = (1, 1) if decoder == "gru" else (2, 3)
    assert model.look(TARGET, model.encode(pictures())).shape == (2, layers, heads, 4, 25)


def test_a_region_sees_fifteen_pixels_and_its_own_are_in_their_middle():
    torch.manual_seed(0)
    encoder = RegionEncoder(6, 32, PositionEncoding()).double()
    for row, column in [(3, 4), (0, 7)]:
        seen = pictures(1, 32).double().requires_grad_()
        encoder(seen)[0, 8 * row + column].sum().backward()
        rows, columns = seen.grad[0].abs().sum(0).nonzero().unbind(1)
        assert 4 * row - 7 <= rows.min() <= 4 * row
        assert 4 * row + 3 <= rows.max() <= 4 * row + 7
        assert 4 * column - 7 <= columns.min() <= 4 * column
        assert columns.max() <= 4 * column + 7


def test_the_encoder_is_three_convolutions_and_positions():
    torch.manual_seed(0)
    encoder = RegionEncoder(6, 20, LearnedPositions(6, 25))
    x = pictures()
    for (out, given, stride), layer in zip(
        [(3, 3, 2), (6, 3, 2), (6, 6, 1)], encoder.convolutions, strict=True
    ):
        assert layer.weight.shape == (out, given, 3, 3)
        x = torch.nn.functional.conv2d(x, layer.weight, layer.bias, stride=stride, padding=1)
        x = x.clamp(min=0)
    found = encoder(pictures())
    row, column = 2, 3
    wanted = x[1, :, row, column] + encoder.positions.table[5 * row + column]
    torch.testing.assert_close(found[1, 5 * row + column], wanted)


@pytest.mark.parametrize("decoder", DECODERS)
def test_no_word_is_seen_before_its_turn_and_step_by_step_is_the_same(decoder):
    model = captioner(decoder)
    memory = model.encode(pictures())
    whole = model.decode(TARGET, memory)
    changed = TARGET.clone()
    changed[:, 2:] = 3
    torch.testing.assert_close(model.decode(changed, memory)[:, :2], whole[:, :2])
    caches = model.decoder.empty_caches()
    steps = [model.decode(TARGET[:, i : i + 1], memory, caches=caches) for i in range(4)]
    torch.testing.assert_close(torch.cat(steps, dim=1), whole)


def test_the_weights_of_the_recurrent_decoder_make_its_contexts():
    model = captioner("gru")
    memory = model.encode(pictures())
    weights = model.look(TARGET, memory)[:, 0, 0]
    words = model.decoder.embedding(TARGET)
    _, contexts = model.decoder.steps(words, memory, None, *model.decoder.empty_caches())
    torch.testing.assert_close(weights @ memory, contexts)


@pytest.mark.parametrize("around", [pre_norm, post_norm])
def test_the_weights_of_a_decoder_layer_are_those_that_its_heads_use(around):
    torch.manual_seed(0)
    layer = DecoderLayer(6, 3, 5, around=around, dropout=0.0)
    x, memory = torch.randn(2, 4, 6), torch.randn(2, 7, 6)
    mask, seen = torch.ones(4, 4).tril() == 1, []

    def noting(query, key, value, mask=None):
        seen.append(attention_weights(query, key, mask))
        return attention(query, key, value, mask)

    found = layer.look(x, memory, mask)
    layer.cross_attention.attend = noting
    layer(x, memory, mask)
    assert found.shape == (2, 3, 4, 7)
    torch.testing.assert_close(found, seen[0])


def test_the_weights_of_the_transformer_are_those_of_each_layer():
    model = captioner("transformer")
    memory, seen = model.encode(pictures()), []

    def noting(query, key, value, mask=None):
        seen.append(attention_weights(query, key, mask))
        return attention(query, key, value, mask)

    found = model.look(TARGET, memory)
    for layer in model.decoder.layers:
        layer.cross_attention.attend = noting
    model.decode(TARGET, memory)
    torch.testing.assert_close(found, torch.stack(seen, dim=1))


@pytest.mark.parametrize("decoder", DECODERS)
def test_it_writes_by_greedy_decoding_and_by_beam_search(decoder):
    model = captioner(decoder)
    words = {"begin": 1, "end": 2, "most": 6}
    rows = greedy(model, pictures(), **words)
    assert rows.shape[0] == 2
    following = model(pictures(), torch.cat([torch.ones(2, 1).long(), rows[:, :-1]], 1)).argmax(-1)
    until = (rows == 2).int().cumsum(1) <= (rows == 2).int()
    assert torch.equal(following[until], rows[until])
    single, _ = beam_search(model, pictures(), **words, width=1)
    assert torch.equal(single[:, : rows.shape[1]], rows)


@pytest.mark.parametrize("decoder", DECODERS)
def test_hard_attention_of_sharp_weights_is_soft_attention(decoder):
    model = captioner(decoder)
    memory = model.encode(pictures())
    with torch.no_grad():
        if decoder == "gru":
            model.decoder.context.attend.worth.mul_(1e6)
        else:
            for layer in model.decoder.layers:
                layer.cross_attention.key.weight.mul_(1e6)
    soft = model.decode(TARGET, memory)
    for random in (None, torch.Generator().manual_seed(0)):
        hard = model.hard(random)
        torch.testing.assert_close(hard.decode(TARGET, memory), soft, atol=1e-4, rtol=1e-4)
    assert not any(isinstance(part, HardAttend) for part in model.modules()), "it is a copy"


def test_without_attention_all_steps_share_one_vector_that_knows_where_things_lie():
    model = captioner("gru", attention=False)
    memory = model.encode(pictures())
    assert memory.shape == (2, 1, 6)
    assert model(pictures(), TARGET).shape == (2, 4, 11)
    regions = model.encoder(pictures())
    w, b = model.summary.weight, model.summary.bias
    torch.testing.assert_close(memory[:, 0], (regions @ w.T + b).clamp(min=0).mean(1))
    moved = model.encode(pictures().roll(8, dims=-1))
    assert (moved - memory).abs().max() > 1e-3
    with pytest.raises(ValueError, match="this model has no attention to look at"):
        model.look(TARGET, memory)


def test_one_value_is_handed_over_as_often_as_its_weight_says():
    key = torch.tensor([[0.0, 0.0], [math.log(3), 0.0]])  # weights 1/4 and 3/4
    query = torch.tensor([[math.sqrt(2), 0.0]]).expand(4000, 2)
    value = torch.tensor([[0.0], [1.0]])
    hard = HardAttend(fused_attention, torch.Generator().manual_seed(0))
    found = hard(query, key, value)
    assert set(found.flatten().tolist()) == {0.0, 1.0}
    assert found.mean().item() == pytest.approx(0.75, abs=0.03)
    assert HardAttend(fused_attention)(query, key, value).unique().tolist() == [1.0]


def test_gradients_reach_every_parameter():
    for decoder in DECODERS:
        model = captioner(decoder).train()
        model(pictures(), TARGET).square().sum().backward()
        assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters())


def test_the_transformer_decodes_as_that_of_a_translator():
    # The same decoder as in `Transformer`, whose memory comes from elsewhere.
    model = captioner("transformer")
    sizes = {"d_model": 6, "heads": 3, "layers": 2, "d_ff": 5, "dropout": 0.0, "length": 16}
    config = TransformerConfig(
        source_vocabulary=4, target_vocabulary=11, norm="pre", positions="learned", **sizes
    )
    translator = Transformer(config).eval()
    translator.decoder.load_state_dict(model.decoder.state_dict())
    translator.output.load_state_dict(model.output.state_dict())
    memory = model.encode(pictures())
    torch.testing.assert_close(translator.decode(TARGET, memory), model.decode(TARGET, memory))


CASES = [
    (lambda: captioner("lstm"), ValueError, "decoder is 'lstm', and must be 'gru' or"),
    (lambda: captioner("gru", d_model=0), ValueError, "d_model is 0, and must be at least 1"),
    (lambda: captioner("gru", d_model=9), ValueError, "d_model is 9, and must be even"),
    (lambda: captioner("gru", size=30), ValueError, "size is 30, and must be a multiple of 4"),
    (lambda: captioner("transformer", heads=4), ValueError, "heads"),
    (lambda: captioner("gru", dropout=1.0), ValueError, "dropout is 1.0"),
    (lambda: captioner("gru", attention=1), TypeError, "attention is 1, and must be True or"),
    (lambda: captioner("transformer", attention=False), ValueError, "attention is False, and"),
    (lambda: Captioner(SIZES), TypeError, r"config is a dict, and must be one: write Captioner"),
]
PICTURES = [
    (pictures().movedim(1, -1), ValueError, r"last, and pictures.movedim\(-1, -3\) puts them"),
    (pictures()[0], ValueError, r"a single picture is picture\[None\]"),
    (pictures(size=32), ValueError, r"reads \(batch, 3, 20, 20\): make them anew in that size"),
    (pictures()[:, :1], ValueError, r"shape \(2, 1, 20, 20\), and this model .* red, green and"),
    (pictures()[:0], ValueError, r"shape \(0, 3, 20, 20\)"),
    (pictures().double(), TypeError, r"holds torch.float64, .*: write pictures.to\(torch.float32"),
    (pictures().numpy(), TypeError, "pictures is a ndarray, and must be a torch tensor"),
]


@pytest.mark.usefixtures("as_a_reader_runs_it")
@pytest.mark.parametrize(("call", "kind", "words"), CASES)
def test_bad_numbers_are_named(call, kind, words):
    with pytest.raises(kind, match=words):
        call()


@pytest.mark.usefixtures("as_a_reader_runs_it")
@pytest.mark.parametrize(("given", "kind", "words"), PICTURES)
def test_other_pictures_are_named(given, kind, words):
    model = captioner("gru")
    for call in (
        lambda: model(given, TARGET),
        lambda: greedy(model, given, begin=1, end=2, most=3),
        lambda: beam_search(model, given, begin=1, end=2, most=3, width=2),
    ):
        with pytest.raises(kind, match=words):
            call()


@pytest.mark.parametrize("name", ["captioner", "region_encoder", "hard_attention"])
def test_the_examples(name):
    result = doctest.testmod(
        importlib.import_module(f"attnlab.nn.{name}"),
        extraglobs={"PositionEncoding": PositionEncoding, "fused_attention": fused_attention},
    )
    assert result.attempted > 0
    assert result.failed == 0
