"""Tones: symbols that depend on their neighbours up to a known reach."""

import math

import pytest
import torch

from attnlab.tasks import prevailing, tones


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def by_hand(sound, reach):
    """The loudest band within reach, frame by frame."""
    _, count, _ = sound.shape
    parts = [sound[:, max(0, at - reach) : at + reach + 1].sum(1) for at in range(count)]
    return torch.stack(parts, 1).argmax(-1)


@pytest.mark.parametrize("reach", [0, 1, 4, 10])
def test_the_symbol_is_the_band_that_is_loudest_within_reach(reach):
    sound, symbols = tones(seeded(), 5, frames=11, reach=reach, bands=3, noise=0.0)
    assert sound.shape == (5, 11, 3)
    assert symbols.shape == (5, 11)
    assert torch.equal(symbols, by_hand(sound, reach))


def test_noise_is_heard_and_does_not_count():
    plain, symbols = tones(seeded(3), 5, frames=11, reach=2, noise=0.0)
    noisy, same = tones(seeded(3), 5, frames=11, reach=2, noise=0.5)
    assert torch.equal(symbols, same)
    assert (noisy - plain).std() == pytest.approx(0.5, rel=0.2)


def test_only_what_lies_within_reach_changes_a_symbol():
    sound, symbols = tones(seeded(), 200, frames=31, reach=4, noise=0.0)
    for distance, matters in [(4, True), (5, False)]:
        other = sound.clone()
        other[:, 15 - distance] += torch.randn(200, 4, generator=seeded(1))
        changed = prevailing(other, 4)[:, 15] != symbols[:, 15]
        assert changed.any() == matters


def test_the_knee_lies_at_the_reach():
    sound, symbols = tones(seeded(), 1000, frames=64, reach=8, bands=2, noise=0.0)
    middle = slice(8, 56)  # where nothing of the reach is cut off
    errors = [
        (prevailing(sound, window) != symbols)[:, middle].double().mean().item()
        for window in range(9)
    ]
    for window, error in enumerate(errors):  # of two normal sums, of which one is part of the other
        wanted = math.acos(math.sqrt((2 * window + 1) / 17)) / math.pi
        assert error == pytest.approx(wanted, abs=0.01)
    assert errors[8] == 0


def test_the_same_seed_gives_the_same_tones():
    first, again, other = (tones(seeded(seed)) for seed in (3, 3, 4))
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first[0], other[0])


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({"frames": 8, "reach": 8}, ValueError, "reach is 8 and frames 8: reach must be from 0 to"),
        ({"reach": -1}, ValueError, "reach is -1, and must be at least 0"),
        ({"reach": 1.5}, TypeError, "reach is 1.5, and must be a whole number"),
        ({"bands": 1}, ValueError, "bands is 1, and one of them prevails: take at least 2"),
        ({"noise": -0.1}, ValueError, "noise is -0.1"),
        ({"noise": math.nan}, ValueError, "noise is nan"),
        ({"random": 0}, TypeError, "random is 0, and must be a generator"),
    ],
)
def test_what_cannot_be_drawn_is_refused(given, error, words):
    with pytest.raises(error, match=words):
        tones(**({"random": seeded(), "frames": 9, "reach": 2} | given))


def test_what_cannot_prevail_is_refused():
    with pytest.raises(TypeError, match="sound is a list, and must be a torch tensor"):
        prevailing([[1.0]], 1)
    with pytest.raises(ValueError, match=r"sound has shape \(3,\), and needs"):
        prevailing(torch.zeros(3), 1)
    with pytest.raises(ValueError, match="reach is -2, and must be at least 0"):
        prevailing(torch.zeros(1, 3, 2), -2)
    with pytest.raises(TypeError, match=r"reach is 1\.0, and must be a whole number"):
        prevailing(torch.zeros(1, 3, 2), 1.0)
