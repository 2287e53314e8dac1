"""A vision Transformer on digits: what is stored, and what its positions have learnt."""

import doctest
from statistics import mean

import pytest
import torch

from attnlab.nn import GridPositions
from attnlab.recipes import grid, patches_as_words

TRANSFORMER, CONVOLUTIONAL = patches_as_words.ARMS


def test_the_stored_rows_are_those_of_the_settings():
    names = list(patches_as_words.SETTINGS[0])
    stored = patches_as_words.patches_as_words()
    assert [{name: row[name] for name in names} for row in stored] == patches_as_words.SETTINGS
    for row in stored:
        assert row["seeds"] == list(patches_as_words.SEEDS)
        for name in ("right", "trained", "chosen_by"):
            assert len(row[name]) == 5
            assert all(0 <= each <= 1 for each in row[name])


def test_both_read_digits_and_the_convolutional_net_reads_more_of_them():
    transformer, convolutional = map(patches_as_words.at_best_lr, patches_as_words.ARMS)
    assert min(transformer["right"]) > 0.9
    assert min(convolutional["right"]) > max(transformer["right"])
    assert min(transformer["trained"]) > 0.95


def test_from_so_few_digits_the_positions_learn_no_order_of_the_grid():
    for row in grid.pick(patches_as_words.patches_as_words(), arm=TRANSFORMER):
        assert max(row["order"]) < 0.3


def test_positions_in_rows_and_columns_are_recognised():
    positions = GridPositions(8, height=3, width=4, front=1)
    place = torch.cartesian_prod(torch.arange(3.0), torch.arange(4.0))
    waves = torch.cat([(place * f).cos() for f in (0.3, 0.5)], 1)
    waves = torch.cat([waves, *((place * f).sin() for f in (0.3, 0.5))], 1)
    with torch.no_grad():
        positions.table[1:] = waves
    assert patches_as_words.grid_order(positions) > 0.9
    alike = patches_as_words.similarity(positions)
    assert alike.shape == (3, 4, 3, 4)
    torch.testing.assert_close(alike[1, 2, 1, 2], torch.tensor(1.0))
    assert alike[0, 0, 0, 1] > alike[0, 0, 2, 3]


def test_a_table_of_random_numbers_knows_nothing_of_the_grid():
    torch.manual_seed(0)
    found = [patches_as_words.grid_order(GridPositions(64, 4, 4)) for _ in range(50)]
    assert abs(mean(found)) < 0.05


def test_a_training_is_measured():
    torch.set_num_threads(1)
    for arm in patches_as_words.ARMS:
        found = patches_as_words.measure(seed=0, arm=arm, lr=0.003, steps=3)
        assert set(found) == {"right", "trained", "chosen_by", "order", "at_first"}
        assert (found["order"] == 0) == (arm == CONVOLUTIONAL)


def test_what_is_not_stored_is_named():
    with pytest.raises(
        ValueError, match=r"nothing is stored of \{'arm': 'magic'\}: take arm one of \["
    ):
        patches_as_words.at_best_lr("magic")


def test_the_examples():
    names = {"GridPositions": GridPositions}
    result = doctest.testmod(patches_as_words, extraglobs=names)
    assert result.attempted > 0
    assert result.failed == 0
