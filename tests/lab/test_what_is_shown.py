"""Numbers of every type in tables, pictures and figures; words from right to left; own data."""

import numpy as np
import pytest
import torch
from torch import nn

import needs
from attnlab.lab import (
    alignment_of,
    attention_heads,
    attention_heatmap,
    lines,
    looking,
    pictures,
    quiz,
    reading,
    show,
)
from attnlab.nn import Seq2Seq, Seq2SeqConfig, Transformer, TransformerConfig
from attnlab.tasks import ENGLISH, FRENCH
from node import javascript

TYPES = [torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.float8_e4m3fn]
types = pytest.mark.parametrize("dtype", TYPES)
ONES = "   0  1\n   1  1\n   1  1"


def lined(table):
    return [line.split() for line in repr(table).splitlines()]


@types
def test_tables_of_every_type(dtype):
    ones = torch.ones(2, 2, dtype=dtype)
    assert lined(show(ones)) == lined(show(np.ones((2, 2))))
    assert lined(show(ones.detach().requires_grad_() if dtype.itemsize > 1 else ones)) == lined(
        show(ones)
    )
    halves = torch.full((1, 3), 0.25).to(dtype)
    assert lined(show(halves))[1] == ["0.25"] * 3
    assert lined(show([halves[0], halves[0]]))[1:] == [["0.25"] * 3] * 2


@pytest.mark.parametrize("dtype", ["uint8", "int8", "int16", "int32", "int64", "bool"])
def test_tables_of_whole_numbers(dtype):
    table = show(torch.ones(1, 2).to(getattr(torch, dtype)))
    assert lined(table)[1] == (["yes"] * 2 if dtype == "bool" else ["1"] * 2)


@types
def test_figures_of_every_type(dtype):
    scores = torch.tensor([[0.5, 0.25], [1.0, 2.0]]).to(dtype)
    expected = attention_heatmap(scores.double().numpy()).figure.weights
    np.testing.assert_array_equal(attention_heatmap(scores).figure.weights, expected)
    np.testing.assert_array_equal(attention_heads(scores[None]).figure.weights[0], expected)
    lines([1, 2], {"a": scores[0]}, across="x", up="y")._repr_png_()
    assert repr(pictures(scores[None], ["one"])).startswith("1 pictures: one")
    pictures(scores[None], ["one"])._repr_png_()


SHOWERS = [
    show,
    attention_heatmap,
    attention_heads,
    lambda x: attention_heatmap(np.ones((2, 2)), mask=x > 0),
    lambda x: attention_heatmap(query=x, key=np.ones((2, 2))),
    lambda x: pictures(x[None], ["one"]),
    lambda x: lines([1, 2], {"x": x[0]}, across="x", up="y"),
]


@pytest.mark.parametrize("shower", SHOWERS)
def test_an_array_with_a_mask_of_its_own(shower):
    with pytest.raises(TypeError, match="mask of its own"):
        shower(np.ma.masked_array(np.ones((2, 2)), mask=np.eye(2)))


@pytest.mark.parametrize("name", ["rows", "columns"])
def test_words_in_one_string(name):
    with pytest.raises(TypeError, match=rf"{name} is one string: write {name}\.split\(\)"):
        show(np.ones((3, 3)), **{name: "abc"})


@pytest.mark.parametrize("make", [attention_heatmap, attention_heads])
def test_weights_in_place_of_scores(make):
    weights = torch.tensor([[[0.7, 0.3], [0.0, 1.0]]])
    figure = make(weights=weights, words=["a", "b"]).figure
    np.testing.assert_allclose(figure.weights.reshape(2, 2), weights[0], atol=1e-7)
    with pytest.raises(ValueError, match=r"weights holds 1.5 .*from 0 to 1"):
        make(weights=weights + 0.5 * (weights == 1), words=["a", "b"])
    with pytest.raises(TypeError, match="give scores, weights, or both"):
        make(weights, weights=weights)


def test_a_figure_is_saved(tmp_path):
    figure = attention_heatmap(np.eye(3))
    for each in (figure, figure.figure):
        path = each.save(tmp_path / "x.png")
        assert path.read_bytes()[:4] == b"\x89PNG"
        assert each.save(str(tmp_path / "y.PNG")).exists()
        for name in ("x.svg", "x.pdf", "x"):
            with pytest.raises(ValueError, match=r"path is .* must end in \.png"):
                each.save(tmp_path / name)


WORDS = {"source_vocabulary": len(ENGLISH), "target_vocabulary": len(FRENCH)}


def test_figures_of_this_course_say_so():
    reader = Seq2Seq(Seq2SeqConfig(**WORDS, d_model=4, hidden=3))
    translator = Transformer(TransformerConfig(**WORDS, d_model=8, heads=2, layers=1, d_ff=8))
    for pair in ("3 May 2021", ["a"], None, 5, ("a", "b")):
        with pytest.raises(TypeError, match=r"pair is a .*Pair of this course's English"):
            reading(reader, pair)
        with pytest.raises(TypeError, match=r"pairs\[0\] is a .*Pair of this course"):
            alignment_of(reader, [pair])
    with pytest.raises(TypeError, match="pairs is a text"):
        alignment_of(reader, "3 May 2021")
    for model in (reader, nn.Linear(1, 1)):
        with pytest.raises(TypeError, match=r"model is a \w+, and must be a Transformer"):
            looking(model, "the cat sleeps")
    from attnlab.tasks import AGREEMENT

    with pytest.raises(TypeError, match="model is a Transformer, and must be a Seq2Seq"):
        reading(translator, AGREEMENT)


LEFTWARD = ["שלום", "سلام", "ܫܠܡܐ", "ދިވެހި", "𐤀𐤁", "حَسَن12"]


@pytest.mark.parametrize("word", LEFTWARD)
def test_words_from_right_to_left_in_a_table(word):
    text = repr(show([[1.0, 0.25]], rows=[word], columns=["cat", word]))
    assert text.count(f"\u2068{word}\u2069") == 2
    assert "\u2068cat" not in text


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    needs.node()
    with javascript("heatmap.js", tmp_path_factory.mktemp("words")) as answers:
        yield lambda *call: answers([call])[0]


@pytest.mark.parametrize("word", LEFTWARD)
def test_words_from_right_to_left_in_a_sentence(ask, word):
    alone = f"\u2068{word}\u2069"
    assert ask("short", word) == ask("isolated", word) == alone
    said = ask("sentence", [0.5, 0.25, 0.25], word, [word, "b", "c"])
    assert said.startswith(f"{alone} looks most at {alone}, 0.50; ")
    assert ask("sentence", [0, 0], word, ["a", "b"]).startswith(f"{alone} may look")
    assert ask("short", word * 9).startswith("\u2068")
    assert ask("short", word * 9).endswith("…\u2069")


@pytest.mark.parametrize("word", ["cat", "привет", "猫", "42", "“x”", ""])
def test_other_words_stay_as_they_are(ask, word):
    assert ask("short", word) == word


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
def test_lists_of_lists_of_tensors(dtype):
    half = torch.tensor(0.5, dtype=dtype)
    assert lined(show([[half, half], [half, half]]))[1:] == [["0.50"] * 2] * 2
    nested = [[torch.tensor([0.5, 0.5], dtype=dtype)] * 2] * 2
    assert attention_heads(nested).figure.weights.shape == (2, 2, 2)
    pictures(nested, ["ab"] * 2)._repr_png_()


def test_tensors_with_few_numbers_or_none():
    assert repr(show(torch.eye(2).to_sparse())) == repr(show(torch.eye(2)))
    with pytest.raises(TypeError, match="values lies on meta"):
        show(torch.ones(2, 2, device="meta"))


@pytest.mark.parametrize(
    "values", [[[1.0], [1.0, 2.0]], [torch.ones(1), torch.ones(2)], [[1.0, 2.0], 3.0]]
)
def test_rows_of_different_lengths(values):
    for name, shown in {
        "values": lambda: show(values),
        "images": lambda: pictures(values, ["a", "b"]),
        "a": lambda: lines([1, 2], {"a": values}, across="x", up="y"),
        "scores": lambda: attention_heatmap(values),
    }.items():
        with pytest.raises(ValueError, match=f"{name} has rows of different lengths"):
            shown()


@pytest.mark.parametrize("values", [None, {1: 2}, {1, 2}, iter([1, 2]), object()])
def test_what_is_no_array_to_show(values):
    with pytest.raises(TypeError, match=r"values is a .*must be an array"):
        show(values)


@pytest.mark.parametrize("values", [np.ones((1, 2, 2)) * 1j, np.full((1, 2, 2), "a")])
def test_what_are_no_real_numbers(values):
    with pytest.raises(TypeError, match="images holds"):
        pictures(values, ["one"])
    with pytest.raises(TypeError, match="runs holds"):
        lines([1, 2], {"runs": values[0]}, across="x", up="y")


def test_a_mask_of_its_own_is_not_lost_in_a_list():
    masked = np.ma.masked_array(np.ones((2, 2)), mask=np.eye(2))
    for shown in (lambda: pictures([masked, masked], ["a", "b"]), lambda: show([masked[0]] * 2)):
        with pytest.raises(TypeError, match="mask of its own"):
            shown()


def test_a_series_without_a_run():
    with pytest.raises(ValueError, match=r"none has shape \(0, 2\)"):
        lines([1, 2], {"none": np.zeros((0, 2))}, across="x", up="y")


HEBREW, ARABIC = "\u05e9\u05dc\u05d5\u05dd", "\u0633\u0644\u0627\u0645"


def test_the_words_for_a_picture_keep_their_order():
    apart = [f"\u2068{word}\u2069" for word in (HEBREW, ARABIC)]
    ones = np.ones((3, 2, 2))
    assert repr(pictures(ones, [HEBREW, ARABIC, "a"])) == f"3 pictures: {apart[0]}, {apart[1]}, a"
    series = {HEBREW: [1, 2], ARABIC: [1, 2]}
    assert repr(lines([1, 2], series, across="x", up=HEBREW)) == (
        f"{apart[0]} over x: {apart[0]}, {apart[1]}"
    )
    asked = quiz("?", {HEBREW: "a", ARABIC: "b"}, right=HEBREW)
    assert repr(asked) == f"?\n  ( ) {apart[0]}\n  ( ) {apart[1]}"


def test_columns_of_letters_that_are_wide_or_none():
    table = repr(show([[1], [2], [3]], rows=["e\u0301te", "\U0001f600", "abcd"]))
    assert table.splitlines()[1:] == [" e\u0301te  1", "  \U0001f600  2", "abcd  3"]


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"question": None}, "question is a"),
        ({"right": 4}, "right is a"),
        ({"answers": ["4", "5"]}, "answers is a"),
        ({"answers": {4: "a", 5: "b"}}, "answers holds 4"),
        ({"answers": {"4": "a", "5": None}}, "answers holds None"),
    ],
)
def test_a_quiz_is_made_of_texts(given, named):
    whole = {"question": "2 + 2?", "answers": {"4": "a", "5": "b"}, "right": "4"}
    with pytest.raises(TypeError, match=named):
        quiz(**(whole | given))


@pytest.mark.parametrize("words", [5, 0.5, "ab"])
def test_what_is_no_list_of_words(words):
    for name, shown in {
        "rows": lambda: show(np.ones((2, 2)), words),
        "columns": lambda: show(np.ones((2, 2)), columns=words),
        "captions": lambda: pictures(np.ones((2, 2, 2)), words),
        "words": lambda: attention_heatmap(np.ones((2, 2)), words),
        "x": lambda: lines(words, {"a": [1, 2]}, across="x", up="y"),
    }.items():
        with pytest.raises(TypeError, match=f"^{name} is "):
            shown()


@pytest.mark.parametrize("series", [None, [1, 2], {}])
def test_series_have_names(series):
    with pytest.raises(TypeError, match="series is"):
        lines([1, 2], series, across="x", up="y")


def test_what_stands_above_a_table_and_at_the_axes_is_text():
    assert repr(show([1], caption=5)).startswith("5\n")
    assert show([1], caption=None)._repr_html_().startswith("<table><thead>")
    picture = lines(torch.arange(2), {"a": [1, 2]}, across=3, up=4)
    assert repr(picture) == "4 over 3: a"
    picture._repr_png_()
