"""Other correct ways to write the exercises of chapters 9 and 10: no false alarm, true answers."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from attnlab import attention
from attnlab.check.catalogue import named
from attnlab.check.judging import judge
from attnlab.nn import Decoder, Encoder
from attnlab.tasks import BEGIN
from attnlab.training import label_smoothed_cross_entropy, sampling_weights

tensor = torch.from_numpy


def fed_word_by_word(x, w1, b1, w2, b2):
    rows = []
    for word in x:
        hidden = [max(0.0, float(word @ w1[:, unit] + b1[unit])) for unit in range(len(b1))]
        rows.append(sum(h * row for h, row in zip(hidden, w2, strict=True)) + b2)
    return np.array(rows)


def fed_in_place(x, w1, b1, w2, b2):
    hidden = x @ w1
    hidden += b1
    hidden[hidden < 0] = 0
    return hidden @ w2 + b2


def fed_by_torch(x, *more):
    first, b1, second, b2 = map(tensor, more)
    return nn.functional.linear(nn.functional.linear(tensor(x), first.T, b1).relu(), second.T, b2)


def block_by_loop(x, attend, feed_forward, norms):
    for sublayer, norm in zip((attend, feed_forward), norms, strict=True):
        x = np.add(sublayer(norm(x)), x)
    return tensor(x)


def block_on_a_copy(x, attend, feed_forward, norms):
    x = x.copy()
    x += attend(norms[0](x))
    x += feed_forward(norms[1](x))
    return x


def block_by_parts(x, attend, feed_forward, norms):
    collected = attend(norms[0](x))
    digested = feed_forward(norms[1](x + collected))
    return x + collected + digested


def loss_by_package(model, text):
    scores = tensor(model(text[:, :-1]))
    return label_smoothed_cross_entropy(scores, tensor(text[:, 1:]).long(), smoothing=0.0)


def loss_by_torch(model, text):
    scores, answers = torch.as_tensor(model(text[:, :-1])), torch.as_tensor(text[:, 1:])
    return nn.functional.cross_entropy(scores.flatten(0, 1), answers.flatten(), ignore_index=0)


def loss_with_all_read(model, text):  # the last scores are computed, and thrown away
    scores = model(text)[:, :-1]
    logs = scores - np.logaddexp.reduce(scores, axis=-1, keepdims=True)
    one_hot = np.eye(scores.shape[-1])[text[:, 1:]]
    counts = text[:, 1:] > 0
    return -((one_hot * logs).sum(axis=-1) * counts).sum() / counts.sum()


def loss_by_loop(model, text):
    costs = []
    for sentence in text:
        for place in range(1, len(sentence)):
            if sentence[place] == 0:
                break
            scores = model(sentence[:place])[-1]  # a pass for each token
            highest = scores.max()
            total = math.log(np.exp(scores - highest).sum()) + highest
            costs.append(total - scores[sentence[place]])
    return np.mean(costs)


def step_by_package(query, key, value, keys, values):
    keys, values = np.concatenate([keys, key[None]]), np.concatenate([values, value[None]])
    return attention(query[None], keys, values)[0], keys, values


def step_by_loop(query, key, value, keys, values):
    keys, values = [*keys, key], [*values, value]
    scores = [sum(query * each) / math.sqrt(len(query)) for each in keys]
    parts = [math.exp(score - max(scores)) for score in scores]
    new = sum(part * each for part, each in zip(parts, values, strict=True)) / sum(parts)
    return new, keys, values


def step_by_torch(*given):
    query, key, value, keys, values = map(tensor, given)
    keys, values = torch.cat([keys, key[None]]), torch.cat([values, value[None]])
    new = nn.functional.scaled_dot_product_attention(query[None, None], keys[None], values[None])
    return new[0, 0], keys, values


def step_from_the_earlier_ones(query, key, value, keys, values):  # grows at the very end
    old, own = keys @ query / np.sqrt(len(query)), key @ query / np.sqrt(len(query))
    highest = max(own, *old)
    parts, part = np.exp(old - highest), np.exp(own - highest)
    new = (parts @ values + part * value) / (parts.sum() + part)
    return new, np.append(keys, [key], axis=0), np.append(values, [value], axis=0)


def written_with_while(scores_after, begin, end, most):
    answer, token = [], begin
    while token != end and len(answer) < most:
        token = scores_after([begin, *answer]).argmax()
        answer.append(token)
    return answer


def written_again(scores_after, begin, end, most, written=()):
    token = max(range(100), key=lambda t: _score(scores_after([begin, *written]), t))
    written = (*written, token)
    if token == end or len(written) == most:
        return written
    return written_again(scores_after, begin, end, most, written)


def _score(scores, token):
    return scores[token] if token < len(scores) else -math.inf


def written_by_arrays(scores_after, begin, end, most):
    text = np.array([begin])
    for _ in range(most):
        text = np.append(text, np.argmax(scores_after(text)))
        if text[-1] == end:
            return text[1:]
    return text[1:]


def written_by_torch(scores_after, begin, end, most):
    text = torch.tensor([begin])
    while text[-1] != end and len(text) <= most:
        text = torch.cat([text, tensor(scores_after(text)).argmax()[None]])
        if text[-1] == end:
            break
    return text[1:]


WAYS = {
    "feed_forward": [
        fed_word_by_word,
        fed_in_place,
        fed_by_torch,
        lambda x, w1, b1, w2, b2: (
            np.einsum("wf,fd->wd", np.clip(np.einsum("wd,df->wf", x, w1) + b1, 0, None), w2) + b2
        ),
        lambda x, w1, b1, w2, b2: np.where(x @ w1 + b1 > 0, x @ w1 + b1, 0) @ w2 + b2,
        lambda x, w1, b1, w2, b2: (x @ w1 + b1) * (x @ w1 + b1 > 0) @ w2 + b2,
    ],
    "pre_block": [block_by_loop, block_on_a_copy, block_by_parts],
    "next_token_loss": [loss_by_package, loss_by_torch, loss_with_all_read, loss_by_loop],
    "cached_step": [step_by_package, step_by_loop, step_by_torch, step_from_the_earlier_ones],
    "write_greedily": [written_with_while, written_again, written_by_arrays, written_by_torch],
}


@pytest.mark.parametrize(
    ("name", "way"), [(name, way) for name, ways in WAYS.items() for way in ways]
)
def test_another_correct_way_is_right(name, way):
    verdict = judge(named(name), way)
    assert verdict.state == "right", verdict


def test_a_block_that_adds_into_x_changes_what_is_the_callers():
    def added_in_place(x, attend, feed_forward, norms):
        x += attend(norms[0](x))
        x += feed_forward(norms[1](x))
        return x

    verdict = judge(named("pre_block"), added_in_place)
    assert (verdict.state, verdict.name) == ("right, but", "changes its argument")


def test_a_writer_whose_list_outlives_the_call_is_found_out():
    def written_on_and_on(scores_after, begin, end, most, written=[]):  # noqa: B006
        written.append(begin)
        while True:
            written.append(int(np.argmax(scores_after(written))))
            if written[-1] == end or len(written) > most:
                return written[1:]

    assert judge(named("write_greedily"), written_on_and_on).state != "right"


def test_the_units_are_those_of_the_chapter():
    first = np.array([[-1, 1], [-1, 1], [1, 0], [0, 0.0]])
    cat_and_on = np.array([[3, 0, 1, 0], [0, 1, 0, 1.0]])
    assert named("two_units").answer == np.maximum(cat_and_on @ first + [0, -1], 0).ravel().tolist()


def test_the_numbers_of_a_stack_are_those_that_it_learns():
    def learnt(layers, d_model):
        sizes = {"d_model": d_model, "d_ff": 4 * d_model, "heads": 8, "layers": layers}
        with torch.device("meta"):  # counted, not filled
            encoder = Encoder(5, **sizes)
        return sum(weight.numel() for weight in encoder.layers.parameters())

    assert named("block_numbers").answer == [learnt(6, 512), learnt(12, 512), learnt(6, 1024)]


def test_k_then_p_is_what_the_package_draws_from():
    chances = torch.tensor([[0.5, 0.3, 0.1, 0.1]], dtype=torch.float64)
    left = sampling_weights(chances.log(), temperature=1.0, top_k=3, top_p=0.85)
    assert named("k_then_p").answer == pytest.approx(left[0].tolist())


def test_the_cache_of_a_model_has_as_many_bytes():
    layers, d_model = 6, 512
    sizes = {"d_model": d_model, "d_ff": 8, "heads": 8, "layers": layers, "dropout": 0.0}
    decoder = Decoder(5, **sizes)
    caches = decoder.empty_caches()
    with torch.no_grad():
        decoder(torch.tensor([[BEGIN]]), torch.zeros(1, 3, d_model), caches=caches)
    assert named("cache_bytes").answer == sum(
        part.nbytes for cache in caches for part in cache.target
    )
