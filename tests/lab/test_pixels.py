"""The attention of pixels: its JavaScript held to the core by node; its words; its pictures."""

import doctest
import json

import numpy as np
import pytest
import torch

from attnlab import as_pixels, attention
from attnlab.lab import PixelAttention, pixel_attention, pixel_pictures
from attnlab.lab.small_pictures import COLOURS
from node import javascript, traits

RED, BLUE = (1, 0, 0), (0, 0, 1)
SAME = {"same": {"content": 3.0**0.5}}
LEFT = {"left": {"shift": (0, -1), "sharpness": 50}}


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    with javascript("pixels.js", tmp_path_factory.mktemp("pixels")) as answers:
        yield answers


def row_of(*colours):
    """A picture of one row."""
    return np.array(colours, float).T[:, None]


def by_chance(count):
    """Pictures and heads of all kinds, painted, shuffled and asked by chance."""
    random = np.random.default_rng(0)
    for _ in range(count):
        height, width = (int(side) for side in random.integers(2, 7, 2))
        heads = {
            f"head {i}": {
                "content": random.normal(size=(3, 3)) * 3,
                "shift": random.integers(-2, 3, 2),
                "sharpness": float(random.uniform(0, 2)),
            }
            for i in range(2)
        }
        images = {name: random.random((3, height, width)) for name in ("one", "two")}
        n, colours = height * width, len(COLOURS)
        painted = {str(p): int(random.integers(colours)) for p in random.integers(0, n, 3)}
        yield PixelAttention(
            images,
            heads,
            picture=str(random.choice(["one", "two"])),
            head=f"head {random.integers(2)}",
            query=int(random.integers(n)),
            positions=bool(random.integers(2)),
            shuffle=int(random.integers(4)),
            painted={"one": painted},
        )


def stored(figure):
    """Its traits as a notebook stores them: the names of a dict are sorted."""
    return json.loads(json.dumps(traits(figure), sort_keys=True))


def test_the_browser_agrees_with_the_core_at_settings_by_chance(ask):
    figures = list(by_chance(40))
    for figure, answer in zip(figures, ask([["compute", stored(f)] for f in figures]), strict=True):
        for shown, expected in zip(answer["result"], figure.result, strict=True):
            np.testing.assert_allclose(shown, expected, rtol=0, atol=1e-9)
        np.testing.assert_array_equal(answer["order"], figure.order)
        np.testing.assert_allclose(answer["outputs"], figure.outputs, rtol=0, atol=1e-9)
        assert answer["moved"] == pytest.approx(figure.moved, abs=1e-9)


def test_two_pixels_by_hand(ask):
    # x of red is (1, -1, -1), of blue (-1, -1, 1): q k is 3 for the same colour, and -1.
    figure = PixelAttention(row_of(RED, BLUE), SAME, query=0)
    most = np.exp(3) / (np.exp(3) + np.exp(-1))
    expected = [[0, 0, 0], [most, 1 - most], [most, 0, 1 - most]]
    (shown,) = ask([["compute", traits(figure)]])
    for result in (figure.result, shown["result"]):
        for got, want in zip(result, expected, strict=True):
            np.testing.assert_allclose(got, want, atol=1e-12)


def test_a_head_that_looks_to_the_left_reads_the_pixel_there():
    figure = PixelAttention(row_of(RED, BLUE, BLUE, RED), LEFT, query=1)
    np.testing.assert_allclose(figure.outputs[1], RED, atol=1e-12)
    np.testing.assert_allclose(figure.outputs[3], BLUE, atol=1e-12)
    figure.positions = False
    np.testing.assert_allclose(figure.weights, 1 / 4), "it has nothing else to go by"


def test_without_positions_it_is_scaled_dot_product_attention_of_the_pixels():
    for figure in by_chance(12):
        figure.positions = False
        head = next(each for each in figure.heads if each["name"] == figure.head)
        x = 2 * figure.colours - 1
        plain = attention(x @ np.array(head["content"]), x, figure.colours)
        np.testing.assert_allclose(figure.outputs, plain, rtol=0, atol=1e-12)


def test_without_positions_shuffling_carries_the_weights_along():
    for figure in by_chance(12):
        figure.positions, figure.shuffle = False, 0
        still = figure.weights
        figure.shuffle = 3
        np.testing.assert_array_equal(figure.weights, still)
        np.testing.assert_array_equal(figure.result[1], still[figure.query][figure.order])
        assert figure.moved == 0.0


def test_with_positions_it_does_not():
    figure = PixelAttention(pixel_pictures()["a boat"], LEFT, shuffle=1)
    assert figure.moved > 0.1


def test_equal_colours_get_equal_weights_wherever_they_are():
    figure = pixel_attention(head="same colour, near", positions=False).figure
    for weights in figure.weights:
        for colour in np.unique(figure.colours, axis=0):
            alike = weights[(figure.colours == colour).all(axis=1)]
            np.testing.assert_allclose(alike, alike[0], rtol=1e-12)


def test_paint_belongs_to_its_picture(ask):
    figure = pixel_attention(painted={"a boat": {"49": 3, "0": 2}}).figure
    red, pink = COLOURS["red"], COLOURS["pink"]
    np.testing.assert_array_equal(figure.colours[[0, 49]], [red, pink])
    figure.picture = "blank"
    np.testing.assert_array_equal(figure.colours[[0, 49]], [COLOURS["white"]] * 2)
    (shown,) = ask([["compute", traits(figure)]])
    np.testing.assert_array_equal(shown["colours"], figure.colours)


def test_each_colour_is_most_alike_to_itself():
    vectors = 2 * np.array(list(COLOURS.values())) - 1
    alike = vectors @ vectors.T
    np.testing.assert_array_equal(alike.argmax(axis=1), range(len(COLOURS)))
    np.fill_diagonal(alike, alike.diagonal() - 0.3)
    np.testing.assert_array_equal(alike.argmax(axis=1), range(len(COLOURS))), "clearly"


def test_pictures_that_come_with_the_package():
    pictures = pixel_pictures()
    assert {each.shape for each in pictures.values()} == {(3, 5, 10)}
    known = set(COLOURS.values())
    assert all(tuple(p) in known for each in pictures.values() for p in as_pixels(each))


def told(ask, **settings):
    picture = row_of(RED, BLUE, RED, RED, RED)
    figure = PixelAttention(picture, settings.pop("heads", SAME), **settings)
    (shown,) = ask([["compute", traits(figure)]])
    return ask([["told", shown]])[0]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"query": 0}, "Pixel (0, 0) looks at 4 pixels alike, 0.25 each; entropy 1.41 nats. "),
        ({"query": 1}, "Pixel (0, 1) looks most at itself, 0.93; entropy 0.34 nats. "),
        (
            {"heads": LEFT, "query": 1},
            "Pixel (0, 1) looks most at (0, 0), 1.00; entropy 0.00 nats. "
            "It reads (1.00, 0.00, 0.00).",
        ),
        (
            {"shuffle": 1},
            "Shuffled: the weights went along with the pixels, and each reads what it read before.",
        ),
        (
            {"shuffle": 2, "heads": LEFT},
            "Shuffled: what a pixel reads has changed by up to 1.00.",
        ),
    ],
)
def test_what_is_said(ask, settings, said):
    assert said in told(ask, **settings)


def lines_of(ask, key, **settings):
    (shown,) = ask([["compute", traits(PixelAttention(row_of(RED, BLUE), **settings))]])
    (lines,) = ask([["arithmetic", shown, key]])
    plain = lambda line: line if isinstance(line, str) else "".join(part for _, part in line)  # noqa: E731
    return {term: plain(line) for term, line in lines}


def test_the_arithmetic_of_a_weight(ask):
    both = {"both": {"content": 3.0**0.5, "shift": (0, 1), "sharpness": 2}}
    assert lines_of(ask, 1, heads=both, query=0) == {
        "colour": "(1.73×(−1) + (−1.73)×(−1) + (−1.73)×1) / √3 = −1.00",
        "place": "−2 × (0² + 0²) = 0",
        "weight": "exp(−1.00 − 1.00) / 1.14 = 0.12",
        "output": "0.88×(1.00, 0.00, 0.00) + 0.12×(0.00, 0.00, 1.00) + … = (0.88, 0.00, 0.12)",
    }
    assert lines_of(ask, 1, heads=both, query=0, positions=False)["place"] == "does not count"
    assert lines_of(ask, 1, heads=SAME)["place"] == "0: this head does not ask for places"
    assert lines_of(ask, 1, heads=LEFT)["colour"] == "0: this head does not ask for colours"


PLAIN = np.zeros((3, 5, 10))


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        ({"image": np.zeros((5, 10, 3))}, ValueError, "channels last.*image.transpose"),
        ({"image": np.zeros((5, 10))}, ValueError, r"image has shape \(5, 10\), and needs \(3"),
        ({"image": np.zeros((1, 5, 10))}, ValueError, r"image has shape \(1, 5, 10\)"),
        ({"image": np.zeros((3, 13, 2))}, ValueError, "13 by 2 pixels, and the figure room for"),
        ({"image": np.zeros((3, 1, 1))}, ValueError, "1 by 1 pixels"),
        ({"image": PLAIN + 255}, ValueError, "image holds 255, and a colour is from 0 to 1: div"),
        ({"image": PLAIN - 0.5}, ValueError, "image holds -0.5"),
        ({"image": PLAIN + np.nan}, ValueError, "image holds nan"),
        ({"image": {}}, ValueError, "image has no picture"),
        ({"image": {"a": PLAIN, "b": np.zeros((3, 2, 2))}}, ValueError, r"'b' of shape \(3, 2, 2"),
        ({"heads": [SAME]}, TypeError, "heads is .*must be"),
        ({"heads": {"a": {"colour": 1}}}, TypeError, "heads has .* as 'a', and knows only"),
        ({"heads": {"a": {"content": np.eye(2)}}}, ValueError, r"content of shape \(2, 2\)"),
        ({"heads": {"a": {"shift": (1, 2, 3)}}}, ValueError, r"shift of \(3,\) as 'a'"),
        ({"heads": {"a": {"sharpness": -1.0}}}, ValueError, "sharpness -1.0 as 'a'"),
        ({"picture": "a cat"}, ValueError, "picture is 'a cat', and must be one of a boat"),
        ({"head": "far"}, ValueError, "head is 'far', and must be one of same colour"),
        ({"query": 50}, ValueError, "query is 50, and must be from 0 to 49"),
        ({"brush": 8}, ValueError, "brush is 8, and must be from -1 to 7"),
        ({"painted": {"a cat": {}}}, ValueError, "painted has the picture 'a cat'"),
        ({"painted": {"blank": {"50": 0}}}, ValueError, "painted has colour 0 at pixel 50"),
        ({"painted": {"blank": {"0": 8}}}, ValueError, "painted has colour 8 at pixel 0"),
        ({"focus": [5, 0]}, ValueError, r"focus is \[5, 0\]"),
        ({"controls": ["colour"]}, ValueError, r"controls has \['colour'\]"),
    ],
)
def test_what_does_not_fit_is_named(arguments, error, said):
    with pytest.raises(error, match=said):
        pixel_attention(**arguments)


def test_a_picture_alone_has_no_menu_and_tensors_are_taken():
    live = pixel_attention(torch.full((3, 2, 4), 0.5), {"near": {"sharpness": torch.tensor(1.0)}})
    assert [each["trait"] for each in live.figure.settings] == ["query", "positions", "shuffle"]
    assert repr(live) == "Live attention of pixels, 2 by 4, 1 head"


def test_viewers_without_widgets_get_a_picture_of_now():
    live = pixel_attention()
    before = live.figure.png()
    assert before.startswith(b"\x89PNG")
    assert live.figure.png() == before
    live.figure.head = "near"
    assert live.figure.png() != before


def test_the_examples_in_the_docstrings():
    from attnlab.lab import small_pictures
    from attnlab.lab.widgets import pixels

    for module in (pixels, small_pictures):
        result = doctest.testmod(module)
        assert result.attempted > 0
        assert result.failed == 0
