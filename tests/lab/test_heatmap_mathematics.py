"""The JavaScript of the heatmap, run by node, held to the core and to sums done by hand."""

import math

import numpy as np
import pytest

import attnlab
from attnlab.lab import AttentionHeatmap
from node import javascript, traits


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    """A function from calls [name, arguments ...] of the figure's JavaScript to its answers."""
    with javascript("heatmap.js", tmp_path_factory.mktemp("heatmap")) as answers:
        yield answers


def oracle(scores, *, causal=False, reach=None, mask=None, temperature=1.0, layer=0, head=0):
    """The weights and what is allowed, by the core alone."""
    scores = np.asarray(scores, float)
    scores = scores.reshape((1,) * (4 - scores.ndim) + scores.shape)[layer, head]
    queries, keys = np.arange(scores.shape[0]), np.arange(scores.shape[1])
    allowed = np.ones(scores.shape, bool)
    if causal:
        allowed &= attnlab.causal(queries, keys)
    if reach is not None:
        allowed &= attnlab.window(queries, keys, reach)
    if mask is not None:
        allowed &= mask
    return attnlab.softmax(scores, allowed, temperature=temperature), allowed


def agree(ask, cases):
    """Hold the browser's weights of each case (scores, settings) to the core's."""
    figures = [AttentionHeatmap(scores, **settings) for scores, settings in cases]
    answers = ask([["compute", traits(figure)] for figure in figures])
    for (scores, settings), answer in zip(cases, answers, strict=True):
        weights, allowed = oracle(scores, **settings)
        told = str(settings)
        np.testing.assert_array_equal(answer["allowed"], allowed, err_msg=told)
        np.testing.assert_allclose(answer["weights"], weights, atol=1e-6, rtol=0, err_msg=told)
        assert np.all(np.asarray(answer["weights"])[~allowed] == 0.0), f"{told}: exactly 0"


def normal(*shape):
    return np.random.default_rng(len(shape)).normal(size=shape) * 3


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (7, 1), (5, 7), (7, 5), (11, 11)])
def test_every_window_with_and_without_the_future(ask, shape):
    reaches = range(max(shape))
    agree(
        ask, [(normal(*shape), {"causal": c, "reach": r}) for c in (False, True) for r in reaches]
    )


def test_temperatures(ask):
    temperatures = [*2.0 ** np.arange(-3, 3.125, 0.125), 1e-3, 1e6]
    agree(ask, [(normal(5, 7), {"temperature": float(t)}) for t in temperatures])


def test_masks_alone_and_with_the_controls(ask):
    masks = [normal(5, 7) > limit for limit in (-3, 0, 3)]
    masks += [np.ones((5, 7), bool), np.zeros((5, 7), bool), np.eye(5, 7, dtype=bool)]
    settings = [
        {},
        {"causal": True},
        {"reach": 1},
        {"causal": True, "reach": 2, "temperature": 0.5},
    ]
    agree(ask, [(normal(5, 7), {"mask": mask} | more) for mask in masks for more in settings])


def test_rows_with_nothing_allowed_are_exact_zeros(ask):
    mask = np.array([[True, True, True], [False, False, False], [True, False, False]])
    figure = AttentionHeatmap(np.full((3, 3), 9.0), mask=mask)
    (answer,) = ask([["compute", traits(figure)]])
    assert answer["weights"] == [pytest.approx([1 / 3] * 3), [0, 0, 0], [1, 0, 0]]


def test_a_mask_that_is_one_row_or_one_column_holds_for_all(ask):
    row, column = np.array([True, False, True]), np.array([[True], [False]])
    answers = ask(
        [["compute", traits(AttentionHeatmap(np.zeros((2, 3)), mask=m))] for m in (row, column)]
    )
    assert answers[0]["weights"] == [[0.5, 0, 0.5], [0.5, 0, 0.5]]
    assert answers[1]["weights"] == [pytest.approx([1 / 3] * 3), [0, 0, 0]]


def test_extreme_scores(ask):
    rows = [[1e4, -1e4, 0.0], [1e300, -1e300, 1e300], [-1e300, -1e300, -1e300]]
    rows += [[5.0, 5.0, 5.0], [0.0, -0.0, 1e-300], [-1e4, -1e4 + 1, -1e4 - 1]]
    settings = [{}, {"temperature": 0.125}, {"temperature": 1e-3}, {"temperature": 1e6}]
    settings += [{"causal": True}, {"mask": np.array([False, True, True])}]
    agree(ask, [(rows, more) for more in settings])


def test_every_layer_and_every_head(ask):
    scores = normal(2, 3, 5, 7)
    places = [{"layer": layer, "head": head} for layer in range(2) for head in range(3)]
    agree(ask, [(scores, place | {"causal": True}) for place in places])
    agree(ask, [(scores[1], {"head": head, "reach": 2}) for head in range(3)])


def test_a_hundred_and_fifty_words(ask):
    agree(ask, [(normal(150, 150), {"causal": True, "reach": 30, "temperature": 2.0})])


def test_the_state_is_what_the_controls_say(ask):
    settings = {"temperature": 0.5, "causal": True, "reach": 2, "layer": 1, "head": 2}
    (answer,) = ask([["compute", traits(AttentionHeatmap(normal(2, 3, 5, 5), **settings))]])
    assert answer["state"] == settings


def test_softmax_by_hand(ask):
    # exp(0), exp(ln 2) and exp(ln 5) are 1, 2 and 5; squared, at temperature 1/2: 1, 4 and 25.
    scores, everything = [0, math.log(2), math.log(5)], [True, True, True]
    calls = [["softmax", scores, everything, 1], ["softmax", scores, everything, 0.5]]
    calls += [["softmax", scores, [True, False, True], 1], ["softmax", scores, [False] * 3, 1]]
    plain, sharp, masked, nothing = ask(calls)
    assert plain == pytest.approx([1 / 8, 2 / 8, 5 / 8])
    assert sharp == pytest.approx([1 / 30, 4 / 30, 25 / 30])
    assert masked == [pytest.approx(1 / 6), 0, pytest.approx(5 / 6)]
    assert nothing == [0, 0, 0]


def test_dot_by_hand(ask):
    assert ask([["dot", [1, 2, 3], [4, -5, 0.5]]]) == [-4.5]


def test_entropy_by_hand(ask):
    rows = [[1], [0, 1, 0], [0.5, 0.5], [0.25] * 4, [0.5, 0.25, 0.25, 0], [0, 0, 0]]
    entropies = [0, 0, math.log(2), math.log(4), 1.5 * math.log(2), 0]
    assert ask([["entropy", row] for row in rows]) == pytest.approx(entropies)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ([0.2, 0.5, 0.3], "sat looks most at cat, 0.50; entropy 1.03 nats."),
        ([0, 0, 1], "sat looks most at sat, 1.00; entropy 0.00 nats."),
        ([0.4, 0.4, 0.2], "sat looks most at The and cat, 0.40 each; entropy 1.05 nats."),
        ([1 / 3] * 3, "sat looks most at The, cat and sat, 0.33 each; entropy 1.10 nats."),
        ([0.25] * 4, "sat looks at 4 words alike, 0.25 each; entropy 1.39 nats."),
        ([0, 0, 0], "sat may look at nothing: all its weights are 0."),
    ],
)
def test_the_sentence(ask, row, said):
    assert ask([["sentence", row, "sat", ["The", "cat", "sat", "on"]]]) == [said]


def test_the_sentence_of_what_is_no_query(ask):
    gives = {"at": "gives to", "most": "gives most to", "nothing": "gives nothing", "all": ""}
    rows = {
        "4 gives most to 9, 0.50; entropy 1.04 nats.": [0.25, 0.25, 0, 0.5],
        "4 gives to 4 alike, 0.25 each; entropy 1.39 nats.": [0.25] * 4,
        "4 gives nothing: all its weights are 0.": [0.0] * 4,
    }
    told = ask([["sentence", row, "4", list("1479"), gives] for row in rows.values()])
    assert told == list(rows)


def test_the_sentence_shortens_long_words_without_breaking_letters(ask):
    (said,) = ask([["sentence", [1.0], "𝔞" * 30, ["b" * 24]]])
    assert said == f"{'𝔞' * 23}… looks most at {'b' * 24}, 1.00; entropy 0.00 nats."


# q · k = 3 + 0 + 1 + 0 = 4, over the root of 4 is 2; exp(2) = 7.39, beside exp(0) = 1.
EXAMPLE = {"query": [1, 1, 1, 0], "key": [3, 0, 1, 0], "scale": 2, "score": 2, "scores": [2, 0]}
EXAMPLE |= {"allowed": [True, True], "weight": 0.881, "column": 0, "temperature": 1}
PRODUCT = ["q · k", "1×3 + 1×0 + 1×1 + 0×0 = 4"]
MASKED = [["masked", "the score counts as −∞"], ["weight", "exp(−∞) = 0"]]
BARE = {"query": None, "key": None, "scale": 1}


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        (
            {},
            [
                PRODUCT,
                ["score", "4 / √4 = 2.00"],
                ["exp", "exp(2.00) = 7.39"],
                ["row's sum", "8.39"],
                ["weight", "7.39 / 8.39 = 0.88"],
            ],
        ),
        ({"allowed": [False, True]}, [PRODUCT, ["score", "4 / √4 = 2.00"], *MASKED]),
        ({"allowed": [False, False]}, [PRODUCT, ["score", "4 / √4 = 2.00"], *MASKED]),
        (
            {"temperature": 0.5, "weight": 0.982},  # exp(4) = 54.60
            [
                PRODUCT,
                ["score", "4 / √4 = 2.00"],
                ["exp", "exp(2.00 / 0.5) = 54.60"],
                ["row's sum", "55.60"],
                ["weight", "54.60 / 55.60 = 0.98"],
            ],
        ),
        (
            {"temperature": 0.125, "scores": [2, 1.875], "weight": 0.731},  # exp(16), exp(15)
            [
                PRODUCT,
                ["score", "4 / √4 = 2.00"],
                ["exp", "exp(2.00 / 0.125) = 8.9e+6"],
                ["row's sum", "1.2e+7"],
                ["weight", "8.9e+6 / 1.2e+7 = 0.73"],
            ],
        ),
        (
            {**BARE, "scores": [30, 29], "score": 29, "column": 1, "weight": 0.269},
            [
                ["score", "29.00"],
                ["exp", "exp(29.00 − 30) = 0.37"],
                ["row's sum", "1.37"],
                ["weight", "0.37 / 1.37 = 0.27"],
            ],
        ),
        (
            {**BARE, "scores": [-80, -82], "score": -82, "column": 1, "temperature": 2}
            | {"weight": 0.269},
            [
                ["score", "−82.00"],
                ["exp", "exp((−82.00 − (−80)) / 2) = 0.37"],
                ["row's sum", "1.37"],
                ["weight", "0.37 / 1.37 = 0.27"],
            ],
        ),
        (  # a forbidden score is no reason to shift, nor part of the sum
            {**BARE, "scores": [1, 999], "score": 1, "allowed": [True, False], "weight": 1},
            [
                ["score", "1.00"],
                ["exp", "exp(1.00) = 2.72"],
                ["row's sum", "2.72"],
                ["weight", "2.72 / 2.72 = 1.00"],
            ],
        ),
    ],
    ids=["example", "masked", "nothing", "sharper", "eighth", "large", "negative", "forbidden"],
)
def test_the_arithmetic_of_one_cell(ask, changes, lines):
    assert ask([["arithmetic", EXAMPLE | changes]]) == [lines]


@pytest.mark.parametrize(
    ("query", "key", "scale", "first", "second"),
    [
        ([-1, 0.5], [2, -3], math.sqrt(2), "(−1)×2 + 0.50×(−3) = −3.50", "−3.50 / √2 = −2.47"),
        ([3], [1], 1.5, "3×1 = 3", "3 / 1.50 = 2.00"),
        ([3], [1], 1, "3×1 = 3", "3.00"),
        ([1] * 9, range(1, 10), 3, "1×1 + 1×2 + 1×3 + 1×4 + … + 1×9 = 45", "45 / √9 = 15.00"),
    ],
)
def test_products_are_written_as_a_person_does(ask, query, key, scale, first, second):
    score = sum(q * k for q, k in zip(query, key, strict=True)) / scale
    cell = {"query": query, "key": list(key), "scale": scale, "score": score, "scores": [score]}
    cell |= {"allowed": [True], "weight": 1, "column": 0, "temperature": 1}
    ((product, divided, *_),) = ask([["arithmetic", cell]])
    assert product == ["q · k", first]
    assert divided == ["score", second]


@pytest.mark.parametrize("scale", [None, 1, 2.5])
def test_the_product_that_is_shown_is_the_score_times_the_scale(ask, scale):
    # Two heads of queries share one head of keys, and each is written with its own.
    figure = AttentionHeatmap(query=normal(2, 3, 5), key=normal(1, 7, 5), scale=scale)
    query, key = figure.query[0], figure.key[0]
    places = [(h, row, column) for h in range(2) for row in range(3) for column in range(7)]
    calls = []
    for h, row, column in places:
        cell = {"query": query[h, row].tolist(), "key": key[h, column].tolist()}
        cell |= {"score": figure.scores[0, h, row, column], "scores": [0.0] * 7}
        cell |= {"scale": figure.scale, "allowed": [True] * 7, "weight": 0, "column": column}
        calls.append(["arithmetic", cell | {"temperature": 1}])
    for place, lines in zip(places, ask(calls), strict=True):
        shown = float(lines[0][1].rpartition(" = ")[2].replace("−", "-"))
        score = figure.scores[0][place]
        assert shown == pytest.approx(score * figure.scale, abs=0.005001), place


def test_vectors_of_the_visible_head_reach_the_browser(ask):
    figure = AttentionHeatmap(query=normal(2, 3, 5), key=normal(1, 7, 5))
    sent = traits(figure)
    query, key, scores = ask(
        [["matrixAt", sent[name], 0, 1] for name in ("query", "key", "scores")]
    )
    products = np.array(query) @ np.array(key).T
    assert products.shape == (3, 7)
    np.testing.assert_allclose(products / sent["scale"], scores, atol=1e-12)
