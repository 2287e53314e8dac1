"""Measures of answers and of alignments, by hand."""

import doctest

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attnlab.training import aligned, alignment_error, exact_match, metrics

PAIRS = st.sets(st.tuples(st.integers(0, 3), st.integers(0, 4)), min_size=1)
WEIGHTS = torch.ones(2, 3, 5)


def test_exact_match_by_hand():
    found = torch.tensor([[5, 6, 2, 0], [5, 6, 7, 2], [6, 2, 0, 0], [7, 7, 2, 0], [2, 0, 0, 0]])
    wanted = torch.tensor([[5, 6, 2], [5, 6, 7], [6, 2, 0], [7, 8, 2], [2, 0, 0]])
    assert exact_match(found, wanted) == 3 / 5  # the second has a mark more, the fourth is wrong


def test_what_stands_after_the_end_does_not_count():
    found = torch.tensor([[5, 2, 9], [2, 4, 4], [5, 9, 2]])
    wanted = torch.tensor([[5, 2, 0], [2, 0, 0], [5, 2, 9]])
    assert exact_match(found, wanted, end=2) == 2 / 3
    assert exact_match(found, wanted) == 0


def test_zeros_before_the_last_token_count():
    assert exact_match(torch.tensor([[0, 0, 5]]), torch.tensor([[5]])) == 0
    assert exact_match(torch.tensor([[5, 0, 6]]), torch.tensor([[5, 6, 0]])) == 0


def test_rows_may_be_lists_of_words():
    assert exact_match([["the", "cat"], ["a", "dog"]], [["the", "cat"], ["a"]]) == 0.5


@given(st.lists(st.lists(st.integers(0, 5), max_size=7), min_size=1, max_size=5))
def test_a_batch_matches_itself_whatever_its_padding(rows):
    longer = [[*row, 0, 0] for row in rows]
    assert exact_match(rows, longer) == 1
    assert exact_match(rows, [[*row, 3] for row in rows]) == 0


def test_alignment_error_by_hand():
    sure, possible = {(0, 0), (1, 2)}, {(0, 0), (1, 2), (2, 1), (2, 2)}
    found = {(0, 0), (2, 1), (3, 3)}
    # |found and sure| = 1, |found and possible| = 2, |found| = 3, |sure| = 2
    assert alignment_error(found, sure, possible) == pytest.approx(1 - 3 / 5)
    assert alignment_error(found, sure) == pytest.approx(1 - 2 / 5)
    assert alignment_error([], sure, possible) == 1


@given(PAIRS, PAIRS)
def test_with_sure_pairs_alone_it_is_what_f1_lacks(found, sure):
    right = len(found & sure)
    precision, recall = right / len(found), right / len(sure)
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    assert alignment_error(found, sure) == pytest.approx(1 - f1)


@given(PAIRS, PAIRS, PAIRS)
def test_all_sure_and_no_impossible_pairs_make_no_error(sure, more, other):
    assert alignment_error(sure | more, sure, sure | more) == 0
    assert 0 <= alignment_error(other, sure, sure | more) <= 1


def test_aligned_by_hand():
    weights = torch.tensor(
        [
            [[0.1, 0.6, 0.3], [0.3, 0.3, 0.4], [0.8, 0.1, 0.1], [0.0, 0.0, 1.0]],
            [[0.2, 0.3, 0.5], [0.1, 0.2, 0.7], [0.4, 0.6, 0.0], [0.5, 0.5, 0.0]],
        ]
    )
    first = {(0, 1, 0), (0, 2, 1), (0, 0, 2)}
    whole = first | {(0, 2, 3), (1, 2, 0), (1, 2, 1), (1, 1, 2), (1, 0, 3)}
    assert aligned(weights) == whole
    # The second sentence has two source words: the third column is padding, however heavy.
    short = first | {(1, 1, 0), (1, 1, 1)}
    assert aligned(weights, [3, 2], [3, 2]) == short
    assert aligned(weights, torch.tensor([3, 2]), torch.tensor([3, 2])) == short
    assert aligned(weights, [3, 2], [3, 0], first=5) == {(5, s, t) for _, s, t in first}


@given(st.permutations(range(7)), st.integers(1, 5))
def test_weights_of_a_known_alignment_make_no_error(order, batch):
    weights = torch.eye(7)[torch.tensor(order)].expand(batch, 7, 7) * 0.4 + 0.6 / 7
    gold = {(b, s, t) for b in range(batch) for t, s in enumerate(order)}
    assert alignment_error(aligned(weights.requires_grad_()), gold) == 0


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: exact_match(torch.ones(2, 3), torch.ones(5, 3)), "found has 2 rows and wanted 5"),
        (lambda: exact_match(torch.ones(0, 3), torch.ones(0, 3)), "found has no rows"),
        (lambda: exact_match(torch.ones(2, 3), torch.ones(3)), r"wanted has shape \(3,\)"),
        (lambda: alignment_error({(0, 0)}, {(1, 1)}, {(0, 0)}), r"lacks 1 of the 1 .*\(1, 1\)"),
        (lambda: aligned(torch.ones(2, 3, 5, 7)), r"\(2, 3, 5, 7\), .* weights.mean\(1\)"),
        (lambda: aligned(torch.ones(2, 3, 0)), r"weights has shape \(2, 3, 0\)"),
        (lambda: aligned(WEIGHTS, [5, 5, 5]), "source_lengths has 3 numbers, .* 2 sentences"),
        (lambda: aligned(WEIGHTS, [5, 0]), "source_lengths holds 0, and must be from 1 to 5"),
        (lambda: aligned(WEIGHTS, None, [4, 3]), "target_lengths holds 4, .* from 0 to 3"),
        (lambda: alignment_error([], []), "found and sure hold no pair"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_the_examples_of_the_docstrings():
    result = doctest.testmod(metrics, extraglobs={"torch": torch})
    assert result.attempted > 0
    assert result.failed == 0
