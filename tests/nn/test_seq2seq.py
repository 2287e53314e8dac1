"""The recurrent translators, held to the papers' equations, to the core, and to themselves."""

import doctest
import math
from importlib import import_module

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from attnlab import additive, padding, softmax
from attnlab.lab import recording
from attnlab.nn import AdditiveAttention, OneContext, Seq2Seq, Seq2SeqConfig
from attnlab.nn.handed_in import lengths_of
from attnlab.training import beam_search, greedy, sample

BOTH = pytest.mark.parametrize("attention", [True, False])
SIZES = {"source_vocabulary": 11, "target_vocabulary": 13, "d_model": 3, "hidden": 5}
LENGTHS = torch.tensor([7, 4])
MASK = padding(LENGTHS, torch.arange(7))


def small(seed=0, **changes) -> Seq2Seq:
    torch.manual_seed(seed)
    model = Seq2Seq(Seq2SeqConfig(**(SIZES | {"dropout": 0.0} | changes))).double().eval()
    with torch.no_grad():
        for parameter in model.parameters():  # large enough that no part is lost in rounding
            parameter.copy_(torch.randn_like(parameter) * 0.6)
    return model


def tokens(batch=2, source=7, target=6):
    random = torch.Generator().manual_seed(1)
    return (
        torch.randint(1, 11, (batch, source), generator=random),
        torch.randint(13, (batch, target), generator=random),
    )


def close(a, b, atol=1e-12):
    torch.testing.assert_close(a, b, atol=atol, rtol=0)


def gru(cell, x, h):
    """Cho et al. 2014, eq. 5 to 8, with PyTorch's reset gate: applied after the matrix."""
    (wr, wz, wn), (ur, uz, un) = cell.weight_ih.chunk(3), cell.weight_hh.chunk(3)
    (br, bz, bn), (cr, cz, cn) = cell.bias_ih.chunk(3), cell.bias_hh.chunk(3)
    reset = torch.sigmoid(x @ wr.T + br + h @ ur.T + cr)
    update = torch.sigmoid(x @ wz.T + bz + h @ uz.T + cz)
    new = torch.tanh(x @ wn.T + bn + reset * (h @ un.T + cn))
    return update * h + (1 - update) * new


def by_equations(model, source, target):
    """One sentence, one word after the other, as the papers write it."""
    net, decoder = model.encoder.network, model.decoder
    words = model.encoder.embedding.table.weight[source]
    ways = {}
    for suffix, order in (("", range(len(source))), ("_reverse", range(len(source) - 1, -1, -1))):
        cell, h = nn.GRUCell(3, 5), torch.zeros(5).double()
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            setattr(cell, name, getattr(net, f"{name}_l0{suffix}"))
        ways[suffix] = [None] * len(source)
        for j in order:
            h = ways[suffix][j] = gru(cell, words[j], h)
    states = [torch.cat(pair) for pair in zip(ways[""], ways["_reverse"], strict=True)]
    memory = torch.stack(states)
    if not model.config.attention:
        memory = torch.cat([ways[""][-1], ways["_reverse"][0]])[None]
    state = torch.tanh(decoder.start(memory.mean(0)))
    rows = []
    for token in target:
        word = decoder.embedding.table.weight[token]
        context = memory[0]
        if model.config.attention:
            maps = decoder.context.query.weight.T, decoder.context.key.weight.T
            scores = additive(state[None], memory, *maps, decoder.context.attend.worth)
            context = (softmax(scores) @ memory)[0]
        state = gru(decoder.network, torch.cat([word, context]), state)
        rows.append(model.output(torch.tanh(decoder.readout(torch.cat([state, word, context])))))
    return torch.stack(rows)


@BOTH
def test_the_papers_equations_word_by_word(attention):
    model, (source, target) = small(attention=attention), tokens()
    whole = model(source, target, MASK)
    for i, length in enumerate(LENGTHS):
        expected = by_equations(model, source[i, :length], target[i])
        close(whole[i], expected)
        ours = torch.autograd.grad(whole[i].square().sum(), model.parameters(), retain_graph=True)
        theirs = torch.autograd.grad(expected.square().sum(), model.parameters())
        for a, b in zip(ours, theirs, strict=True):
            close(a, b, 1e-10)


def test_the_equations_of_the_test_are_those_of_pytorch():
    cell, x, h = nn.GRUCell(3, 5).double(), torch.randn(2, 3).double(), torch.randn(2, 5).double()
    close(gru(cell, x, h), cell(x, h))


def test_attention_by_hand():
    attention = AdditiveAttention(1, 1, 1)
    with torch.no_grad():
        for weight in (attention.query.weight, attention.key.weight, attention.attend.worth):
            weight.fill_(1.0)
    # tanh(0 + 0) = 0 and tanh(0 + atanh(1/2)) = 1/2: weights 1 : e^(1/2).
    memory = torch.tensor([[[0.0], [math.atanh(0.5)]]])
    e, alpha, c = attention.look(torch.zeros(1, 1, 1), memory)
    share = math.exp(0.5) / (1 + math.exp(0.5))
    close(e, torch.tensor([[[0.0, 0.5]]]), 1e-6)
    close(alpha, torch.tensor([[[1 - share, share]]]), 1e-6)
    close(c, torch.tensor([[[share * math.atanh(0.5)]]]), 1e-6)


def test_attention_is_the_cores_with_all_sizes_different():
    torch.manual_seed(3)
    part = AdditiveAttention(d_query=7, d_memory=11, hidden=13).double()
    state, memory = torch.randn(2, 3, 7).double(), torch.randn(2, 5, 11).double()
    mask = torch.rand(2, 3, 5) < 0.6
    mask[1, 2] = False
    maps = part.query.weight.T, part.key.weight.T, part.attend.worth
    scores = additive(state, memory, *maps)
    e, alpha, c = part.look(state, memory, mask)
    close(e, scores)
    close(alpha, softmax(scores, mask))
    close(c, softmax(scores, mask) @ memory)
    assert torch.equal(part(state, memory, mask), c)
    assert torch.equal(part(state, memory, mask, part.remember(memory)), c)
    assert (c[1, 2] == 0).all()
    with recording(part) as weights:
        part(state, memory, mask)
    close(weights["AdditiveAttention"], alpha[:, None].detach())


@settings(max_examples=20)
@given(st.permutations(range(7)))
def test_a_memory_in_another_order_changes_no_context(order):
    model, (source, target) = small(), tokens()
    memory = model.encode(source, MASK)
    part, state = model.decoder.context, torch.randn(2, 3, 5).double()
    e, alpha, c = part.look(state, memory, MASK)
    turned = part.look(state, memory[:, order], MASK[..., order])
    close(turned.scores, e[..., order])
    close(turned.weights, alpha[..., order])
    close(turned.context, c)
    whole = model.encode(source)
    close(model.decode(target, whole[:, order]), model.decode(target, whole), 1e-11)


@BOTH
def test_padding_changes_nothing(attention):
    model, (source, target) = small(attention=attention), tokens()
    other = source.clone()
    other[1, 4:] = (other[1, 4:] + 1) % 11
    assert torch.equal(model(source, target, MASK), model(other, target, MASK))
    close(model(source, target, MASK)[1:], model(source[1:, :4], target[1:]))
    longer = torch.cat([source, source], dim=1)
    mask = padding(LENGTHS, torch.arange(14))
    close(model(longer, target, mask), model(source, target, MASK))
    assert not torch.allclose(model(source, target, MASK)[1], model(source, target)[1])
    real = padding(torch.tensor([6, 3]), torch.arange(6))
    assert torch.equal(model(source, target, MASK, real), model(source, target, MASK))


@BOTH
def test_a_mask_without_padding_is_none(attention):
    model, (source, target) = small(attention=attention), tokens()
    full = padding(torch.tensor([7]), torch.arange(7))
    close(model(source, target, full), model(source, target))


@BOTH
def test_no_target_token_sees_a_later_one(attention):
    model, (source, target) = small(attention=attention), tokens()
    other = target.clone()
    other[:, 4:] = (other[:, 4:] + 1) % 13
    before, after = model(source, target), model(source, other)
    assert torch.equal(before[:, :4], after[:, :4])
    assert (before[:, 4:] != after[:, 4:]).all(-1).all()


@BOTH
@pytest.mark.parametrize("steps", [[1] * 6, [3, 1, 2], [6]])
def test_step_by_step_with_a_cache_as_in_one_go(attention, steps):
    model, (source, target) = small(attention=attention), tokens()
    memory, caches = model.encode(source, MASK), model.decoder.empty_caches()
    parts = [model.decode(part, memory, MASK, caches=caches) for part in target.split(steps, 1)]
    close(torch.cat(parts, dim=1), model(source, target, MASK))
    assert [len(cache) for cache in caches] == [6]


@BOTH
def test_a_cache_can_go_on_with_other_rows(attention):
    model, (source, target) = small(attention=attention), tokens(batch=3)
    rows = torch.tensor([2, 0, 0])
    memory, caches = model.encode(source), model.decoder.empty_caches()
    caches[0].choose(rows)
    assert len(caches[0]) == 0
    model.decode(target[:, :4], memory, caches=caches)
    caches[0].choose(rows)
    turned = torch.cat([target[rows, :4], target[:, 4:]], dim=1)
    later = model.decode(target[:, 4:], memory[rows], caches=caches)
    close(later, model(source[rows], turned)[:, 4:])


def uncached(model, source, mask, most):
    """The most probable token again and again, everything computed anew."""
    target = torch.full((len(source), 1), 1)
    for _ in range(most):
        best = model(source, target, mask)[:, -1].argmax(-1)
        target = torch.cat([target, best[:, None]], dim=1)
    ended = (target[:, 1:] == 2).cumsum(1) - (target[:, 1:] == 2).int() > 0
    return target[:, 1:].masked_fill(ended, 0)


@BOTH
@pytest.mark.parametrize("seed", range(3))
def test_the_decoders_write_what_the_model_says(attention, seed):
    model, (source, _) = small(seed, attention=attention, dropout=0.3).train(), tokens(batch=2)
    asked = {"begin": 1, "end": 2, "most": 9}
    found = greedy(model, source, MASK, **asked)
    expected = uncached(model.eval(), source, MASK, 9)[:, : found.shape[1]]
    assert torch.equal(found, expected)
    assert torch.equal(sample(model, source, MASK, **asked, top_k=1), found)
    assert torch.equal(beam_search(model, source, MASK, **asked, width=1)[0], found)
    written, scores = beam_search(model, source, MASK, **asked, width=13, length_penalty=0)
    for row, score, i in zip(written, scores, range(2), strict=True):
        row = row[row != 0] if 2 in row else row
        read = torch.cat([torch.tensor([1]), row[:-1]])[None]
        logs = model(source[i : i + 1], read, MASK[i : i + 1])[0].log_softmax(-1)
        close(logs[range(len(row)), row].sum(), score)


def test_each_step_can_be_looked_at_and_recorded():
    model, (source, target) = small(), tokens()
    memory = model.encode(source, MASK)
    e, alpha, c = model.look(target, memory, MASK)
    assert (e.shape, alpha.shape, c.shape) == ((2, 6, 7), (2, 6, 7), (2, 6, 10))
    assert (alpha[1, :, 4:] == 0).all()
    _, contexts = model.decoder.steps(
        model.decoder.embedding(target), memory, MASK, *model.decoder.empty_caches()
    )
    close(c, contexts)
    with recording(model) as weights:
        model(source, target, MASK)
    close(weights["decoder.context"], alpha[:, None].detach())


def test_two_models_that_differ_in_one_line():
    with_it, without = small(attention=True), small(attention=False)
    shapes = [{n: p.shape for n, p in m.named_parameters()} for m in (with_it, without)]
    more = {name: shapes[0].pop(name) for name in set(shapes[0]) - set(shapes[1])}
    assert shapes[0] == shapes[1]
    assert set(more) == {
        f"decoder.context.{n}" for n in ("query.weight", "key.weight", "attend.worth")
    }
    assert sum(math.prod(shape) for shape in more.values()) == 5 * 5 + 10 * 5 + 5
    d, h, source, target = 3, 5, 11, 13
    one_gru = lambda inward: 3 * (inward * h + h * h + 2 * h)  # noqa: E731
    decoder = (2 * h + 1) * h + one_gru(d + 2 * h) + (h + d + 2 * h + 1) * d
    expected = (source + target) * d + 2 * one_gru(d) + decoder + target * d
    assert sum(p.numel() for p in without.parameters()) == expected


@BOTH
def test_in_training_all_of_it_learns_and_dropout_is_on(attention):
    model, (source, target) = small(attention=attention, dropout=0.3).train(), tokens()
    one, two = model(source, target, MASK), model(source, target, MASK)
    assert not torch.equal(one, two)
    one.square().mean().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad.abs().max() > 0, name
    model.eval()
    assert torch.equal(model(source, target), model(source, target))


def test_dropout_is_on_the_words_of_both_sides_and_before_the_last_layer():
    model, (source, target) = small(dropout=0.5).train(), tokens()
    for part, words in ((model.encoder, source), (model.decoder, target)):
        plain = part.embedding.table.weight[words]
        dropped = part.embedding(words) == 0
        assert 0 < dropped.sum() < dropped.numel()
        close(part.embedding.eval()(words), plain)
    output = model.decoder(target, model.encode(source))
    assert 0 < (output == 0).sum() < output.numel()


def test_the_lengths_of_a_mask():
    assert lengths_of("mask", MASK, 2, 7).tolist() == [7, 4]
    assert lengths_of("mask", MASK[1:], 3, 7).tolist() == [4, 4, 4]


GAP = torch.tensor([1, 1, 0, 1, 1, 1, 1]).bool().expand(2, 1, 7)


@pytest.mark.usefixtures("as_a_reader_runs_it")
@BOTH
@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda m, s, t: m(s[0], t), r"tokens has shape \(7,\).*tokens\[None\]"),
        (lambda m, s, t: m(s[:, :0], t), r"tokens has shape \(2, 0\).*at least one"),
        (lambda m, s, t: m(s, t[:, :0]), r"tokens has shape \(2, 0\).*at least one"),
        (lambda m, s, t: m(s + 20, t), "tokens holds numbers from 2.* vocabulary has 11"),
        (lambda m, s, t: m(s, t + 20), "tokens holds numbers from 2.* vocabulary has 13"),
        (lambda m, s, t: m(s, t[:1]), "target has 1 and memory 2 sequences"),
        (lambda m, s, t: m(s, t, MASK[..., :4]), r"source_mask has shape \(2, 1, 4\).*\(2, 1, 7\)"),
        (lambda m, s, t: m(s, t, MASK[:, 0]), r"source_mask has shape \(2, 7\)"),
        (
            lambda m, s, t: m(s, t, padding(torch.tensor([7, 0]), torch.arange(7))),
            "source_mask leaves row 1 no first token",
        ),
        (lambda m, s, t: m(s, t, GAP), "source_mask has padding in front.*row 0"),
        (lambda m, s, t: m(s, t, MASK, MASK), r"target_mask has shape \(2, 1, 7\).*2 rows of 6"),
        (
            lambda m, _, t: m.decode(t, torch.zeros(2, 7, 4)),
            r"memory has shape \(2, 7, 4\).*length 10",
        ),
    ],
)
def test_what_does_not_fit_is_named(attention, call, words):
    with pytest.raises(ValueError, match=words):
        call(small(attention=attention), *tokens())


@pytest.mark.usefixtures("as_a_reader_runs_it")
def test_more_that_does_not_fit_is_named():
    source, target = tokens()
    with pytest.raises(TypeError, match=r"source_mask holds torch.int64.*boolean"):
        small()(source, target, MASK.long())
    with pytest.raises(ValueError, match="hidden is 0, and must be at least 1"):
        small(hidden=0)
    with pytest.raises(ValueError, match=r"dropout is 1.0"):
        small(dropout=1.0)
    with pytest.raises(ValueError, match=r"memory has 7 vectors.*exactly 1"):
        small(attention=False).decode(target, small().encode(source))
    with pytest.raises(ValueError, match=r"no attention to look at.*attention=True"):
        small(attention=False).look(target, small(attention=False).encode(source))
    with pytest.raises(ValueError, match="end is 13, and the model's vocabulary has 13"):
        greedy(small(), source, begin=1, end=13, most=3)
    with (
        pytest.raises(ValueError, match="no attention in this Seq2Seq"),
        recording(small(attention=False)),
    ):
        pass


@pytest.mark.parametrize("name", ["additive_attention", "handed_in", "recurrent", "seq2seq"])
def test_the_examples_of_the_docstrings(name):
    module = import_module(f"attnlab.nn.{name}")
    torch.manual_seed(0)
    failed, tried = doctest.testmod(module, extraglobs={"torch": torch})
    assert (failed, tried > 0) == (0, True)


def test_one_context_is_for_every_state():
    memory = torch.randn(2, 1, 3)
    assert torch.equal(OneContext()(torch.zeros(2, 5, 7), memory), memory.expand(2, 5, 3))


def test_the_context_may_be_handed_in():
    class Last(OneContext):
        """Reads the last state in place of the summary."""

        def memory_of(self, states, summary):  # noqa: ARG002
            return states[:, -1:]

    torch.manual_seed(0)
    config = Seq2SeqConfig(**SIZES, dropout=0.0)
    model, (source, target) = Seq2Seq(config, Last()), tokens()
    states, _ = model.encoder(source)
    close(model.encode(source), states[:, -1:])
    other = source.clone()
    other[:, 0] = other[:, 0] % 10 + 1
    assert not torch.allclose(model(source, target), model(other, target))
    assert [name for name, _ in model.named_parameters() if "context" in name] == []
