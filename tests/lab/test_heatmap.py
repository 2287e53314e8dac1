import doctest
import math
import re

import ipywidgets as w
import numpy as np
import pytest
import torch
import traitlets
from ipywidgets.embed import dependency_state

import attnlab
from attnlab.lab import AttentionHeatmap, attention_heatmap
from attnlab.lab.widgets import heatmap
from attnlab.lab.widgets.controls import LogSlider

WORDS = ["The", "cat", "sat", "on", "the", "mat"]
PNG = b"\x89PNG\r\n\x1a\n"


def normal(*shape):
    return np.random.default_rng(len(shape)).normal(size=shape)


def widgets_of(widget):
    """The widget and all that stand in it."""
    yield widget
    for child in getattr(widget, "children", ()):
        yield from widgets_of(child)


def links_of(live) -> set:
    """The links in the browser between the widgets of a live figure, as pairs (widget, trait)."""
    named = {f"IPY_MODEL_{widget.model_id}": widget for widget in widgets_of(live)}
    stored = [model["state"] for model in dependency_state(live).values()]
    ends = [(state["source"], state["target"]) for state in stored if "target" in state]
    return {tuple((named[name], trait) for name, trait in pair) for pair in ends}


def control(live, kind, word):
    """The one control of this kind with this word on it, as description or tooltip."""
    found = [c for c in widgets_of(live) if isinstance(c, kind)]
    (one,) = [c for c in found if word in (c.description, c.tooltip)]
    return one


@pytest.mark.parametrize("temperature", [1e-3, 0.125, 1.0, 8.0, 1e6])
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("reach", [0, 1, 4, 6])
@pytest.mark.parametrize("masked", [False, True])
def test_weights_are_those_of_the_core(temperature, causal, reach, masked):
    scores, queries, keys = normal(5, 7), np.arange(5), np.arange(7)
    mask = scores > 0 if masked else None
    allowed = attnlab.window(queries, keys, reach)
    if causal:
        allowed = allowed & attnlab.causal(queries, keys)
    if masked:
        allowed = allowed & mask
    figure = AttentionHeatmap(
        scores, temperature=temperature, causal=causal, reach=reach, mask=mask
    )
    np.testing.assert_array_equal(figure.allowed, allowed)
    expected = attnlab.softmax(scores, allowed, temperature=temperature)
    np.testing.assert_array_equal(figure.weights, expected)


def test_at_first_every_query_may_look_everywhere():
    for shape in [(3, 7), (7, 3)]:
        figure = AttentionHeatmap(normal(*shape))
        assert figure.allowed.all()
        np.testing.assert_allclose(figure.weights, attnlab.softmax(normal(*shape)))


def test_weights_follow_the_traits():
    figure = AttentionHeatmap(np.zeros((3, 3)))
    figure.causal = True
    np.testing.assert_allclose(figure.weights, [[1, 0, 0], [1 / 2, 1 / 2, 0], [1 / 3] * 3])
    figure.reach = 0
    np.testing.assert_array_equal(figure.weights, np.eye(3))


def test_a_head_of_a_layer_is_shown_at_a_time():
    scores = normal(2, 3, 5, 7)
    figure = AttentionHeatmap(scores, layer=1)
    for head in range(3):
        figure.head = head
        np.testing.assert_array_equal(figure.weights, attnlab.softmax(scores[1, head]))


def test_query_and_key_give_scaled_scores_by_hand():
    # 3 + 0 + 1 + 0 = 4 over the root of 4; and (2 - 4) / 2.
    figure = AttentionHeatmap(query=[[1, 1, 1, 0]], key=[[3, 0, 1, 0], [2, -4, 0, 5]])
    assert figure.scale == 2
    np.testing.assert_array_equal(figure.scores, [[[[2.0, -1.0]]]])
    assert AttentionHeatmap(query=[[3.0]], key=[[5.0]], scale=4).scores.item() == 3.75


def test_query_and_key_of_several_heads():
    query, key = normal(2, 3, 5), normal(2, 7, 5)
    figure = AttentionHeatmap(query=query, key=key, head=1)
    np.testing.assert_allclose(figure.weights, attnlab.attention_weights(query, key)[1])


def test_heads_of_queries_may_share_keys():
    query, key = normal(2, 3, 5), normal(1, 7, 5)
    figure = AttentionHeatmap(query=query, key=key)
    assert figure.query.shape == (1, 2, 3, 5)
    assert figure.key.shape == (1, 2, 7, 5), "each head is sent with the keys that it uses"
    np.testing.assert_allclose(figure.scores[0], query @ key.swapaxes(1, 2) / math.sqrt(5))


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64, torch.int64])
def test_tensors_are_taken(dtype):
    scores = torch.tensor([[0, 1, 2], [3, 3, 3]], dtype=dtype)
    expected = AttentionHeatmap([[0, 1, 2], [3, 3, 3]]).weights
    np.testing.assert_array_equal(AttentionHeatmap(scores).weights, expected)


def test_tensors_with_gradients_are_taken():
    query = torch.randn(3, 5, generator=torch.Generator().manual_seed(0), requires_grad=True)
    mask = torch.tensor([[True, False, True]])
    figure = AttentionHeatmap(query=query, key=query, mask=mask)
    expected = attnlab.attention_weights(query, query, mask).detach().numpy()
    np.testing.assert_allclose(figure.weights, expected, atol=1e-6)
    assert query.requires_grad


def test_arguments_are_not_written_to_and_later_changes_do_not_reach_the_figure():
    scores, mask, words = np.zeros((2, 2)), np.ones((2, 2), bool), ["a", "b"]
    figure = AttentionHeatmap(scores, words, mask=mask, temperature=2.0, causal=True)
    figure.png()
    assert scores.tolist() == [[0, 0], [0, 0]]
    assert mask.all()
    assert words == ["a", "b"]
    scores[:], mask[:] = 9.0, False
    words.clear()
    assert figure.scores.max() == 0
    assert figure.weights.tolist() == [[1, 0], [0.5, 0.5]]
    assert figure.query_words == ["a", "b"]


def test_words_stand_for_queries_and_keys():
    figure = AttentionHeatmap(normal(2, 2), ["a", "b"])
    assert figure.query_words == figure.key_words == ["a", "b"]
    figure = AttentionHeatmap(normal(1, 2), ["a"], key_words=["b", 3])
    assert (figure.query_words, figure.key_words) == (["a"], ["b", "3"])
    figure = AttentionHeatmap(normal(1, 2))
    assert (figure.query_words, figure.key_words) == (["0"], ["0", "1"]), "positions"


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({}, TypeError, "either scores, or both query and key"),
        ({"scores": np.eye(2), "query": np.eye(2)}, TypeError, "either scores, or both"),
        ({"scores": np.eye(2), "key": np.eye(2)}, TypeError, "either scores, or both"),
        (
            {"scores": np.eye(2), "query": np.eye(2), "key": np.eye(2)},
            TypeError,
            "either scores, or both",
        ),
        ({"query": np.eye(2)}, TypeError, "either scores, or both query and key"),
        (
            {"query": np.ones((3, 4)), "key": np.ones((3, 5))},
            ValueError,
            "query has vectors of length 4 and key of length 5: .* equal lengths",
        ),
        (
            {"query": np.ones((2, 3, 4)), "key": np.ones((5, 3, 4))},
            ValueError,
            r"query has \(1, 2\) layers and heads and key \(1, 5\): .* equal, or 1",
        ),
        ({"scores": np.ones(3)}, ValueError, r"scores has shape \(3,\), and needs 2 to 4 axes"),
        ({"scores": np.ones((1,) * 5)}, ValueError, r"scores has shape .* needs 2 to 4 axes"),
        ({"scores": np.ones((0, 3))}, ValueError, r"scores has shape \(0, 3\)"),
        ({"scores": np.eye(2, dtype=bool)}, TypeError, "scores holds bool, and needs real numbers"),
        ({"scores": [["a"]]}, TypeError, "scores holds <U1"),
        (
            {"scores": [[0, 1], [2, math.nan]]},
            ValueError,
            r"scores holds nan at \[1, 1\].*forbid a pair by mask",
        ),
        ({"scores": [[[0, -math.inf]]]}, ValueError, r"scores holds -inf at \[0, 0, 1\]"),
        ({"query": [[math.nan]], "key": [[1.0]]}, ValueError, r"query holds nan at \[0, 0\]"),
        ({"words": ["a"]}, ValueError, "words has 1 words, and the figure 2: give one for each"),
        ({"key_words": ["a"] * 3}, ValueError, "key_words has 3 words, and the figure 2"),
        ({"words": "ab"}, TypeError, r"words is one string: write words.split\(\)"),
        (
            {"scores": np.ones((2, 3)), "words": ["a", "b"]},
            ValueError,
            "scores has 2 queries and 3 keys: give key_words",
        ),
        ({"mask": np.ones((2, 2))}, TypeError, "mask holds float64, and must be boolean"),
        (
            {"mask": np.ones((2, 3), bool)},
            ValueError,
            r"mask has shape \(2, 3\), and the figure 2 queries by 2 keys",
        ),
        ({"temperature": 0}, ValueError, "temperature is 0.0, and must be above 0"),
        ({"temperature": -1.0}, ValueError, "temperature is -1.0, and must be above 0"),
        ({"temperature": math.nan}, ValueError, "temperature is nan"),
        ({"temperature": math.inf}, ValueError, "temperature is inf, .* finite"),
        ({"reach": 2}, ValueError, "reach is 2, and must be from 0 to 1"),
        ({"reach": -1}, ValueError, "reach is -1, and must be from 0 to 1"),
        ({"head": 1}, ValueError, "head is 1, and must be from 0 to 0"),
        ({"layer": -1}, ValueError, "layer is -1, and must be from 0 to 0"),
        ({"focus": [0, 2]}, ValueError, r"focus is \[0, 2\], .* within \[2, 2\]"),
        ({"focus": [0, -1]}, ValueError, r"focus is \[0, -1\]"),
        ({"focus": [0]}, ValueError, r"focus is \[0\], and must be empty or \[row, column\]"),
        ({"temperatur": 2.0}, TypeError, r"\['temperatur'\] is no argument"),
        ({"controls": ["heat"]}, ValueError, r"\['heat'\], and knows only .*'temperature'"),
    ],
)
def test_bad_input_is_named(arguments, error, words):
    given = arguments if arguments.keys() & {"scores", "query"} else {"scores": np.eye(2)}
    given = {} if not arguments else given | arguments
    with pytest.raises(error, match=words):
        attention_heatmap(**given)


@pytest.mark.parametrize(
    ("trait", "wrong"), [("temperature", 0), ("reach", 3), ("head", 1), ("focus", [3, 0])]
)
def test_a_refused_value_leaves_the_old_one(trait, wrong):
    figure = AttentionHeatmap(np.eye(3), temperature=2.0, reach=1, focus=[1, 1])
    before = getattr(figure, trait)
    with pytest.raises(ValueError, match=f"{trait} is"):
        setattr(figure, trait, wrong)
    assert getattr(figure, trait) == before


def test_a_trait_of_the_wrong_type_is_refused():
    with pytest.raises(traitlets.TraitError, match=r"'temperature' trait .* expected a float"):
        AttentionHeatmap(np.eye(2), temperature="hot")


def test_each_control_is_linked_to_its_trait_in_the_browser():
    live = attention_heatmap(normal(2, 3, 5, 7), temperature=2.0, reach=4, layer=1, head=2)
    links, figure = links_of(live), live.figure
    words = {"reach": "window reach", "layer": "layer", "head": "head"}
    for trait, word in words.items():
        slider = control(live, w.IntSlider, word)
        box = control(live, w.BoundedIntText, word)
        assert ((slider, "value"), (figure, trait)) in links
        assert ((box, "value"), (slider, "value")) in links
        assert slider.value == box.value == getattr(figure, trait)
    both = control(live, LogSlider, "temperature")
    assert ((both, "value"), (figure, "temperature")) in links
    assert both.value == figure.temperature == 2
    tick = control(live, w.Checkbox, "causal")
    assert ((tick, "value"), (figure, "causal")) in links
    assert len(links) == 2 * len(words) + 2


@pytest.mark.parametrize("shape", [(3, 5), (5, 3), (1, 2)])
def test_sliders_end_where_the_figure_does(shape):
    live = attention_heatmap(normal(2, 4, *shape))
    ends = {"window reach": max(shape) - 1, "layer": 1, "head": 3}
    for word, last in ends.items():
        for kind in (w.IntSlider, w.BoundedIntText):
            found = control(live, kind, word)
            assert (found.min, found.max, found.step) == (0, last, 1), word
    slider = control(live, LogSlider, "temperature")
    assert (slider.low, slider.high, slider.step) == (1 / 8, 8, 1 / 8), "1 lies in the middle"


@pytest.mark.parametrize("temperature", [1e-3, 100.0])
def test_an_unusual_temperature_is_within_its_slider(temperature):
    # A slider that cut it off would push its own value into the figure as soon as it is shown.
    live = attention_heatmap(np.eye(3), temperature=temperature)
    slider = control(live, LogSlider, "temperature")
    assert slider.value == temperature
    assert slider.low <= temperature <= slider.high


def words_on(live) -> list[str]:
    """What the controls are called, in their order; each slider stands beside its box."""
    kinds = (w.BoundedIntText, LogSlider, w.Checkbox)
    return [c.description for c in widgets_of(live) if isinstance(c, kinds)]


def test_controls_are_those_asked_for_in_their_order():
    assert words_on(attention_heatmap(np.eye(3))) == ["temperature", "causal", "window reach"]
    chosen = attention_heatmap(np.eye(3), controls=["reach", "temperature"])
    assert words_on(chosen) == ["window reach", "temperature"]
    bare = attention_heatmap(np.eye(3), controls=[])
    assert words_on(bare) == []
    assert bare.children == (bare.figure,)


def test_sliders_for_layer_and_head_come_with_these_axes():
    assert words_on(attention_heatmap(normal(2, 5, 7), controls=[])) == ["head"]
    assert words_on(attention_heatmap(normal(2, 1, 5, 7), controls=[])) == ["layer"]
    assert words_on(attention_heatmap(normal(2, 3, 5, 7), controls=[])) == ["layer", "head"]


def test_viewers_without_widgets_get_a_picture_and_a_line():
    live = attention_heatmap(normal(3, 7), list("abc"), key_words=list("defghij"))
    first, second = (live._repr_mimebundle_() for _ in range(2))
    assert first == second, "the same figure is stored as the same bytes"
    assert first["text/plain"] == "Live attention heatmap, 3 queries by 7 keys"
    assert first["application/vnd.jupyter.widget-view+json"]["model_id"] == live.model_id
    again = attention_heatmap(normal(3, 7), list("abc"), key_words=list("defghij"))
    assert again._repr_mimebundle_()["image/png"] == first["image/png"]
    assert first["image/png"].startswith("iVBORw0KGgo"), "base64 of a PNG's first bytes"


def test_the_picture_shows_the_figure_as_it_stands():
    figure = AttentionHeatmap(normal(6, 6), WORDS)
    pictures = {figure.png()}
    for trait, value in [("temperature", 4.0), ("causal", True), ("reach", 1)]:
        setattr(figure, trait, value)
        pictures.add(figure.png())
    assert len(pictures) == 4, "each setting has a picture of its own"
    assert all(picture.startswith(PNG) for picture in pictures)


@pytest.mark.parametrize(
    "word",
    [
        "<img src=x onerror=alert(1)>",
        "$x$",
        "$",
        r"$\frac{$",
        "a" * 10_000,
        "注意力",
        "🐈",
        "a\nb",
        "",
    ],
)
def test_strange_words_do_not_break_the_picture(word):
    figure = AttentionHeatmap(np.eye(2), [word, word])
    assert figure.query_words == [word, word], "the figure itself keeps the whole word"
    picture = figure.png()
    assert picture.startswith(PNG)
    width, height = (int.from_bytes(picture[i : i + 4], "big") for i in (16, 20))
    assert max(width, height) < 1000, "a long word is cut"


def test_a_large_figure_with_many_forbidden_pairs_is_drawn_as_one_piece():
    figure = AttentionHeatmap(normal(60, 60), causal=True)
    assert figure.png().startswith(PNG)


def test_the_style_has_the_colours_of_queries_and_keys_and_asks_no_other_host():
    for text in (AttentionHeatmap._esm, AttentionHeatmap._css):
        addresses = set(re.findall(r"https?://[^\"' )]+", text))
        assert addresses <= {"http://www.w3.org/2000/svg"}, "a name, not an address to fetch"
    assert "import " not in re.sub(r"//.*", "", AttentionHeatmap._esm), "one module, all inside"


def test_the_example_in_the_docstring():
    result = doctest.testmod(heatmap, extraglobs={"np": np})
    assert result.attempted > 0
    assert result.failed == 0


def test_a_bare_heatmap_has_its_picture_too():
    data, _ = AttentionHeatmap(np.eye(2))._repr_mimebundle_()
    assert data["image/png"].startswith("iVBORw0KGgo"), "base64 of a PNG's first bytes"
    assert data["text/plain"] == "Live attention heatmap, 2 queries by 2 keys"
    assert "application/vnd.jupyter.widget-view+json" in data


def test_one_word_has_no_window_to_move():
    box = attention_heatmap([[1.0]], ["alone"])
    words = [child.description for child in box.children[0].children]
    assert words == ["temperature", "causal"]
    assert box.figure.weights.tolist() == [[1.0]]


def test_the_picture_says_what_its_axes_mean():
    usual = AttentionHeatmap(np.eye(3))
    named = AttentionHeatmap(np.eye(3), row_name="picture", column_name="digit")
    assert (usual.row_name, usual.column_name) == ("query", "key")
    assert named.png() != usual.png()
    named.row_name, named.column_name = "query", "key"
    assert named.png() == usual.png()
