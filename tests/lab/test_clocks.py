"""The position clocks: their JavaScript, run by node, held to the core; their Python; bad input."""

import doctest
import math

import ipywidgets as w
import numpy as np
import pytest
import traitlets

import attnlab
from attnlab.lab import PositionClocks, position_clocks
from attnlab.lab.widgets import clocks
from node import javascript, traits


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    """A function from calls [name, arguments ...] of the figure's JavaScript to its answers."""
    with javascript("clocks.js", tmp_path_factory.mktemp("clocks")) as answers:
        yield answers


@pytest.mark.parametrize("d_model", range(2, 17, 2))
def test_the_browser_shows_the_sinusoids_of_the_core_at_every_setting(ask, d_model):
    figure = PositionClocks(d_model)
    places = [(position, offset) for position in range(64) for offset in range(64)]
    calls = [
        ["compute", traits(figure) | {"position": position, "offset": offset}]
        for position, offset in places
    ]
    vectors = attnlab.sinusoids(np.arange(127), d_model)
    for (position, offset), answer in zip(places, ask(calls), strict=True):
        expected = vectors[[position, position + offset]]
        assert np.abs(np.array(answer["result"]) - expected).max() < 1e-6
        assert answer["state"] == {"position": position, "offset": offset}


@pytest.mark.parametrize("settings", [(2, 0, 0), (6, 5, 7), (8, 63, 63)])
def test_python_has_what_the_browser_shows(ask, settings):
    d_model, position, offset = settings
    figure = PositionClocks(d_model, position=position, offset=offset)
    (answer,) = ask([["compute", traits(figure)]])
    np.testing.assert_allclose(figure.result, answer["result"], atol=1e-12)
    assert figure.result.shape == (2, d_model)


def test_the_result_follows_the_traits():
    figure = PositionClocks(2, position=0, offset=0)
    np.testing.assert_array_equal(figure.result, [[0, 1], [0, 1]])
    figure.offset = 1
    np.testing.assert_allclose(figure.result, [[0, 1], [math.sin(1), math.cos(1)]])
    figure.position = 2
    np.testing.assert_allclose(figure.result[:, 0], [math.sin(2), math.sin(3)])


def test_speeds_by_hand(ask):
    assert ask([["speeds", 8], ["speeds", 2]]) == [[1, pytest.approx(0.1), 0.01, 0.001], [1]]


@pytest.mark.parametrize(
    ("position", "offset", "clock", "said"),
    [
        (3, 5, 0, "Clock 0 turns 5.00 rad for offset 5, from any position."),
        (40, 5, 1, "Clock 1 turns 0.50 rad for offset 5, from any position."),
        (0, 0, 3, "Clock 3 turns 0.00 rad for offset 0, from any position."),
    ],
)
def test_the_sentence(ask, position, offset, clock, said):
    shown = traits(PositionClocks(8, position=position, offset=offset))
    (answer,) = ask([["compute", shown]])
    assert ask([["sentence", answer, clock]]) == [said]


def test_the_arithmetic_by_hand(ask):
    # sin 0.3 = 0.2955, cos 0.3 = 0.9553; sin 0.5 = 0.4794, cos 0.5 = 0.8776.
    (answer,) = ask([["compute", traits(PositionClocks(8, position=3, offset=5))]])
    assert ask([["arithmetic", answer, 1]]) == [
        [
            ["once round", "in 2π / 0.1 = 62.8 positions"],
            ["position 3", "sin 0.3 = 0.296, cos 0.3 = 0.955"],
            ["position 8", "sin 0.8 = 0.717, cos 0.8 = 0.697"],
            ["turn", "5 × 0.1 = 0.5 rad"],
            ["matrix", "first row 0.878, −0.479; second 0.479, 0.878"],
            ["feature 2", "0.296×0.878 + 0.955×0.479 = 0.717"],
            ["feature 3", "0.296×(−0.479) + 0.955×0.878 = 0.697"],
        ]
    ]


def test_the_products_that_are_written_sum_to_the_feature(ask):
    figure = PositionClocks(6, position=17, offset=29)
    (shown,) = ask([["compute", traits(figure)]])
    for clock, lines in enumerate(ask([["arithmetic", shown, clock] for clock in range(3)])):
        for (term, written), feature in zip(lines[-2:], (2 * clock, 2 * clock + 1), strict=True):
            assert term == f"feature {feature}"
            product, total = written.replace("−", "-").split(" = ")
            assert float(total) == pytest.approx(figure.result[1, feature], abs=0.0006)
            computed = eval(product.replace("×", "*"))  # our own sum, digits and signs
            assert computed == pytest.approx(figure.result[1, feature], abs=0.0025)


@pytest.mark.parametrize(
    ("turn", "path"),
    [
        (0, "M0 -10A10 10 0 0 1 0.00 -10.00"),
        (math.pi / 2, "M0 -10A10 10 0 0 1 10.00 -0.00"),
        (1.5 * math.pi, "M0 -10A10 10 0 1 1 -10.00 0.00"),
        (3.1, "M0 -10A10 10 0 0 1 0.42 9.99"),
        (7, "M0 -10a10 10 0 1 1 -0.01 0"),
    ],
    ids=["nothing", "quarter", "three quarters", "nearly half", "more than once round"],
)
def test_the_arc(ask, turn, path):
    assert ask([["arcPath", turn, 10]]) == [path]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"d_model": 7}, "d_model is 7, and must be even, from 2 to 16, .* take 8"),
        ({"d_model": 0}, "d_model is 0, .* take 2"),
        ({"d_model": 18}, "d_model is 18, .* take 16"),
        ({"position": -1}, "position is -1, and must be from 0 to 63"),
        ({"position": 64}, "position is 64, and must be from 0 to 63"),
        ({"offset": 9, "last": 8}, "offset is 9, and must be from 0 to 8"),
        ({"last": 0}, "last is 0, and must be at least 1"),
        ({"focus": [0, 4]}, r"focus is \[0, 4\], .* within \[1, 4\]"),
        ({"focus": [1, 0]}, r"focus is \[1, 0\]"),
        ({"controls": ["speed"]}, r"controls has \['speed'\], and knows only"),
    ],
)
def test_bad_input_is_named(arguments, words):
    with pytest.raises(ValueError, match=words):
        position_clocks(**arguments)


def test_unknown_arguments_and_wrong_types_are_refused():
    with pytest.raises(TypeError, match=r"\['postion'\] is no argument"):
        PositionClocks(postion=3)
    with pytest.raises(traitlets.TraitError, match=r"'position' trait .* expected an int"):
        PositionClocks(position=1.5)


def test_a_refused_value_leaves_the_old_one():
    figure = PositionClocks(position=5)
    with pytest.raises(ValueError, match="position is 99"):
        figure.position = 99
    assert figure.position == 5


def test_a_focus_on_a_clock_that_goes_is_given_up():
    figure = PositionClocks(8, focus=[0, 3])
    figure.d_model = 6
    assert figure.focus == []
    kept = PositionClocks(8, focus=[0, 2])
    kept.d_model = 6
    assert kept.focus == [0, 2]


def test_each_control_moves_its_trait_and_ends_with_the_positions():
    live = position_clocks(4, position=2, offset=3, last=9)
    for row, name, value in zip(
        live.children[0].children, ("position", "offset"), (2, 3), strict=True
    ):
        box, slider = row.children
        assert isinstance(slider, w.IntSlider)
        assert box.description == slider.tooltip == name
        assert (slider.min, slider.max, slider.value) == (0, 9, value)
    assert len(position_clocks(4, controls=[]).children) == 1


def test_viewers_without_widgets_get_a_picture_and_a_line():
    live = position_clocks(8, position=3, offset=5)
    assert repr(live) == "Live position clocks, 4 clocks, positions 3 and 8"
    data = live._repr_mimebundle_()
    assert data["image/png"].startswith("iVBORw0KGgo"), "base64 of a PNG's first bytes"
    before = live.figure.png()
    assert live.figure.png() == before
    live.figure.offset = 6
    assert live.figure.png() != before


def test_the_example_in_the_docstring():
    result = doctest.testmod(clocks)
    assert result.attempted > 0
    assert result.failed == 0
