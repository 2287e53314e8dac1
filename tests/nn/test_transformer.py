"""The Transformer, held to PyTorch's, to the formula of its size, and to itself step by step."""

import doctest
import math
from importlib import import_module

import pytest
import torch
from torch import nn

from attnlab import causal, padding, window
from attnlab.nn import (
    Cache,
    Decoder,
    DecoderLayer,
    Embedding,
    Encoder,
    EncoderLayer,
    FeedForward,
    PositionEncoding,
    Transformer,
    TransformerConfig,
    post_norm,
    pre_norm,
)

NORMS = ["post", "pre"]
SMALL = {"source_vocabulary": 11, "target_vocabulary": 13, "d_model": 12, "heads": 3, "layers": 2}


def small(**changes) -> Transformer:
    torch.manual_seed(0)
    config = TransformerConfig(**(SMALL | {"d_ff": 20, "dropout": 0.0} | changes))
    return Transformer(config).double().eval()


def tokens(batch=2, source=5, target=7):
    random = torch.Generator().manual_seed(1)
    return (
        torch.randint(11, (batch, source), generator=random),
        torch.randint(13, (batch, target), generator=random),
    )


def twin(model: Transformer) -> nn.Transformer:
    """PyTorch's own Transformer with the same weights, for embeddings of the same length."""
    config = model.config
    first = config.norm == "pre"
    twin = nn.Transformer(
        config.d_model,
        config.heads,
        config.layers,
        config.layers,
        config.d_ff,
        dropout=0.0,
        batch_first=True,
        norm_first=first,
    ).double()
    for theirs, ours in ((twin.encoder, model.encoder), (twin.decoder, model.decoder)):
        theirs.norm = ours.norm if first else None
        for their_layer, our_layer in zip(theirs.layers, ours.layers, strict=True):
            take_attention(their_layer.self_attn, our_layer.attention)
            if hasattr(their_layer, "multihead_attn"):
                take_attention(their_layer.multihead_attn, our_layer.cross_attention)
            their_layer.linear1 = our_layer.feed_forward.hidden
            their_layer.linear2 = our_layer.feed_forward.output
            for i, norm in enumerate(our_layer.norms, 1):
                setattr(their_layer, f"norm{i}", norm)
    return twin


def take_attention(theirs: nn.MultiheadAttention, ours) -> None:
    maps = [ours.query, ours.key, ours.value]
    theirs.in_proj_weight = nn.Parameter(torch.cat([each.weight for each in maps]).detach())
    theirs.in_proj_bias = nn.Parameter(torch.cat([each.bias for each in maps]).detach())
    theirs.out_proj = ours.output


@pytest.mark.filterwarnings("ignore:enable_nested_tensor")
@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("padded", [False, True])
def test_pytorch_agrees_in_output_and_gradient(norm, padded):
    model = small(norm=norm)
    theirs = twin(model)
    random = torch.Generator().manual_seed(2)
    x = torch.randn(2, 5, 12, generator=random).double().requires_grad_()
    y = torch.randn(2, 7, 12, generator=random).double().requires_grad_()
    source = padding(torch.tensor([5, 3]), torch.arange(5)) if padded else None
    target = padding(torch.tensor([4, 7]), torch.arange(7)) if padded else None
    ours = model.decoder.stack(y, model.encoder.stack(x, source), source, target)
    hidden = {"src_key_padding_mask": source, "memory_key_padding_mask": source}
    hidden |= {"tgt_key_padding_mask": target}
    hidden = {name: ~mask[:, 0] for name, mask in hidden.items() if mask is not None}
    later = ~causal(torch.arange(7), torch.arange(7))
    expected = theirs(x, y, tgt_mask=later, **hidden)
    torch.testing.assert_close(ours, expected, atol=1e-12, rtol=0)
    weight = torch.randn(ours.shape, generator=random).double()
    inner = model.encoder.layers[0].feed_forward.hidden.weight  # shared by the two
    for a, b in zip(
        torch.autograd.grad((ours * weight).sum(), (x, y, inner)),
        torch.autograd.grad((expected * weight).sum(), (x, y, inner)),
        strict=True,
    ):
        torch.testing.assert_close(a, b, atol=1e-11, rtol=0)


def test_the_two_norm_orders_by_hand():
    double, shift = (lambda x: 2 * x), (lambda x: x + 1)
    x = torch.tensor([1.0, 2.0])
    assert post_norm(x, double, shift).tolist() == [4.0, 7.0]  # (x + 2x) + 1
    assert pre_norm(x, double, shift).tolist() == [5.0, 8.0]  # x + 2(x + 1)


def test_feed_forward_by_hand():
    layer = FeedForward(2, 3)
    with torch.no_grad():
        layer.hidden.weight.copy_(torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]]))
        layer.hidden.bias.copy_(torch.tensor([0.0, -1.0, 0.0]))
        layer.output.weight.copy_(torch.tensor([[1.0, 1.0, 5.0], [0.0, 2.0, 5.0]]))
        layer.output.bias.copy_(torch.tensor([0.5, 0.0]))
    assert layer(torch.tensor([[3.0, 2.0]])).tolist() == [[3 + 1 + 0.5, 2.0]]


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("norm", NORMS)
def test_the_number_of_weights_is_that_of_the_formula(norm, shared):
    d, ff, layers, source, target = 12, 20, 2, 13, 13
    model = small(norm=norm, source_vocabulary=source, share_embeddings=shared)
    attention, feed_forward, one_norm = 4 * (d * d + d), 2 * d * ff + d + ff, 2 * d
    encoder = attention + feed_forward + 2 * one_norm
    decoder = 2 * attention + feed_forward + 3 * one_norm
    last = 2 * one_norm if norm == "pre" else 0
    embeddings = target * d if shared else (source + 2 * target) * d
    expected = layers * (encoder + decoder) + last + embeddings
    assert sum(p.numel() for p in model.parameters()) == expected


def test_shared_embeddings_are_one_matrix():
    model = small(source_vocabulary=13, share_embeddings=True)
    table = model.decoder.embedding.table.weight
    assert model.encoder.embedding.table.weight is table
    assert model.output.weight is table


def test_embeddings_are_scaled_and_start_small():
    model = small(d_model=96, positions="none", source_vocabulary=1000)
    source = torch.arange(1000)[None]
    vectors = model.encoder.embedding(source)[0]
    table = model.encoder.embedding.table.weight
    torch.testing.assert_close(vectors, table * math.sqrt(96))
    assert vectors.std().item() == pytest.approx(1.0, abs=0.02)


def test_an_encoding_of_ones_own_need_not_know_of_caches():
    class Count(PositionEncoding):
        def forward(self, x):
            return x + torch.arange(x.shape[1])[:, None]

    part = Embedding(5, 3, positions=Count(), scale=1.0)
    vectors = part.table.weight[None] + torch.arange(5)[:, None]
    torch.testing.assert_close(part(torch.arange(5)[None]), vectors)


def test_vectors_start_with_a_spread_of_1_whatever_the_scale():
    for scale in (None, 1.0, 7.0):
        vectors = Embedding(1000, 96, scale=scale)(torch.arange(1000)[None])
        assert vectors.std().item() == pytest.approx(1.0, abs=0.02)


def test_linear_maps_start_as_xavier_says_and_other_parts_as_they_do():
    sizes = {"positions": "flow", "d_model": 96, "heads": 2, "d_ff": 300}
    model = small(**sizes)
    for part in (*model.encoder.layers, *model.decoder.layers, model.output):
        for linear in [part] if isinstance(part, nn.Linear) else part.modules():
            if isinstance(linear, nn.Linear):
                bound = math.sqrt(6 / sum(linear.weight.shape))
                assert 0.95 * bound < linear.weight.abs().max() <= bound
    for half in (model.encoder, model.decoder):
        assert (half.embedding.positions.outward.weight == 0).all()


@pytest.mark.usefixtures("as_a_reader_runs_it")
def test_an_encoder_and_a_decoder_alone():
    sizes = {"d_model": 12, "heads": 3, "layers": 2, "d_ff": 20}
    encoder, decoder = Encoder(11, **sizes).eval(), Decoder(13, **sizes).eval()
    source, target = tokens()
    assert decoder(target, encoder(source)).shape == (2, 7, 12)
    with pytest.raises(ValueError, match="heads is 5 and d_model 12"):
        Encoder(11, **sizes | {"heads": 5})
    with pytest.raises(TypeError, match=r"vocabulary is TransformerConfig.*whole number"):
        Encoder(TransformerConfig(**SMALL))


def test_the_two_masks_come_in_one_order():
    model, (source, target) = small(), tokens()
    memory, mask = model.encode(source), padding(torch.tensor([5, 2]), torch.arange(5))
    real = padding(torch.tensor([7, 4]), torch.arange(7))
    whole = model.output(model.decoder(target, memory, mask, real))
    assert torch.equal(model.decode(target, memory, mask, real), whole)
    assert not torch.allclose(model.decode(target, memory, None, real), whole)


@pytest.mark.parametrize("norm", NORMS)
def test_no_target_token_sees_a_later_one(norm):
    model, (source, target) = small(norm=norm), tokens()
    other = target.clone()
    other[:, 4:] = (other[:, 4:] + 1) % 13
    before, after = model(source, target), model(source, other)
    assert torch.equal(before[:, :4], after[:, :4])
    assert (before[:, 4:] != after[:, 4:]).all(-1).all()


def test_padding_of_source_and_target_changes_no_real_token():
    model, (source, target) = small(), tokens()
    lengths = torch.tensor([3, 5])
    mask = padding(lengths, torch.arange(5))
    other = source.clone()
    other[0, 3:] = (other[0, 3:] + 1) % 11
    assert torch.equal(model(source, target, mask), model(other, target, mask))
    real = padding(torch.tensor([4, 7]), torch.arange(7))
    alone = model(source[:1, :3], target[:1, :4])
    together = model(source, target, mask, real)
    torch.testing.assert_close(together[:1, :4], alone, atol=1e-12, rtol=0)


@pytest.mark.parametrize("positions", ["sinusoidal", "learned", "flow", "rotary", "alibi"])
@pytest.mark.parametrize("steps", [[1] * 7, [3, 1, 2, 1], [7]])
def test_step_by_step_with_a_cache_as_in_one_go(positions, steps):
    model, (source, target) = small(positions=positions), tokens()
    mask = padding(torch.tensor([5, 2]), torch.arange(5))
    memory = model.encode(source, mask)
    caches = model.decoder.empty_caches()
    parts = [model.decode(part, memory, mask, caches=caches) for part in target.split(steps, dim=1)]
    whole = model(source, target, mask)
    torch.testing.assert_close(torch.cat(parts, dim=1), whole, atol=1e-12, rtol=0)
    assert [len(cache) for cache in caches] == [7, 7]


def test_a_mask_of_the_target_goes_on_with_the_cache():
    model, (source, target) = small(), tokens()
    memory, caches, places = model.encode(source), model.decoder.empty_caches(), torch.arange(7)
    near = window(places, places, 2)[None]  # the last ones do not see the first
    parts = [
        model.decode(target[:, :4], memory, None, near[:, :4, :4], caches),
        model.decode(target[:, 4:], memory, None, near[:, 4:], caches),
    ]
    whole = model(source, target, None, near)
    torch.testing.assert_close(torch.cat(parts, dim=1), whole, atol=1e-12, rtol=0)
    with pytest.raises(ValueError, match=r"target_mask has shape \(1, 3, 7\).* and 10 keys"):
        model.decode(target[:, 4:], memory, None, near[:, 4:], caches)


def test_a_cache_can_go_on_with_other_rows():
    model, (source, target) = small(), tokens(batch=3)
    rows = torch.tensor([2, 0, 0])
    memory, caches = model.encode(source), model.decoder.empty_caches()
    model.decode(target[:, :4], memory, caches=caches)
    for cache in caches:
        cache.choose(rows)
    turned = torch.cat([target[rows, :4], target[:, 4:]], dim=1)
    later = model.decode(target[:, 4:], memory[rows], caches=caches)
    whole = model(source[rows], turned)
    torch.testing.assert_close(later, whole[:, 4:], atol=1e-12, rtol=0)
    empty = Cache()
    empty.choose(rows)
    assert len(empty) == 0


@pytest.mark.parametrize("norm", NORMS)
def test_in_training_all_of_it_learns_and_dropout_is_on(norm):
    model, (source, target) = small(norm=norm, dropout=0.3).train(), tokens()
    one, two = model(source, target), model(source, target)
    assert not torch.equal(one, two)
    one.square().mean().backward()
    for name, parameter in model.named_parameters():
        if "key.bias" not in name:  # moves all scores of a row alike: softmax does not see it
            assert parameter.grad.abs().max() > 0, name
    model.eval()
    assert torch.equal(model(source, target), model(source, target))


def test_layers_take_what_is_handed_in():
    seen = []

    def attend(query, key, value, mask=None):
        seen.append((tuple(query.shape), tuple(key.shape), mask))
        return value[..., : query.shape[-2], :]

    x = torch.randn(2, 5, 12)
    EncoderLayer(12, 3, 20, attend=attend)(x)
    DecoderLayer(12, 3, 20, attend=attend)(x, torch.randn(2, 7, 12))
    assert seen == [((2, 3, 5, 4), (2, 3, 5, 4), None)] * 2


@pytest.mark.usefixtures("as_a_reader_runs_it")
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"norm": "middle"}, "norm is 'middle'.*'post' or 'pre'"),
        ({"positions": "clocks"}, "positions is 'clocks'.*sinusoidal"),
        ({"layers": 0}, "layers is 0.*at least 1"),
        ({"heads": 5}, "heads is 5 and d_model 12"),
        ({"dropout": 1.0}, "dropout is 1.0.*below 1"),
        ({"share_embeddings": True}, "source_vocabulary is 11 and target_vocabulary 13"),
    ],
)
def test_a_config_that_cannot_be_is_named(changes, words):
    with pytest.raises(ValueError, match=words):
        small(**changes)


@pytest.mark.usefixtures("as_a_reader_runs_it")
@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda m, s, t: m(s[0], t), r"tokens has shape \(5,\).*tokens\[None\]"),
        (lambda m, s, t: m(s[:, :0], t), r"tokens has shape \(2, 0\).*at least one"),
        (lambda m, s, t: m(s + 20, t), "tokens holds numbers from 20.* vocabulary has 11"),
        (lambda m, s, t: m(s, t[:1]), "query has 1 and keys has 2 sequences"),
        (lambda m, s, t: m(s, t, torch.ones(2, 1, 4) == 1), r"mask has shape \(2, 1, 4\)"),
        (
            lambda m, s, t: m(s, t, None, torch.ones(2, 1, 9) == 1),
            r"target_mask has shape \(2, 1, 9\).* 7 queries and 7 keys",
        ),
    ],
)
def test_what_does_not_fit_is_named(call, words):
    model, (source, target) = small(), tokens()
    with pytest.raises(ValueError, match=words):
        call(model, source, target)


@pytest.mark.usefixtures("as_a_reader_runs_it")
def test_a_source_longer_than_the_table_is_named():
    model = small(positions="learned", length=4)
    with pytest.raises(ValueError, match="reaches to 5 positions, and the table has 4"):
        model(*tokens())


@pytest.mark.parametrize("name", ["transformer", "cache", "dropout", "embedding"])
def test_the_examples_of_the_docstrings(name):
    module = import_module(f"attnlab.nn.{name}")
    failed, tried = doctest.testmod(module, extraglobs={"torch": torch})
    assert (failed, tried > 0) == (0, True)
