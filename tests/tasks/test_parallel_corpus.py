import hashlib
import re
from collections import Counter

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from attnlab.tasks import (
    AGREEMENT,
    ENGLISH,
    FRENCH,
    detokenize,
    sentence_pairs,
    split_of,
    splits,
)
from attnlab.tasks.translation import parallel_corpus
from attnlab.tasks.translation.grammar import Draft
from attnlab.tasks.translation.invention import Chances, sentence
from attnlab.tasks.translation.lexicon import ADJECTIVES, AREA, NOUNS

SEEDS = st.integers(0, 2**40)
LENGTHS = st.tuples(st.integers(4, 50), st.integers(4, 50)).map(sorted)
VOWEL = "(?:[aeiouéêà]|homme|histoire|heureu)"
WRONG = re.compile(
    rf"\b(?:le|la|je|ne|de|que|ce|ma|sa) {VOWEL}"  # not elided, or not linked
    r"|\b(?:beau|nouveau|vieux) (?:accord|arbre|enfant|homme|oiseau)\b"
    rf"|\b(?:[ljnd]|qu)'(?!{VOWEL})|s'(?!ils? )"  # elided without need
    r"|\bsi ils? |\bde les? |\bà les? |\bde (?:des|du) |\bpas (?:d'|(?:de|des|une?)\b)"
    r"|\b(?:cet|bel|vieil|nouvel) (?!accord|arbre|enfant|homme|oiseau)",
    re.IGNORECASE,
)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def draw(seed, lengths, count=10):
    shortest, longest = lengths
    return sentence_pairs(seeded(seed), count, shortest=shortest, longest=longest)


@given(SEEDS, LENGTHS)
@settings(max_examples=12)
def test_every_word_is_known_and_every_sentence_has_a_wanted_length(seed, lengths):
    for pair in draw(seed, lengths):
        assert not ENGLISH.unknown(pair.source)
        assert not FRENCH.unknown(pair.target)
        assert lengths[0] <= len(pair.source) <= lengths[1]


@given(SEEDS, LENGTHS)
@settings(max_examples=12)
def test_every_word_of_both_languages_is_aligned(seed, lengths):
    for pair in draw(seed, lengths):
        places, partners = zip(*pair.alignment, strict=True)
        assert set(places) == set(range(len(pair.source)))
        assert set(partners) == set(range(len(pair.target)))
        assert list(pair.alignment) == sorted(set(pair.alignment))


@given(SEEDS, LENGTHS)
@settings(max_examples=12)
def test_nouns_and_adjectives_are_aligned_with_their_own_translation(seed, lengths):
    forms = {one: {two} for noun in (*NOUNS, AREA) for one, two in zip(*noun[:2], strict=True)}
    forms |= {word.english: {*word.french, word.linked} for word in ADJECTIVES}
    for pair in draw(seed, lengths):
        for place, word in enumerate(pair.source):
            if word in forms:
                (partner,) = [at for there, at in pair.alignment if there == place]
                assert pair.target[partner] in forms[word]


@given(SEEDS, LENGTHS)
@settings(max_examples=12)
def test_french_is_spelt_as_the_next_word_asks(seed, lengths):
    for pair in draw(seed, lengths):
        assert not WRONG.search(detokenize(pair.target)), detokenize(pair.target)


@pytest.mark.parametrize(
    "wrong",
    [
        *("le accord", "la école", "je aime", "que il", "le homme", "ma histoire", "ce arbre"),
        *("un beau oiseau", "l'héros", "d'un chat de le roi", "à les chats", "si il dort"),
        *("cet héros", "un vieil chat", "je ne vois pas de chat", "s'elle"),
    ],
)
def test_the_search_for_wrong_french_finds_it(wrong):
    assert WRONG.search(wrong)


def test_an_english_sentence_has_one_translation():
    chances, met = Chances(seeded()), {}
    for _ in range(2500):
        draft = sentence(chances, 3, 5)
        translation = met.setdefault(tuple(draft.source), draft.finished())
        assert draft.finished() == translation
    assert len(met) < 2300, "too few sentences came twice"


def test_no_sentence_is_in_two_lists_and_none_comes_twice():
    lists = splits(0, 1200, 150, 150)
    assert [len(pairs) for pairs in lists] == [1200, 150, 150]
    sources = [pair.source for pairs in lists for pair in pairs]
    assert len(set(sources)) == 1500
    assert AGREEMENT.source not in sources


def test_the_sentence_of_the_chapters_is_left_out_when_it_comes_up(monkeypatch):
    agreement = Draft()
    agreement.say(*AGREEMENT.source)
    drafts = iter([agreement])
    monkeypatch.setattr(
        parallel_corpus, "sentence", lambda *wanted: next(drafts, None) or sentence(*wanted)
    )
    pairs = sentence_pairs(seeded(), 3)
    assert len(pairs) == 3
    assert AGREEMENT.source not in [pair.source for pair in pairs]


def test_lists_of_other_seeds_and_lengths_do_not_overlap_either():
    train = {pair.source for pair in splits(1, 800, 0, 0, shortest=3, longest=4).train}
    unseen = splits(2, 0, 90, 90, shortest=3, longest=4)
    assert not train & {pair.source for pair in (*unseen.validation, *unseen.test)}
    assert train & {pair.source for pair in splits(2, 800, 0, 0, shortest=3, longest=4).train}


def test_a_list_is_told_by_the_sentence_alone():
    for name, pairs in zip(("train", "validation", "test"), splits(3, 200, 50, 50), strict=True):
        assert {split_of(pair.source) for pair in pairs} == {name}
    shares = Counter(split_of(pair.source) for pair in sentence_pairs(seeded(), 1000))
    assert shares["train"] / 1000 == pytest.approx(0.8, abs=0.04)
    assert shares["test"] / 1000 == pytest.approx(0.1, abs=0.03)


def test_all_lengths_come_up_about_equally_often():
    short = Counter(len(pair.source) for pair in sentence_pairs(seeded(), 1300))
    assert set(short) == set(range(3, 16))
    assert all(60 <= short[length] <= 140 for length in range(4, 16)), "100 expected"
    long = Counter(len(pair.source) for pair in sentence_pairs(seeded(), 960, longest=50))
    assert set(long) == set(range(3, 51))
    assert all(6 <= times <= 40 for times in long.values()), "20 expected"


@pytest.mark.parametrize("length", [3, 4, 27, 50])
def test_each_length_can_be_asked_for_alone(length):
    pairs = sentence_pairs(seeded(), 30, shortest=length, longest=length)
    assert {len(pair.source) for pair in pairs} == {length}


def test_the_european_economic_area_is_met_in_training_and_turned_round():
    met = 0
    for pair in splits(0, 700, 0, 0).train:
        if "Area" in pair.source:
            met += 1
            last, at = pair.source.index("Area"), pair.target.index("zone")
            assert pair.source[last - 2 : last + 1] == ("European", "Economic", "Area")
            assert pair.target[at : at + 3] == ("zone", "économique", "européenne")
            assert {(last, at), (last - 1, at + 1), (last - 2, at + 2)} <= {*pair.alignment}
    assert met >= 5


def test_every_word_of_the_vocabularies_is_used():
    pairs = sentence_pairs(seeded(), 2000)
    assert {word for pair in pairs for word in pair.source} == {*ENGLISH.words}
    assert {word for pair in pairs for word in pair.target} == {*FRENCH.words}


def test_the_same_seed_gives_the_same_pairs():
    assert splits(5, 40, 5, 5) == splits(5, 40, 5, 5)
    assert splits(5, 40, 5, 5) != splits(6, 40, 5, 5)
    assert splits(5, 40, 5, 5).train == splits(5, 40, 0, 0).train


@pytest.mark.parametrize(
    ("longest", "digest"),
    [
        (15, "dc1a7c6eb6c5083f04be585dca9e29d1cf5c5f7e80b3b63c1e89af9b98443eb4"),
        (50, "e4bd292912eaa09fdeb5ad9c8229a08415a4a6605577af90558eb9d63585274a"),
    ],
)
def test_the_pairs_that_shipped_weights_were_trained_on_never_change(longest, digest):
    lists = splits(0, 100, 20, 20, longest=longest)
    found = repr([[tuple(pair) for pair in pairs] for pairs in lists])
    assert hashlib.sha256(found.encode()).hexdigest() == digest


def test_the_words_that_shipped_weights_count_on_never_change():
    for vocabulary, size, digest in [
        (ENGLISH, 138, "31e42bf72eced579"),
        (FRENCH, 192, "e63d98fa1872357d"),
    ]:
        assert len(vocabulary) == size
        assert hashlib.sha256(" ".join(vocabulary.words).encode()).hexdigest()[:16] == digest


def test_no_global_randomness_is_used():
    before = torch.random.get_rng_state()
    sentence_pairs(seeded(), 5)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_a_sentence_as_it_is_written():
    assert detokenize(["j'", "aime", "l'", "école", "d'", "Ana"]) == "j'aime l'école d'Ana"
    assert detokenize([]) == ""


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: sentence_pairs(seeded(), 5, shortest=2), "shortest is 2 .* from 3 to 50"),
        (lambda: sentence_pairs(seeded(), 5, longest=51), "longest 51: .* from 3 to 50"),
        (lambda: splits(0, shortest=9, longest=8), "shortest is 9 and longest 8: give the smaller"),
        (lambda: splits(0, 5, -1, 5), "validation is -1, and must be at least 0"),
        (lambda: sentence_pairs(seeded(), -3), "count is -3, and must be at least 0"),
        (
            lambda: splits(0, 0, 0, 900, shortest=3, longest=3),
            "test is 900, and only .* different sentences of 3 to 3 words were found: ask",
        ),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()
