"""The beam of a translation: the page looks at, keeps and ends what the package does."""

import numpy as np
import pytest
import torch

from attnlab.lab import TranslationBeam, beam_tree
from attnlab.recipes import trained
from attnlab.training import beam_search, beams
from node import javascript, traits

SENTENCES = ["two cats", "some children", "the zorgle forgets", "the old cat sleeps", "Ana"]


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module", params=["small", "gru"])
def model(request):
    return trained("translation", request.param)


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    with javascript("translation_beam.js", tmp_path_factory.mktemp("beam")) as answers:
        yield answers


@pytest.mark.parametrize(("width", "penalty"), [(1, 0.0), (2, 1.0), (3, 0.0), (6, 0.625)])
def test_the_page_agrees_with_the_package_at_every_step(model, ask, width, penalty):
    for sentence in SENTENCES:
        figure = TranslationBeam(model, sentence, width=width, length_penalty=penalty)
        (shown,) = ask([["compute", traits(figure)]])
        assert len(shown["columns"]) == len(figure.search)
        for column, found in zip(shown["columns"], figure.search, strict=True):
            for one, other in zip(column, found, strict=True):
                assert one["tokens"] == list(other.tokens)
                assert (one["held"], one["whole"]) == (other.held, other.whole)
                assert one["log"] == pytest.approx(other.log, abs=1e-4)
        for step in (0, 1, len(figure.search), 54):
            figure.step = step
            (answer,) = ask([["compute", traits(figure)]])
            assert answer["state"].items() <= figure.get_state().items()
            for one, other in zip(answer["result"], figure.result, strict=True):
                np.testing.assert_allclose(one, other, rtol=0, atol=1e-4)


@pytest.mark.parametrize(("width", "penalty"), [(1, 0.0), (3, 1.0)])
def test_it_keeps_what_beams_keep_and_ends_with_the_best(model, width, penalty):
    for sentence in SENTENCES:
        figure = TranslationBeam(model, sentence, width=width, length_penalty=penalty)
        source = torch.tensor([figure.source])
        for found, step in zip(
            figure.search, beams(model, source, width=width, **figure.request), strict=False
        ):
            kept = [each for each in found if each.held]
            assert found[:width] == kept
            assert [list(each.tokens) for each in kept] == step.tokens[0].tolist()
            assert [each.log for each in kept] == pytest.approx(step.logs[0].tolist(), abs=1e-4)
            assert all(found[i].log >= found[i + 1].log for i in range(6))
        tokens, score = beam_search(
            model, source, width=width, length_penalty=penalty, **figure.request
        )
        assert list(figure.best.tokens) == [token for token in tokens[0].tolist() if token]
        assert figure.best.score(penalty) == pytest.approx(score.item(), abs=1e-4)


def test_the_numbers_of_a_beginning_by_hand(ask):
    shown = {"state": {"width": 2, "length_penalty": 1}, "words": ["a"] * 10, "columns": [[], []]}
    shown["columns"][0] = [{"held": True, "whole": False}] * 2 + [{"held": False}]
    parent = {"log": -0.5}
    node = {"column": 1, "rank": 2, "parent": parent, "tokens": [4, 2], "log": -2, "last": -1.5}
    calls = [
        ["wayOfBeginning", shown, node | {"held": False, "whole": False, "score": -2}],
        ["wayOfBeginning", shown, node | {"held": True, "whole": True, "score": -12 / 7}],
    ]
    cut, ended = ask(calls)
    assert cut[:2] == [["log p", "−0.50 − 1.50 = −2.00"], ["p", "exp(−2.00) = 0.14"]]
    assert cut[3] == ["search", "place 3 of 20: cut off, 2 may stay"]
    assert ended[2][1] == [["", "−2.00 / ((5 + 2) / 6)"], ["sup", "1"], ["", " = −1.71"]]
    assert ended[3] == ["search", "place 3 of 20: ended"]


def ends_with(sentence, width, penalty=0.0):
    figure = TranslationBeam(trained("translation"), sentence, width=width, length_penalty=penalty)
    words = [figure.vocabulary[token] for token in figure.best.tokens[:-1]]
    return " ".join(words), round(figure.best.log, 2)


def test_what_chapter_10_says_of_it():
    assert ends_with("two cats", 1) == ("deux chats chats fatigués", -3.34)
    assert ends_with("two cats", 2) == ("deux chats rient", -1.79)
    assert ends_with("some children", 3) == ("des enfants rient", -1.91)
    longer = "des enfants enfants regardent des enfants", -2.34
    assert ends_with("some children", 3, penalty=1.0) == longer
    assert len({ends_with("the old cat sleeps", width) for width in range(1, 7)}) == 1


def test_what_cannot_be_translated_leaves_the_sentence_before(model, ask):
    figure = TranslationBeam(model, "two cats", step=3)
    before, wanted = ask([["compute", traits(figure)]])[0], figure.result
    figure.sentence = "  "
    (answer,) = ask([["compute", traits(figure), before]])
    assert "sentence has no words" in answer["note"]
    assert answer["state"]["sentence"] == figure.shown == "two cats"
    assert figure.result == wanted
    assert answer["result"] == before["result"]


def test_without_its_model_it_shows_no_numbers(model, ask):
    figure = TranslationBeam(model, "two cats")
    (answer,) = ask([["compute", traits(figure) | {"model": figure.model | {"weights": ""}}]])
    assert (answer["waits"], answer["result"], answer["columns"]) == (True, [], [])


def test_the_factory_takes_stories_or_a_model(model):
    live = beam_tree(model=model, sentence="two cats", sentences=["Ana"], width=2, step=1)
    field, sentence, width, step, penalty = live.children[0].children
    assert (field.value, sentence._options_labels) == ("two cats", ["two cats", "Ana"])
    ends = [(box.children[1].min, box.children[1].max) for box in (width, step, penalty)]
    assert ends == [(1, 6), (0, 24), (0, 1)]
    assert repr(live).startswith("Live beam of width 2 over a translation in ")
    assert live.figure.png().startswith(b"\x89PNG")
    assert live.figure.cells == (7, len(live.figure.search))
    for arguments in ({}, {"model": model, "stories": {"a": {"x": 1.0}}}):
        with pytest.raises(TypeError, match="either stories, or a model"):
            beam_tree(**arguments)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"width": 7}, "width is 7, and must be from 1 to 6"),
        ({"step": 55}, "step is 55, and must be from 0 to 54"),
        ({"length_penalty": -1}, "length_penalty is -1"),
        ({"sentence": ""}, "sentence has 0 words"),
        ({"focus": [7, 0]}, r"focus is \[7, 0\]"),
    ],
)
def test_what_does_not_fit_is_named(settings, said):
    with pytest.raises(ValueError, match=said):
        TranslationBeam(trained("translation"), **{"sentence": "two cats", **settings})
