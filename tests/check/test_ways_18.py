"""Other correct ways to write the exercises of chapter 18, and mistakes in other words."""

import itertools
import math

import numpy as np
import pytest
import torch
from torch.nn import functional

from attnlab.check.answering import judge_answer
from attnlab.check.catalogue import named
from attnlab.check.judging import judge

tensor = torch.from_numpy


@pytest.mark.parametrize(
    "mine", [[8, 4, 3, 2, 3], (8.0, 4.0, 3.0, 2.0, 3.0), np.array([8, 4, 3, 2, 3])]
)
def test_the_merges_may_be_written_as_one_likes(mine):
    assert judge_answer(named("merges_by_hand"), mine)


@pytest.mark.parametrize(
    ("mine", "name"),
    [
        ([8, 5, 4, 2, 3], "not counted again"),
        ([8, 5, 2, 2, 3], "the second pair from the old counts"),
        ([3, 1, 1, 2, 3], "words counted once"),
        ([7, 4, 3, 2, 3], "at left out"),
        ([8, 4, 3, 4, 4], "letters of mats"),
        ([8, 4, 3, 2, 2], "sat in spat"),
        ([3, 4, 8, 2, 3], "in another order"),
    ],
)
def test_a_wrong_count_has_its_name(mine, name):
    assert judge_answer(named("merges_by_hand"), mine).name == name


def merge_by_popping(tokens, pair):
    rest, merged = list(reversed(tokens)), []
    while rest:
        token = rest.pop()
        if token == pair[0] and rest and rest[-1] == pair[1]:
            token += rest.pop()
        merged.append(token)
    return merged


def merge_in_place_of_a_copy(tokens, pair):
    tokens, place = list(tokens), 0
    while place < len(tokens) - 1:
        if tuple(tokens[place : place + 2]) == tuple(pair):
            tokens[place : place + 2] = ["".join(pair)]
        place += 1
    return tokens


def merge_by_recursion(tokens, pair):
    if len(tokens) < 2:
        return list(tokens)
    if tokens[0] == pair[0] and tokens[1] == pair[1]:
        return [pair[0] + pair[1], *merge_by_recursion(tokens[2:], pair)]
    return [tokens[0], *merge_by_recursion(tokens[1:], pair)]


def merge_by_skipping(tokens, pair):
    merged, skip = [], False
    for this, following in itertools.zip_longest(tokens, tokens[1:]):
        if skip:
            skip = False
        elif (this, following) == tuple(pair):
            merged.append(this + following)
            skip = True
        else:
            merged.append(this)
    return merged


def merge_with_a_guard(tokens, pair):
    result, i = [], 0
    try:
        while True:
            if tokens[i] == pair[0] and tokens[i + 1 : i + 2] == [pair[1]]:
                result.append("".join(pair))
                i += 2
            else:
                result.append(tokens[i])
                i += 1
    except IndexError:
        return result


def merge_into_a_tuple(tokens, pair):
    return tuple(merge_by_popping(tokens, pair))


def masked_by_a_loop(tokens, choose, change, random_tokens, mask):
    inputs, targets = [], []
    for token, chosen, changed, other in zip(tokens, choose, change, random_tokens, strict=True):
        if chosen >= 0.15:
            inputs.append(token)
            targets.append(-100)
            continue
        targets.append(token)
        if changed < 0.8:
            inputs.append(mask)
        elif changed < 0.9:
            inputs.append(other)
        else:
            inputs.append(token)
    return inputs, targets


def masked_by_select(tokens, choose, change, random_tokens, mask):
    chosen = choose < 0.15
    inputs = np.select([~chosen, change < 0.8, change < 0.9], [tokens, mask, random_tokens], tokens)
    return inputs, np.where(chosen, tokens, -100)


def masked_random_first(tokens, choose, change, random_tokens, mask):
    inputs, targets = np.array(tokens), np.array(tokens)
    targets[choose >= 0.15] = -100
    inputs[(choose < 0.15) & (change < 0.9)] = random_tokens[(choose < 0.15) & (change < 0.9)]
    inputs[(choose < 0.15) & (change < 0.8)] = mask
    return [inputs, targets]


def masked_by_arithmetic(tokens, choose, change, random_tokens, mask):
    chosen = (choose < 0.15).astype(int)
    masked, drawn = chosen * (change < 0.8), chosen * (change < 0.9) * (change >= 0.8)
    inputs = masked * mask + drawn * random_tokens + (1 - masked - drawn) * tokens
    return inputs, chosen * tokens - 100 * (1 - chosen)


def masked_by_torch(tokens, choose, change, random_tokens, mask):
    tokens, choose, change, other = map(tensor, (tokens, choose, change, random_tokens))
    chosen = choose < 0.15
    inputs = tokens.masked_fill(chosen & (change < 0.8), mask)
    drawn = chosen & (change >= 0.8) & (change < 0.9)
    return torch.where(drawn, other, inputs), tokens.masked_fill(~chosen, -100)


def loss_by_loops(logits, tokens):
    costs = []
    for text, rows in zip(tokens, logits, strict=True):
        for place in range(len(text) - 1):
            row = rows[place] - max(rows[place])
            costs.append(math.log(sum(math.exp(x) for x in row)) - row[text[place + 1]])
    return sum(costs) / len(costs)


def loss_by_indices(logits, tokens):
    batch, position, vocabulary = logits.shape
    rows = logits[:, :-1].reshape(-1, vocabulary)
    answers = tokens[:, 1:].ravel()
    top = rows.max(axis=1)
    logs = top + np.log(np.exp(rows - top[:, None]).sum(axis=1))
    return float(np.mean(logs - rows[np.arange(batch * (position - 1)), answers]))


def loss_by_one_hot(logits, tokens):
    shifted = logits - logits.max(-1, keepdims=True)
    logs = shifted - np.log(np.sum(np.exp(shifted), -1, keepdims=True))
    answers = np.eye(logits.shape[-1])[tokens]
    return -np.einsum("bpv,bpv->", logs[:, :-1], answers[:, 1:]) / answers[:, 1:].sum()


def loss_of_each_text(logits, tokens):
    return np.mean(
        [loss_by_indices(logits[i : i + 1], tokens[i : i + 1]) for i in range(len(tokens))]
    )


def loss_by_torch(logits, tokens):
    logits, tokens = tensor(logits), tensor(tokens)
    return functional.cross_entropy(logits[:, :-1].transpose(1, 2), tokens[:, 1:])


def adapter_by_loops(x, weight, down, up, alpha):
    rank = down.shape[0]
    rows = []
    for one in x:
        narrow = [sum(a * b for a, b in zip(one, row, strict=True)) for row in down]
        rows.append(
            [
                sum(a * b for a, b in zip(one, weight[o], strict=True))
                + alpha / rank * sum(up[o, r] * narrow[r] for r in range(rank))
                for o in range(len(weight))
            ]
        )
    return rows


def adapter_merged(x, weight, down, up, alpha):
    merged = weight + up @ down * alpha / up.shape[1]
    return (merged @ x.T).T


def adapter_by_einsum(x, weight, down, up, alpha):
    narrow = np.einsum("pi,ri->pr", x, down) * (alpha / down.shape[0])
    return np.einsum("pi,oi->po", x, weight) + np.einsum("pr,or->po", narrow, up)


def adapter_end_to_end(x, weight, down, up, alpha):
    wide = np.concatenate([x, x @ down.T * (alpha / len(down))], axis=1)
    return wide @ np.concatenate([weight, up], axis=1).T


def adapter_by_torch(x, weight, down, up, alpha):
    x, weight, down, up = map(tensor, (x, weight, down, up))
    narrow = functional.linear(functional.linear(x, down), up)
    return functional.linear(x, weight) + alpha / down.shape[0] * narrow


WAYS = {
    "merge_pair": [
        merge_by_popping,
        merge_in_place_of_a_copy,
        merge_by_recursion,
        merge_by_skipping,
        merge_with_a_guard,
        merge_into_a_tuple,
    ],
    "masked_tokens": [
        masked_by_a_loop,
        masked_by_select,
        masked_random_first,
        masked_by_arithmetic,
        masked_by_torch,
    ],
    "causal_loss": [
        loss_by_loops,
        loss_by_indices,
        loss_by_one_hot,
        loss_of_each_text,
        loss_by_torch,
    ],
    "low_rank_adapter": [
        adapter_by_loops,
        adapter_merged,
        adapter_by_einsum,
        adapter_end_to_end,
        adapter_by_torch,
    ],
}


@pytest.mark.parametrize(
    ("name", "way"), [(name, way) for name, ways in WAYS.items() for way in ways]
)
def test_another_correct_way_is_right(name, way):
    verdict = judge(named(name), way)
    assert verdict.state == "right", verdict


def merge_by_zip(tokens, pair):
    return [a + b if [a, b] == list(pair) else a for a, b in itertools.pairwise(tokens)]


def merge_by_replace(tokens, pair):
    old, new = f"{pair[0]} {pair[1]}", f"{pair[0]}{pair[1]}"
    return " ".join(tokens).replace(old, new).split()


def merge_until_the_last_but_one(tokens, pair):
    merged, place = [], 0
    while place < len(tokens) - 1:
        if tokens[place] == pair[0] and tokens[place + 1] == pair[1]:
            merged.append(pair[0] + pair[1])
            place += 2
        else:
            merged.append(tokens[place])
            place += 1
    return merged


def merge_while_reading(tokens, pair):
    tokens = list(tokens)
    for place in range(len(tokens) - 1):
        if tokens[place] == pair[0] and tokens[place + 1] == pair[1]:
            tokens[place] += tokens.pop(place + 1)
    return tokens


def masked_without_a_copy(tokens, choose, change, random_tokens, mask):
    inputs = tokens
    chosen = choose < 0.15
    inputs[chosen & (change < 0.8)] = mask
    drawn = chosen & (change >= 0.8) & (change < 0.9)
    inputs[drawn] = random_tokens[drawn]
    return inputs, np.where(chosen, tokens, -100)


def masked_only(tokens, choose, _change, _random_tokens, mask):
    chosen = choose < 0.15
    return np.where(chosen, mask, tokens), np.where(chosen, tokens, -100)


def masked_one_after_the_other(tokens, choose, change, random_tokens, mask):
    inputs, chosen = tokens.copy(), choose < 0.15
    inputs[chosen & (change < 0.8)] = mask
    inputs[chosen & (change < 0.9)] = random_tokens[chosen & (change < 0.9)]
    return inputs, np.where(chosen, tokens, -100)


def masked_with_targets_of_the_changed(tokens, choose, change, random_tokens, mask):
    inputs, _ = masked_by_select(tokens, choose, change, random_tokens, mask)
    return inputs, np.where(inputs != tokens, tokens, -100)


def loss_not_shifted(logits, tokens):
    return functional.cross_entropy(tensor(logits).transpose(1, 2), tensor(tokens))


def loss_backwards(logits, tokens):
    return functional.cross_entropy(tensor(logits)[:, 1:].transpose(1, 2), tensor(tokens)[:, :-1])


def loss_of_shares(logits, tokens):
    shares = tensor(logits).softmax(-1)
    return functional.cross_entropy(shares[:, :-1].transpose(1, 2), tensor(tokens)[:, 1:])


def loss_by_bare_softmax(logits, tokens):
    shares = np.exp(logits) / np.exp(logits).sum(axis=2)[:, :, None]
    right = np.take_along_axis(shares[:, :-1], tokens[:, 1:, None], axis=2)
    return -np.log(right).mean()


def loss_summed(logits, tokens):
    return functional.cross_entropy(
        tensor(logits)[:, :-1].transpose(1, 2), tensor(tokens)[:, 1:], reduction="sum"
    )


def adapter_not_scaled(x, weight, down, up, _alpha):
    return x @ (weight + up @ down).T


def adapter_scaled_by_the_output(x, weight, down, up, alpha):
    return x @ weight.T + x @ down.T @ up.T * alpha / up.shape[0]


def adapter_scaled_whole(x, weight, down, up, alpha):
    return x @ (weight + up @ down).T * alpha / down.shape[0]


def adapter_with_relu(x, weight, down, up, alpha):
    return x @ weight.T + np.clip(x @ down.T, 0, None) @ up.T * alpha / len(down)


@pytest.mark.parametrize(
    ("name", "way", "mistake"),
    [
        ("merge_pair", merge_by_zip, "each token with its neighbour"),
        ("merge_pair", merge_by_replace, "replaced in the text"),
        ("merge_pair", merge_until_the_last_but_one, "the last token lost"),
        ("merge_pair", merge_while_reading, "shortened while it is read"),
        ("masked_tokens", masked_without_a_copy, "targets from the inputs"),
        ("masked_tokens", masked_only, "all chosen are masked"),
        ("masked_tokens", masked_one_after_the_other, "masked, then overwritten"),
        ("masked_tokens", masked_with_targets_of_the_changed, "targets where it is changed"),
        ("causal_loss", loss_not_shifted, "not shifted"),
        ("causal_loss", loss_backwards, "shifted the other way"),
        ("causal_loss", loss_of_shares, "softmax twice"),
        ("causal_loss", loss_by_bare_softmax, "overflows"),
        ("causal_loss", loss_summed, "sum"),
        ("low_rank_adapter", adapter_not_scaled, "not scaled"),
        ("low_rank_adapter", adapter_scaled_by_the_output, "divided by the width of the output"),
        ("low_rank_adapter", adapter_scaled_whole, "both ways scaled"),
        ("low_rank_adapter", adapter_with_relu, "a bend between"),
    ],
)
def test_a_mistake_in_other_words_has_its_name(name, way, mistake):
    verdict = judge(named(name), way)
    assert verdict.name == mistake, verdict
