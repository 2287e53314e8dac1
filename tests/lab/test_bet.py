"""A bet on a claim: what is said of it before and after, in Python and in the browser alike."""

import json
from itertools import product

import pytest
import traitlets as t

from attnlab.check import diary
from attnlab.lab import bet
from attnlab.lab.widgets.bet import LEVELS
from node import javascript

WORDS = {"claim": "itself", "statement": "A <b>word</b> looks most at itself.", "because": "0.38."}
ANSWERS = ["true", "false", "depends"]


@pytest.fixture
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("ATTNLAB_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.mark.parametrize("verdict", ["true", "false", "caveat"])
def test_the_browser_says_the_same_of_every_bet(tmp_path, verdict):
    made = bet(**WORDS, verdict=verdict)
    with javascript("bet_verdict.js", tmp_path) as answers:
        for given, sure in [("", 0), *product(ANSWERS, LEVELS)]:
            made.given, made.sure = given, sure
            state = {n: made.get_state()[n] for n in ("given", "sure", "found", "because")}
            (told, right) = answers([["verdict", state], ["isRight", given, verdict]])
            assert " ".join(told) == made.told
            assert right == made.right


def test_one_of_three_answers_is_right():
    for verdict, right in [("true", "true"), ("false", "false"), ("caveat", "depends")]:
        made = bet(**WORDS, verdict=verdict)
        assert not made.right, "no bet was placed"
        rights = []
        for made.given in ANSWERS:
            rights += [made.given] * made.right
        assert rights == [right]


def test_what_is_said():
    made = bet(**WORDS, verdict="caveat")
    assert made.told == "No bet was placed. The experiment says: true, with a caveat. 0.38."
    made.given, made.sure = "true", 80
    assert made.told == "You bet true, 80 % sure. The experiment says: true, with a caveat. 0.38."


def test_the_bet_says_what_is_missing_and_how_it_stands(tmp_path):
    with javascript("bet.js", tmp_path) as answers:
        said = answers(
            [
                *(["missing", *given] for given in [("", 0), ("true", 0), ("true", 50)]),
                *(["standing", *now] for now in [("", 0, False), ("false", 65, False)]),
                *(["standing", *now] for now in [("", 0, True), ("false", 65, True)]),
            ]
        )
    assert said == [
        "Say true, false or depends.",
        "Say how sure you are.",
        "",
        "The experiment decides.",
        "Your bet: false, 65 % sure.",
        "The verdict is out.",
        "Your bet: false, 65 % sure. The verdict is out.",
    ]


def test_calibration_counts_bets_of_which_the_verdict_was_read(tmp_path):
    kept = {
        "a": {"given": "true", "sure": 80, "right": True},
        "b": {"given": "true", "sure": 80, "right": False},
        "c": {"given": "true", "sure": 80},
        "d": {"given": "false", "sure": 95, "right": False},
        "e": {"given": "depends", "sure": 95, "right": False},
        "f": {"given": "false", "sure": 50, "right": True},
    }
    with javascript("bet_verdict.js", tmp_path) as answers:
        said = answers([["calibration", kept, sure] for sure in (80, 95, 50, 65)])
    assert said == [
        "Of 2 bets made at 80 %, 1 was right.",
        "Of 2 bets made at 95 %, none were right.",
        "",
        "",
    ]


def test_nothing_is_given_away_before():
    made = bet(**WORDS, verdict="false")
    data, _ = made._repr_mimebundle_()
    assert data["text/plain"].splitlines() == [WORDS["statement"], *(f"  ( ) {a}" for a in ANSWERS)]
    assert data["text/html"].count("<li>") == 3
    assert "<b>" not in data["text/html"]
    assert "0.38" not in json.dumps([data["text/plain"], data["text/html"]])


def test_the_verdict_is_one_view_with_words_that_no_bet_changes():
    made = bet(**WORDS, verdict="false")
    before, _ = made.verdict._repr_mimebundle_()
    made.given, made.sure = "true", 95
    after, _ = made.verdict._repr_mimebundle_()
    assert before == after, "nbval compares them"
    assert made.verdict is made.verdict
    assert after["text/plain"] == "The experiment says: false. 0.38."
    assert made.verdict.get_state()["bet"] == f"IPY_MODEL_{made.model_id}"


def test_a_bet_is_kept_once_its_verdict_was_read(own_folder):
    made = bet(**WORDS, verdict="false")
    made.given, made.sure = "true", 80
    assert not own_folder.exists()
    made.settled = True
    assert diary.bets() == {"itself": {"sure": 80, "right": False}}


def test_who_placed_no_bet_has_none_kept(own_folder):
    bet(**WORDS, verdict="false").settled = True
    assert not own_folder.exists()


@pytest.mark.parametrize("name", ["claim", "statement", "because", "verdict"])
@pytest.mark.parametrize(
    ("value", "error", "words"),
    [(3, TypeError, "is a int, and must be a text"), (" ", ValueError, "is empty: say it")],
)
def test_a_bet_is_made_of_texts(name, value, error, words):
    with pytest.raises(error, match=f"{name} {words}"):
        bet(**(WORDS | {"verdict": "true"} | {name: value}))


def test_a_verdict_is_one_of_three():
    with pytest.raises(ValueError, match=r"verdict is 'depends'.*\['true', 'false', 'caveat'\]"):
        bet(**WORDS, verdict="depends")


def test_only_a_bet_can_be_placed():
    made = bet(**WORDS, verdict="true")
    for name, value in [("given", "caveat"), ("sure", 77)]:
        with pytest.raises(t.TraitError, match=name):
            setattr(made, name, value)
