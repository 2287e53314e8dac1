import numpy as np
import pytest
from matplotlib.figure import Figure as Still

from attnlab.lab import lines, pictures, points


def test_pictures_are_png_and_words():
    images = np.arange(2 * 3 * 5.0).reshape(2, 3, 5)
    shown = pictures(images, ["$a", 1])
    assert repr(shown) == "2 pictures: $a, 1"
    assert shown._repr_png_().startswith(b"\x89PNG")
    assert shown._repr_png_() == shown._repr_png_()


@pytest.mark.parametrize("shape", [(2, 3), (3, 2, 2)])
def test_what_does_not_fit_is_named(shape):
    with pytest.raises(ValueError, match=r"images has shape .* captions 2 words"):
        pictures(np.zeros(shape), ["a", "b"])


def test_lines_are_png_and_words():
    shown = lines([4, 8, 16], {"mean": [1, 2, 3], "runs": np.ones((5, 3))}, across="d", up="right")
    assert repr(shown) == "right over d: mean, runs"
    assert shown._repr_png_().startswith(b"\x89PNG")
    assert shown._repr_png_() == shown._repr_png_()


def test_a_line_of_another_length_is_named():
    with pytest.raises(ValueError, match=r"b has shape \(5, 2\), and x 3 places"):
        lines([1, 2, 3], {"a": [1, 2, 3], "b": np.ones((5, 2))}, across="x", up="y")


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("log_up", [False, True])
def test_each_axis_of_lines_grows_by_factors_where_it_is_asked_to(log, log_up):
    drawn, squares = Still(), {"squares": [1, 4, 16]}
    lines([1, 2, 4], squares, across="n", up="ms", log=log, log_up=log_up).draw(drawn)
    (axes,) = drawn.axes
    scales = axes.get_xscale(), axes.get_yscale()
    assert scales == ("log" if log else "linear", "log" if log_up else "linear")


@pytest.mark.parametrize(
    ("low", "high", "marked"),
    [(15, 110, "20 50 100"), (0.05, 20, "0.1 1 10"), (3, 4, "3 3.2 3.4 3.6 3.8 4")],
)
def test_an_axis_that_grows_by_factors_has_more_than_one_mark(low, high, marked):
    drawn = Still()
    lines([1, 2], {"a": [low, high]}, across="n", up="ms", log_up=True).draw(drawn)
    (axes,) = drawn.axes
    drawn.draw_without_rendering()
    ends = axes.get_ylim()
    shown = [
        tick.label1.get_text()
        for tick in axes.yaxis.get_major_ticks()
        if ends[0] <= tick.get_loc() <= ends[1]
    ]
    assert " ".join(shown) == marked


def test_points_are_png_and_words():
    shown = points("error", {"full": [0.1, 0.3], "window": 0.2}, {"ms": [9, 1], "MB": [5, 2]})
    assert repr(shown) == "error over ms, MB: full, window"
    assert shown._repr_png_().startswith(b"\x89PNG")
    assert shown._repr_png_() == shown._repr_png_()


def test_the_costs_of_points_stand_where_they_belong():
    drawn = Still()
    points("error", {"full": [0.1, 0.3], "window": 0.2}, {"ms": [9, 1], "MB": [5, 2]}).draw(drawn)
    for axes, label, costs in zip(drawn.axes, ["ms", "MB"], [[9, 1], [5, 2]], strict=True):
        marked = [line for line in axes.lines if line.get_marker() != "None"]
        assert (axes.get_xlabel(), axes.get_xscale()) == (label, "log")
        assert [line.get_xydata().tolist() for line in marked] == [[[x, 0.2]] for x in costs]


def test_what_is_no_cost_of_a_point_is_named():
    with pytest.raises(ValueError, match="ms has 3 numbers, and heights 2 names"):
        points("error", {"a": 1, "b": 2}, {"ms": [1, 2, 3]})
    with pytest.raises(TypeError, match=r"across is \[1, 2\], and must be a dict"):
        points("error", {"a": 1, "b": 2}, [1, 2])


def test_pictures_in_colour_have_their_channels_first_and_are_cut_off_at_0_and_1():
    red = np.array([2.0, -1.0, 0.0])[:, None, None] * np.ones((3, 2, 2))
    shown = pictures(np.stack([red, red]), ["a", "b"])
    drawn = Still()
    shown.draw(drawn)
    (inside,) = drawn.axes[0].get_images()
    np.testing.assert_array_equal(inside.get_array(), np.broadcast_to([1.0, 0.0, 0.0], (2, 2, 3)))
    assert shown._repr_png_().startswith(b"\x89PNG")
    with pytest.raises(ValueError, match=r"images has 2 channels, .*have 3"):
        pictures(np.zeros((1, 2, 4, 4)), ["a"])


def test_grey_goes_from_the_least_to_the_largest_and_equal_numbers_are_black_unless_they_are_0():
    drawn = Still()
    images = np.array([np.ones((2, 2)), np.zeros((2, 2)), [[0.2, 0.3], [0.4, 0.5]]])
    pictures(images, ["ones", "zeros", "between"]).draw(drawn)
    shades = [
        image.to_rgba(image.get_array())[..., 0] for axes in drawn.axes for image in axes.images
    ]
    np.testing.assert_allclose(shades[0], 0)
    np.testing.assert_allclose(shades[1], 1)
    assert (shades[2].max(), shades[2].min()) == (1, 0)


def test_with_a_largest_number_all_have_one_scale():
    drawn = Still()
    pictures(np.array([[[0.0, 0.5]], [[0.2, 1.0]]]), ["a", "b"], largest=1.0).draw(drawn)
    shades = [axes.images[0].to_rgba(axes.images[0].get_array())[0, :, 0] for axes in drawn.axes]
    np.testing.assert_allclose(shades, [[1, 0.5], [0.8, 0]], atol=0.01)
    with pytest.raises(ValueError, match="largest is 0, and must be above 0"):
        pictures(np.zeros((1, 2, 2)), ["a"], largest=0)
