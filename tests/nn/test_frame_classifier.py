"""A classifier of frames, and positions by a number for each distance."""

import doctest
import importlib

import pytest
import torch

from attnlab import attention, window
from attnlab.nn import FrameClassifier, PositionEncoding, RelativePositions, RotaryPositions

SIZES = {"d_model": 6, "heads": 2, "layers": 2}


def test_each_frame_has_a_score_for_each_symbol():
    model, frames = FrameClassifier(5, 7, PositionEncoding(), **SIZES), torch.randn(2, 3, 5)
    x = frames @ model.into.weight.T + model.into.bias
    for layer in model.layers:
        x = layer(x)
    wanted = model.norm(x) @ model.output.weight.T + model.output.bias
    torch.testing.assert_close(model(frames), wanted)
    assert wanted.shape == (2, 3, 7)


def test_what_is_out_of_the_window_changes_nothing():
    places = torch.arange(11)
    model = FrameClassifier(5, 7, RelativePositions(2, 11), **SIZES)
    frames = torch.randn(1, 11, 5)
    other = frames.clone()
    other[0, 9:] = 0.0  # five away from frame 4, and two layers of reach 2 see four
    masked = window(places, places, 2)
    torch.testing.assert_close(model(frames, masked)[:, :5], model(other, masked)[:, :5])
    assert not torch.allclose(model(frames, masked)[:, 5], model(other, masked)[:, 5])
    assert not torch.allclose(model(frames)[:, 4], model(other)[:, 4])


def test_gradients_reach_every_parameter_the_numbers_of_the_distances_too():
    model = FrameClassifier(5, 7, RelativePositions(2, 4), **SIZES)
    model(torch.randn(2, 4, 5)).square().sum().backward()
    assert all((each.grad != 0).any() for each in model.parameters() if each.ndim > 1)
    assert "encoding.table" in dict(model.named_parameters())


@pytest.mark.parametrize(
    ("frames", "error", "words"),
    [
        (torch.zeros(2, 3, 4), ValueError, "this layer takes vectors of length 5"),
        (torch.zeros(3, 5), ValueError, r"frames has shape \(3, 5\), .* sound is frames\[None\]"),
        (torch.zeros(2, 3, 5, dtype=torch.long), TypeError, "frames holds torch.int64"),
        (torch.zeros(2, 3, 5).double(), TypeError, "frames holds torch.float64"),
        ([[0.0]], TypeError, "frames is a list"),
    ],
)
@pytest.mark.usefixtures("as_a_reader_runs_it")
def test_other_frames_are_refused(frames, error, words):
    with pytest.raises(error, match=words):
        FrameClassifier(5, 7, PositionEncoding(), **SIZES)(frames)


@pytest.mark.parametrize("name", ["bands", "symbols", "d_model", "heads", "layers"])
def test_sizes_below_1_are_refused(name):
    sizes = {"bands": 5, "symbols": 7, **SIZES, name: 0}
    with pytest.raises(ValueError, match=f"{name} is 0, and must be at least 1"):
        FrameClassifier(encoding=PositionEncoding(), **sizes)


def test_a_number_for_each_distance_and_head_is_added_to_the_scores():
    encoding = RelativePositions(heads=2, length=5)
    torch.nn.init.normal_(encoding.table)
    query, key, value = (torch.randn(3, 2, n, d) for n, d in [(2, 4), (5, 4), (5, 7)])
    scores = query @ key.mT / 4**0.5
    for head in range(2):
        for row, at in enumerate([3, 4]):  # of fewer queries, these are the last ones
            for place in range(5):
                scores[:, head, row, place] += encoding.table[head, place - at + 4]
    torch.testing.assert_close(encoding.attend(query, key, value), scores.softmax(-1) @ value)


def test_the_positions_start_as_none_and_refuse_what_does_not_fit():
    encoding, x = RelativePositions(2, 5), torch.randn(1, 2, 5, 3)
    torch.testing.assert_close(encoding.attend(x, x, x), attention(x, x, x))
    with pytest.raises(ValueError, match="2 heads and 6 positions, and the table is for 2 and 5"):
        encoding.attend(*[torch.zeros(1, 2, 6, 3)] * 3)
    with pytest.raises(ValueError, match=r"write RelativePositions\(heads=3, length=4\)"):
        encoding.attend(*[torch.zeros(1, 3, 4, 3)] * 3)
    with pytest.raises(ValueError, match="length is 0"):
        RelativePositions(2, 0)
    assert repr(encoding) == "RelativePositions(heads=2, length=5)"


def test_turned_queries_and_keys_are_handed_to_what_one_likes():
    seen = []

    def mine(query, key, value, mask=None):
        seen.append((query, key))
        return attention(query, key, value, mask)

    x = torch.randn(1, 2, 5, 4)
    output = RotaryPositions(mine).attend(x, x, x)
    torch.testing.assert_close(output, RotaryPositions().attend(x, x, x))
    assert not torch.equal(seen[0][0], x)


def test_the_examples():
    module = importlib.import_module("attnlab.nn.frame_classifier")
    names = {"torch": torch, "PositionEncoding": PositionEncoding}
    result = doctest.testmod(module, extraglobs=names)
    assert result.attempted > 0
    assert result.failed == 0
