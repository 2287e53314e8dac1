"""Other correct ways to write the exercises of chapter 14, and ways that take too much.

No false alarm for the first; a word to the second.
"""

import math

import numpy as np
import pytest
import torch
from numpy.lib.stride_tricks import sliding_window_view

from attnlab import attention, softmax, window
from attnlab.check.answering import judge_answer
from attnlab.check.catalogue import named
from attnlab.check.judging import judge

tensor = torch.from_numpy


@pytest.mark.parametrize(
    "mine", [[100, 90_000, 6_300], (1e2, 9e4, 6.3e3), np.array([100, 300 * 300, 300 * 21])]
)
def test_the_counts_may_be_written_as_one_likes(mine):
    assert judge_answer(named("scores_counted"), mine)


def pairs_by_positions(n, reach):
    return sum(min(i + reach, n - 1) - max(i - reach, 0) + 1 for i in range(n))


def pairs_by_distances(n, reach):
    near = range(1, min(reach, n - 1) + 1)
    return n + 2 * sum(n - distance for distance in near)


def pairs_by_numpy(n, reach):
    place = np.arange(n)
    return (np.minimum(place + reach + 1, n) - np.maximum(place - reach, 0)).sum()


def pairs_without_the_corners(n, reach):
    if reach >= n:
        return n**2
    side = n - reach - 1
    return n**2 - side * (side + 1)


def pairs_as_a_float(n, reach):
    r = min(reach, n - 1)
    return 2 * (n * (r + 0.5) - r * (r + 1) / 2)


def pairs_by_torch(n, reach):
    place = torch.arange(n)
    return ((place + reach).clamp(max=n - 1) - (place - reach).clamp(min=0) + 1).sum()


def window_by_lists(query, key, value, reach):
    rows = []
    for i in range(len(query)):
        near = [j for j in range(len(key)) if abs(i - j) <= reach]
        scores = [
            sum(a * b for a, b in zip(query[i], key[j], strict=True)) / math.sqrt(len(key[j]))
            for j in near
        ]
        powers = [math.exp(score - max(scores)) for score in scores]
        rows.append(
            [
                sum(p * value[j][d] for p, j in zip(powers, near, strict=True)) / sum(powers)
                for d in range(value.shape[1])
            ]
        )
    return rows


def window_by_padding(query, key, value, reach):
    def windows(rows, filling):
        padded = np.pad(rows, [(reach, reach), (0, 0)], constant_values=filling)
        return sliding_window_view(padded, 2 * reach + 1, axis=0)

    scores = np.einsum("nd,ndw->nw", query, windows(key, 0)) / np.sqrt(key.shape[1])
    inside = windows(np.ones((len(key), 1)), 0)[:, 0] > 0
    scores = np.where(inside, scores, -np.inf)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.einsum("nw,ndw->nd", weights, windows(value, 0)) / weights.sum(1)[:, None]


def window_by_diagonals(query, key, value, reach):
    n, reach = len(query), min(reach, len(query) - 1)
    scores, values = (
        np.full((n, 2 * reach + 1), -np.inf),
        np.zeros((n, 2 * reach + 1, len(value.T))),
    )
    for step in range(-reach, reach + 1):
        here = slice(max(-step, 0), n - max(step, 0))
        there = slice(max(step, 0), n - max(-step, 0))
        scores[here, step + reach] = (query[here] * key[there]).sum(axis=1) / len(key.T) ** 0.5
        values[here, step + reach] = value[there]
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return (powers[:, :, None] * values).sum(axis=1) / powers.sum(axis=1, keepdims=True)


def window_by_blocks(query, key, value, reach):
    rows, size = [], 2 * reach + 1
    for start in range(0, len(query), size):
        first, last = max(start - reach, 0), min(start + size + reach, len(key))
        place = np.arange(start, min(start + size, len(query)))
        scores = query[place] @ key[first:last].T / np.sqrt(key.shape[1])
        near = abs(place[:, None] - np.arange(first, last)) <= reach
        scores = np.where(near, scores, -np.inf)
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        rows.append(powers / powers.sum(axis=1, keepdims=True) @ value[first:last])
    return np.vstack(rows)


def window_by_torch(query, key, value, reach):
    query, key, value = map(tensor, (query, key, value))
    rows = []
    for i in range(len(query)):
        near = slice(max(i - reach, 0), min(i + reach, len(key) - 1) + 1)
        rows.append(
            torch.nn.functional.scaled_dot_product_attention(
                query[i : i + 1], key[near], value[near]
            )[0]
        )
    return torch.stack(rows)


def window_one_query_at_a_time(query, key, value, reach):
    def one(i):
        low, high = max(0, i - reach), min(len(key), i + reach + 1)
        scores = query[i] / np.sqrt(query.shape[-1]) @ key[low:high].T
        return np.exp(scores - np.logaddexp.reduce(scores)) @ value[low:high]

    return list(map(one, range(len(query))))


def online_by_loop(maximum, total, output, scores, values):
    sums = total * output
    for score, value in zip(scores, values, strict=True):
        new = max(maximum, score)
        factor, power = math.exp(maximum - new), math.exp(score - new)
        total, sums, maximum = total * factor + power, sums * factor + power * value, new
    return maximum, total, sums / total


def online_as_shares(maximum, total, output, scores, values):
    new = max(maximum, *scores)
    kept = total * np.exp(maximum - new)
    added = np.exp(scores - new)
    share = kept / (kept + added.sum())
    return new, kept + added.sum(), share * output + (1 - share) * (added @ values) / added.sum()


def online_of_two_parts(maximum, total, output, scores, values):
    top = scores.max()
    powers = np.exp(scores - top)
    new = np.maximum(maximum, top)
    old, here = np.exp(maximum - new) * total, np.exp(top - new) * powers.sum()
    mean = np.einsum("k,kd->d", powers / powers.sum(), values)
    return np.array(new), old + here, (old * output + here * mean) / (old + here)


def online_by_logarithms(maximum, total, output, scores, values):
    before = maximum + np.log(total) if total else -np.inf
    whole = np.logaddexp(before, np.logaddexp.reduce(scores))
    new = max(maximum, scores.max())
    return (
        new,
        np.exp(whole - new),
        np.exp(before - whole) * output + np.exp(scores - whole) @ values,
    )


def online_by_torch(maximum, total, output, scores, values):
    before = maximum + math.log(total) if total else -math.inf
    all_scores = torch.cat([torch.tensor([before], dtype=torch.float64), tensor(scores)])
    new = max(maximum, scores.max())
    rows = torch.cat([tensor(output)[None], tensor(values)])
    return new, torch.exp(all_scores - new).sum(), torch.softmax(all_scores, dim=0) @ rows


def grouped_by_loop(query, key, value):
    shared, heads = len(query) // len(key), []
    for head, mine in enumerate(query):
        group = head // shared
        scores = mine @ key[group].T / np.sqrt(mine.shape[-1])
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        heads.append(powers / powers.sum(axis=1, keepdims=True) @ value[group])
    return heads


def grouped_by_an_index(query, key, value):
    group = (np.arange(len(query)) * len(key)) // len(query)
    scores = np.einsum("hid,hjd->hij", query, key[group]) / query.shape[-1] ** 0.5
    powers = np.exp(scores - scores.max(-1, keepdims=True))
    return np.einsum("hij,hjd->hid", powers, value[group]) / powers.sum(-1)[..., None]


def grouped_with_all_queries_of_a_group_below_each_other(query, key, value):
    groups, n, d = key.shape
    together = query.reshape(groups, -1, d)
    scores = together @ key.transpose(0, 2, 1) / np.sqrt(d)
    powers = np.exp(scores - scores.max(axis=2, keepdims=True))
    return (powers / powers.sum(axis=2, keepdims=True) @ value).reshape(-1, n, d)


def grouped_by_plain_division(query, key, value):
    shared = len(query) / len(key)
    found = []
    for head in range(len(query)):
        k, v = key[int(head / shared)], value[int(head / shared)]
        rows = []
        for one in query[head]:
            scores = k @ one / math.sqrt(len(one))
            powers = np.exp(scores - max(scores))
            rows.append(powers @ v / sum(powers))
        found.append(rows)
    return found


def grouped_by_torch(query, key, value):
    query, key, value = (tensor(part)[None] for part in (query, key, value))
    return torch.nn.functional.scaled_dot_product_attention(query, key, value, enable_gqa=True)[0]


WAYS = {
    "window_pairs": [
        pairs_by_positions,
        pairs_by_distances,
        pairs_by_numpy,
        pairs_without_the_corners,
        pairs_as_a_float,
        pairs_by_torch,
    ],
    "window_attention": [
        window_by_lists,
        window_by_padding,
        window_by_diagonals,
        window_by_blocks,
        window_by_torch,
        window_one_query_at_a_time,
    ],
    "online_step": [
        online_by_loop,
        online_as_shares,
        online_of_two_parts,
        online_by_logarithms,
        online_by_torch,
    ],
    "grouped_attention": [
        grouped_by_loop,
        grouped_by_an_index,
        grouped_with_all_queries_of_a_group_below_each_other,
        grouped_by_plain_division,
        grouped_by_torch,
    ],
}


@pytest.mark.parametrize(
    ("name", "way"), [(name, way) for name, ways in WAYS.items() for way in ways]
)
def test_another_correct_way_is_right(name, way):
    verdict = judge(named(name), way)
    assert verdict.state == "right", verdict


def pairs_by_slices(n, reach):
    return sum(len(range(n)[i - reach : i + reach + 1]) for i in range(n))


def pairs_with_a_last_position_n(n, reach):
    return sum(min(i, reach) + 1 + min(n - i, reach) for i in range(n))


def window_with_places_below_0(query, key, value, reach):
    rows = []
    for i, one in enumerate(query):
        near = [j for j in range(i - reach, i + reach + 1) if j < len(key)]
        powers = np.exp(key[near] @ one / np.sqrt(len(one)))
        rows.append(powers @ value[near] / powers.sum())
    return rows


def window_without_its_borders(query, key, value, reach):
    inner = range(reach, len(query) - reach)
    rows = window_by_padding(query, key, value, reach)
    return [rows[i] for i in inner]


def window_at_both_ends(query, key, value, reach):
    rows = []
    for i, one in enumerate(query):
        near = [j for j in (i - reach, i, i + reach) if 0 <= j < len(key)]
        powers = np.exp(key[near] @ one / np.sqrt(len(one)))
        rows.append(powers @ value[near] / powers.sum())
    return rows


def online_with_the_new_total_under_the_old_name(maximum, total, output, scores, values):
    new = max(maximum, scores.max())
    shrink, powers = np.exp(maximum - new), np.exp(scores - new)
    total = total * shrink + powers.sum()
    return new, total, (output * total * shrink + powers @ values) / total


def online_without_a_maximum(maximum, total, output, scores, values):
    powers = np.exp(scores)
    new_total = total + powers.sum()
    new = max(maximum, scores.max())
    return new, new_total, (output * total + powers @ values) / new_total


def online_as_in_the_chapter(maximum, total, y, scores, values):
    highest = max(maximum, scores.max())
    powers, factor = np.exp(scores - highest), np.exp(maximum - highest)
    return highest, factor * total + powers.sum(), factor * y + powers @ values


def grouped_by_remainders(query, key, value):
    group = np.arange(len(query)) % len(key)
    return grouped_by_loop(query, key[group], value[group])


def grouped_with_groups_behind(query, key, value):
    n, d = query.shape[1:]
    wide = query.reshape(-1, len(key), n, d).swapaxes(0, 1)
    heads = grouped_by_an_index(wide.reshape(-1, n, d), key, value)
    return np.reshape(heads, (len(key), -1, n, d)).swapaxes(0, 1).reshape(query.shape)


def grouped_by_a_sum_over_groups(query, key, value):
    scores = np.einsum("hid,gjd->hij", query, key) / np.sqrt(query.shape[2])
    powers = np.exp(scores)
    return np.einsum("hij,gjd->hid", powers / powers.sum(axis=2, keepdims=True), value)


def grouped_by_the_first_heads(query, key, value):
    shared = len(query) // len(key)
    groups = zip(key, value, strict=True)
    return np.concatenate([grouped_by_loop(query[:shared], k[None], v[None]) for k, v in groups])


@pytest.mark.parametrize(
    ("name", "way", "mistake"),
    [
        ("window_pairs", pairs_by_slices, "a start below 0"),
        ("window_pairs", pairs_with_a_last_position_n, "the square of the reach"),
        ("window_attention", window_with_places_below_0, "round the left corner"),
        ("window_attention", window_without_its_borders, "borders left out"),
        ("window_attention", window_at_both_ends, "only the outermost"),
        (
            "online_step",
            online_with_the_new_total_under_the_old_name,
            "multiplied by the new total",
        ),
        ("online_step", online_without_a_maximum, "no maximum anywhere"),
        ("online_step", online_as_in_the_chapter, "division left to the end"),
        ("grouped_attention", grouped_by_remainders, "groups in turn"),
        ("grouped_attention", grouped_with_groups_behind, "groups in turn"),
        ("grouped_attention", grouped_by_a_sum_over_groups, "all groups added up"),
        ("grouped_attention", grouped_by_the_first_heads, "the first heads for every group"),
    ],
)
def test_a_mistake_in_other_words_has_its_name(name, way, mistake):
    assert judge(named(name), way).name == mistake


def online_in_place(maximum, total, output, scores, values):
    highest = max(maximum, scores.max())
    output *= total * np.exp(maximum - highest)
    scores -= highest
    total = total * np.exp(maximum - highest) + np.exp(scores).sum()
    output += np.exp(scores) @ values
    output /= total
    return highest, total, output


def test_what_is_handed_in_stays_as_it_was():
    verdict = judge(named("online_step"), online_in_place)
    assert verdict.name == "changes its argument"


def masked_by_the_package(query, key, value, reach):
    place = np.arange(len(key))
    return attention(query, key, value, window(place, place, reach))


def windows_of_the_package(query, key, value, reach):
    near = [slice(max(i - reach, 0), i + reach + 1) for i in range(len(query))]
    each = zip(query, near, strict=True)
    return [attention(one[None], key[part], value[part])[0] for one, part in each]


def grouped_by_the_package(query, key, value):
    shared = len(query) // len(key)
    key, value = np.repeat(key, shared, axis=0), np.repeat(value, shared, axis=0)
    return softmax(query @ key.swapaxes(1, 2) / np.sqrt(query.shape[2])) @ value


@pytest.mark.parametrize(
    ("name", "way", "why"),
    [
        ("window_attention", masked_by_the_package, "a table of all pairs"),
        ("window_attention", windows_of_the_package, "the package"),
        ("grouped_attention", grouped_by_the_package, "the package"),
        ("grouped_attention", attention, "the package"),
    ],
)
def test_the_package_may_not_do_the_work(name, way, why):
    verdict = judge(named(name), way)
    assert verdict.state != "right"
    assert verdict.name == why or way is attention, verdict


def test_who_holds_a_table_of_all_pairs_is_not_asked_for_a_million():
    asked = []

    def by_a_table(n, reach):
        asked.append(n)
        place = np.arange(min(n, 2000))
        return (abs(place[:, None] - place) <= reach).sum()

    verdict = judge(named("window_pairs"), by_a_table)
    assert verdict.name == "a table of all pairs"
    assert max(asked) == 1000
