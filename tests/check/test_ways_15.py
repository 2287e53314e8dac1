"""Other correct ways to write the exercises of chapter 15, and mistakes in other words."""

import math

import numpy as np
import pytest
import torch
from numpy.lib.stride_tricks import sliding_window_view

from attnlab import attention, core, softmax
from attnlab.check.answering import judge_answer
from attnlab.check.catalogue import named
from attnlab.check.judging import judge

tensor = torch.from_numpy


@pytest.mark.parametrize(
    "mine", [[3, 5, 11, 27, 1], (3.0, 5.0, 11.0, 27.0, 1.0), np.array([3, 5, 11, 27, 1])]
)
def test_the_fields_may_be_written_as_one_likes(mine):
    assert judge_answer(named("receptive_field"), mine)


@pytest.mark.parametrize(
    ("mine", "name"),
    [
        ([9, 25, 121, 27, 1], "pixels in the square"),
        ([3, 5, 11, 28, 1], "pixels counted, not steps"),
        ([3, 5, 11, 13, 1], "from the middle"),
        ([3, 5, 11, 27, 28], "as many layers of attention"),
        ([3, 9, 27, 27, 1], "three times as wide"),
        ([3, 5, 11, 55, 1], "the width of the field"),
    ],
)
def test_a_wrong_field_has_its_name(mine, name):
    assert judge_answer(named("receptive_field"), mine).name == name


def patches_by_loops(image, size):
    channels, height, width = image.shape
    rows = []
    for top in range(0, height, size):
        for left in range(0, width, size):
            row = []
            for channel in range(channels):
                for i in range(size):
                    for j in range(size):
                        row.append(image[channel, top + i, left + j])
            rows.append(row)
    return rows


def patches_by_split(image, size):
    rows = np.split(image, image.shape[1] // size, axis=1)
    cut = [part for row in rows for part in np.split(row, image.shape[2] // size, axis=2)]
    return np.stack([part.flatten() for part in cut])


def patches_by_windows(image, size):
    windows = sliding_window_view(image, (size, size), axis=(1, 2))[:, ::size, ::size]
    return np.moveaxis(windows, 0, 2).reshape(-1, image.shape[0] * size**2)


def patches_by_einsum(image, size):
    channels, height, width = image.shape
    cut = image.reshape(channels, height // size, size, width // size, size)
    return np.einsum("crisj->rscij", cut).reshape(height * width // size**2, -1)


def patches_by_numbers(image, size):
    wide = image.shape[2] // size
    count = image.shape[1] // size * wide
    return np.array(
        [
            image[
                :,
                p // wide * size : (p // wide + 1) * size,
                p % wide * size : (p % wide + 1) * size,
            ].reshape(-1)
            for p in range(count)
        ]
    )


def patches_by_torch(image, size):
    unfolded = torch.nn.functional.unfold(tensor(image)[None], size, stride=size)
    return unfolded[0].T


def patches_in_a_table_made_before(image, size):
    channels, height, width = image.shape
    table = np.empty((height // size * (width // size), channels * size * size))
    place = 0
    for i in range(height // size):
        for j in range(width // size):
            table[place] = image[:, i * size :, j * size :][:, :size, :size].ravel()
            place += 1
    return table


def head_by_lists(positions, shift, sharpness):
    table = []
    for own in positions:
        scores = []
        for key in positions:
            parts = zip(key, own, shift, strict=True)
            scores.append(-sharpness * sum((k - o - s) ** 2 for k, o, s in parts))
        powers = [math.exp(score - max(scores)) for score in scores]
        table.append([power / sum(powers) for power in powers])
    return table


def head_by_distance(positions, shift, sharpness):
    wanted = positions + shift
    distance = np.linalg.norm(positions[None] - wanted[:, None], axis=-1)
    scores = -sharpness * distance**2
    powers = np.exp(scores - np.max(scores, axis=-1)[:, None])
    return powers / np.sum(powers, axis=-1)[:, None]


def head_by_einsum(positions, shift, sharpness):
    gap = positions - positions[:, None] - shift
    scores = -sharpness * np.einsum("ijc,ijc->ij", gap, gap)
    return np.exp(scores - np.logaddexp.reduce(scores, axis=1)[:, None])


def head_by_rows_and_columns(positions, shift, sharpness):
    row, column = positions.T
    down = (row[None, :] - row[:, None] - shift[0]) ** 2
    right = (column[None, :] - column[:, None] - shift[1]) ** 2
    nearest = (down + right).min(axis=1, keepdims=True)
    powers = np.exp(sharpness * (nearest - down - right))
    return powers / powers.sum(axis=1, keepdims=True)


def head_by_torch(positions, shift, sharpness):
    positions, shift = tensor(positions), tensor(shift)
    gap = torch.cdist(positions + shift, positions, compute_mode="donot_use_mm_for_euclid_dist")
    return torch.softmax(-sharpness * gap**2, dim=1)


def head_one_query_at_a_time(positions, shift, sharpness):
    def row(own):
        scores = -sharpness * np.square(positions - (own + shift)).sum(1)
        scores -= scores.max()
        return np.exp(scores) / np.exp(scores).sum()

    return np.stack(list(map(row, positions)))


def head_in_single_precision(positions, shift, sharpness):
    steps = (positions[None] - positions[:, None] - shift).astype(np.float32)
    scores = np.float32(-sharpness) * (steps**2).sum(axis=2)
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def gated_by_lists(pixels, query_map, key_map, value_map, gate):
    query, key, value = pixels @ query_map, pixels @ key_map, pixels @ value_map
    rows = []
    for own, q in zip(pixels, query, strict=True):
        scores = [sum(a * b for a, b in zip(q, k, strict=True)) / math.sqrt(len(q)) for k in key]
        powers = [math.exp(s - max(scores)) for s in scores]
        looked = sum(p * v for p, v in zip(powers, value, strict=True)) / sum(powers)
        rows.append([x + gate * y for x, y in zip(own, looked, strict=True)])
    return rows


def gated_with_the_gate_in_the_values(pixels, query_map, key_map, value_map, gate):
    scores = (pixels @ query_map) @ (pixels @ key_map).T / key_map.shape[1] ** 0.5
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return pixels + powers / powers.sum(-1, keepdims=True) @ (pixels @ value_map * gate)


def gated_by_einsum(pixels, query_map, key_map, value_map, gate):
    scores = np.einsum("ic,cd,ed,je->ij", pixels, query_map, key_map, pixels)
    scores = scores / np.sqrt(query_map.shape[-1])
    weights = np.exp(scores - np.logaddexp.reduce(scores, axis=1, keepdims=True))
    return np.einsum("ij,jc,ce->ie", weights, pixels, value_map) * gate + pixels


def gated_by_torch(pixels, query_map, key_map, value_map, gate):
    x = tensor(pixels)
    q, k, v = (x @ tensor(part) for part in (query_map, key_map, value_map))
    return x + gate * torch.nn.functional.scaled_dot_product_attention(q[None], k[None], v[None])[0]


def gated_with_a_scaled_query(pixels, query_map, key_map, value_map, gate):
    query = pixels @ (query_map / np.sqrt(query_map.shape[1]))
    scores = np.matmul(query, np.transpose(pixels @ key_map))
    scores -= scores.max(axis=1).reshape(-1, 1)
    powers = np.exp(scores)
    out = np.matmul(powers, pixels @ value_map) / powers.sum(axis=1).reshape(-1, 1)
    return np.add(pixels, np.multiply(gate, out))


WAYS = {
    "patches": [
        patches_by_loops,
        patches_by_split,
        patches_by_windows,
        patches_by_einsum,
        patches_by_numbers,
        patches_by_torch,
        patches_in_a_table_made_before,
    ],
    "position_head": [
        head_by_lists,
        head_by_distance,
        head_by_einsum,
        head_by_rows_and_columns,
        head_by_torch,
        head_one_query_at_a_time,
        head_in_single_precision,
    ],
    "gated_attention": [
        gated_by_lists,
        gated_with_the_gate_in_the_values,
        gated_by_einsum,
        gated_by_torch,
        gated_with_a_scaled_query,
    ],
}


@pytest.mark.parametrize(
    ("name", "way"), [(name, way) for name, ways in WAYS.items() for way in ways]
)
def test_another_correct_way_is_right(name, way):
    verdict = judge(named(name), way)
    assert verdict.state == "right", verdict


def patches_as_one_run(image, size):
    return np.reshape(image, (-1, len(image) * size**2))


def patches_with_columns_outside(image, size):
    height, width = image.shape[1:]
    corners = [(i, j) for j in range(0, width, size) for i in range(0, height, size)]
    return [image[:, i : i + size, j : j + size].ravel() for i, j in corners]


def patches_pixel_by_pixel(image, size):
    pixels = np.moveaxis(image, 0, 2)
    height, width = pixels.shape[:2]
    corners = [(i, j) for i in range(0, height, size) for j in range(0, width, size)]
    return [pixels[i : i + size, j : j + size].ravel() for i, j in corners]


def patches_by_unfold_alone(image, size):
    return torch.nn.functional.unfold(tensor(image)[None], size, stride=size)[0]


def patches_without_a_step(image, size):
    height, width = image.shape[1:]
    return [
        image[:, i : i + size, j : j + size].ravel()
        for i in range(height - size + 1)
        for j in range(width - size + 1)
    ]


def head_with_the_steps_turned_round(positions, shift, sharpness):
    gap = positions[:, None] - positions[None] - shift
    powers = np.exp(-sharpness * (gap**2).sum(-1))
    return powers / powers.sum(axis=1, keepdims=True)


def head_as_a_bell(positions, shift, sharpness):
    gap = positions[None] - positions[:, None] - shift
    powers = np.exp(-(gap**2).sum(-1) / (2 * sharpness**2))
    return powers / powers.sum(axis=1, keepdims=True)


def head_by_a_bare_norm(positions, shift, sharpness):
    gap = np.linalg.norm(positions - (positions + shift)[:, None], axis=2)
    powers = np.exp(-sharpness * gap)
    return powers / powers.sum(axis=1, keepdims=True)


def head_by_a_mean(positions, shift, sharpness):
    gap = positions[None] - positions[:, None] - shift
    powers = np.exp(-sharpness * (gap**2).mean(axis=2))
    return powers / powers.sum(axis=1, keepdims=True)


def head_without_a_maximum(positions, shift, sharpness):
    gap = positions[None] - positions[:, None] - shift
    powers = np.exp(-sharpness * (gap**2).sum(axis=2))
    return powers / powers.sum(axis=1, keepdims=True)


def gated_with_one_minus(pixels, query_map, key_map, value_map, gate):
    looked = attended(pixels, query_map, key_map, value_map)
    return gate * looked + (1 - gate) * pixels


def gated_all_at_once(pixels, query_map, key_map, value_map, gate):
    return gate * (attended(pixels, query_map, key_map, value_map) + pixels)


def gated_by_a_switch(pixels, query_map, key_map, value_map, gate):
    return pixels + attended(pixels, query_map, key_map, value_map) if gate else pixels


def gated_alone(pixels, query_map, key_map, value_map, gate):
    return gate * attended(pixels, query_map, key_map, value_map)


def attended(pixels, query_map, key_map, value_map):
    scores = pixels @ query_map @ (pixels @ key_map).T / np.sqrt(query_map.shape[1])
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True) @ (pixels @ value_map)


@pytest.mark.parametrize(
    ("name", "way", "mistake"),
    [
        ("patches", patches_as_one_run, "not cut at all"),
        ("patches", patches_with_columns_outside, "patches column by column"),
        ("patches", patches_pixel_by_pixel, "channels last"),
        ("patches", patches_by_unfold_alone, "as unfold returns it"),
        ("patches", patches_without_a_step, "shifted by one pixel"),
        ("position_head", head_with_the_steps_turned_round, "the other way"),
        ("position_head", head_as_a_bell, "sharpness as a standard deviation"),
        ("position_head", head_by_a_bare_norm, "not squared"),
        ("position_head", head_by_a_mean, "a half too many"),
        ("position_head", head_without_a_maximum, "nothing left at the border"),
        ("gated_attention", gated_with_one_minus, "a mixture"),
        ("gated_attention", gated_all_at_once, "gate before the whole"),
        ("gated_attention", gated_alone, "no residual connection"),
    ],
)
def test_a_mistake_in_other_words_has_its_name(name, way, mistake):
    assert judge(named(name), way).name == mistake


def test_a_gate_that_is_only_open_or_closed_is_not_right():
    verdict = judge(named("gated_attention"), gated_by_a_switch)
    assert verdict.state == "wrong value"


def gated_in_place(pixels, query_map, key_map, value_map, gate):
    pixels += gate * attended(pixels, query_map, key_map, value_map)
    return pixels


def test_the_pixels_handed_in_stay_as_they_were():
    assert judge(named("gated_attention"), gated_in_place).name == "changes its argument"


def head_with_the_package(positions, shift, sharpness):
    gap = positions[None] - positions[:, None] - shift
    return softmax(-sharpness * (gap**2).sum(axis=2))


def gated_with_the_package(pixels, query_map, key_map, value_map, gate):
    return pixels + gate * attention(pixels @ query_map, pixels @ key_map, pixels @ value_map)


def patches_of_the_package(image, size):
    return core.patches(image, size, channels=len(image))


@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("position_head", head_with_the_package),
        ("gated_attention", gated_with_the_package),
        ("patches", patches_of_the_package),
    ],
)
def test_the_package_may_not_do_the_work(name, way):
    verdict = judge(named(name), way)
    assert (verdict.state, verdict.name) == ("right, but", "the package"), verdict
