"""The family of attention: its members, their errors and their costs."""

import doctest
from statistics import mean

import pytest
import torch

from attnlab import attention, strided, window
from attnlab.recipes import family, held_memory
from attnlab.recipes.grid import pick
from attnlab.tasks import tones


def sound(frames):
    return tones(torch.Generator().manual_seed(0), 3, frames=frames)[0]


@pytest.mark.parametrize("positions", ["rotary", "sinusoids"])
@pytest.mark.parametrize("member", ["blockwise", "fused"])
def test_two_members_give_the_numbers_of_full_attention(member, positions):
    wanted = family.classifier("full", positions, seed=0)(sound(300))
    found = family.classifier(member, positions, seed=0)(sound(300))
    torch.testing.assert_close(found, wanted, atol=1e-5, rtol=1e-4)


def test_window_and_stride_hear_what_their_masks_say():
    query, key, value = (torch.randn(2, 4, 30, 3, dtype=torch.float64) for _ in range(3))
    places = torch.arange(30)
    masks = [window(places, places, family.REACH), strided(places, places, family.STRIDE)]
    wanted = [attention(query, key, value, mask) for mask in masks]
    torch.testing.assert_close(family.windowed(query, key, value), wanted[0])
    torch.testing.assert_close(family.strided(query, key, value), wanted[1])
    both = family.window_and_stride(query, key, value)
    torch.testing.assert_close(both, torch.cat([wanted[0][:, :2], wanted[1][:, 2:]], 1))


@pytest.mark.parametrize("member", family.MEMBERS)
def test_each_member_learns_by_all_of_its_parameters(member):
    model = family.classifier(member, "sinusoids", seed=0)
    model(sound(family.FRAMES)).square().sum().backward()
    assert all(each.grad is not None for each in model.parameters())


def test_the_stored_rows_are_those_of_the_settings():
    names = list(family.CHOICES[0])
    rows = family.family()
    settings = [*family.CHOICES, *family.judged()]
    assert [{name: row[name] for name in names} for row in rows] == settings
    assert len(family.judged()) == 2 * len(family.TRAINED)
    for row in pick(rows, stage="judged"):
        assert row["seeds"] == list(family.SEEDS)


def test_what_the_chart_says():
    near, far = (
        {member: mean(family.errors(member, reach)["error"]) for member in family.MEMBERS}
        for reach in family.REACHES
    )
    assert min(near, key=near.__getitem__) in {"window", "window + strided"}
    assert near["window"] < 0.08 < near["full"]
    assert far["window"] > 0.5 > 0.2 > far["linear"]


def test_the_costs_are_stored_and_memory_is_counted_alike_everywhere():
    stored = {(row["member"], row["frames"]): row for row in family.costs()}
    lengths = (1024, 4096, 16384)
    wanted = {(member, n) for n in lengths for member in family.MEMBERS} - {("full", 16384)}
    assert set(stored) == wanted
    torch.set_num_threads(1)
    for member in family.MEMBERS:
        assert family.cost(member, 1024, seconds=1e-9)["bytes"] == pytest.approx(
            stored[member, 1024]["bytes"], rel=0.05
        )


def test_a_cache_of_fewer_keys_is_smaller():
    assert family.cache_bytes("full", 100) == 2 * 100 * 128 * 4
    assert family.cache_bytes("2 groups", 100) * 2 == family.cache_bytes("full", 100)
    assert family.cache_bytes("1 group", 100) * 4 == family.cache_bytes("full", 100)


def test_held_memory_counts_what_lives_at_once():
    x = torch.zeros(100)

    def run():
        one = x + 1  # 400 bytes
        two = one.view(10, 10)  # the same ones
        three = two * 2  # 400 more
        del one, two
        three += 1  # in place
        return torch.cat([three, three])  # 800

    assert held_memory.most_held(run) == 1200


def test_who_is_unknown_is_named():
    with pytest.raises(ValueError, match="member is 'luck' and reach 8: take one of full, block"):
        family.errors("luck")
    with pytest.raises(ValueError, match="a reach of 8 or 63"):
        family.errors("full", 9)
    with pytest.raises(ValueError, match="member is 'luck': take one of full"):
        family.layer("luck", 8)
    with pytest.raises(ValueError, match="positions is 'none': take 'rotary' or 'sinusoids'"):
        family.classifier("full", "none", seed=0)


@pytest.mark.parametrize("module", [family, held_memory])
def test_the_examples(module):
    result = doctest.testmod(module, extraglobs={"torch": torch})
    assert result.attempted > 0
    assert result.failed == 0
