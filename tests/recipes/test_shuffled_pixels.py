"""Digits with shuffled pixels: what is compared, and what the stored results say."""

import doctest
from statistics import mean

import pytest
import torch

from attnlab.recipes import shuffled_pixels as recipe


def test_the_stored_rows_are_those_of_the_settings():
    names = list(recipe.SETTINGS[0])
    found = [{name: row[name] for name in names} for row in recipe.shuffled_pixels()]
    assert sorted(map(str, found)) == sorted(map(str, recipe.SETTINGS))
    for row in recipe.shuffled_pixels():
        assert row["seeds"] == list(recipe.SEEDS)
        for name in ("right", "trained", "chosen_by"):
            assert len(row[name]) == 5
            assert all(0 <= each <= 1 for each in row[name])


def test_both_networks_have_as_many_parameters_within_two_percent():
    counts = [sum(p.numel() for p in make().parameters()) for make in recipe.NETWORKS.values()]
    assert max(counts) / min(counts) < 1.02


def test_all_pictures_are_shuffled_alike_and_keep_their_names():
    whole, names = recipe.digits(3)
    shuffled, same = recipe.digits(3, "shuffled")
    assert torch.equal(names, same)
    assert not torch.equal(whole, shuffled)
    column = whole.flatten(1)[:, 20]
    (at,) = [k for k in range(64) if torch.equal(shuffled.flatten(1)[:, k], column)]
    assert at != 20
    assert torch.equal(shuffled.flatten(1).sort().values, whole.flatten(1).sort().values)


def test_attention_reads_shuffled_pixels_as_well_if_their_places_are_shuffled_too():
    torch.manual_seed(0)
    reader = recipe.PixelReader().double()
    images, order = torch.rand(5, 1, 8, 8, dtype=torch.float64), torch.randperm(64)
    before = reader(images)
    with torch.no_grad():
        reader.pixels.encoding.table.copy_(reader.pixels.encoding.table[order])
    shuffled = images.flatten(1)[:, order].reshape(5, 1, 8, 8)
    torch.testing.assert_close(reader(shuffled), before, rtol=0, atol=1e-12)
    assert (reader(images) - before).abs().max() > 1e-3


def test_the_convolution_loses_and_attention_does_not():
    found = {
        (network, kind): recipe.at_best_lr(network, kind)["right"]
        for network in recipe.NETWORKS
        for kind in recipe.PICTURES
    }
    assert min(found["convolution", "whole"]) > max(found["convolution", "shuffled"])
    assert abs(mean(found["attention", "whole"]) - mean(found["attention", "shuffled"])) < 0.02


def test_a_training_is_measured_on_what_it_has_not_seen():
    torch.set_num_threads(1)
    found = recipe.measure(seed=0, network="convolution", pictures="whole", lr=0.03, steps=60)
    assert set(found) == {"trained", "chosen_by", "right"}
    assert found["trained"] > 0.3


def test_what_is_not_stored_is_named():
    with pytest.raises(
        ValueError, match=r"'network': 'wave'.*network one of \['attention', 'convolution'\]"
    ):
        recipe.at_best_lr("wave", "whole")


def test_the_examples():
    result = doctest.testmod(recipe)
    assert result.attempted > 0
    assert result.failed == 0
