"""The next token of a translation: the page scores what PyTorch scores, word after word."""

import numpy as np
import pytest
import torch

from attnlab.lab import TranslationStep, next_token
from attnlab.lab.widgets.assets import bundle
from attnlab.lab.widgets.figure import Figure
from attnlab.nn import Transformer, TransformerConfig
from attnlab.recipes import trained
from attnlab.tasks import BEGIN, ENGLISH, FRENCH
from attnlab.training import greedy, sampling_weights
from node import javascript, traits

SENTENCE, UNSURE = "the old cat sleeps", "two cats"


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
    with javascript("translation_step.js", tmp_path_factory.mktemp("step")) as answers:
        yield answers


def same(found, expected):
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-4)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"written": ["deux", "chats"], "temperature": 2.0, "top_p": 0.75},
        {"sentence": "The ZORGLE, they say, forgets Omar!", "written": ["le", "<unknown>"]},
        {"sentence": "Ana", "written": ["Ana", "dort", "<end>"], "top_k": 4},
        {"sentence": "the cat " * 20, "written": ["le"] * 54},
    ],
)
def test_the_page_agrees_with_the_package(model, ask, settings):
    figure = TranslationStep(model, **{"sentence": UNSURE, **settings})
    (answer,) = ask([["compute", traits(figure)]])
    same(answer["result"], figure.result)
    assert answer["state"].items() <= figure.get_state().items()
    tokens = [figure.vocabulary.index(word) for word in figure.beginning if word != "<end>"]
    with torch.no_grad():
        scores = model(torch.tensor([figure.source]), torch.tensor([[BEGIN, *tokens]]))[0, -1]
    cuts = figure.temperature, figure.top_k, figure.top_p
    np.testing.assert_allclose(figure.result[2], sampling_weights(scores, *cuts), atol=1e-5)


def test_always_the_highest_bar_is_greedy_decoding(model, ask):
    figure = TranslationStep(model, UNSURE)
    wanted = greedy(model, torch.tensor([figure.source]), **figure.request)[0].tolist()
    sent, shown = traits(figure), None
    for length in range(len(wanted)):
        (shown,) = ask([["compute", sent, shown]])
        assert (shown["full"], len(shown["written"])) == (False, length)
        (more,) = ask([["wrote", shown, shown["order"][0]]])
        sent |= more
    figure.written = sent["written"]  # as the page sets it
    assert [figure.vocabulary.index(word) for word in figure.beginning] == wanted
    (shown,) = ask([["compute", sent]])
    assert shown["ended"]
    assert ask([["wrote", shown, 5]]) == [None], "nothing comes behind the end mark"
    same(shown["result"], figure.result)


def test_words_are_taken_back_and_another_sentence_starts_anew(model, ask):
    figure = TranslationStep(model, UNSURE, [SENTENCE], written=["deux", "chats"])
    sent = traits(figure)
    (shown,) = ask([["compute", sent]])
    back, first = ask([["tookBack", shown], ["tookBack", shown, 0]])
    assert (back, first) == ({"written": {UNSURE: ["deux"]}}, {"written": {UNSURE: []}})
    (other,) = ask([["compute", sent | {"sentence": SENTENCE}]])
    figure.sentence = SENTENCE
    assert other["written"] == figure.beginning == []
    same(other["result"], figure.result)
    figure.written = ["le"]
    (other,) = ask([["compute", traits(figure)]])
    assert other["written"] == figure.beginning == ["le"]
    figure.written = {SENTENCE: ["le"], UNSURE: ["deux"]}
    figure.sentence = UNSURE
    assert figure.beginning == ["deux"], "each sentence keeps its own"


@pytest.mark.parametrize("typed", ["", " ... ", "the cat " * 21])
def test_what_cannot_be_translated_leaves_the_sentence_before(model, ask, typed):
    figure = TranslationStep(model, UNSURE, [SENTENCE], written=["deux"])
    figure.sentence = SENTENCE
    (before,) = ask([["compute", traits(figure)]])
    figure.sentence = typed
    (answer,) = ask([["compute", traits(figure), {"state": before["state"]}]])
    assert "sentence has" in answer["note"]
    assert answer["state"]["sentence"] == figure.shown == SENTENCE
    same(answer["result"], figure.result)


def test_chance_draws_each_token_as_often_as_its_bar_says(ask):
    shown = {"order": [2, 0, 1], "weights": [0.25, 0.0, 0.75]}
    shares = [0, 0.5, 0.7499, 0.7501, 0.9999, 1]
    assert ask([["drawn", shown, share] for share in shares]) == [2, 2, 2, 0, 0, 2]


def test_what_chapter_10_says_of_it():
    figure = TranslationStep(trained("translation"), UNSURE, written=["deux", "chats"])
    assert round(figure.result[0][0], 2) == 2.37
    figure = TranslationStep(trained("translation"), SENTENCE)
    tokens = greedy(figure.network, torch.tensor([figure.source]), **figure.request)[0].tolist()
    figure.written = [figure.vocabulary[token] for token in tokens]
    assert min(figure.result[3]) > 0.99


@pytest.mark.parametrize("word", ["zorgle", "<b>bold</b>", "<end>", "&amp", "z" * 10_000])
def test_an_unknown_word_stays_text(model, ask, word):
    figure = TranslationStep(model, f"the {word} sleeps", written=["le", "<unknown>"])
    (answer,) = ask([["compute", traits(figure)]])
    same(answer["result"], figure.result)
    (aloud,) = ask([["readAloud", figure.beginning, answer["strange"]]])
    assert aloud == ["le", word]


def test_without_its_model_it_shows_no_numbers(model, ask):
    figure = TranslationStep(model, UNSURE)
    (answer,) = ask([["compute", traits(figure) | {"model": figure.model | {"weights": ""}}]])
    assert (answer["waits"], answer["result"], answer["order"]) == (True, [], [])


def test_a_stored_figure_makes_its_model_from_its_traits(model):
    figure = TranslationStep(model, UNSURE, written=["deux"])
    names = {*TranslationStep.class_traits(sync=True)} - {*Figure.class_traits()}
    again = TranslationStep.__new__(TranslationStep)
    Figure.__init__(again, **{name: getattr(figure, name) for name in names})
    assert again.result == figure.result
    assert again.module is not model


def test_the_factory_takes_scores_or_a_model(model):
    live = next_token(model=model, sentence=UNSURE, sentences=[SENTENCE])
    field, sentence, temperature, top_k, top_p = live.children[0].children
    assert (field.value, sentence._options_labels) == (UNSURE, [UNSURE, SENTENCE])
    assert (temperature.low, temperature.high) == (1 / 8, 8)
    ends = [(box.children[1].min, box.children[1].max) for box in (top_k, top_p)]
    assert ends == [(1, len(FRENCH)), (0.5, 1)]
    assert repr(live) == f"Live next token of a translation, {len(FRENCH)} tokens"
    assert live.figure.png().startswith(b"\x89PNG")
    with pytest.raises(TypeError, match="either logits with their words, or a model"):
        next_token(model=model, logits=[1.0], words=["a"])
    with pytest.raises(TypeError, match="either logits with their words, or a model"):
        next_token()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"sentence": " . "}, "sentence has 0 words, and needs 1 to 40"),
        ({"sentences": ["the cat " * 21]}, "sentence has 42 words"),
        ({"written": ["zorgle"]}, "written has 'zorgle', which is no token of the model"),
        ({"written": ["<end>", "le"]}, "none behind <end>"),
        ({"written": ["le"] * 17}, "written has 17 tokens, and may have 16"),
        ({"top_k": 193}, "top_k is 193, and must be from 1 to 192"),
        ({"focus": [12, 0]}, r"focus is \[12, 0\]"),
    ],
)
def test_what_does_not_fit_is_named(model, settings, said):
    with pytest.raises(ValueError, match=said):
        TranslationStep(model, **{"sentence": UNSURE, **settings})


def test_a_model_of_other_words_is_refused():
    sizes = {"source_vocabulary": len(ENGLISH), "target_vocabulary": 9}
    other = Transformer(TransformerConfig(**sizes, d_model=8, heads=2, layers=1, d_ff=8))
    with pytest.raises(ValueError, match=f"model has vocabularies of {len(ENGLISH)} and 9"):
        next_token(model=other, sentence=UNSURE)


def test_no_text_becomes_html():
    assert "innerHTML" not in bundle("translation_step.js")
