"""BLEU, held to counts made by hand."""

import doctest
import math
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnlab.training import bleu, corpus_bleu

SENTENCES = st.lists(st.lists(st.sampled_from("abcde"), min_size=4, max_size=11), min_size=1)


def test_one_sentence_by_hand():
    # Of its 5 words 4 are right, of its pairs 3 of 4, then 2 of 3 and 1 of 2; r = 6, c = 5.
    by_hand = 100 * math.exp(1 - 6 / 5) * (4 / 5 * 3 / 4 * 2 / 3 * 1 / 2) ** 0.25
    assert corpus_bleu(["a b c d e"], ["a b c d f g"]) == pytest.approx(by_hand)


def test_counts_are_summed_over_the_corpus():
    found = ["a b c d e", "the the the the cat sat"]
    wanted = ["a b c d f g", "the cat sat"]
    # The second: words "the" (once of four), cat, sat: 3 of 6; pairs "the cat", "cat sat": 2 of
    # 5; "the cat sat": 1 of 4; 0 of 3. c = 5 + 6 is longer than r = 6 + 3: no penalty.
    precisions = (4 + 3) / 11, (3 + 2) / 9, (2 + 1) / 7, (1 + 0) / 5
    assert corpus_bleu(found, wanted) == pytest.approx(100 * math.prod(precisions) ** 0.25)


def test_a_length_without_a_right_run_counts_as_half_a_run():
    # "a b" is right, neither "a b d" nor "b d c", nor the four: 1/2 of 2, then 1/4 of 1.
    precisions = 4 / 4, 1 / 3, 0.5 / 2, 0.25 / 1
    by_hand = 100 * math.prod(precisions) ** 0.25
    assert corpus_bleu(["a b d c"], ["a b c d"]) == pytest.approx(by_hand)


def test_too_long_is_not_punished_twice_and_too_short_is_once():
    wanted = ["a b c d e f g h"]
    precisions = 8 / 9, 7 / 8, 6 / 7, 5 / 6
    assert corpus_bleu(["a b c d e f g h i"], wanted) == pytest.approx(
        100 * math.prod(precisions) ** 0.25
    )
    assert corpus_bleu(["a b c d e f"], wanted) == pytest.approx(100 * math.exp(1 - 8 / 6))


@given(SENTENCES)
def test_what_is_wanted_scores_100_and_words_are_as_good_as_texts(sentences):
    assert corpus_bleu(sentences, sentences) == 100
    texts = [" ".join(words) for words in sentences]
    turned = [words[::-1] for words in sentences]
    assert corpus_bleu(turned, texts) == corpus_bleu([" ".join(w) for w in turned], sentences)
    assert 0 <= corpus_bleu(turned, texts) <= 100


def test_order_counts():
    wanted = ["the black cat sees the small dog"]
    same_words = ["the small dog sees the black cat", "dog small the sees cat black the"]
    scores = [corpus_bleu([found], wanted) for found in same_words]
    assert 100 > scores[0] > scores[1] > 0


def test_words_are_taken_as_they_are():
    assert corpus_bleu(["l' accord est signé ."], ["l' accord est signé ."]) == 100
    assert corpus_bleu(["L' accord est signé ."], ["l' accord est signé ."]) < 100
    assert corpus_bleu(["l'accord est signé ."], ["l' accord est signé ."]) < 100
    assert corpus_bleu(["l' accord est signé."], ["l' accord est signé ."]) < 100


def test_nothing_written_scores_0_and_nothing_is_said(caplog, capfd):
    assert corpus_bleu([""], ["a b c d"]) == 0
    assert corpus_bleu([[], []], ["a b c d", "a ."]) == 0
    assert corpus_bleu(["a b c ."] * 200, ["a b c ."] * 200) == 100
    assert not caplog.records
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("found", "wanted", "error", "words"),
    [
        ([], [], ValueError, "found has no sentences"),
        (["a"], [], ValueError, "wanted has no sentences"),
        (["a", "b"], ["a", "b", "c"], ValueError, "found has 2 sentences and wanted 3"),
        ("a b", ["a b"], TypeError, r"found is a single text: .* \[found\]"),
        (["a b"], "a b", TypeError, "wanted is a single text"),
        ([[5, 6]], ["a b"], TypeError, "found holds words that are not strings"),
        (["a b"], [7], TypeError, "wanted holds words that are not strings"),
    ],
)
def test_bad_input_is_named(found, wanted, error, words):
    with pytest.raises(error, match=words):
        corpus_bleu(found, wanted)


@pytest.mark.slow
def test_training_is_imported_without_sacrebleu():
    program = "import attnlab.training, sys; print('sacrebleu' in sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "False"


def test_the_examples_of_the_docstrings():
    result = doctest.testmod(bleu)
    assert result.attempted > 0
    assert result.failed == 0
