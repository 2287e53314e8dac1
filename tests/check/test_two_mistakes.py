"""Two mistakes at once are told together; and what an error says, with the names of the axes."""

import numpy as np
import pytest

from attnlab.check.catalogue import named
from attnlab.check.error_meanings import meaning
from attnlab.check.judging import judge


def bare_and_down_the_columns(x):
    e = np.exp(x @ x.T)
    return e / e.sum(axis=0) @ x


def bare_and_words_summed(x, w_query, w_key, _):
    query, key = x @ w_query, x @ w_key
    e = np.exp(query @ key.T)
    return e / e.sum(axis=1, keepdims=True) @ x


def sign_and_target(scores, right):
    e = np.exp(scores - scores.max())
    return np.log(e[right] / e.sum()), e / e.sum()


def multiplied_and_largest(scores, temperature):
    e = np.exp(scores * temperature)
    return e / e.max()


@pytest.mark.parametrize(
    ("name", "mine", "both"),
    [
        ("attend", bare_and_down_the_columns, ("not divided by the root", "each column")),
        ("self_attention", bare_and_words_summed, ("not divided by the root", "words as values")),
        ("cross_entropy", sign_and_target, ("minus forgotten", "target forgotten")),
        ("temperature", multiplied_and_largest, ("multiplied", "largest is 1")),
    ],
)
def test_two_mistakes_at_once_are_both_named(name, mine, both):
    verdict = judge(named(name), mine)
    assert all(part in verdict.name for part in both), verdict.name
    assert "Two things at once" in " ".join(verdict.paragraphs)


SIZES = {3: "word", 2: "d_model", 4: "d_k"}


@pytest.mark.parametrize(
    ("work", "said"),
    [
        (lambda: np.ones((3, 2)) @ np.ones((3, 4)), "a row has 2 (d_model) and b has 3 (word)"),
        (lambda: np.dot(np.ones((3, 2)), np.ones((3, 4))), "a row has 2 (d_model) and b has 3"),
        (lambda: np.ones((3, 2)) + np.ones((3, 4)), "3 (word) by 2 (d_model) meets what is 3"),
        (lambda: np.ones(3)[3], "of 3 (word) the last is 2, and 3 is beyond it"),
        (lambda: np.ones(3).sum(axis=1), "asks for axis 1 of what has axis 0 alone"),
        (lambda: np.ones(3).shape[1], "its size in shape[0]"),
        (lambda: d_model, "Nothing is named d_model there. The function knows its arguments, x,"),  # noqa: F821
        (lambda: [1] / 2, "make an array of it"),
        (lambda: None * 2, "One of the two is None"),
        (lambda: max(np.ones((2, 2))), "a single yes or no"),
        (lambda: np.array([[1], [1, 2]]), "Rows of different lengths"),
        (lambda: np.ones(3)[0, 0], "more places than there are axes"),
    ],
)
def test_an_error_is_told_with_the_names_of_the_axes(work, said):
    with pytest.raises(Exception) as error:  # noqa: PT011
        work()
    sentence = f"{error.type.__name__}: {error.value}"
    assert said in (meaning(sentence, SIZES, "x") or ""), sentence


def test_an_error_that_nobody_knows_is_left_as_it_is():
    assert meaning("KeyError: 'a'", SIZES, "x") is None
