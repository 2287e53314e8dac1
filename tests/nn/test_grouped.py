import doctest
import math

import pytest
import torch
from torch.nn import functional

from attnlab import attention, causal, join_heads, padding, split_heads
from attnlab.lab import recording
from attnlab.nn import (
    Cache,
    EncoderLayer,
    GroupedQueryAttention,
    LanguageConfig,
    LanguageModel,
    MultiHeadAttention,
    fused_attention,
    grouped,
)
from attnlab.training import greedy


def draw(*shape, seed=0):
    random = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=random, dtype=torch.float64)


def made(d_model, heads, groups, **arguments):
    torch.manual_seed(0)
    return GroupedQueryAttention(d_model, heads, groups, **arguments).double()


def test_one_group_by_hand():
    # Queries (a, b) with a head each; both read the one key and value, the sum of the features.
    layer = GroupedQueryAttention(2, 2, 1, bias=False)
    layer.query.weight.data = layer.output.weight.data = torch.eye(2)
    layer.key.weight.data = layer.value.weight.data = torch.ones(1, 2)
    x = torch.tensor([[[math.log(3), 0.0], [0.0, 1.0]]])
    # Keys ln 3 and 1; head 0 asks with ln 3 and 0, head 1 with 0 and 1.
    first, second = math.exp(math.log(3) ** 2), math.exp(math.log(3))
    share, other = first / (first + second), second / (second + math.e)
    ln3 = math.log(3)
    expected = [
        [share * ln3 + (1 - share), (ln3 + 1) / 2],
        [(ln3 + 1) / 2, other * ln3 + (1 - other)],
    ]
    torch.testing.assert_close(layer(x), torch.tensor([expected]))


def test_all_sizes_different():
    layer = made(42, 6, 2)
    result = layer(draw(3, 5, 42), draw(3, 11, 42), draw(3, 11, 42))
    assert result.shape == (3, 5, 42)
    assert layer.key.weight.shape == layer.value.weight.shape == (14, 42)
    keys, values = layer.remember(draw(3, 11, 42))
    assert keys.shape == values.shape == (3, 2, 11, 7)


@pytest.mark.parametrize("bias", [False, True])
def test_as_many_groups_as_heads_is_multi_head_attention(bias):
    ours = made(12, 4, 4, bias=bias)
    theirs = MultiHeadAttention(12, 4, bias=bias).double()
    theirs.load_state_dict(ours.state_dict())
    query, key, value = draw(2, 5, 12), draw(2, 7, 12, seed=1), draw(2, 7, 12, seed=2)
    mask = draw(2, 5, 7, seed=3) > 0
    torch.testing.assert_close(ours(query, key, value, mask), theirs(query, key, value, mask))
    torch.testing.assert_close(ours(query), theirs(query))


@pytest.mark.parametrize("groups", [1, 2, 3, 6])
@pytest.mark.parametrize("attend", [attention, fused_attention])
def test_output_and_gradient_are_those_of_torch(groups, attend):
    layer = made(24, 6, groups, attend=attend)
    mask = causal(torch.arange(5), torch.arange(5))
    x, y = (draw(2, 5, 24).requires_grad_() for _ in range(2))
    queries = split_heads(layer.query(y), 6)
    keys, values = (split_heads(part(y), groups) for part in (layer.key, layer.value))
    heads = functional.scaled_dot_product_attention(
        queries, keys, values, attn_mask=mask, enable_gqa=True
    )
    a, b = layer(x, mask=mask), layer.output(join_heads(heads))
    torch.testing.assert_close(a, b, atol=1e-12, rtol=0)
    weight = draw(*a.shape, seed=9)
    parameters = list(layer.parameters())
    ours = torch.autograd.grad((a * weight).sum(), [x, *parameters])
    theirs = torch.autograd.grad((b * weight).sum(), [y, *parameters])
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other, atol=1e-11, rtol=0)


@pytest.mark.parametrize("groups", [1, 2, 4])
def test_it_is_multi_head_attention_whose_heads_share_their_matrices(groups):
    ours, theirs = made(12, 4, groups), MultiHeadAttention(12, 4).double()
    same = {name: p for name, p in ours.state_dict().items() if name.split(".")[0] in SAME}
    for part in ("key", "value"):
        for kind in ("weight", "bias"):
            rows = ours.state_dict()[f"{part}.{kind}"].unflatten(0, (groups, 3))
            same[f"{part}.{kind}"] = rows.repeat_interleave(4 // groups, 0).flatten(0, 1)
    theirs.load_state_dict(same)
    x = draw(2, 5, 12)
    mask = padding(torch.tensor([3, 5]), torch.arange(5))
    torch.testing.assert_close(ours(x, mask=mask), theirs(x, mask=mask))


SAME = ("query", "output")


@pytest.mark.parametrize("groups", [1, 2, 4])
def test_a_cache_holds_groups_and_changes_nothing(groups):
    layer, x, cache = made(12, 4, groups), draw(2, 6, 12), Cache()
    whole = layer(x, mask=causal(torch.arange(6), torch.arange(6)))
    steps = [layer(x[:, i : i + 1], cache=cache) for i in range(6)]
    torch.testing.assert_close(torch.cat(steps, 1), whole)
    keys, values = cache.target
    assert keys.shape == values.shape == (2, groups, 6, 3)
    assert len(cache) == 6
    plain = Cache()
    MultiHeadAttention(12, 4).double()(x, cache=plain)
    numbers = sum(x.numel() for x in plain.target)
    assert numbers == 4 // groups * (keys.numel() + values.numel())


def test_remembered_once_read_often():
    layer, query, key = made(12, 4, 2), draw(2, 5, 12), draw(2, 7, 12, seed=1)
    keys, values = layer.remember(key)
    mask = draw(2, 5, 7, seed=3) > 0
    torch.testing.assert_close(layer.read(query, keys, values, mask), layer(query, key, mask=mask))


def test_in_a_language_model():
    """In place of MultiHeadAttention it trains, is recorded, and writes with its cache."""
    torch.manual_seed(0)
    model = LanguageModel(LanguageConfig(vocabulary=11, d_model=12, heads=4, layers=2, d_ff=8))
    for layer in model.decoder.layers:
        assert isinstance(layer, EncoderLayer)
        layer.attention = GroupedQueryAttention(12, 4, 2, attend=layer.attention.attend)
    tokens = torch.tensor([[1, 5, 3, 2], [1, 4, 4, 9]])
    with recording(model) as weights:
        logits = model(tokens)
    assert weights["decoder.layers.0.attention"].shape == (2, 4, 4, 4)
    logits.sum().backward()
    assert all(p.grad is not None for p in model.decoder.parameters())
    model.eval()
    written = greedy(model, tokens[:, 1:], begin=1, end=0, most=5)
    again = tokens
    with torch.no_grad():  # without a cache, the whole anew for each token
        for _ in range(written.shape[1]):
            again = torch.cat([again, model(again)[:, -1:].argmax(-1)], 1)
    ends = (written == 0).cumsum(1) > 0
    assert torch.equal(written[~ends], again[:, 4:][~ends])
    caches = model.decoder.empty_caches()
    model.next_logits(tokens, caches)
    assert caches[0].target[0].shape == (2, 2, 4, 3)


def test_it_is_shown_with_its_groups():
    assert "d_model=12, heads=4, attend=fused_attention, groups=2" in str(made(12, 4, 2))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: GroupedQueryAttention(12, 6, 4), ValueError, "groups is 4 and heads 6: .*1, 2, 3"),
        (lambda: GroupedQueryAttention(12, 6, 12), ValueError, "groups is 12 and heads 6"),
        (lambda: GroupedQueryAttention(12, 6, 0), ValueError, "groups is 0 and heads 6"),
        (lambda: GroupedQueryAttention(12, 6, -2), ValueError, "groups is -2 and heads 6"),
        (lambda: GroupedQueryAttention(12, 6, 2.0), TypeError, "groups is 2.0"),
        (lambda: GroupedQueryAttention(12, 6, True), TypeError, "groups is True"),
        (lambda: GroupedQueryAttention(12, 5, 5), ValueError, "heads is 5 and d_model 12"),
        (lambda: made(12, 4, 2)(draw(2, 5, 11)), ValueError, r"query has shape \(2, 5, 11\)"),
        (lambda: made(12, 4, 2)(draw(2, 5, 12), draw(3, 5, 12)), ValueError, "query has 2, key"),
        (
            lambda: made(12, 4, 2)(draw(2, 5, 12), mask=draw(2, 5, 4) > 0),
            ValueError,
            r"mask has shape \(2, 5, 4\), and scores \(2, 5, 5\)",
        ),
        (
            lambda: made(12, 4, 2).read(
                draw(2, 5, 12), *MultiHeadAttention(12, 4).double().remember(draw(2, 3, 12))
            ),
            ValueError,
            r"keys has shape \(2, 4, 3, 3\), and this layer 2 groups",
        ),
    ],
)
@pytest.mark.usefixtures("as_a_reader_runs_it")
def test_bad_input_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_the_examples_in_the_docstrings():
    result = doctest.testmod(grouped, extraglobs={"torch": torch})
    assert result.attempted > 0
    assert result.failed == 0
