from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnlab.tasks import merge_steps
from attnlab.tasks.pair_merging import PairMerging, merged

few_letters = st.text("ab ", min_size=1, max_size=30)


def counted_again(merging):
    """The pairs, counted from the words as they are."""
    found = Counter()
    for pieces, (_, times) in zip(merging._pieces, merging._times, strict=True):
        for pair in pairwise(pieces):
            found[pair] += times
    return found


def test_steps_by_hand():
    # The words of exercise 18.1, with no blank: one text each.
    words = ["sat"] * 4 + ["mat"] * 3 + ["map"] * 2 + ["at"]
    first, second, third, after = merge_steps(words, 3)
    assert first.counts == {
        (b"s", b"a"): 4,
        (b"a", b"t"): 8,
        (b"m", b"a"): 5,
        (b"a", b"p"): 2,
    }
    assert first.words[b"mat"] == (b"m", b"a", b"t")
    assert first.merge == (b"a", b"t")
    assert second.counts == {(b"s", b"at"): 4, (b"m", b"at"): 3, (b"m", b"a"): 2, (b"a", b"p"): 2}
    assert (second.merge, third.merge) == ((b"s", b"at"), (b"m", b"at"))
    assert after.words == {
        b"sat": (b"sat",),
        b"mat": (b"mat",),
        b"map": (b"m", b"a", b"p"),
        b"at": (b"at",),
    }
    assert after.merge == (b"a", b"p"), "of two that tie the one whose left piece comes first"


def test_steps_end_where_no_pair_stands_twice():
    *_, last = steps = list(merge_steps("ab ab", 9))
    assert [step.merge for step in steps] == [(b"a", b"b"), None]
    assert last.counts == {(b" ", b"ab"): 1}


def test_overlapping_pairs_are_counted_and_merged_from_the_left():
    (step,) = merge_steps("aaa", 0)
    assert step.counts == {(b"a", b"a"): 2}
    assert merged([b"a"] * 5, (b"a", b"a")) == [b"aa", b"aa", b"a"]
    assert merged([], (b"a", b"a")) == []


def test_ties_go_to_what_prints_first():
    (step,) = merge_steps("b a b a", 0)
    # (" ", "a") and (" ", "b") stand there twice and once; a blank comes after the letters.
    assert step.merge == (b" ", b"a")
    (step,) = merge_steps("xy yx xy yx", 0)
    assert step.counts[(b"x", b"y")] == step.counts[(b"y", b"x")] == 2
    assert step.counts[(b" ", b"y")] == 2
    assert step.merge == (b"x", b"y")


@given(few_letters)
def test_counts_stay_right_as_merges_change_them(text):
    merging = PairMerging(text)
    assert merging.counts == counted_again(merging)
    while pair := merging.commonest():
        before = merging.counts[pair]
        merging.merge(pair)
        assert merging.counts == counted_again(merging)
        assert 0 not in merging.counts.values()
        assert max(merging.counts.values(), default=0) <= before, "no pair gets commoner"


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: list(merge_steps("", 3)), "text is empty: hand in a text"),
        (lambda: list(merge_steps([], 3)), "text is empty"),
        (lambda: list(merge_steps("a", -1)), "count is -1, and must be 0 or more"),
        (lambda: list(merge_steps("a\ud800b", 1)), r"text holds '\\ud800', half of a surrogate"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_what_is_no_text_is_named():
    with pytest.raises(TypeError, match="text is a bytes, and must be a string or a list"):
        PairMerging(b"abc")
    with pytest.raises(TypeError, match="text holds 7, and must hold strings"):
        PairMerging(["abc", 7])
