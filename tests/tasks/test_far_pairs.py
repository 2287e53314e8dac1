"""Pictures whose answer lies far away, by place or by content."""

import doctest
import importlib

import pytest
import torch

from attnlab.tasks import FAR_COLOURS, far_pairs, far_rows

COLOURS = torch.tensor(list(FAR_COLOURS.values()))


def draw(task, batch=50, seed=0, **options):
    return task(torch.Generator().manual_seed(seed), batch, **options)


def colour_at(image, row, column):
    return (image[:, row, column] == COLOURS).all(-1).nonzero().item()


@pytest.mark.parametrize("side", [6, 9, 12])
def test_far_rows_ask_for_the_colour_in_their_row(side):
    for image, answer in zip(*draw(far_rows, noise=0.0, side=side), strict=True):
        asked = (answer >= 0).nonzero()
        assert len(asked) == 4
        for row, column in asked:
            assert image[:, row, column].tolist() == [1, 1, 1]
            assert column < side // 3
            marked = image[:, row].sum(0).nonzero().flatten().tolist()
            assert len(marked) == 2
            assert marked[1] >= side - side // 3
            assert colour_at(image, row, marked[1]) == answer[row, column]
        assert int((image.sum(0) > 0).sum()) == 8


@pytest.mark.parametrize("side", [6, 9, 12])
def test_far_pairs_ask_for_the_colour_beside_their_own(side):
    for image, answer in zip(*draw(far_pairs, noise=0.0, side=side), strict=True):
        third = side // 3
        pairs = {}
        for row in range(side):
            marked = [c for c in range(side - third, side) if image[:, row, c].sum() > 0]
            if marked:
                assert marked[1] == marked[0] + 1
                first, second = (colour_at(image, row, c) for c in marked)
                pairs[first] = second
        assert sorted(pairs) == sorted(pairs.values()) == [0, 1, 2, 3]
        asked = (answer >= 0).nonzero()
        assert {colour_at(image, *place) for place in asked} == {0, 1, 2, 3}
        for row, column in asked:
            assert column < third
            assert answer[row, column] == pairs[colour_at(image, row, column)]


@pytest.mark.parametrize("task", [far_rows, far_pairs])
def test_what_is_in_a_picture_tells_nothing(task):
    image, answer = draw(task, 200, noise=0.0)
    assert (image.sum((2, 3)) == image[0].sum((1, 2))).all()
    asked = answer >= 0
    assert (asked.sum((1, 2)) == 4).all()
    shares = torch.bincount(answer[asked]) / asked.sum()
    assert shares.tolist() == [0.25] * 4


@pytest.mark.parametrize("task", [far_rows, far_pairs])
def test_the_same_state_gives_the_same_pictures_and_noise_is_added(task):
    one, other, clean = draw(task, 5), draw(task, 5), draw(task, 5, noise=0.0)
    assert torch.equal(one[0], other[0])
    assert torch.equal(one[1], clean[1])
    assert 0.05 < (one[0] - clean[0]).std() < 0.2


@pytest.mark.parametrize("task", [far_rows, far_pairs])
def test_bad_input_is_named(task):
    with pytest.raises(ValueError, match="side is 5, and must be at least 6"):
        draw(task, side=5)
    with pytest.raises(ValueError, match="noise is -1"):
        draw(task, noise=-1)
    with pytest.raises(TypeError, match=r"batch is 1\.5"):
        task(torch.Generator(), *[1.5])


def test_the_examples():
    module = importlib.import_module("attnlab.tasks.far_pairs")
    result = doctest.testmod(module, extraglobs={"torch": torch})
    assert result.attempted > 0
    assert result.failed == 0
