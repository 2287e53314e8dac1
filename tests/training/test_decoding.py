"""Decoding, held to the model without a cache, to all sequences there are, and to itself."""

import doctest
import math
from itertools import product

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from attnlab import padding
from attnlab.nn import Transformer, TransformerConfig
from attnlab.training import (
    beam,
    beam_search,
    beams,
    decoding,
    greedy,
    sample,
    sampling,
    sampling_weights,
)

BEGIN, END = 1, 2
MARKS = {"begin": BEGIN, "end": END}
LENGTHS = torch.tensor([5, 3, 4])
MASK = padding(LENGTHS, torch.arange(5))
SEEDS = (8, 22, 42)  # of small models whose rows end at different tokens


class Past:
    """All tokens that each row has read: a cache of the plainest kind."""

    tokens = None

    def choose(self, rows):
        self.tokens = self.tokens if self.tokens is None else self.tokens[rows]


class Table(nn.Module):
    """A model that looks up the logits of the next token by the tokens before it."""

    def __init__(self, logits):
        super().__init__()
        self.logits = logits
        self.decoder = nn.Module()
        self.decoder.empty_caches = lambda: [Past()]
        self.reads = 0

    def encode(self, source, *_):
        return source.double()[..., None]

    def decode(self, target, memory, *_, caches):
        (past,) = caches
        seen = target if past.tokens is None else torch.cat([past.tokens, target], dim=1)
        past.tokens = seen
        self.reads += 1
        rows = zip(memory[:, 0, 0].long().tolist(), seen.tolist(), strict=True)
        return torch.stack([self.logits(first, tuple(row)) for first, row in rows])[:, None]


def counting():
    def logits(_, past):
        return -20.0 * (torch.arange(9) - past[-1] - 1).abs()

    return Table(logits)


class Alone(nn.Module):
    """A decoder without a source, which looks up the next token by all that it has read."""

    def __init__(self, logits):
        super().__init__()
        self.logits = logits
        self.decoder = nn.Module()
        self.decoder.empty_caches = lambda: [Past()]
        self.read = []

    def next_logits(self, tokens, caches):
        (past,) = caches
        self.read.append(tokens.tolist())
        past.tokens = tokens if past.tokens is None else torch.cat([past.tokens, tokens], dim=1)
        return torch.stack([self.logits(None, tuple(row)) for row in past.tokens.tolist()])


def by_chance(sharp=2.0, vocabulary=16, blocked=12):
    """Logits drawn anew for each source and past; the last tokens are never written."""

    def logits(first, past):
        seed = sum(token * 17**i for i, token in enumerate((first, *past))) % (2**31)
        random = torch.Generator().manual_seed(seed)
        row = sharp * torch.randn(vocabulary, generator=random, dtype=torch.float64)
        row[:END], row[END + vocabulary - blocked :] = -math.inf, -math.inf
        return row

    return Table(logits)


def small(seed=0, **changes) -> Transformer:
    torch.manual_seed(seed)
    numbers = {"source_vocabulary": 11, "target_vocabulary": 7, "d_model": 12, "heads": 3}
    config = TransformerConfig(**(numbers | {"layers": 2, "d_ff": 20, "dropout": 0.3} | changes))
    model = Transformer(config).double().eval()
    with torch.no_grad():
        model.output.weight *= 5  # decided enough that rows end at different tokens
    return model


def sources(batch=3):
    return torch.randint(11, (batch, 5), generator=torch.Generator().manual_seed(1))


def uncached(model, source, mask, most) -> torch.Tensor:
    """Greedy decoding as slow as can be: all again for each token, each sequence alone."""
    rows = []
    for i in range(len(source)):
        tokens = [BEGIN]
        while len(tokens) <= most and tokens[-1] != END:
            row_mask = None if mask is None else mask[i : i + 1]
            logits = model(source[i : i + 1], torch.tensor([tokens]), row_mask)
            tokens.append(logits[0, -1].argmax().item())
        rows.append(torch.tensor(tokens[1:]))
    return nn.utils.rnn.pad_sequence(rows, batch_first=True)


def penalty(n, alpha):
    return (5 + n) ** alpha / 6**alpha


def log_probability(model, source, tokens):
    """Of one sequence, by a Transformer or a table, without a cache."""
    if isinstance(model, Transformer):
        logits = model(source, torch.tensor([[BEGIN, *tokens[:-1]]]))[0]
    else:
        pasts = [(BEGIN, *tokens[:i]) for i in range(len(tokens))]
        logits = torch.stack([model.logits(source[0, 0].item(), past) for past in pasts])
    return logits.log_softmax(-1)[range(len(tokens)), list(tokens)].sum().item()


# Greedy ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("positions", ["sinusoidal", "rotary"])
@pytest.mark.parametrize("mask", [None, MASK], ids=["whole", "padded"])
def test_greedy_is_the_uncached_argmax(seed, positions, mask):
    model = small(seed, positions=positions)
    found = greedy(model, sources(), mask, **MARKS, most=11)
    assert torch.equal(found, uncached(model, sources(), mask, 11))


def test_rows_of_that_comparison_end_at_different_tokens():
    found = [greedy(small(seed), sources(), **MARKS, most=11) for seed in SEEDS]
    ends = {row.index(END) if END in row else 11 for rows in found for row in rows.tolist()}
    assert len(ends) >= 5
    assert 11 in ends


def test_greedy_by_hand():
    model = counting()
    found = greedy(model, torch.tensor([[7, 7]]), begin=1, end=4, most=9)
    assert found.tolist() == [[2, 3, 4]]
    assert model.reads == 3, "nothing is read once all have ended"
    assert greedy(model, torch.tensor([[7]]), begin=1, end=4, most=2).tolist() == [[2, 3]]


def test_a_decoder_alone_reads_begin_and_prompt_and_then_what_it_writes():
    model = Alone(counting().logits)
    found = greedy(model, torch.tensor([[7, 3], [5, 4]]), begin=1, end=6, most=9)
    assert found.tolist() == [[4, 5, 6], [5, 6, 0]]
    assert model.read == [[[1, 7, 3], [1, 5, 4]], [[4], [5]], [[5], [6]]]


@pytest.mark.parametrize("width", [1, 2, 5])
def test_a_beam_of_a_decoder_alone_scores_what_it_has_read(width):
    logits = by_chance(sharp=1.0).logits
    alone = Alone(lambda _, past: logits(0, past))
    prompt = torch.tensor([[7, 3], [5, 4], [6, 6]])
    tokens, scores = beam_search(alone, prompt, **MARKS, most=4, width=width, length_penalty=0)
    for start, row, score in zip(prompt.tolist(), tokens.tolist(), scores, strict=True):
        row = row[: row.index(END) + 1] if END in row else row
        past, total = [BEGIN, *start], 0.0
        for token in row:
            total += logits(0, tuple(past)).log_softmax(-1)[token].item()
            past.append(token)
        assert score.item() == pytest.approx(total)


def test_an_ended_row_is_zeros_while_others_go_on():
    def logits(first, past):
        return torch.eye(9)[END if len(past) >= first else 5]

    found = greedy(Table(logits), torch.tensor([[3], [1], [2]]), **MARKS, most=9)
    assert found.tolist() == [[5, 5, 2], [2, 0, 0], [5, 2, 0]]


DECODERS = [
    greedy,
    beam_search,
    lambda *a, **k: sample(*a, **k, generator=torch.Generator().manual_seed(3)),
]


@pytest.mark.parametrize("decode", DECODERS, ids=["greedy", "beam", "sample"])
def test_dropout_is_off_and_each_part_is_left_as_it_was(decode):
    model = small().train()
    model.encoder.eval()
    before = [part.training for part in model.modules()]
    one, two = (decode(model, sources(), **MARKS, most=7) for _ in range(2))
    torch.testing.assert_close(one, two, atol=0, rtol=0)
    assert [part.training for part in model.modules()] == before
    assert torch.is_grad_enabled()
    with pytest.raises(ValueError, match="vocabulary has 11"):
        decode(model, sources() + 20, **MARKS, most=7)
    assert [part.training for part in model.modules()] == before


# Beam search -------------------------------------------------------------------------------------


@pytest.mark.parametrize("alpha", [0.0, 0.6, 2])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_beam_of_one_is_greedy(alpha, seed):
    model = small(seed)
    tokens, scores = beam_search(
        model, sources(), MASK, **MARKS, most=11, width=1, length_penalty=alpha
    )
    assert torch.equal(tokens, greedy(model, sources(), MASK, **MARKS, most=11))
    for i, row in enumerate(tokens.tolist()):
        row = row[: row.index(END) + 1] if END in row else row
        expected = log_probability(model, sources()[i : i + 1, : LENGTHS[i]], row)
        assert scores[i].item() == pytest.approx(expected / penalty(len(row), alpha))


@pytest.mark.parametrize("alpha", [0.0, 0.6, 1.5])
def test_a_wide_beam_finds_the_best_of_all_sequences(alpha):
    # Three tokens and the end mark: at most 9 beginnings of two tokens, and 3 that have ended.
    model, source = by_chance(), torch.arange(23)[:, None]
    tokens, scores = beam_search(model, source, **MARKS, most=3, width=12, length_penalty=alpha)
    whole = [(*words, END) for n in range(3) for words in product((3, 4, 5), repeat=n)]
    whole += list(product((3, 4, 5), repeat=3))
    for i in range(23):
        value = {
            s: log_probability(model, source[i : i + 1], s) / penalty(len(s), alpha) for s in whole
        }
        best = max(value, key=value.get)
        assert tokens[i].tolist() == [*best, 0, 0, 0][: tokens.shape[1]]
        assert scores[i].item() == pytest.approx(value[best], abs=1e-12)
    assert (tokens == END).any(), "else nothing was asked of the length penalty"


def test_the_length_penalty_favours_longer_sequences():
    # "5 END" has probability 0.6 * 0.5, "END" 0.4: the plain logarithms prefer the shorter.
    def logits(_, past):
        first, later = {END: 0.4, 5: 0.6}, {END: 0.5, 3: 0.5}
        row = torch.full((9,), -math.inf)
        for token, probability in (first if len(past) == 1 else later).items():
            row[token] = math.log(probability)
        return row

    def best(alpha):
        tokens, scores = beam_search(
            Table(logits), torch.tensor([[7]]), **MARKS, most=2, width=3, length_penalty=alpha
        )
        return tokens.tolist(), scores.item()

    assert best(0) == ([[END]], pytest.approx(math.log(0.4)))
    tokens, score = best(3)
    assert tokens in ([[5, END]], [[5, 3]])
    assert score == pytest.approx(math.log(0.3) / (7 / 6) ** 3)


def test_a_search_goes_on_as_long_as_the_length_penalty_can_help():
    # After "3" (0.4) nothing better than "END" (0.6) can come, but something longer.
    table = {(): {END: 0.6, 3: 0.4}, (3,): {3: 1.0}, (3, 3): {END: 1.0}}
    tokens, scores = beam_search(
        by_words(table), torch.tensor([[7]]), **MARKS, most=5, width=2, length_penalty=3
    )
    assert tokens.tolist() == [[3, 3, END]]
    assert scores.item() == pytest.approx(math.log(0.4) / (8 / 6) ** 3)


@pytest.mark.parametrize("width", [2, 3, 7])
def test_caches_follow_the_beams(width):
    # The score that comes from the caches is that of the sequence itself, computed without.
    model = small(3, norm="pre")
    tokens, scores = beam_search(model, sources(), **MARKS, most=8, width=width)
    for i, row in enumerate(tokens.tolist()):
        row = row[: row.index(END) + 1] if END in row else row
        value = log_probability(model, sources()[i : i + 1], row) / penalty(len(row), 0.6)
        assert scores[i].item() == pytest.approx(value, abs=1e-12)


@given(st.integers(0, 999))
def test_sequences_of_a_batch_do_not_meet(first):
    model, source = by_chance(), torch.tensor([[first], [first + 1], [first + 2]])
    tokens, scores = beam_search(model, source, **MARKS, most=6, width=3)
    for i in range(3):
        alone, score = beam_search(model, source[i : i + 1], **MARKS, most=6, width=3)
        assert tokens[i].tolist() == [*alone[0].tolist(), *[0] * 6][: tokens.shape[1]]
        assert scores[i] == score[0]


def test_a_wider_beam_is_no_worse_on_average():
    model, source = by_chance(sharp=1.0), torch.arange(150)[:, None]
    found = [
        beam_search(model, source, **MARKS, most=7, width=width, length_penalty=0)[1].mean()
        for width in (1, 2, 5)
    ]
    assert found[0] < found[1] < found[2]


def by_words(table):
    """A model of few sequences: what may follow these tokens, with which probability."""

    def logits(_, past):
        row = torch.full((6,), -math.inf)
        for token, probability in table.get(past[1:], {END: 1.0}).items():
            row[token] = math.log(probability)
        return row

    return Table(logits)


SEARCHED = {
    (): {3: 0.6, 4: 0.3, 5: 0.1},
    (3,): {3: 0.5, 4: 0.4, END: 0.1},
    (4,): {END: 0.9, 3: 0.1},
    (3, 3): {END: 1.0},
    (3, 4): {END: 0.2, 5: 0.8},
}


def test_beams_by_hand():
    steps = list(beams(by_words(SEARCHED), torch.tensor([[7]]), **MARKS, most=3, width=2))
    # 0.6 * 0.5 = 0.3, 0.3 * 0.9 = 0.27, and 0.6 * 0.4 = 0.24 is the third: it is lost.
    assert [step.tokens[0].tolist() for step in steps] == [
        [[3], [4]],
        [[3, 3], [4, END]],
        [[3, 3, END], steps[2].tokens[0, 1].tolist()],
    ]
    found = [step.logs[0].exp().tolist() for step in steps]
    assert found == [pytest.approx(p) for p in ([0.6, 0.3], [0.3, 0.27], [0.3, 0.0])]
    whole = [step.whole[0].tolist() for step in steps]
    assert whole == [[False, False], [False, True], [True, True]]


def test_beams_end_when_all_have_left():
    table = {(): {3: 1.0}, (3,): {END: 1.0}}
    steps = list(beams(by_words(table), torch.tensor([[7], [8]]), **MARKS, most=50, width=1))
    assert [step.tokens.tolist() for step in steps] == [[[[3]], [[3]]], [[[3, END]], [[3, END]]]]


def test_between_two_steps_of_a_beam_the_reader_has_the_model_to_himself():
    model = small(8).train()
    for step in beams(model, sources(), **MARKS, most=3):
        assert model.training
        assert torch.is_grad_enabled()
        assert not step.logs.requires_grad


def test_the_search_ends_when_nothing_can_do_better():
    model = counting()
    beam_search(model, torch.tensor([[7]]), begin=1, end=4, most=50, width=3)
    assert model.reads == 3


# Sampling ----------------------------------------------------------------------------------------

HALVES = torch.tensor([0.1, 0.4, 0.2, 0.3], dtype=torch.float64).log()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, [0.1, 0.4, 0.2, 0.3]),
        ({"temperature": 0.5}, [1 / 30, 16 / 30, 4 / 30, 9 / 30]),
        ({"top_k": 2}, [0, 4 / 7, 0, 3 / 7]),
        ({"top_k": 9}, [0.1, 0.4, 0.2, 0.3]),
        ({"top_p": 0.4}, [0, 1, 0, 0]),
        ({"top_p": 0.41}, [0, 4 / 7, 0, 3 / 7]),
        ({"top_p": 0.7}, [0, 4 / 7, 0, 3 / 7]),
        ({"top_p": 0.9}, [0, 4 / 9, 2 / 9, 3 / 9]),
        ({"top_p": 1e-9}, [0, 1, 0, 0]),
        ({"top_p": 1}, [0.1, 0.4, 0.2, 0.3]),
        ({"top_k": 3, "top_p": 0.75}, [0, 4 / 7, 0, 3 / 7]),  # 7/9 reaches 0.75, 7/10 would not
        ({"temperature": 0.5, "top_p": 0.5}, [0, 1, 0, 0]),
    ],
)
def test_sampling_weights_by_hand(arguments, expected):
    weights = sampling_weights(HALVES, **arguments)
    assert weights.tolist() == pytest.approx(expected, abs=1e-12)
    assert [w == 0 for w in weights.tolist()] == [w == 0 for w in expected]


def test_of_equal_tokens_the_first_stay():
    assert sampling_weights(torch.zeros(2, 5), top_k=2).tolist() == [[0.5, 0.5, 0, 0, 0]] * 2
    assert sampling_weights(torch.zeros(5), top_p=0.6).nonzero()[:, 0].tolist() == [0, 1, 2]


@given(
    st.lists(st.floats(-30, 30), min_size=1, max_size=11),
    st.floats(0.01, 10),
    st.none() | st.integers(1, 13),
    st.none() | st.floats(0.001, 1),
)
def test_the_fewest_tokens_that_reach_p_share_1(numbers, temperature, top_k, top_p):
    logits = torch.tensor(numbers, dtype=torch.float64)
    weights = sampling_weights(logits, temperature, top_k, top_p)
    kept = weights > 0
    assert weights.sum().item() == pytest.approx(1)
    assert len(logits[kept]) <= (top_k or 11)
    assert weights[logits.argmax()] == weights.max() > 0
    if not kept.all():
        assert logits[kept].min() >= logits[~kept].max() - 1e-12 * temperature
    full = sampling_weights(logits, temperature, top_k)
    torch.testing.assert_close(weights[kept], full[kept] / full[kept].sum())
    if top_p is not None:
        assert full[kept].sum() >= top_p - 1e-12
        if kept.sum() > 1 and top_p < 1:
            assert full[kept].sum() - full[kept].min() < top_p


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16])
@pytest.mark.parametrize("temperature", [1e-4, 1e-30, 5e-324])
def test_towards_temperature_zero_all_weight_goes_to_the_highest(dtype, temperature):
    logits = torch.tensor([[0.5, 3.0, 2.0], [300.0, -300.0, 1.0]], dtype=dtype)
    expected = torch.tensor([[0, 1, 0], [1, 0, 0]], dtype=dtype)
    assert torch.equal(sampling_weights(logits, temperature), expected)


def test_logits_are_left_as_they_were():
    logits = HALVES.clone()
    sampling_weights(logits, 0.5, 2, 0.5)
    assert torch.equal(logits, HALVES)


@pytest.mark.parametrize("sharpest", [{"temperature": 1e-6}, {"top_k": 1}, {"top_p": 1e-6}])
def test_the_sharpest_sample_is_greedy(sharpest):
    model, random = small(22), torch.Generator().manual_seed(5)
    found = sample(model, sources(), MASK, **MARKS, most=11, **sharpest, generator=random)
    assert torch.equal(found, greedy(model, sources(), MASK, **MARKS, most=11))


def test_a_seed_writes_the_same_again_and_leaves_other_random_numbers_alone():
    model, state = small(22), torch.random.get_rng_state()

    def written(seed):
        random = torch.Generator().manual_seed(seed)
        return sample(model, sources(), **MARKS, most=11, temperature=2, generator=random)

    assert torch.equal(written(0), written(0))
    assert any(not torch.equal(written(0), written(seed)) for seed in (1, 2, 3))
    assert torch.equal(torch.random.get_rng_state(), state)


def test_tokens_are_drawn_as_often_as_their_weights_say():
    logits = torch.tensor([-math.inf, -math.inf, 0.0, 1.0, 2.0])
    random = torch.Generator().manual_seed(0)
    model = Table(lambda *_: logits)
    drawn = sample(
        model, torch.ones(8000, 1).long(), **MARKS, most=1, temperature=2, generator=random
    )
    shares = torch.bincount(drawn[:, 0], minlength=5) / 8000
    torch.testing.assert_close(shares, (logits / 2).softmax(-1), atol=0.02, rtol=0)


# Bad input ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("decode", [greedy, beam_search, sample])
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"source": torch.ones(2, 0).long()}, r"source has shape \(2, 0\).* at least one token"),
        ({"source": torch.ones(0, 3).long()}, r"source has shape \(0, 3\)"),
        ({"source": torch.ones(3).long()}, r"source has shape \(3,\).* source\[None\]"),
        ({"most": 0}, "most is 0, and must be at least 1"),
        ({"end": 7}, "end is 7, and the model's vocabulary has 7"),
        ({"end": -1}, "end is -1, and the model's vocabulary has 7"),
        ({"begin": 9}, "vocabulary has 7"),
    ],
)
def test_what_cannot_be_decoded_is_named(decode, changes, words):
    with pytest.raises(ValueError, match=words):
        decode(small(), **{"source": sources(), **MARKS, "most": 5} | changes)


@pytest.mark.parametrize("decode", [greedy, beam_search, sample])
def test_a_spoilt_model_is_named(decode):
    model = small()
    with torch.no_grad():
        model.output.weight[3] = math.nan
    with pytest.raises(ValueError, match="logits have no finite highest number"):
        decode(model, sources(), **MARKS, most=5)


@pytest.mark.parametrize(
    ("decode", "changes", "words"),
    [
        (beam_search, {"width": 0}, "width is 0, and must be at least 1: 1 is greedy"),
        (beam_search, {"width": 8}, "width is 8, and the model's vocabulary has 7"),
        (lambda *a, **k: list(beams(*a, **k)), {"width": 0}, "width is 0"),
        (beam_search, {"length_penalty": -0.1}, "length_penalty is -0.1, and must be at least 0"),
        (sample, {"temperature": 0}, "temperature is 0, .* take greedy"),
        (sample, {"temperature": math.nan}, "temperature is nan"),
        (sample, {"top_k": 0}, "top_k is 0, and must be at least 1"),
        (sample, {"top_p": 0.0}, "top_p is 0.0, and must be above 0"),
        (sample, {"top_p": 1.1}, "top_p is 1.1, and must be above 0 and at most 1"),
    ],
)
def test_a_search_that_cannot_be_is_named(decode, changes, words):
    with pytest.raises(ValueError, match=words):
        decode(small(), sources(), **MARKS, most=5, **changes)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_row_of_logits_without_a_highest_is_named(bad):
    logits = torch.tensor([[0.0, 1.0], [bad, bad]])
    with pytest.raises(ValueError, match="each row needs a finite one"):
        sampling_weights(logits)


@pytest.mark.parametrize("module", [decoding, beam, sampling])
def test_the_examples_of_the_docstrings(module):
    result = doctest.testmod(module, extraglobs={"torch": torch, "model": counting()})
    assert result.attempted > 0
    assert result.failed == 0
