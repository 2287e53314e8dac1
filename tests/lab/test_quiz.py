import json

import pytest

from attnlab.lab import quiz
from node import javascript

QUESTION = "Which word does <sat> look at most?"
ANSWERS = {"cat": "It scores 2.", "the": "It scores 0.5.", "<b>sat</b>": "It scores 1.5."}


def test_every_answer_has_its_own_verdict():
    asked = quiz(QUESTION, ANSWERS, right="cat")
    assert asked.verdict == ""
    for answer, reason in ANSWERS.items():
        asked.given = answer
        assert asked.verdict == ("Right. " if answer == "cat" else "Not quite. ") + reason


def test_the_browser_says_the_same(tmp_path):
    asked = quiz(QUESTION, ANSWERS, right="cat")
    with javascript("quiz.js", tmp_path) as answers:
        for given in ["", *ANSWERS]:
            asked.given = given
            call = ["verdict", asked.answers, asked.right, given]
            assert answers([call]) == [asked.verdict]


def test_viewers_without_widgets_get_the_question_and_the_answers():
    data, _ = quiz(QUESTION, ANSWERS, right="cat")._repr_mimebundle_()
    assert data["text/plain"].splitlines() == [QUESTION, *(f"  ( ) {word}" for word in ANSWERS)]
    assert data["text/html"].count("<li>") == 3
    assert "<b>" not in data["text/html"]
    assert "scores" not in json.dumps([data["text/plain"], data["text/html"]]), "not the reasons"


@pytest.mark.parametrize(
    ("answers", "right", "words"),
    [
        ({"cat": "Yes."}, "cat", "1 entries"),
        ({str(i): "No." for i in range(7)}, "1", "7 entries"),
        ({"cat": "Yes.", "the": " "}, "cat", "no reason for \\['the'\\]"),
        ({"cat": "Yes.", "the": "No."}, "mat", "one of \\['cat', 'the'\\]"),
    ],
)
def test_what_cannot_be_asked(answers, right, words):
    with pytest.raises(ValueError, match=words):
        quiz(QUESTION, answers, right)


def test_only_an_answer_can_be_given():
    asked = quiz(QUESTION, ANSWERS, right="cat")
    with pytest.raises(ValueError, match="one of \\['cat'"):
        asked.given = "mat"
