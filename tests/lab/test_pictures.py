import numpy as np
import pytest

from attnlab.lab import lines, pictures


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
