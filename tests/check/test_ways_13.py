"""Other correct ways to write the exercises of chapter 13, and ways that spoil what they are given.

No false alarm for the first; a word to the second.
"""

import math
from fractions import Fraction
from functools import reduce
from itertools import accumulate

import numpy as np
import pytest
import torch

from attnlab import softmax
from attnlab.check.answering import judge_answer
from attnlab.check.catalogue import named
from attnlab.check.judging import judge

tensor = torch.from_numpy


@pytest.mark.parametrize(
    "mine",
    [
        [0.5, 0.25, 0.125, 44],
        (1 / 2, 1 / 4, 1 / 8, 44.0),
        [Fraction(1, 2), Fraction(1, 4), Fraction(1, 8), 44],
        np.array([0.5, 0.25, 0.13, 44]),
        torch.tensor([0.5, 0.25, 0.125, 44.0]),
    ],
    ids=["decimals", "quotients", "fractions", "two places", "tensor"],
)
def test_the_shares_may_be_written_as_one_likes(mine):
    assert judge_answer(named("gated_share"), mine)


def states_by_lists(x, gate):
    state, found = [0.0] * len(x[0]), []
    for word in x.tolist():
        state = [gate * old + (1 - gate) * new for old, new in zip(state, word, strict=True)]
        found.append(state)
    return found


def states_by_accumulate(x, gate):
    return list(accumulate((1 - gate) * x, lambda state, word: gate * state + word))


def states_as_steps(x, gate):
    states, state = np.empty(x.shape), 0.0
    for place in range(len(x)):
        state = state + (1 - gate) * (x[place] - state)
        states[place] = state
    return states


def states_behind_a_first_row(x, gate):
    states = np.zeros((len(x) + 1, x.shape[1]))
    for place, word in enumerate(x, 1):
        states[place] = gate * states[place - 1] + (1 - gate) * word
    return states[1:]


def states_by_sums_of_powers(x, gate):
    return [
        sum((1 - gate) * gate ** (word - past) * x[past] for past in range(word + 1))
        for word in range(len(x))
    ]


def states_of_an_inverse(x, gate):
    return np.linalg.solve(np.eye(len(x)) - gate * np.eye(len(x), k=-1), (1 - gate) * x)


def states_by_torch(x, gate):
    states = [torch.zeros(x.shape[1], dtype=torch.float64)]
    for word in tensor(x):
        states.append(gate * states[-1] + (1 - gate) * word)
    return torch.stack(states[1:])


def step_by_loops(state, total, key, value, query):
    new = [[state[i, j] + key[i] * value[j] for j in range(len(value))] for i in range(len(key))]
    whole = [old + k for old, k in zip(total, key, strict=True)]
    weight = sum(q * z for q, z in zip(query, whole, strict=True))
    read = [sum(query[i] * new[i][j] for i in range(len(key))) for j in range(len(value))]
    return new, whole, [number / weight for number in read]


def step_by_einsum(state, total, key, value, query):
    state = state + np.einsum("k,v->kv", key, value)
    total = np.add(total, key)
    return state, total, np.einsum("k,kv->v", query / np.einsum("k,k", query, total), state)


def step_as_a_list(state, total, key, value, query):
    state = state.copy()
    state += np.multiply.outer(key, value)
    total = total.copy()
    total += key
    return [state, total, state.T.dot(query) / total.dot(query)]


def step_with_one_more_column(state, total, key, value, query):
    both = np.column_stack([state, total]) + np.outer(key, np.append(value, 1))
    read = query @ both
    return both[:, :-1], both[:, -1], read[:-1] / read[-1]


def step_by_torch(state, total, key, value, query):
    state, total, key, value, query = map(tensor, (state, total, key, value, query))
    state, total = state + key[:, None] * value, total + key
    return state, total, query @ state / torch.dot(query, total)


def linear_by_loop(query, key, value):
    rows = []
    for i, q in enumerate(query):
        weights = [q @ key[j] for j in range(i + 1)]
        rows.append(sum(w * value[j] for j, w in enumerate(weights)) / sum(weights))
    return rows


def linear_as_a_recurrent_network(query, key, value):
    state, total = np.zeros((key.shape[1], value.shape[1])), np.zeros(key.shape[1])
    rows = []
    for q, k, v in zip(query, key, value, strict=True):
        state += np.outer(k, v)
        total += k
        rows.append(q @ state / (q @ total))
    return np.array(rows)


def linear_by_a_mask(query, key, value):
    allowed = np.arange(len(key)) <= np.arange(len(query))[:, None]
    weights = np.where(allowed, np.einsum("id,jd->ij", query, key), 0)
    weights /= weights.sum(axis=-1)[:, None]
    return np.einsum("ij,jv->iv", weights, value)


def linear_as_softmax_of_logarithms(query, key, value):
    scores = np.where(np.tri(len(key), dtype=bool), np.log(query @ key.T), -np.inf)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return weights @ value / weights.sum(axis=1, keepdims=True)


def linear_with_one_more_column(query, key, value):
    values = np.hstack([value, np.ones((len(value), 1))])
    read = np.tril(query @ key.T) @ values
    return read[:, :-1] / read[:, -1:]


def linear_by_torch(query, key, value):
    query, key, value = map(tensor, (query, key, value))
    states = torch.cumsum(torch.einsum("nk,nv->nkv", key, value), dim=0)
    totals = key.cumsum(0)
    return torch.einsum("nk,nkv->nv", query, states) / (query * totals).sum(1, keepdim=True)


def delta_by_loops(state, key, value, rate):
    new = state.copy()
    for column, wanted in enumerate(value):
        read = sum(k * state[row, column] for row, k in enumerate(key))
        for row, k in enumerate(key):
            new[row, column] += rate * k * (wanted - read)
    return new


def delta_erased_then_written(state, key, value, rate):
    erased = state - rate * np.outer(key, key @ state)
    return erased + rate * np.outer(key, value)


def delta_by_einsum(state, key, value, rate):
    return state - rate * np.einsum("k,v->kv", key, np.einsum("k,kv->v", key, state) - value)


def delta_with_columns(state, key, value, rate):
    column = key[:, None]
    return state + column @ (rate * (value[None] - column.T @ state))


def delta_by_its_gradient(state, key, value, rate):
    learnt = tensor(state).requires_grad_()
    ((tensor(value) - tensor(key) @ learnt) ** 2).sum().div(2).backward()
    return learnt - rate * learnt.grad


def delta_by_lists(state, key, value, rate):
    read = [sum(map(math.prod, zip(key, column, strict=True))) for column in state.T]
    missing = [rate * (v - r) for v, r in zip(value, read, strict=True)]
    return [
        [old + k * part for old, part in zip(row, missing, strict=True)]
        for row, k in zip(state.tolist(), key, strict=True)
    ]


WAYS = {
    "gated_states": [
        states_by_lists,
        states_by_accumulate,
        states_as_steps,
        states_behind_a_first_row,
        states_by_sums_of_powers,
        states_of_an_inverse,
        states_by_torch,
        lambda x, g: [
            reduce(lambda h, w: g * h + (1 - g) * w, x[: n + 1], 0) for n in range(len(x))
        ],
    ],
    "recurrent_step": [
        step_by_loops,
        step_by_einsum,
        step_as_a_list,
        step_with_one_more_column,
        step_by_torch,
    ],
    "linear_attention": [
        linear_by_loop,
        linear_as_a_recurrent_network,
        linear_by_a_mask,
        linear_as_softmax_of_logarithms,
        linear_with_one_more_column,
        linear_by_torch,
    ],
    "delta_rule": [
        delta_by_loops,
        delta_erased_then_written,
        delta_by_einsum,
        delta_with_columns,
        delta_by_its_gradient,
        delta_by_lists,
    ],
}


@pytest.mark.parametrize(
    ("name", "way"), [(name, way) for name, ways in WAYS.items() for way in ways]
)
def test_another_correct_way_is_right(name, way):
    verdict = judge(named(name), way)
    assert verdict.state == "right", verdict


def step_in_place(state, total, key, value, query):
    state += np.outer(key, value)
    total += key
    return state, total, query @ state / (query @ total)


def delta_in_place(state, key, value, rate):
    state += rate * np.outer(key, value - key @ state)
    return state


def states_in_place(x, gate):
    x *= 1 - gate
    for place in range(1, len(x)):
        x[place] += gate * x[place - 1]
    return x


@pytest.mark.parametrize(
    ("name", "way", "changed"),
    [
        ("recurrent_step", step_in_place, "state"),
        ("delta_rule", delta_in_place, "state"),
        ("gated_states", states_in_place, "x"),
    ],
)
def test_what_is_handed_in_stays_as_it_was(name, way, changed):
    verdict = judge(named(name), way)
    assert verdict.name == "changes its argument"
    assert f"it changes {changed}," in str(verdict)


def states_all_one_array(x, gate):
    state, states = np.zeros(x.shape[1]), []
    for word in x:
        state *= gate
        state += (1 - gate) * word
        states.append(state)
    return np.array(states)


def states_from_the_second_word(x, gate):
    states = np.zeros(x.shape)
    for place in range(1, len(x)):
        states[place] = gate * states[place - 1] + (1 - gate) * x[place]
    return states


def states_of_words_before(x, gate):
    states = np.zeros(x.shape)
    for place in range(1, len(x)):
        states[place] = gate * states[place - 1] + (1 - gate) * x[place - 1]
    return states


def loop(write, read):
    """Linear attention word by word: how state and total grow, and how they are read."""

    def way(query, key, value):
        state, total, rows = np.zeros((key.shape[1], value.shape[1])), np.zeros(key.shape[1]), []
        for q, k, v in zip(query, key, value, strict=True):
            before = state, total
            state, total = write(state, total, q, k, v)
            rows.append(read(q, *before, state, total))
        return np.array(rows)

    return way


def added(state, total, _, k, v):
    return state + np.outer(k, v), total + k


def of_both(q, _, __, state, total):
    return q @ state / (q @ total)


def mapped_twice(query, key, value):
    query, key = (np.where(part > 0, part + 1, np.exp(part)) for part in (query, key))
    return linear_by_a_mask(query, key, value)


def all_at_once(query, key, value):
    return query @ (key.T @ value) / (query @ key.sum(axis=0))[:, None]


def erased_whole(state, key, value, rate):
    return (np.eye(len(key)) - np.outer(key, key)) @ state + rate * np.outer(key, value)


def one_for_the_identity(state, key, value, rate):
    return (1 - rate * np.outer(key, key)) @ state + rate * np.outer(key, value)


def read_by_rows(state, total, key, value, query):
    state, total = state + np.outer(key, value), total + key
    return state, total, query @ (state / total[:, None])


@pytest.mark.parametrize(
    ("name", "way", "mistake"),
    [
        ("gated_states", states_all_one_array, "the same array kept again and again"),
        ("gated_states", states_from_the_second_word, "word 1 left out"),
        ("gated_states", states_of_words_before, "states before the words"),
        ("recurrent_step", read_by_rows, "divided before it is read"),
        ("linear_attention", mapped_twice, "elu of the features"),
        ("linear_attention", all_at_once, "not causal"),
        (
            "linear_attention",
            loop(added, lambda q, state, total, *_: q @ state / (q @ total)),
            "itself left out",
        ),
        (
            "linear_attention",
            loop(added, lambda q, _, total, state, __: q @ state / (q @ total)),
            "the total of before",
        ),
        (
            "linear_attention",
            loop(lambda _, __, ___, k, v: (np.outer(k, v), k), of_both),
            "each word reads itself only",
        ),
        (
            "linear_attention",
            loop(lambda s, z, _, k, v: (s + np.outer(k, v), z + 1), of_both),
            "total counts the words",
        ),
        ("delta_rule", erased_whole, "rate on the value only"),
        ("delta_rule", one_for_the_identity, "1 in place of the identity"),
    ],
)
def test_a_mistake_in_other_words_has_its_name(name, way, mistake):
    assert judge(named(name), way).name == mistake


def linear_by_softmax_of_the_package(query, key, value):
    allowed = np.tri(len(key), dtype=bool)
    return softmax(np.where(allowed, np.log(query @ key.T), -np.inf)) @ value


def test_the_package_may_not_do_the_work():
    verdict = judge(named("linear_attention"), linear_by_softmax_of_the_package)
    assert verdict.name == "the package"
