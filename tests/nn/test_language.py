"""The language model, held to PyTorch's encoder with a causal mask, and to itself step by step."""

import doctest
from importlib import import_module

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from attnlab import causal, padding, window
from attnlab.lab import recording
from attnlab.nn import Cache, EncoderLayer, LanguageConfig, LanguageModel
from attnlab.training import beam_search, greedy, sample

NORMS = pytest.mark.parametrize("norm", ["post", "pre"])
SMALL = {"vocabulary": 13, "d_model": 12, "heads": 3, "layers": 2, "d_ff": 20, "length": 40}
LENGTHS = torch.tensor([7, 4])


def small(seed=0, **changes) -> LanguageModel:
    torch.manual_seed(seed)
    model = LanguageModel(LanguageConfig(**(SMALL | {"dropout": 0.0} | changes))).double().eval()
    with torch.no_grad():
        for weight in model.parameters():  # nothing that is 0 or 1 when it starts can hide
            weight += 0.1 * torch.randn_like(weight)
    return model


def tokens(batch=2, count=7, seed=1):
    return torch.randint(13, (batch, count), generator=torch.Generator().manual_seed(seed))


def close(a, b, atol=1e-12):
    torch.testing.assert_close(a, b, atol=atol, rtol=0)


def twin(model: LanguageModel) -> nn.TransformerEncoder:
    """PyTorch's own stack of layers with the same weights, for embeddings."""
    config, first = model.config, model.config.norm == "pre"
    layer = nn.TransformerEncoderLayer(
        config.d_model,
        config.heads,
        config.d_ff,
        dropout=0.0,
        batch_first=True,
        norm_first=first,
    )
    twin = nn.TransformerEncoder(layer, config.layers, enable_nested_tensor=False).double()
    twin.norm = model.decoder.norm if first else None
    for theirs, ours in zip(twin.layers, model.decoder.layers, strict=True):
        maps = [ours.attention.query, ours.attention.key, ours.attention.value]
        joined = [torch.cat([getattr(m, kind) for m in maps]) for kind in ("weight", "bias")]
        theirs.self_attn.in_proj_weight = nn.Parameter(joined[0].detach())
        theirs.self_attn.in_proj_bias = nn.Parameter(joined[1].detach())
        theirs.self_attn.out_proj = ours.attention.output
        theirs.linear1, theirs.linear2 = ours.feed_forward.hidden, ours.feed_forward.output
        theirs.norm1, theirs.norm2 = ours.norms
    return twin


@NORMS
@pytest.mark.parametrize("padded", [False, True])
def test_pytorch_agrees_in_output_and_gradient(norm, padded):
    model = small(norm=norm)
    theirs, random = twin(model), torch.Generator().manual_seed(2)
    x = torch.randn(2, 7, 12, generator=random).double().requires_grad_()
    mask = padding(LENGTHS, torch.arange(7)) if padded else None
    ours = model.decoder.stack(x, mask)
    later = ~causal(torch.arange(7), torch.arange(7))
    hidden = None if mask is None else ~mask[:, 0]
    expected = theirs(x, mask=later, src_key_padding_mask=hidden)
    close(ours, expected)
    weight = torch.randn(ours.shape, generator=random).double()
    inner = model.decoder.layers[0].feed_forward.hidden.weight  # shared by the two
    for a, b in zip(
        torch.autograd.grad((ours * weight).sum(), (x, inner)),
        torch.autograd.grad((expected * weight).sum(), (x, inner)),
        strict=True,
    ):
        close(a, b, 1e-11)


@NORMS
def test_from_tokens_to_scores_by_pytorchs_parts(norm):
    model, words = small(norm=norm), tokens()
    table, places = model.decoder.embedding.table.weight, model.decoder.embedding.positions.table
    x = table[words] * 12**0.5 + places[:7]
    later = ~causal(torch.arange(7), torch.arange(7))
    close(model(words), twin(model)(x, mask=later) @ table.T, 1e-11)


@pytest.mark.parametrize("steps", [[1] * 5, [3, 2]])
def test_an_encoder_layer_can_go_on(steps):
    torch.manual_seed(0)
    layer, x, places = EncoderLayer(6, 2, 10).double().eval(), torch.randn(2, 5, 6), torch.arange(5)
    whole = layer(x.double(), causal(places, places))
    cache, parts = Cache(), []
    for part, here in zip(x.double().split(steps, 1), places.split(steps), strict=True):
        parts.append(layer(part, causal(here, places[: here[-1] + 1]), cache))
    close(torch.cat(parts, dim=1), whole)
    assert len(cache) == 5


@pytest.mark.parametrize("shared", [False, True])
@NORMS
def test_the_number_of_weights_is_that_of_the_formula(norm, shared):
    d, ff, layers, words, places = 12, 20, 2, 13, 40
    model = small(norm=norm, share_embeddings=shared)
    layer = 4 * (d * d + d) + 2 * d * ff + d + ff + 4 * d
    last = 2 * d if norm == "pre" else 0
    expected = layers * layer + last + places * d + words * d * (1 if shared else 2)
    assert sum(p.numel() for p in model.parameters()) == expected
    assert (model.output.weight is model.decoder.embedding.table.weight) == shared


def test_the_defaults_have_the_size_of_gpt2():
    with torch.device("meta"):
        model = LanguageModel(LanguageConfig(vocabulary=50257))
    assert sum(p.numel() for p in model.parameters()) == 124_439_808


@settings(max_examples=20)
@given(st.integers(1, 6), st.integers(0, 12))
def test_no_token_sees_a_later_one(place, other):
    model, words = small(positions="rotary"), tokens()
    changed = words.clone()
    changed[:, place] = (changed[:, place] + 1 + other % 12) % 13
    before, after = model(words), model(changed)
    assert torch.equal(before[:, :place], after[:, :place])
    assert (before[:, place:] != after[:, place:]).any(-1).all()


def test_padding_changes_no_real_token():
    model, words = small(), tokens()
    mask = padding(LENGTHS, torch.arange(7))
    close(model(words, mask)[1:, :4], model(words[1:, :4]))
    close(model(words, mask)[0], model(words)[0])
    assert not torch.allclose(model(words, mask)[1, 4:], model(words)[1, 4:])


@pytest.mark.parametrize("positions", ["none", "sinusoidal", "learned", "rotary", "alibi"])
def test_the_order_of_words_counts_by_every_encoding(positions):
    model, words = small(layers=1, positions=positions), tokens()
    turned = words[:, [3, 0, 5, 1, 4, 2, 6]]  # the last one stays, and sees the same words
    same = torch.allclose(model(words)[:, -1], model(turned)[:, -1], atol=1e-9, rtol=0)
    assert same == (positions == "none")


def test_a_mask_may_ask_for_more():
    model, words = small(layers=1, positions="none"), tokens()
    near = window(torch.arange(7), torch.arange(7), 1)[None]
    changed = words.clone()
    changed[:, 2] = (changed[:, 2] + 1) % 13
    differs = (model(words, near) != model(changed, near)).any(-1).all(0)
    assert differs.tolist() == [False, False, True, True, False, False, False]


@pytest.mark.parametrize("positions", ["sinusoidal", "learned", "flow", "rotary", "alibi"])
@pytest.mark.parametrize("steps", [[1] * 13, [8, 1, 1, 3], [13]])
def test_step_by_step_with_a_cache_as_in_one_go(positions, steps):
    model, words = small(positions=positions), tokens(count=13)
    whole, caches, read = model(words), model.decoder.empty_caches(), 0
    for part in words.split(steps, 1):
        read += part.shape[1]
        close(model.next_logits(part, caches), whole[:, read - 1])
        close(model.next_logits(words[:, :read]), whole[:, read - 1])
    assert [len(cache) for cache in caches] == [13, 13]


def test_a_mask_goes_on_with_the_cache():
    model, words, places = small(positions="sinusoidal").decoder, tokens(), torch.arange(7)
    near, caches = window(places, places, 2)[None], small().decoder.empty_caches()
    whole = model(words, near)
    parts = [model(words[:, :4], near[:, :4, :4], caches), model(words[:, 4:], near[:, 4:], caches)]
    close(torch.cat(parts, dim=1), whole)


def test_a_cache_can_go_on_with_other_rows():
    model, words = small(), tokens(batch=3)
    rows, caches = torch.tensor([2, 0, 0]), model.decoder.empty_caches()
    model.next_logits(words[:, :4], caches)
    for cache in caches:
        cache.choose(rows)
    later = model.next_logits(words[:, 4:], caches)
    close(later, model(torch.cat([words[rows, :4], words[:, 4:]], dim=1))[:, -1])


def uncached(model, prompt, most):
    """The most probable token again and again, everything computed anew: begin is 1, end 2."""
    words = torch.cat([torch.full((len(prompt), 1), 1), prompt], dim=1)
    for _ in range(most):
        words = torch.cat([words, model(words)[:, -1].argmax(-1)[:, None]], dim=1)
    written = words[:, 1 + prompt.shape[1] :]
    return written.masked_fill((written == 2).cumsum(1) - (written == 2).int() > 0, 0)


@pytest.mark.parametrize("seed", range(3))
def test_the_decoders_go_on_where_the_prompt_ends(seed):
    model, prompt = small(seed, dropout=0.3).train(), tokens(batch=3)
    asked = {"begin": 1, "end": 2, "most": 9}
    found = greedy(model, prompt, **asked)
    assert torch.equal(found, uncached(model.eval(), prompt, 9)[:, : found.shape[1]])
    full = padding(torch.tensor([7]), torch.arange(7))
    assert torch.equal(greedy(model, prompt, full, **asked), found)
    assert torch.equal(sample(model, prompt, **asked, top_k=1), found)
    assert torch.equal(beam_search(model, prompt, **asked, width=1)[0], found)
    written, scores = beam_search(model, prompt, **asked, width=5, length_penalty=0)
    for row, score, i in zip(written, scores, range(3), strict=True):
        end = row.tolist().index(2) + 1 if 2 in row else len(row)
        words = torch.cat([torch.tensor([1]), prompt[i], row[: end - 1]])[None]
        logs = model(words)[0, 7:].log_softmax(-1)
        close(logs[range(end), row[:end]].sum(), score)


def go_on(model, prompt, mask=None):
    return greedy(model, prompt, mask, begin=1, end=2, most=3)


def read(model, words):
    """Caches of a model that has read these."""
    caches = model.decoder.empty_caches()
    model.next_logits(words, caches)
    return caches


def test_a_prompt_padded_at_the_end_loses_its_padding():
    model, prompt = small(), tokens()
    mask = padding(torch.tensor([5, 5]), torch.arange(7))
    asked = {"begin": 1, "end": 2, "most": 9}
    for decode in (greedy, beam_search, lambda *a, **k: sample(*a, **k, top_k=1)):
        padded, alone = decode(model, prompt, mask, **asked), decode(model, prompt[:, :5], **asked)
        torch.testing.assert_close(padded, alone, atol=0, rtol=0)
        one, other = decode(model, prompt, **asked), decode(model, prompt, mask[:1], **asked)
        assert len(one) == len(other) == 2


def test_every_layer_is_recorded():
    model = small()
    with recording(model) as weights:
        model(tokens())
    assert list(weights) == [f"decoder.layers.{i}.attention" for i in range(2)]
    later = ~causal(torch.arange(7), torch.arange(7))
    assert all((w[..., later] == 0).all() for w in weights.values())


@NORMS
def test_in_training_all_of_it_learns_and_dropout_is_on(norm):
    model, words = small(norm=norm, dropout=0.3, length=7).train(), tokens()
    one, two = model(words), model(words)
    assert not torch.equal(one, two)
    one.square().mean().backward()
    for name, parameter in model.named_parameters():
        if "key.bias" not in name:  # moves all scores of a row alike: softmax does not see it
            assert parameter.grad.abs().max() > 0, name


@pytest.mark.usefixtures("as_a_reader_runs_it")
@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda m, t: m(t[0]), r"tokens has shape \(7,\).*tokens\[None\]"),
        (lambda m, t: m(t[:, :0]), r"tokens has shape \(2, 0\).*at least one"),
        (lambda m, t: m(t + 20), "tokens holds numbers from 2.* vocabulary has 13"),
        (lambda m, t: m(t.repeat(1, 7)), "reaches to 49 positions, and the table has 40"),
        (lambda m, t: m(t, torch.ones(2, 1, 4) == 1), r"mask has shape \(2, 1, 4\).*\(2, 1, 7\)"),
        (lambda m, t: m(t, torch.ones(3, 1, 7) == 1), r"mask has shape \(3, 1, 7\)"),
        (
            lambda m, t: m(t, padding(torch.tensor([7, 0]), torch.arange(7))),
            "mask leaves nothing of row 1",
        ),
        (
            lambda m, t: go_on(m, t, padding(LENGTHS, torch.arange(7))),
            "prompts have from 4 to 7 tokens.*one length",
        ),
        (
            lambda m, t: go_on(m, t, padding(torch.tensor([0, 0]), torch.arange(7))),
            "prompts have from 0 to 0 tokens.*empty",
        ),
        (
            lambda m, t: go_on(m, t, (torch.arange(7) > 1).expand(2, 1, 7)),
            "source_mask has padding in front of a real token.*end",
        ),
        (
            lambda m, t: go_on(m, t, torch.ones(2, 7) == 1),
            r"source_mask has shape \(2, 7\).*\(2, 1, 7\).*source_mask\[:, None\]",
        ),
        (lambda m, t: go_on(m, t[0]), r"source has shape \(7,\).*source\[None\]"),
        (lambda m, t: m.next_logits(t[0]), r"tokens has shape \(7,\).*tokens\[None\]"),
        (lambda m, t: m.next_logits(t[:1], read(m, t)), "tokens has 1 and caches 2 sequences"),
        (lambda m, t: go_on(m, t[:, :0]), r"source has shape \(2, 0\)"),
    ],
)
def test_what_does_not_fit_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call(small(), tokens())


@pytest.mark.usefixtures("as_a_reader_runs_it")
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"vocabulary": 0}, "^vocabulary is 0, and must be at least 1"),
        ({"norm": "middle"}, "norm is 'middle'.*'post' or 'pre'"),
        ({"heads": 5}, "heads is 5 and d_model 12"),
    ],
)
def test_a_config_that_cannot_be_is_named(changes, words):
    with pytest.raises(ValueError, match=words):
        small(**changes)


def test_the_examples_of_the_docstrings():
    failed, tried = doctest.testmod(
        import_module("attnlab.nn.language"), extraglobs={"torch": torch}
    )
    assert (failed, tried > 0) == (0, True)
