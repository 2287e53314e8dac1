"""The sentences to show: unseen in training, and none can be translated word by word."""

import pytest

from attnlab.recipes.sentences import corpus
from attnlab.tasks import EXAMPLE_PAIRS
from attnlab.tasks.translation import lexicon

ADJECTIVES = {each.english for each in lexicon.ADJECTIVES}


def test_all_are_of_the_test_list_with_its_translation_and_alignment():
    tests = {pair.source: pair for pair in corpus(20_000, 15).test}
    assert [tests.get(pair.source) for pair in EXAMPLE_PAIRS] == [*EXAMPLE_PAIRS]
    assert len(set(EXAMPLE_PAIRS)) == 8


@pytest.mark.parametrize("pair", EXAMPLE_PAIRS, ids=lambda pair: " ".join(pair.source))
def test_each_crosses_words_or_has_an_adjective_far_from_its_noun(pair):
    places = [j for j, _ in sorted(pair.alignment, key=lambda link: link[1])]
    crossed = places != sorted(places)
    far = any(
        word in ADJECTIVES and "is" in pair.source[:at] for at, word in enumerate(pair.source)
    )
    assert crossed or far
