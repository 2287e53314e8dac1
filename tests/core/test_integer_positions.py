"""Positions of every whole type: no sum wraps round, and no reach is too large."""

import math

import numpy as np
import pytest
import torch

from attnlab import causal, distance_bias, padding, sinusoids, strided, window

# Most of what is handed in here is wrong, and our own words are asked for.
pytestmark = pytest.mark.usefixtures("as_a_reader_runs_it")

TYPES = ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"]
whole = pytest.mark.parametrize("dtype", TYPES)
libraries = pytest.mark.parametrize("library", [np.asarray, torch.from_numpy], ids=["np", "torch"])


def at_the_ends(dtype):
    ends = np.iinfo(dtype)
    last = min(ends.max, 2**63 - 1)
    return np.array([ends.min, ends.min + 5, ends.max // 2, last - 5, last], dtype)


def near(query, key, reach):
    return np.array([[abs(int(q) - int(k)) <= reach for k in key] for q in query])


@libraries
@whole
@pytest.mark.parametrize("reach", [0, 1, 4, 5, 10, 127, 128, 255, 256, 300, 2**31, 2**63 - 1])
def test_window_at_the_ends_of_a_type(library, dtype, reach):
    positions = at_the_ends(dtype)
    mask = window(library(positions), library(positions), reach)
    expected = near(positions, positions, reach)
    np.testing.assert_array_equal(np.asarray(mask), expected)


@libraries
@pytest.mark.parametrize("dtype", TYPES[:-2])
@pytest.mark.parametrize("reach", [2**63, 2**64, 10**30, math.inf, 1e300])
def test_no_reach_is_too_large(library, dtype, reach):
    positions = library(at_the_ends(dtype))
    assert window(positions, positions, reach).all()


@libraries
@whole
@pytest.mark.parametrize("stride", [1, 2, 5, 100, 127, 128, 300, 2**31, 2**62, 2**63 - 1])
def test_strides_at_the_ends_of_a_type(library, dtype, stride):
    positions = at_the_ends(dtype)
    mask = strided(library(positions), library(positions), stride)
    expected = [[(int(q) - int(k)) % stride == 0 for k in positions] for q in positions]
    np.testing.assert_array_equal(np.asarray(mask), expected)


@libraries
def test_strides_of_two_types_and_of_fractions(library):
    whole, halves = library(np.arange(9, dtype=np.uint8)), library(np.arange(9) / 2)
    expected = (np.arange(9)[:, None] - np.arange(9) / 2) % 3 == 0
    np.testing.assert_array_equal(np.asarray(strided(whole, halves, 3)), expected)
    for stride in (2**63, 10**30):
        with pytest.raises(ValueError, match=r"stride is .*below 2\^63"):
            strided(whole, whole, stride)


@libraries
@pytest.mark.parametrize("reach", [np.int8(3), np.uint8(3), np.float32(3.9), 3.5, np.int64(3)])
def test_a_reach_of_any_type(library, reach):
    positions = library(np.arange(250, dtype=np.uint8))
    expected = near(range(250), range(250), 3)
    np.testing.assert_array_equal(np.asarray(window(positions, positions, reach)), expected)


@libraries
@whole
@pytest.mark.parametrize("other", [*TYPES, "float16", "float32", "float64"])
def test_two_types(library, dtype, other):
    query, key = library(np.arange(100).astype(dtype)), library(np.arange(90).astype(other))
    near_by = near(range(100), range(90), 10)
    np.testing.assert_array_equal(np.asarray(window(query, key, 10)), near_by)
    np.testing.assert_array_equal(np.asarray(window(key, query, 10)), near_by.T)
    earlier = np.arange(90) <= np.arange(100)[:, None]
    np.testing.assert_array_equal(np.asarray(causal(query, key)), earlier)


@libraries
@whole
def test_lengths_and_distances(library, dtype):
    keys = library(np.arange(127).astype(dtype))
    mask = padding(library(np.array([0, 3, 127], dtype)), keys)
    assert np.asarray(mask).sum((1, 2)).tolist() == [0, 3, 127]
    ends = at_the_ends(dtype)
    ends = ends[np.abs(ends.astype(float)) < 2**53]
    expected = -np.abs(ends.astype(float)[:, None] - ends.astype(float)) / 2**8
    bias = distance_bias(library(ends), library(ends), 1)[0]
    np.testing.assert_allclose(np.asarray(bias), expected, rtol=1e-6)
    waves = sinusoids(library(ends), 4)
    np.testing.assert_allclose(np.asarray(waves), sinusoids(ends.astype(float), 4), atol=1e-6)


def test_all_of_a_byte():
    """The case that was reported: 210 of the cells were wrong."""
    for library in (np.asarray, torch.from_numpy):
        bytes_ = library(np.arange(256, dtype=np.uint8))
        expected = near(range(256), range(256), 10)
        np.testing.assert_array_equal(np.asarray(window(bytes_, bytes_, 10)), expected)
        near_the_end = [library(np.array([n], np.int8)) for n in (120, 115)]
        assert window(*near_the_end, 10)


@libraries
@pytest.mark.parametrize("mask", [causal, lambda q, k: window(q, k, 1), padding])
def test_beyond_int64_is_refused(library, mask):
    far = library(np.array([2**63 + 5], np.uint64))
    with pytest.raises(ValueError, match="2\\^63"):
        mask(far, library(np.arange(3)))


@libraries
def test_yes_and_no_are_no_positions(library):
    yes = library(np.array([[True, True, False]]))
    with pytest.raises(TypeError, match=r"lengths holds.*bool.*lengths\.sum\(-1\).*lengths\[:, N"):
        padding(yes, library(np.arange(3)))
    for mask in (causal, lambda q, k: window(q, k, 1)):
        with pytest.raises(TypeError, match=r"query holds.*bool.*positions"):
            mask(yes[0], library(np.arange(3)))


@pytest.mark.parametrize("reach", ["1", None, [1], np.array([1, 2]), 1j])
def test_a_reach_that_is_no_number(reach):
    with pytest.raises(TypeError, match="reach is"):
        window(np.arange(3), np.arange(3), reach)


@pytest.mark.parametrize("reach", [-1, -0.5, math.nan, -math.inf, np.int8(-1)])
def test_a_reach_below_0(reach):
    with pytest.raises(ValueError, match=r"reach is .*at least 0"):
        window(np.arange(3), np.arange(3), reach)


@pytest.mark.parametrize("lengths", [[-1, 2], [float("nan"), 2.0], [4, 2]])
def test_lengths_that_cannot_be(lengths):
    with pytest.raises(ValueError, match="lengths holds"):
        padding(np.array(lengths), np.arange(3))


@libraries
def test_a_reach_from_one_end_of_int64_to_the_other(library):
    ends = library(np.array([-(2**63), 0, 2**63 - 1]))
    assert window(ends, ends, 2**64 - 1).all()
    short = window(ends, ends, 2**64 - 2)
    assert not short[0, 2]
    assert not short[2, 0]
    assert short.sum() == window(ends, ends, 2**63).sum() == 7
    assert window(ends, ends, 2**63 - 1).sum() == 5


@libraries
def test_positions_of_64_bits_without_a_sign(library):
    late = library(np.array([2**64 - 1, 2**63, 1], np.uint64))
    assert causal(late, late).tolist() == [
        [True, True, True],
        [False, True, True],
        [False] * 2 + [True],
    ]
    assert window(late, late, 2**63 - 1).tolist() == [
        [True, True, False],
        [True, True, True],
        [False, True, True],
    ]


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_whole_keys_are_told_apart_from_a_query_in_fractions(dtype):
    first = 2**24 if dtype == torch.float32 else 2**8
    query = torch.tensor([first], dtype=dtype)
    keys = torch.arange(first - 2, first + 3)
    assert causal(query, keys).tolist() == [[True, True, True, False, False]]
    assert window(query, keys, 1).tolist() == [[False, True, True, True, False]]
    assert padding(query, torch.arange(first + 1))[..., -3:].tolist() == [[[True, True, False]]]


def test_a_reach_that_is_a_tensor():
    positions = torch.arange(4)
    for reach in (torch.tensor(1), torch.tensor(1.5), torch.tensor(1, dtype=torch.int8)):
        assert (window(positions, positions, reach) == window(positions, positions, 1)).all()
