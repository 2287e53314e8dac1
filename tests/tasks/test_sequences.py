import pytest
import torch

from attnlab.tasks import DIGITS, add_numbers, copy_digits, reverse_digits, sort_digits, with_marks

TASKS = [copy_digits, reverse_digits, sort_digits, add_numbers]


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def read(row):
    return "".join(DIGITS.decode(row))


def test_the_numbers_of_the_tokens():
    assert DIGITS.encode("0 7 9 +") == [4, 11, 13, 14]
    assert len(DIGITS) == 15


@pytest.mark.parametrize(
    ("task", "answer"),
    [
        (copy_digits, lambda digits: digits),
        (reverse_digits, lambda digits: digits[::-1]),
        (sort_digits, lambda digits: "".join(sorted(digits))),
    ],
)
def test_each_row_has_its_answer(task, answer):
    source, target = task(seeded(), 500, length=7)
    assert source.shape == target.shape == (500, 7)
    assert set(source.unique().tolist()) == set(range(4, 14))
    for row, wanted in zip(source, target, strict=True):
        assert read(wanted) == answer(read(row))


def test_a_row_of_one_digit_and_no_shared_memory():
    source, target = copy_digits(seeded(), 3, length=1)
    assert source.shape == (3, 1)
    source += 1
    assert not torch.equal(source, target), "to write into one is not to write into the other"


def test_each_digit_comes_up_equally_often():
    source, _ = copy_digits(seeded(), 2000, length=11)
    shares = (source.flatten().bincount(minlength=14)[4:] / source.numel()).tolist()
    assert shares == pytest.approx([0.1] * 10, abs=0.01)


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_sums_are_written_backwards(split):
    source, target = add_numbers(seeded(), 500, split=split)
    assert source.shape == (500, 5)
    assert target.shape == (500, 3)
    for row, total in zip(source, target, strict=True):
        first, second = read(row).split("+")
        assert 10 <= int(first) <= 99
        assert 10 <= int(second) <= 99
        assert int(read(total)[::-1]) == int(first) + int(second)


def test_no_sum_is_in_two_splits_and_all_are_in_one():
    drawn = {
        split: {read(row) for row in add_numbers(seeded(), 80_000, split=split)[0]}
        for split in ("train", "validation", "test")
    }
    assert sum(len(sums) for sums in drawn.values()) == len(set().union(*drawn.values()))
    assert sum(len(sums) for sums in drawn.values()) > 8090
    assert len(drawn["validation"]) == pytest.approx(810, abs=80)
    assert len(drawn["test"]) == pytest.approx(810, abs=80)
    for place in (0, 1, 3, 4):
        for sums in drawn.values():
            assert {pair[place] for pair in sums} >= set("123456789"), "no pattern in the digits"


def test_the_frame_of_a_decoder():
    rows = torch.tensor([[4, 5, 6], [7, 8, 9]])
    assert with_marks(rows).tolist() == [[1, 4, 5, 6, 2], [1, 7, 8, 9, 2]]
    assert DIGITS.decode(with_marks(rows)[0]) == ["0", "1", "2"]


@pytest.mark.parametrize("task", TASKS)
def test_the_same_seed_gives_the_same_rows(task):
    first, again, other = task(seeded(3)), task(seeded(3)), task(seeded(4))
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first[0], other[0])


@pytest.mark.parametrize("task", TASKS)
def test_no_global_randomness_is_used(task):
    before = torch.random.get_rng_state()
    task(seeded())
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.usefixtures("as_a_reader_runs_it")
@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: copy_digits(seeded(), length=0), "length is 0, and a row needs at least 1"),
        (
            lambda: add_numbers(seeded(), split="exam"),
            "split is 'exam', .* validation, test",
        ),
        (lambda: with_marks(torch.ones(3)), r"rows has shape \(3,\), and needs \(batch, length\)"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()
