"""Typed text on its way into a model and out: the browser does with it what the package does."""

import random

import pytest

from attnlab.lab.cross_attention import _check, _french, english
from attnlab.recipes import trained
from attnlab.tasks import ENGLISH, FRENCH
from node import javascript

ODD = [
    "",
    " . ! ",
    "The Cat sleeps.",
    "“the cat”, the DOG; Ana: sleeps?!",
    "the cat\tsees\xa0the\u2003dog\nin\x85August \x1c 1992",
    "Café naïve l'été don't",
    "the <end> <pad> <begin> <unknown> <script>alert(1)</script>",
    "__proto__ constructor toString hasOwnProperty",
    "the İstanbul ΣΑΣ ﬁ ß \u212a \ufeff",
    "🦉 the 🦉🦉 owl, ...owl... .o.w.l.",
    "w" * 10_000,
    "the . . . cat",
    "." * 100_000 + "cat" + "." * 100_000 + "x" + "." * 100_000,
    "the cat " * 20 + "sleeps",
    "the " * 40,
    "אבג دهو the cat",
]


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    with javascript("sentences.js", tmp_path_factory.mktemp("sentences")) as answers:
        yield answers


def texts():
    """The odd ones, and words, stops and blanks thrown together."""
    draw = random.Random(0)
    words = [*draw.sample(ENGLISH.words, 12), "The", "EUROPEAN", "european", "zorgle", "<end>"]
    parts = [*words, *'.,;:!?"“”', "''", " ", "  ", "\t", "\u3000", "\x1f", "\ufeff", "-"]
    return [*ODD, *("".join(draw.choices(parts, k=draw.randrange(30))) for _ in range(300))]


def test_words_and_tokens_are_those_of_the_package(ask):
    asked = texts()
    answers = ask([["tokenised", text, list(ENGLISH.words)] for text in asked])
    for text, found in zip(asked, answers, strict=True):
        words = english(text)
        assert found["words"] == list(words)
        tokens = ENGLISH.encode(words, unknown="<unknown>") if words else []
        assert found["tokens"] == tokens
        assert [words[place] for place in found["unknown"]] == ENGLISH.unknown(words)


def advice(words):
    """What the package says to these words; nothing if it translates them."""
    try:
        _check(trained("translation"), words)
    except ValueError as error:
        return f"{error}."
    return ""


def test_the_advice_is_that_of_the_package(ask):
    asked = [english(text) for text in texts()]
    found = ask([["refusal", {"words": words}] for words in asked])
    assert found == [advice(words) for words in asked]
    assert len({*found}) > 2


def test_french_words_are_those_of_the_package(ask):
    draw = random.Random(1)
    for count in range(4):
        sentence = {"words": ["the", "<b>", "cat", "x"], "unknown": [1, 3][:count]}
        tokens = [draw.randrange(len(FRENCH)) for _ in range(40)] + [3, 0, 3, 1, 2, 3, 3]
        (found,) = ask([["frenchOf", tokens, sentence, list(FRENCH.words)]])
        strange = [sentence["words"][place] for place in sentence["unknown"]]
        assert found == list(_french(tokens, strange))
