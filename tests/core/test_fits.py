"""Whether shapes fit, held to NumPy's own broadcasting."""

import doctest

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attnlab.core import arrays
from attnlab.core.arrays import check_boolean, fits, meet

shapes = st.lists(st.integers(0, 3), max_size=4).map(tuple)


def together(one, other):
    """The shape of both, as NumPy finds it; None if there is none."""
    try:
        return np.broadcast_shapes(one, other)
    except ValueError:
        return None


@given(shapes, shapes)
def test_what_fits_leaves_the_other_as_it_is(one, other):
    assert fits(one, other) == (together(one, other) == other)


@given(shapes, shapes)
def test_what_meets_has_a_shape_together(one, other):
    assert meet(one, other) == (together(one, other) is not None)


@pytest.mark.parametrize("make", [np.asarray, torch.as_tensor])
def test_a_mask_is_boolean(make):
    check_boolean("mask", make([True, False]))
    with pytest.raises(TypeError, match=r"^seen holds .*int64, .* write seen == 1 if 1 means"):
        check_boolean("seen", make([1, 0]))


def test_the_examples_of_the_docstrings():
    result = doctest.testmod(arrays)
    assert result.attempted > 0
    assert result.failed == 0
