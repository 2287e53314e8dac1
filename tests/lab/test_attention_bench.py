"""The attention bench: its numbers are those of the core, its geometry that of sums by hand."""

import doctest
import json

import numpy as np
import pytest
import torch
import traitlets as t

from attnlab.core import attention, attention_weights, self_attention
from attnlab.lab import AttentionBench, attention_bench
from attnlab.lab import attention_plane as picture
from attnlab.lab.widgets import attention_bench as module
from node import javascript, traits

WORDS = ["The", "cat", "sat", "on", "the", "mat"]
X = [[0, 0, 1, 0], [3, 0, 1, 0], [1, 1, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0], [0, 3, 1, 0]]
FEATURES = ["who", "where", "what", "link"]
MAPS = {
    "w_query": [[0, 1], [1, 0], [0, 0], [-1, 2]],
    "w_key": [[1, 0], [0, 1], [0, 0], [0, 0]],
    "w_value": [[1, 0, 0], [0, 1, 0], [0, 0, 0], [0, 0, 1]],
}
NAMES = {"asked": ["who", "where"], "handed": ["who", "where", "link"]}
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    with javascript("attention_bench.js", tmp_path_factory.mktemp("bench")) as answers:
        yield answers


@pytest.fixture(scope="module")
def measure(tmp_path_factory):
    """The geometry of the plane."""
    with javascript("geometry.js", tmp_path_factory.mktemp("geometry")) as answers:
        yield answers


@pytest.fixture(scope="module")
def spell(tmp_path_factory):
    with javascript("formula.js", tmp_path_factory.mktemp("formula")) as answers:
        yield answers


@pytest.fixture(scope="module")
def edit(tmp_path_factory):
    with javascript("sentence_chips.js", tmp_path_factory.mktemp("chips")) as answers:
        yield answers


def bench(**arguments):
    return AttentionBench(WORDS, X, **({"features": FEATURES, "focus": [2, 1]} | arguments))


def any_bench(count, width, d_k=None, d_v=None, **more):
    random = np.random.default_rng(count + width)
    maps = {}
    if d_k:
        sizes = {"w_query": (width, d_k), "w_key": (width, d_k), "w_value": (width, d_v)}
        maps = {name: random.normal(size=size) for name, size in sizes.items()}
    words = [f"w{place}" for place in range(count)]
    return AttentionBench(words, random.normal(size=(count, width)) * 3, **maps, **more)


def test_the_numbers_of_the_course():
    # sat = (1, 1, 1, 0): its scores are 2/4, 8/4 ... halves of (1, 4, 3, 1, 1, 4).
    shown = bench()
    powers = np.exp(np.array([1, 4, 3, 1, 1, 4]) / 2)
    np.testing.assert_allclose(shown.shares, powers / powers.sum())
    np.testing.assert_allclose(shown.answer.round(2), [1.10, 1.17, 0.93, 0.07])
    np.testing.assert_allclose(shown.weights, attention_weights(shown.x, shown.x))
    np.testing.assert_allclose(shown.output, attention(shown.x, shown.x, shown.x))


def test_with_matrices_it_is_self_attention():
    shown = bench(**MAPS, **NAMES, focus=[1, 5])
    maps = [np.array(matrix, float) for matrix in MAPS.values()]
    np.testing.assert_allclose(shown.output, self_attention(shown.x, *maps))
    np.testing.assert_allclose(shown.answer, shown.output[1])
    assert shown.query[1].tolist() == [0, 3]
    assert shown.key[5].tolist() == [0, 3]


@pytest.mark.parametrize(
    "shown",
    [
        bench(),
        bench(**MAPS, **NAMES),
        bench(question=[2, -1, 0.5, 0], temperature=0.25),
        bench(**MAPS, question=[40, 30]),
        any_bench(2, 3, 5, 7),
        any_bench(11, 7, 3, 2, temperature=5.0),
        any_bench(1, 1),
        any_bench(12, 64, question=np.full(64, 9)),
    ],
    ids=str,
)
def test_the_browser_shows_what_the_core_computes(ask, shown):
    (answer,) = ask([["compute", traits(shown)]])
    for mine, core in zip(answer["result"], shown.result, strict=True):
        np.testing.assert_allclose(mine, core, rtol=0, atol=1e-6)
    for mine, core in [("query", shown.query), ("key", shown.key), ("value", shown.value)]:
        np.testing.assert_allclose(answer[mine], core, rtol=0, atol=1e-9)
    stored = {name: value for name, value in traits(shown).items() if name in answer["state"]}
    assert answer["state"] == stored


def test_the_output_stays_in_the_hull_of_the_values(measure):
    shown = any_bench(7, 2)
    (corners,) = measure([["hull", shown.value.tolist()]])
    after = [*corners[1:], corners[0]]
    for output in shown.output:
        for (ax, ay), (bx, by) in zip(corners, after, strict=True):
            assert (bx - ax) * (output[1] - ay) - (by - ay) * (output[0] - ax) >= -1e-9


@pytest.mark.parametrize(
    ("points", "corners"),
    [
        ([[0, 0], [2, 0], [1, 0.5], [0, 2]], [[0, 0], [2, 0], [0, 2]]),
        ([[0, 0], [1, 1], [2, 2]], [[0, 0], [2, 2]]),
        ([[3, 1], [3, 1]], [[3, 1]]),
        ([[3, 1]], [[3, 1]]),
    ],
)
def test_hulls_by_hand(measure, points, corners):
    (found,) = measure([["hull", points]])
    assert sorted(found) == sorted(corners)
    assert sorted(picture.hull(np.array(points, float)).tolist()) == sorted(corners)


def test_hulls_in_python_and_in_the_browser_are_the_same(measure):
    random = np.random.default_rng(0)
    for count in [3, 5, 12, 40]:
        points = random.integers(-4, 5, size=(count, 2)).tolist()
        (found,) = measure([["hull", points]])
        assert sorted(found) == sorted(picture.hull(np.array(points, float)).tolist())


def test_perpendiculars_by_hand(measure):
    # (3, 1) on the direction (1, 1): (3 + 1) / 2 = 2 along both.
    calls = [[[3, 1], [1, 1]], [[3, 0], [1, 1]], [[1, 5], [0, -2]], [[1, 5], [0, 0]]]
    assert measure([["foot", *call] for call in calls]) == [[2, 2], [1.5, 1.5], [0, 5], [0, 0]]


def test_the_longest_projection_is_the_highest_score(measure):
    random = np.random.default_rng(3)
    keys, query = random.normal(size=(9, 2)), random.normal(size=2)
    feet = measure([["foot", key, query.tolist()] for key in keys.tolist()])
    along = np.array(feet) @ query / np.hypot(*query)
    np.testing.assert_allclose(along * np.hypot(*query), keys @ query, atol=1e-12)


@pytest.mark.parametrize(
    ("points", "step", "axes"),
    [
        ([[3, 0], [1, 1], [0, 3]], 1, [[-1, 4], [-1, 4]]),
        ([[0.02, -0.01]], 0.005, [[-0.005, 0.025], [-0.015, 0.005]]),
        ([[0, 0]], 0.2, [[-0.2, 0.2], [-0.2, 0.2]]),
    ],
)
def test_axes_have_round_ends_and_room(measure, points, step, axes):
    (found,) = measure([["ends", points]])
    assert found["step"] == pytest.approx(step)
    np.testing.assert_allclose(found["axes"], axes, atol=1e-9)


def test_axes_stay_while_they_will_do(measure):
    before = {"step": 1, "axes": [[-1, 4], [-1, 4]], "seen": [[-3, 6], [-1, 4]]}
    calls = [[[5.5, 3]], [[5.5, 4.2]], [[0.1, 0.1]]]
    same, higher, lost = measure([["steadyEnds", points, before] for points in calls])
    assert same == before
    assert higher["axes"] == [[-2, 8], [-2, 6]]
    assert lost["axes"][0][1] < 1


def test_the_line_of_the_query_ends_at_the_borders(measure):
    box = {"left": 0, "right": 100, "top": 0, "bottom": 50}
    calls = [[[50, 25], [1, 0]], [[50, 25], [0, -3]], [[50, 25], [1, 1]]]
    found = measure([["within", box, *call] for call in calls])
    ends = [[[0, 25], [100, 25]], [[50, 50], [50, 0]], [[25, 0], [75, 50]]]
    assert [sorted(each) for each in found] == [sorted(each) for each in ends]


def test_labels_lie_beside_their_points_and_not_on_one_another(measure):
    random = np.random.default_rng(1)
    bounds = {"left": 0, "right": 400, "top": 0, "bottom": 300}
    for count in [2, 6, 12]:
        places = random.uniform([30, 30], [370, 270], size=(count, 2)).round().tolist()
        labels = [{"x": x, "y": y, "width": 40, "height": 15, "gap": 10} for x, y in places]
        taken = [{"left": x - 7, "right": x + 7, "top": y - 7, "bottom": y + 7} for x, y in places]
        (boxes,) = measure([["placeLabels", labels, taken, bounds]])
        lap = [overlap(a, b) for i, a in enumerate(boxes) for b in [*boxes[:i], *taken]]
        assert max(lap) < 0.35 * 40 * 15
        assert sum(each > 0 for each in lap) <= count / 4
        for box, (x, y) in zip(boxes, places, strict=True):
            assert overlap(box, {"left": x - 20, "right": x + 20, "top": y - 20, "bottom": y + 20})
            assert overlap(box, bounds) == pytest.approx(40 * 15)


def overlap(a, b):
    across = min(a["right"], b["right"]) - max(a["left"], b["left"])
    down = min(a["bottom"], b["bottom"]) - max(a["top"], b["top"])
    return max(0, across) * max(0, down)


def test_words_in_one_place_share_a_label(ask):
    calls = [["The", "the"], ["on", "on", "on"], ["a", "b", "c", "d", "e"], ["a", "b", "c", "a"]]
    assert ask([["listing", words] for words in calls]) == [
        "The, the",
        "on ×3",
        "a, b, c +2",
        "a ×2, b, c",
    ]


def plain(parts):
    return parts if isinstance(parts, str) else "".join(text for _, text in parts)


def lines(ask, spell, shown):
    """The formula with its numbers, line by line."""
    row, column = shown.focus
    (answer,) = ask([["compute", traits(shown)]])
    asked = answer["own"] or answer["rows"][row]
    query = shown.asking.tolist()
    rest = {"words": shown.words, "temperature": shown.temperature, "inPlane": True}
    names = shown.features if shown.w_query is None else shown.asked
    given = asked | rest | {"query": query, "key": shown.key[column].tolist(), "column": column}
    mapped = shown.w_query is not None
    (found,) = spell([["formulaLines", given | {"names": names, "mapped": mapped}]])
    return {term: plain(line) for term, line in found}


def test_the_formula_has_the_numbers_of_the_cell(ask, spell):
    assert lines(ask, spell, bench()) == {
        "score": "q · k / √d = (1×3 + 1×0 + 1×1 + 0×0) / √4 = 2.00",
        "not drawn": "what adds 1×1 = 1, link adds 0×0 = 0",
        "share": "exp(2.00) / 24.21 = 0.31",
        "output": "0.07 The + 0.31 cat + 0.19 sat + 0.07 on + 0.07 the + 0.31 mat = "
        "(1.10, 1.17, 0.93, 0.07)",
    }
    assert lines(ask, spell, bench(**MAPS, **NAMES, focus=[1, 5])) == {
        "score": "q · k / √dk = (0×0 + 3×3) / √2 = 6.36",
        "share": "exp(6.36) / 600.23 = 0.97",
        "output": "0.00 The + 0.00 cat + 0.01 sat + 0.01 on + 0.00 the + 0.97 mat = "
        "(0.02, 2.93, 0.01)",
    }


def test_the_formula_of_large_scores_and_of_another_temperature(ask, spell):
    large = lines(ask, spell, bench(question=[40, 0, 0, 0], focus=[2, 2]))
    assert large["share"] == "exp(20.00 − 60) / 1.00 = 0.00"
    hot = lines(ask, spell, bench(temperature=4.0))
    # exp(0.125) three times, exp(0.375), and exp(0.5) twice: 3.40 + 1.45 + 3.30 = 8.15.
    assert hot["share"] == "exp(2.00 / 4) / 8.15 = 0.20"
    both = lines(ask, spell, bench(question=[40, 0, 0, 0], temperature=0.5, focus=[2, 1]))
    assert both["share"] == "exp((60.00 − 60) / 0.5) / 1.00 = 1.00"


def test_the_whole_formula(spell):
    one, two, hot = spell(
        [["wholeFormula", False, False], ["wholeFormula", True, False], ["wholeFormula", 1, 1]]
    )
    assert plain(one) == "softmax( X X⊤ / √d ) X"
    assert plain(two) == "softmax( Q K⊤ / √dk ) V"
    assert plain(hot) == "softmax( Q K⊤ / T√dk ) V"
    kinds = [kind for kind, text in two if text in "QKV"]
    assert kinds == ["attn-query", "attn-key", "attn-value"]


@pytest.mark.parametrize(
    ("output", "own", "said"),
    [
        ([1.101, 0], False, "its new vector is (1.10, 0.00)."),
        ([-0.001, -2.5], True, "it reads (0.00, −2.50)."),
    ],
)
def test_what_the_sentence_says_of_the_output(spell, output, own, said):
    assert spell([["newVector", output, own]]) == [said]


def test_two_words_are_swapped_with_their_vectors_and_the_focus(edit):
    given = {"words": ["a", "b", "c"], "x": [[1], [2], [3]], "focus": [2, 0]}
    (found,) = edit([["swapped", given, 0, 2]])
    assert found == {"words": ["c", "b", "a"], "x": [[3], [2], [1]], "focus": [0, 2]}


def test_swapping_changes_nothing_but_rows_and_columns(edit):
    shown = bench(**MAPS)
    (found,) = edit([["swapped", {"words": WORDS, "x": X, "focus": [2, 1]}, 2, 5]])
    other = AttentionBench(found["words"], found["x"], **MAPS, focus=found["focus"])
    order = [0, 1, 5, 3, 4, 2]
    np.testing.assert_allclose(other.weights, shown.weights[order][:, order])
    np.testing.assert_allclose(other.answer, shown.answer)


LEXICON = {"cat": [3, 0], "The": [0, 0], "mat": [0, 3]}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("the cat", {"words": ["the", "cat"], "x": [[0, 0], [3, 0]]}),
        (" Cat,  mat! ", {"words": ["Cat", "mat"], "x": [[3, 0], [0, 3]]}),
        ("the dog", {"note": "No vector for dog. It knows cat, The, mat"}),
        (" ... ", {"note": "Type at least one word."}),
        ("cat " * 17, {"note": "17 words: at most 16 have room here."}),
        ("toString", {"note": "No vector for toString. It knows cat, The, mat"}),
    ],
)
def test_what_is_typed_is_read_or_refused_with_words_that_are_known(edit, text, found):
    assert edit([["read", text, LEXICON]]) == [found]


def test_an_entry_of_a_matrix_is_replaced(tmp_path):
    with javascript("matrix_entries.js", tmp_path) as answers:
        assert answers([["withEntry", [[1, 2], [3, 4]], 1, 0, -5]]) == [[[1, 2], [-5, 4]]]


def test_a_page_may_set_what_fits_together():
    shown = bench(lexicon=dict(zip(WORDS, X, strict=True)))
    shown.set_state({"words": ["cat", "mat"], "x": [X[1], X[5]], "focus": [1, 0]})
    assert shown.weights.shape == (2, 2)
    shown.set_state({"question": [1, 2, 0, 0]})
    assert shown.asking.tolist() == [1, 2, 0, 0]
    with pytest.raises(ValueError, match="x has 3 rows and words 2: give a row for each word"):
        shown.set_state({"x": X[:3]})


def test_a_cell_may_set_a_matrix_an_array_or_a_tensor():
    shown = bench(**MAPS)
    shown.w_query = torch.ones(4, 2)
    assert shown.w_query.tolist() == [[1, 1]] * 4
    assert shown.get_state()["w_query"] == [[1, 1]] * 4
    given = np.zeros((4, 2))
    shown.w_key = given
    given[0, 0] = 9
    assert shown.w_key[0, 0] == 0, "the figure has numbers of its own"


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        ({"words": "The cat"}, TypeError, "words is one string"),
        ({"x": X[:5]}, ValueError, "x has 5 rows and words 6: give a row for each word"),
        ({"x": [1, 2]}, ValueError, r"x has shape \(2,\), and needs \(position, feature\)"),
        ({"x": [[1], [1, 2]]}, ValueError, "x has rows of different lengths"),
        ({"x": np.full((6, 4), np.nan)}, ValueError, "x holds nan"),
        ({"features": ["who"]}, ValueError, "features has 1 words, and the figure 4"),
        ({"w_query": MAPS["w_query"]}, TypeError, r"only \['w_query'\] are given: give all"),
        (MAPS | {"w_key": np.ones((3, 2))}, ValueError, r"w_key has shape \(3, 2\) and x 4 feat"),
        (MAPS | {"w_key": np.ones((4, 3))}, ValueError, "w_query has 2 columns and w_key 3"),
        (MAPS | {"w_value": np.ones(4)}, ValueError, r"w_value has shape \(4,\)"),
        (MAPS | {"asked": ["a"]}, ValueError, "asked has 1 words, and the figure 2"),
        (MAPS | {"handed": ["a"]}, ValueError, "handed has 1 words, and the figure 3"),
        ({"question": [1, 2]}, ValueError, "question has 2 numbers, and a query here 4"),
        ({"question": [[1, 2, 3, 4]]}, ValueError, r"question has shape \(1, 4\)"),
        ({"temperature": 0.0}, ValueError, "temperature is 0.0, and must be above 0"),
        ({"focus": [6, 0]}, ValueError, r"focus is \[6, 0\]"),
        ({"parts": ["plane", "heart"]}, ValueError, r"parts has \['heart'\], and this bench can"),
        ({"parts": ["matrices"]}, ValueError, r"parts has \['matrices'\]"),
        ({"parts": "plane"}, TypeError, "parts is one string"),
        ({"lexicon": {"cat": [1, 2]}}, ValueError, r"lexicon\['cat'\] has shape \(2,\), .* 4 feat"),
        ({"lexicon": {"cat": ["a"] * 4}}, TypeError, r"lexicon\['cat'\] holds"),
        ({"lexicon": {}}, TypeError, "lexicon is {}, and must be a dict: word -> vector"),
        ({"heat": 1}, TypeError, r"\['heat'\] is no argument"),
    ],
)
def test_what_does_not_fit_is_named(arguments, error, said):
    given = {"words": WORDS, "x": X} | arguments
    with pytest.raises(error, match=said):
        AttentionBench(**given)


def test_a_temperature_that_is_no_number_is_refused():
    with pytest.raises(t.TraitError, match="temperature"):
        bench(temperature="hot")


def test_words_that_no_longer_fit_are_refused():
    with pytest.raises(ValueError, match="x has 6 rows and words 1"):
        bench().words = ["cat"]


def test_parts_are_those_that_apply_in_their_order():
    everything = ["sentence", "plane", "strip", "heatmap", "matrices", "formula"]
    assert bench(**MAPS).parts == everything
    assert bench().parts == [part for part in everything if part != "matrices"]
    assert bench(parts=["heatmap", "plane"]).parts == ["plane", "heatmap"]
    assert "plane" not in any_bench(3, 1).parts
    assert "plane" not in any_bench(3, 4, 2, 1).parts


def test_there_is_a_control_only_if_asked_for():
    assert attention_bench(WORDS, X).children[0].settings == []
    live = attention_bench(WORDS, X, controls=["temperature"], temperature=0.5)
    assert [each["trait"] for each in live.figure.settings] == ["temperature"]
    with pytest.raises(ValueError, match=r"controls has \['causal'\]"):
        attention_bench(WORDS, X, controls=["causal"])


def test_all_that_it_sends_is_json():
    state = {k: v for k, v in bench(**MAPS, lexicon={"a": X[0]}).get_state().items() if k[0] != "_"}
    assert json.loads(json.dumps(state))["w_value"] == MAPS["w_value"]


@pytest.mark.parametrize("parts", [None, ["heatmap"], ["plane"], ["formula"]])
@pytest.mark.parametrize("maps", [{}, MAPS], ids=["plain", "mapped"])
def test_viewers_without_widgets_get_a_picture_of_now(maps, parts):
    shown = bench(**maps, parts=parts)
    before = shown.png()
    assert before.startswith(PNG)
    assert shown.png() == before, "the same figure is stored as the same bytes"
    shown.x = np.array(X) + 0.5
    assert shown.png() != before


def test_the_picture_of_strange_words():
    words = ["$x$", "猫", "a_b", "שלום", "w" * 40]
    assert AttentionBench(words, np.eye(5), question=[1, 1, 0, 0, 0]).png().startswith(PNG)


def test_its_line():
    assert repr(bench()) == "Live attention bench, 6 words of 4 features"
    assert (
        repr(bench(**MAPS)) == "Live attention bench, 6 words of 4 features, with W_q, W_k and W_v"
    )


@pytest.mark.parametrize("home", [module, picture], ids=["bench", "picture"])
def test_the_examples_in_the_docstrings(home):
    result = doctest.testmod(home, extraglobs={"np": np})
    assert result.attempted > 0
    assert result.failed == 0
