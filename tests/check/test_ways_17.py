"""Other correct ways to write the exercises of chapter 17, and mistakes in other words."""

import math
from fractions import Fraction

import networkx
import numpy as np
import pytest
import torch

from attnlab import attention, core
from attnlab.check.answering import judge_answer
from attnlab.check.catalogue import named
from attnlab.check.judging import judge

tensor = torch.from_numpy


@pytest.mark.parametrize(
    "mine",
    [
        [1 / 8, 3 / 8, 1 / 2, 0, 9],
        (0.125, 0.375, 0.5, 0.0, 9.0),
        [Fraction(1, 8), Fraction(3, 8), Fraction(1, 2), 0, 9],
        np.array([0.125, 0.375, 0.5, 0, 9]),
    ],
)
def test_the_node_may_be_written_as_one_likes(mine):
    assert judge_answer(named("neighbours_by_hand"), mine)


@pytest.mark.parametrize(
    ("mine", "name"),
    [
        ([1 / 16, 3 / 16, 1 / 4, 1 / 2, 8.5], "no mask"),
        ([1 / 16, 3 / 16, 1 / 4, 0, 4.5], "masked after softmax"),
        ([1 / 9, 3 / 9, 4 / 9, 1 / 9, 80 / 9], "a score of 0 for E"),
        ([1, 3, 4, 0, 9], "not shared out"),
        ([1 / 3, 1 / 3, 1 / 3, 0, 28 / 3], "all neighbours alike"),
        ([0.125, 0.375, 0.5, 0, 17], "E in the output"),
        ([0.125, 0.375, 0.5, 0, 9.33], "mean of the neighbours"),
        ([0, 0, 1, 0, 4], "hard"),
    ],
)
def test_a_wrong_node_has_its_name(mine, name):
    assert judge_answer(named("neighbours_by_hand"), mine).name == name


def mask_by_lists(pairs, count):
    table = [[row == column for column in range(count)] for row in range(count)]
    for one, other in pairs:
        table[one][other] = True
        table[other][one] = True
    return table


def mask_by_a_set(pairs, count):
    joined = {frozenset((int(i), int(j))) for i, j in pairs}
    return np.array(
        [[i == j or frozenset((i, j)) in joined for j in range(count)] for i in range(count)]
    )


def mask_by_sums(pairs, count):
    table = np.zeros((count, count))
    for pair in pairs:
        table[pair[0], pair[1]] += 1
    return table + table.T + np.identity(count) > 0


def mask_by_indices(pairs, count):
    ends = np.array(pairs, dtype=int).reshape(-1, 2)
    mask = np.eye(count, dtype=bool)
    mask[ends[:, 0], ends[:, 1]] = True
    return mask | mask.T


def mask_by_one_hot(pairs, count):
    one, other = np.asarray(pairs, dtype=int).reshape(-1, 2).T
    unit = np.eye(count)
    table = unit[one].T @ unit[other]
    return (table + table.T + unit).astype(bool)


def mask_by_the_incidence(pairs, count):
    incidence = np.zeros((count, len(pairs)), dtype=int)
    for edge, pair in enumerate(pairs):
        incidence[list(pair), edge] = 1
    return (incidence @ incidence.T > 0) | (np.eye(count) == 1)


def mask_by_torch(pairs, count):
    mask = torch.eye(count, dtype=torch.bool)
    for one, other in pairs:
        mask[int(one), int(other)] = mask[int(other), int(one)] = True
    return mask


def neighbours_by_lists(query, key, value, mask):
    rows = []
    for i in range(len(query)):
        near = [j for j in range(len(key)) if mask[i, j]]
        scores = [
            sum(a * b for a, b in zip(query[i], key[j], strict=True)) / math.sqrt(len(key[j]))
            for j in near
        ]
        powers = [math.exp(score - max(scores)) for score in scores]
        rows.append(
            [
                sum(p * value[j][d] for p, j in zip(powers, near, strict=True)) / sum(powers)
                if near
                else 0.0
                for d in range(value.shape[1])
            ]
        )
    return rows


def neighbours_by_a_mask(query, key, value, mask):
    scores = query @ key.T / key.shape[1] ** 0.5
    scores = np.where(mask, scores, -np.inf)
    top = np.max(scores, axis=1, keepdims=True, initial=-1e300)
    powers = np.exp(scores - top)
    return powers @ value / np.maximum(powers.sum(axis=1, keepdims=True), 1e-300)


def neighbours_with_nan_cleared(query, key, value, mask):
    scores = np.where(mask, np.einsum("id,jd->ij", query, key) / np.sqrt(query.shape[1]), -np.inf)
    with np.errstate(invalid="ignore"):
        powers = np.exp(scores - scores.max(axis=1)[:, None])
        weights = powers / powers.sum(axis=1)[:, None]
    return np.nan_to_num(weights) @ value


def neighbours_with_a_low_fill(query, key, value, mask):
    scores = np.where(mask, query @ key.T / np.sqrt(query.shape[1]), -1e9)
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = powers / powers.sum(axis=1, keepdims=True)
    return np.where(mask.any(axis=1)[:, None], weights @ value, 0)


def neighbours_by_edges(query, key, value, mask):
    target, source = np.nonzero(mask)
    scores = (query[target] * key[source]).sum(axis=1) / np.sqrt(key.shape[1])
    top = np.full(len(query), -np.inf)
    np.maximum.at(top, target, scores)
    powers = np.exp(scores - top[target])
    total, out = np.zeros(len(query)), np.zeros((len(query), value.shape[1]))
    np.add.at(total, target, powers)
    np.add.at(out, target, powers[:, None] * value[source])
    return out / np.where(total > 0, total, 1)[:, None]


def neighbours_by_torch(query, key, value, mask):
    query, key, value, mask = map(tensor, (query, key, value, mask))
    scores = (query @ key.T / query.shape[1] ** 0.5).masked_fill(~mask, float("-inf"))
    return torch.softmax(scores, dim=1).nan_to_num() @ value


def scores_by_loops(features, target_map, source_map, vector, slope=0.2):
    table = []
    for one in features:
        row = []
        for other in features:
            hidden = one @ target_map + other @ source_map
            row.append(
                sum(v * (h if h > 0 else slope * h) for v, h in zip(vector, hidden, strict=True))
            )
        table.append(row)
    return table


def scores_by_the_larger(features, target_map, source_map, vector, slope=0.2):
    pairs = (features @ target_map)[:, None] + (features @ source_map)[None]
    return np.dot(np.maximum(pairs, slope * pairs), vector)


def scores_in_two_parts(features, target_map, source_map, vector, slope=0.2):
    pairs = np.expand_dims(features @ target_map, 1) + features @ source_map
    return np.maximum(pairs, 0) @ vector + slope * (np.minimum(pairs, 0) @ vector)


def scores_end_to_end(features, target_map, source_map, vector, slope=0.2):
    n, both = len(features), np.concatenate([target_map, source_map])
    pairs = np.concatenate([np.repeat(features, n, axis=0), np.tile(features, (n, 1))], axis=1)
    hidden = pairs @ both
    hidden[hidden < 0] *= slope
    return (hidden @ vector).reshape(n, n)


def scores_by_einsum(features, target_map, source_map, vector, slope=0.2):
    target = np.einsum("id,dh->ih", features, target_map)
    source = np.einsum("jd,dh->jh", features, source_map)
    pairs = target[:, None] + source
    factor = np.where(pairs < 0, slope, 1)
    return np.einsum("ijh,ijh,h->ij", pairs, factor, vector)


def scores_by_torch(features, target_map, source_map, vector, slope=0.2):
    x, t, s, a = map(tensor, (features, target_map, source_map, vector))
    pairs = (x @ t).unsqueeze(1) + (x @ s).unsqueeze(0)
    return torch.nn.functional.leaky_relu(pairs, slope) @ a


def laplacian_by_loops(adjacency):
    n = len(adjacency)
    degree = [sum(row) for row in adjacency]
    table = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            if i == j:
                table[i, j] = 1 if degree[i] > 0 else 0
            elif adjacency[i, j]:
                table[i, j] = -adjacency[i, j] / math.sqrt(degree[i] * degree[j])
    return table


def laplacian_by_powers(adjacency):
    degree = adjacency.sum(axis=0)
    with np.errstate(divide="ignore"):
        power = np.where(degree > 0, degree**-0.5, 0)
    return np.diag((degree > 0).astype(float)) - np.diag(power) @ adjacency @ np.diag(power)


def laplacian_of_the_other_one(adjacency):
    degree = np.sum(adjacency, 1)
    root = np.sqrt(np.outer(degree, degree))
    plain = np.diag(degree) - adjacency
    return np.divide(plain, root, out=np.zeros_like(plain), where=root > 0)


def laplacian_by_outer(adjacency):
    degree = adjacency.sum(-1, keepdims=True)
    safe = degree + (degree == 0)
    return np.eye(len(adjacency)) * (degree > 0) - adjacency / np.sqrt(safe * safe.T)


def laplacian_by_networkx(adjacency):
    graph = networkx.from_numpy_array(adjacency)
    return networkx.normalized_laplacian_matrix(graph).toarray()


def laplacian_by_torch(adjacency):
    matrix = tensor(adjacency)
    power = matrix.sum(dim=1).pow(-0.5)
    power[power == float("inf")] = 0
    return torch.diag((power > 0).double()) - power[:, None] * matrix * power


WAYS = {
    "edge_mask": [
        mask_by_lists,
        mask_by_a_set,
        mask_by_sums,
        mask_by_indices,
        mask_by_one_hot,
        mask_by_the_incidence,
        mask_by_torch,
    ],
    "neighbourhood_attention": [
        neighbours_by_lists,
        neighbours_by_a_mask,
        neighbours_with_nan_cleared,
        neighbours_with_a_low_fill,
        neighbours_by_edges,
        neighbours_by_torch,
    ],
    "gatv2_scores": [
        scores_by_loops,
        scores_by_the_larger,
        scores_in_two_parts,
        scores_end_to_end,
        scores_by_einsum,
        scores_by_torch,
    ],
    "laplacian": [
        laplacian_by_loops,
        laplacian_by_powers,
        laplacian_of_the_other_one,
        laplacian_by_outer,
        laplacian_by_networkx,
        laplacian_by_torch,
    ],
}


@pytest.mark.parametrize(
    ("name", "way"), [(name, way) for name, ways in WAYS.items() for way in ways]
)
def test_another_correct_way_is_right(name, way):
    verdict = judge(named(name), way)
    assert verdict.state == "right", verdict


def mask_directed(pairs, count):
    pairs = np.reshape(pairs, (-1, 2)).astype(int)
    mask = np.eye(count) > 0
    mask[pairs[:, 0], pairs[:, 1]] = True
    return mask


def mask_without_a_diagonal(pairs, count):
    return np.array(mask_by_lists(pairs, count)) & ~np.eye(count, dtype=bool)


def mask_of_rows(pairs, count):
    mask = np.eye(count, dtype=bool)
    mask[np.reshape(pairs, (-1, 2)).astype(int)] = True
    return mask


def mask_for_edges_alone(pairs, count):
    ends = np.array(pairs)
    mask = np.eye(count, dtype=bool)
    mask[ends[:, 0], ends[:, 1]] = True
    return mask | mask.T


def mask_by_unpacking(pairs, count):
    mask = np.eye(count, dtype=bool)
    first, second = zip(*pairs, strict=True)
    mask[list(first), list(second)] = True
    return mask | mask.T


def mask_of_exactly_one(pairs, count):
    table = np.identity(count, dtype=int)
    for i, j in pairs:
        table[i, j] += 1
        table[j, i] += 1
    return table == 1


def neighbours_scaled_by_degree(query, key, value, mask):
    scores = np.where(mask, query @ key.T / np.sqrt(mask.sum(axis=1, keepdims=True)), -np.inf)
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True) @ value


def neighbours_multiplied_by_the_mask(query, key, value, mask):
    scores = query @ key.T / np.sqrt(query.shape[1]) * mask
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True) @ value


def neighbours_by_plain_masking(query, key, value, mask):
    scores = query @ key.T / np.sqrt(query.shape[1])
    scores[~mask] = -np.inf
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True) @ value


def neighbours_by_a_large_fill(query, key, value, mask):
    scores = query @ key.T / np.sqrt(query.shape[1])
    scores[~mask] = -1e9
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True) @ value


def neighbours_by_mean(_query, _key, value, mask):
    return mask @ value / mask.sum(axis=1, keepdims=True)


def scores_of_gat(features, target_map, source_map, vector, slope=0.2):
    table = (features @ target_map @ vector)[:, None] + features @ source_map @ vector
    return np.where(table < 0, slope * table, table)


def scores_with_maps_exchanged(features, target_map, source_map, vector, slope=0.2):
    return scores_by_the_larger(features, source_map, target_map, vector, slope)


def scores_transposed(features, target_map, source_map, vector, slope=0.2):
    pairs = (features @ target_map)[None] + (features @ source_map)[:, None]
    return np.maximum(pairs, slope * pairs) @ vector


def scores_by_relu(features, target_map, source_map, vector, _slope=0.2):
    pairs = (features @ target_map)[:, None] + features @ source_map
    return np.clip(pairs, 0, None) @ vector


def scores_without_a_bend(features, target_map, source_map, vector, _slope=0.2):
    return (features @ target_map @ vector)[:, None] + features @ source_map @ vector


def laplacian_of_a_walk(adjacency):
    return np.eye(len(adjacency)) - np.diag(1 / adjacency.sum(1)) @ adjacency


def laplacian_not_normalised(adjacency):
    return np.diag(adjacency.sum(axis=0)) - adjacency


def laplacian_with_identity(adjacency):
    degree = np.maximum(adjacency.sum(axis=1), 1e-12)
    return np.eye(len(adjacency)) - adjacency / np.sqrt(np.outer(degree, degree))


def laplacian_by_bare_division(adjacency):
    degree = adjacency.sum(axis=1)
    return np.eye(len(adjacency)) - adjacency / np.sqrt(np.outer(degree, degree))


@pytest.mark.parametrize(
    ("name", "way", "mistake"),
    [
        ("edge_mask", mask_directed, "one way only"),
        ("edge_mask", mask_without_a_diagonal, "nobody sees itself"),
        ("edge_mask", mask_of_rows, "whole rows"),
        ("edge_mask", mask_for_edges_alone, "no edge at all"),
        ("edge_mask", mask_by_unpacking, "no edge to unpack"),
        ("edge_mask", mask_of_exactly_one, "counted, then compared with 1"),
        (
            "neighbourhood_attention",
            neighbours_scaled_by_degree,
            "root of the number of neighbours",
        ),
        ("neighbourhood_attention", neighbours_multiplied_by_the_mask, "scores of 0"),
        ("neighbourhood_attention", neighbours_by_plain_masking, "NaN for who is alone"),
        ("neighbourhood_attention", neighbours_by_a_large_fill, "the mean of all for who is alone"),
        ("neighbourhood_attention", neighbours_by_mean, "plain mean"),
        ("gatv2_scores", scores_of_gat, "the order of GAT"),
        ("gatv2_scores", scores_transposed, "target and source exchanged"),
        ("gatv2_scores", scores_with_maps_exchanged, "target and source exchanged"),
        ("gatv2_scores", scores_by_relu, "ReLU"),
        ("gatv2_scores", scores_without_a_bend, "no bend"),
        ("laplacian", laplacian_of_a_walk, "rows divided by the degree"),
        ("laplacian", laplacian_not_normalised, "not normalised"),
        ("laplacian", laplacian_with_identity, "1 for who has no edges"),
        ("laplacian", laplacian_by_bare_division, "divided by a degree of 0"),
    ],
)
@pytest.mark.filterwarnings("ignore:invalid value", "ignore:divide by zero")
def test_a_mistake_in_other_words_has_its_name(name, way, mistake):
    assert judge(named(name), way).name == mistake


def neighbours_in_place(query, key, value, mask):
    query /= np.sqrt(query.shape[1])
    return neighbours_by_edges(query * np.sqrt(query.shape[1]), key, value, mask)


def laplacian_in_place(adjacency):
    degree = adjacency.sum(axis=1)
    root = np.sqrt(np.where(degree > 0, degree, 1))
    adjacency /= -np.outer(root, root)
    np.fill_diagonal(adjacency, degree > 0)
    return adjacency


@pytest.mark.parametrize(
    ("name", "way"),
    [("neighbourhood_attention", neighbours_in_place), ("laplacian", laplacian_in_place)],
)
def test_what_is_handed_in_stays_as_it_was(name, way):
    assert judge(named(name), way).name == "changes its argument"


def neighbours_by_attention(query, key, value, mask):
    return attention(query, key, value, mask)


def scores_of_the_package(features, target_map, source_map, vector, slope=0.2):
    return core.gatv2_scores(features @ target_map, features @ source_map, vector, slope=slope)


def laplacian_of_the_package(adjacency):
    return core.laplacian(adjacency)


@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("neighbourhood_attention", neighbours_by_attention),
        ("gatv2_scores", scores_of_the_package),
        ("laplacian", laplacian_of_the_package),
    ],
)
def test_the_package_may_not_do_the_work(name, way):
    verdict = judge(named(name), way)
    assert (verdict.state, verdict.name) == ("right, but", "the package"), verdict
