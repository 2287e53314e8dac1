"""Steps one after another: what is counted, what is fitted, and what the stored results say."""

import doctest

import pytest
import torch

from attnlab.recipes import sequential
from attnlab.recipes.sequential import exponent, kept_for_backward, longest_chain


def reads(name, length):
    """One way to read, and vectors."""
    torch.manual_seed(0)
    return sequential.READS[name](), torch.randn(1, 1, length, sequential.D, requires_grad=True)


@pytest.mark.parametrize("power", [0.0, 1.0, 2.0])
def test_an_exponent_is_found_whatever_else_adds_to_the_least(power):
    lengths = [10, 20, 40, 80]
    costs = [[3 * n**power, 4 * n**power + 1, 5.0 * n**power] for n in lengths]
    slope, low, high = exponent(lengths, costs)
    assert slope == pytest.approx(power)
    assert low <= slope <= high
    assert exponent(lengths, [each[:1] for each in costs]) == pytest.approx((power,) * 3)


def test_what_repeats_vary_in_widens_the_interval():
    narrow = exponent([10, 100], [[1.0, 1.01], [10.0, 10.1]])
    wide = exponent([10, 100], [[1.0, 3.0], [10.0, 30.0]])
    assert wide[2] - wide[1] > narrow[2] - narrow[1] > 0


def test_a_chain_counts_what_must_wait_and_not_what_stands_beside():
    x = torch.ones(3, requires_grad=True)
    assert longest_chain(x.exp()) == 1
    assert longest_chain(x.exp() + x.sin()) == 2, "two beside each other, and their sum"
    assert longest_chain(x.exp().sin().cos() + x) == 4


def test_the_same_array_is_kept_once():
    x = torch.ones(4, 4, requires_grad=True)
    assert kept_for_backward(lambda x: x @ x, x)[0] == 64
    assert kept_for_backward(lambda x: x.exp() * 2, x)[0] == 64
    assert kept_for_backward(lambda x: x + 2, x)[0] == 0


def test_chains_grow_where_steps_wait_for_each_other_and_else_not():
    chain = {
        (name, length): longest_chain(read(x))
        for name in sequential.READS
        for length in (64, 256)
        for read, x in [reads(name, length)]
    }
    for name in ("attention", "fused attention"):
        assert chain[name, 64] == chain[name, 256] < 30
    for name in ("GRU", "linear, word by word"):
        assert chain[name, 64] >= 64
        assert chain[name, 256] == pytest.approx(4 * chain[name, 64], rel=0.1)
    assert chain["linear, by chunks", 256] < 64


def test_a_fused_kernel_keeps_no_scores():
    kept = {
        (name, length): kept_for_backward(*reads(name, length))[0]
        for name in ("attention", "fused attention")
        for length in (256, 512)
    }
    assert kept["attention", 512] > 512 * 512 * 4
    assert kept["attention", 512] > 3.5 * kept["attention", 256]
    assert kept["fused attention", 512] < 2.1 * kept["fused attention", 256]


def test_a_measurement_tells_of_all():
    torch.set_num_threads(1)
    found = sequential.measure(seed=0, reads="linear, by chunks", length=32)
    assert sorted(found) == ["both", "chain", "forward", "kept"]
    assert 0 < found["forward"] < found["both"]


def test_the_two_forms_of_linear_attention_read_the_same():
    x = torch.randn(1, 1, 100, sequential.D, generator=torch.Generator().manual_seed(0))
    by_word, by_chunk = (
        sequential.READS[name]()(x.double())
        for name in ("linear, word by word", "linear, by chunks")
    )
    torch.testing.assert_close(by_word, by_chunk)


def test_what_is_unknown_is_named():
    with pytest.raises(ValueError, match="reads is 'me', cost 'kept'"):
        sequential.growth("me", "kept")
    with pytest.raises(ValueError, match="cost 'patience'"):
        sequential.growth("GRU", "patience")
    with pytest.raises(ValueError, match="shortest 4096"):
        sequential.growth("GRU", "kept", shortest=4096)


def test_the_stored_rows_are_those_of_the_settings():
    rows = sequential.sequential()
    names = list(sequential.SETTINGS[0])
    assert [{name: row[name] for name in names} for row in rows] == sequential.SETTINGS
    for row in rows:
        assert row["seeds"] == list(sequential.REPEATS)
        for cost in ("forward", "both", "chain", "kept"):
            assert len(row[cost]) == len(sequential.REPEATS)
            assert min(row[cost]) > 0
        assert len(set(row["chain"])) == len(set(row["kept"])) == 1, "these are counted"


def test_time_is_quadratic_fused_too_and_memory_only_where_scores_are_kept():
    for cost in ("forward", "both"):
        slope, low, high = sequential.growth("fused attention", cost)
        assert 1.8 < low <= slope <= high < 2.2
        assert sequential.growth("attention", cost)[1] > 1.8, "more: arrays outgrow the caches"
    assert sequential.growth("attention", "kept")[0] == pytest.approx(2, abs=0.1)
    assert sequential.growth("fused attention", "kept")[0] == pytest.approx(1, abs=0.01)
    for name in ("GRU", "linear, word by word", "linear, by chunks"):
        assert 0.9 < sequential.growth(name, "forward")[0] < 1.2


def test_only_what_waits_word_for_word_has_a_chain_as_long_as_the_sequence():
    for name in ("attention", "fused attention"):
        assert sequential.growth(name, "chain") == (0.0, 0.0, 0.0)
    for name in ("GRU", "linear, word by word"):
        assert sequential.growth(name, "chain")[0] == pytest.approx(1, abs=0.01)
    by_word, by_chunk = (
        {row["length"]: row for row in sequential.sequential() if row["reads"] == name}
        for name in ("linear, word by word", "linear, by chunks")
    )
    for length in sequential.LENGTHS:
        assert by_chunk[length]["chain"][0] < by_word[length]["chain"][0] / 5
        assert min(by_chunk[length]["forward"]) < min(by_word[length]["forward"]) / 5


def test_the_examples():
    result = doctest.testmod(sequential)
    assert result.attempted > 0
    assert result.failed == 0
