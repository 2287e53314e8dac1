"""Other correct ways to write the exercises of chapter 16, and mistakes in other words."""

from bisect import bisect_right
from fractions import Fraction
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
        [0.1, 0.3, 0.6, 7, 6],
        (Fraction(1, 10), Fraction(3, 10), Fraction(6, 10), 7, 6),
        np.array([0.1, 0.3, 0.6, 7.0, 6.0]),
    ],
)
def test_the_context_may_be_written_as_one_likes(mine):
    assert judge_answer(named("context_by_hand"), mine)


@pytest.mark.parametrize(
    ("mine", "name"),
    [
        ([1, 3, 6, 7, 6], "not shared out"),
        ([10, 30, 60, 7, 6], "in percent"),
        ([0.6, 0.3, 0.1, 7, 3.5], "in another order"),
        ([1 / 3, 1 / 3, 1 / 3, 6.667, 5], "all alike"),
        ([0, 0, 1, 10, 5], "hard"),
        ([0.1, 0.3, 0.6, 10, 5], "the best region"),
        ([0.1, 0.3, 0.6, 6.67, 5], "plain mean"),
        ([0.1, 0.3, 0.6, 70, 60], "exponentials times vectors"),
    ],
)
def test_a_wrong_context_has_its_name(mine, name):
    assert judge_answer(named("context_by_hand"), mine).name == name


def region_by_loops(weights, inside):
    found, times = [], []
    for row, mask in zip(weights, inside, strict=True):
        weight = sum(w for w, m in zip(row, mask, strict=True) if m)
        chance = sum(mask) / len(mask)
        found.append(weight)
        times.append(weight / chance if chance > 0 else 0)
    return found, times


def region_by_products(weights, inside):
    found = (weights * inside).sum(1)
    count = inside.sum(1)
    return found, np.divide(
        found * inside.shape[1], count, out=np.zeros_like(found), where=count != 0
    )


def region_with_nan_cleared(weights, inside):
    found = (weights * inside).sum(axis=-1)
    with np.errstate(invalid="ignore"):
        return [found, np.nan_to_num(found / inside.mean(axis=-1))]


def region_with_warnings(weights, inside):
    found, chance = (weights * inside).sum(axis=1), inside.mean(axis=1)
    return found, np.where(chance > 0, found / chance, 0)


def region_with_a_little_added(weights, inside):
    found = np.sum(weights, axis=1, where=inside)
    return found, found / (np.mean(inside, axis=1) + 1e-12)


def region_by_torch(weights, inside):
    weights, inside = tensor(weights), tensor(inside)
    found = weights.masked_fill(~inside, 0).sum(dim=1)
    chance = inside.double().mean(dim=1)
    return found, torch.where(chance > 0, found / chance.clamp(min=1e-9), 0)


def region_as_a_table_of_two_rows(weights, inside):
    found = np.where(inside, weights, 0).sum(axis=1)
    count = np.maximum(inside.sum(axis=1), 1)
    return np.array([found, found / count * inside.shape[1]])


def path_by_loops(weights, height, width):
    path = []
    for row in weights:
        down = across = 0
        for i in range(height):
            for j in range(width):
                down += row[i * width + j] * i
                across += row[i * width + j] * j
        path.append((down, across))
    return path


def path_by_indices(weights, height, width):
    places = np.indices((height, width)).reshape(2, -1)
    return weights @ places.T


def path_by_einsum(weights, height, width):
    maps = weights.reshape(len(weights), height, width)
    row = np.einsum("wij,i->w", maps, np.arange(height))
    column = np.einsum("wij,j->w", maps, np.arange(width))
    return np.stack([row, column], axis=-1)


def path_by_repeat_and_tile(weights, height, width):
    row = np.repeat(np.arange(height), width)
    column = np.tile(np.arange(width), height)
    return np.column_stack([(weights * row).sum(1), (weights * column).sum(1)])


def path_by_average(weights, height, width):
    places = [(region // width, region % width) for region in range(height * width)]
    return [np.average(places, axis=0, weights=row) for row in weights]


def path_by_torch(weights, height, width):
    row, column = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    return tensor(weights) @ torch.stack([row.flatten(), column.flatten()], dim=1).double()


def look_by_loop(weights, regions, draw):
    running = 0.0
    for place in range(len(weights)):
        running += weights[place]
        if draw < running:
            return regions[place]
    return regions[len(weights) - 1]


def look_by_searchsorted(weights, regions, draw):
    place = np.searchsorted(np.cumsum(weights), draw, side="right")
    return regions[min(place, len(weights) - 1)]


def look_as_numpy_does(weights, regions, draw):
    running = weights.cumsum()
    running /= running[-1]
    return regions[running.searchsorted(draw, side="right")]


def look_by_counting(weights, regions, draw):
    place = (np.cumsum(weights) <= draw).sum()
    return regions[np.clip(place, 0, len(regions) - 1)]


def look_by_bisection(weights, regions, draw):
    running = list(accumulate(weights))
    return list(regions[min(bisect_right(running, draw), len(running) - 1)])


def look_by_next(weights, regions, draw):
    running = accumulate(weights)
    each = zip(running, regions, strict=True)
    return next((region for total, region in each if total > draw), regions[-1])


def look_at_the_last_with_weight(weights, regions, draw):
    found = np.flatnonzero(np.cumsum(weights) > draw)
    place = found[0] if len(found) else np.flatnonzero(weights)[-1]
    return regions[place]


def look_by_one_hot(weights, regions, draw):
    running = np.append(np.cumsum(weights)[:-1], 1.0)
    before = np.append(0.0, running[:-1])
    return ((before <= draw) & (draw < running)) @ regions


def look_by_torch(weights, regions, draw):
    running = torch.cumsum(tensor(weights), dim=0)
    place = torch.searchsorted(running, torch.tensor(draw, dtype=running.dtype), right=True)
    return tensor(regions)[place.clamp(max=len(weights) - 1)]


WAYS = {
    "weight_on_region": [
        region_by_loops,
        region_by_products,
        region_with_nan_cleared,
        region_with_a_little_added,
        region_by_torch,
        region_as_a_table_of_two_rows,
    ],
    "gaze_path": [
        path_by_loops,
        path_by_indices,
        path_by_einsum,
        path_by_repeat_and_tile,
        path_by_average,
        path_by_torch,
    ],
    "hard_look": [
        look_by_loop,
        look_by_searchsorted,
        look_as_numpy_does,
        look_by_counting,
        look_by_bisection,
        look_by_next,
        look_at_the_last_with_weight,
        look_by_one_hot,
        look_by_torch,
    ],
}


@pytest.mark.parametrize(
    ("name", "way"), [(name, way) for name, ways in WAYS.items() for way in ways]
)
def test_another_correct_way_is_right(name, way):
    verdict = judge(named(name), way)
    assert verdict.state == "right", verdict


@pytest.mark.filterwarnings("ignore:invalid value")
def test_a_warning_on_the_way_is_no_mistake():
    assert judge(named("weight_on_region"), region_with_warnings).state == "right"


def region_by_hits(weights, inside):
    best = weights.argmax(axis=1)
    hits = [float(mask[place]) for mask, place in zip(inside, best, strict=True)]
    return hits, hits / np.maximum(inside.mean(axis=1), 1e-9)


def region_with_one_chance(weights, inside):
    found = (weights * inside).sum(axis=1)
    return found, found * weights.shape[1] * inside.any(axis=1)


def region_by_numbers_inside(weights, inside):
    found = (weights * inside).sum(axis=1)
    return found, found / np.maximum(inside.sum(axis=1), 1)


def region_over_words(weights, inside):
    found, chance = (weights * inside).sum(axis=0), inside.mean(axis=0)
    return found, np.where(chance > 0, found / np.maximum(chance, 1e-9), 0)


def region_by_means(weights, inside):
    found = [
        row[mask].mean() if mask.any() else 0 for row, mask in zip(weights, inside, strict=True)
    ]
    return found, found / np.maximum(inside.mean(axis=1), 1e-9)


def path_as_x_and_y(weights, height, width):
    return [(column, row) for row, column in path_by_loops(weights, height, width)]


def path_of_the_best(weights, height, width):
    best = np.argmax(weights, axis=1)
    return np.stack(np.unravel_index(best, (height, width)), axis=1)


def path_with_height_and_width_exchanged(weights, height, width):
    maps = weights.reshape(len(weights), width, height)
    return np.stack(
        [maps.sum(axis=2) @ np.arange(width), maps.sum(axis=1) @ np.arange(height)], axis=1
    )


def path_of_centres(weights, height, width):
    return path_by_indices(weights, height, width) + 0.5


def path_of_numbers(weights, height, width):
    mean = (weights * np.arange(height * width)).sum(axis=1)
    return np.stack([mean // width, mean % width], axis=1)


def look_by_at_least(weights, regions, draw):
    running = 0.0
    for weight, region in zip(weights, regions, strict=True):
        running += weight
        if running >= draw:
            return region
    return regions[-1]


def look_at_the_mean(weights, regions, _draw):
    return (weights[:, None] * regions).sum(axis=0)


def look_at_the_best(weights, regions, _draw):
    return max(zip(weights, regions, strict=True), key=lambda pair: pair[0])[1]


def look_by_searchsorted_alone(weights, regions, draw):
    return regions[np.searchsorted(np.cumsum(weights), draw, side="right")]


def look_by_argmax_alone(weights, regions, draw):
    return regions[np.argmax(weights.cumsum() > draw)]


def look_from_the_left(weights, regions, draw):
    return regions[min(np.searchsorted(np.cumsum(weights), draw), len(weights) - 1)]


@pytest.mark.parametrize(
    ("name", "way", "mistake"),
    [
        ("weight_on_region", region_by_hits, "whether the best is inside"),
        ("weight_on_region", region_with_one_chance, "one region by chance"),
        ("weight_on_region", region_by_numbers_inside, "number in place of share"),
        ("weight_on_region", region_over_words, "summed over the words"),
        ("weight_on_region", region_by_means, "mean of the weights inside"),
        ("gaze_path", path_as_x_and_y, "column first"),
        ("gaze_path", path_of_the_best, "the region with the largest weight"),
        ("gaze_path", path_with_height_and_width_exchanged, "divided by the height"),
        ("gaze_path", path_of_centres, "half a region further"),
        ("gaze_path", path_of_numbers, "number of the region"),
        ("hard_look", look_by_at_least, "at least in place of larger"),
        ("hard_look", look_from_the_left, "at least in place of larger"),
        ("hard_look", look_at_the_mean, "soft"),
        ("hard_look", look_at_the_best, "the largest weight"),
        ("hard_look", look_by_searchsorted_alone, "off the end"),
        ("hard_look", look_by_argmax_alone, "the first, where rounding leaves a gap"),
    ],
)
def test_a_mistake_in_other_words_has_its_name(name, way, mistake):
    assert judge(named(name), way).name == mistake


def look_with_luck_of_its_own(weights, regions, _draw):
    return regions[np.random.default_rng(3).choice(len(weights), p=weights)]


def test_luck_of_its_own_is_not_right():
    assert judge(named("hard_look"), look_with_luck_of_its_own).state == "wrong value"


def look_in_place(weights, regions, draw):
    np.cumsum(weights, out=weights)
    weights[-1] = 1.0
    return regions[np.argmax(weights > draw)]


def test_the_weights_handed_in_stay_as_they_were():
    assert judge(named("hard_look"), look_in_place).name == "changes its argument"


def region_by_the_package(weights, inside):
    again = softmax(np.log(np.maximum(weights, 1e-300)))
    return region_by_products(again, inside)


def test_the_package_may_not_do_the_work():
    verdict = judge(named("weight_on_region"), region_by_the_package)
    assert (verdict.state, verdict.name) == ("right, but", "the package"), verdict
