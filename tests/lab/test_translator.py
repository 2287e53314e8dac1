"""The translator: what is typed is translated or refused with advice; weights are those seen."""

import doctest
import importlib

import numpy as np
import pytest
import torch

from attnlab.lab import Translator, alignment_rates, looking, recording, translator
from attnlab.lab.widgets.assets import bundle
from attnlab.lab.widgets.figure import Figure
from attnlab.nn import Transformer, TransformerConfig
from attnlab.recipes import trained
from attnlab.tasks import AGREEMENT, BEGIN, ENGLISH, FRENCH, sentence_pairs
from attnlab.training import alignment_error
from node import javascript, traits

SHORT, STRANGE = "the cat sleeps", "the zorgle sleeps"


def untrained(**changes):
    torch.manual_seed(0)
    words = {"source_vocabulary": len(ENGLISH), "target_vocabulary": len(FRENCH)}
    sizes = {"d_model": 12, "heads": 3, "layers": 2, "d_ff": 8}
    return Transformer(TransformerConfig(**(words | sizes | changes)))


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Models this small are quickest with one, above all where other programs run too."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def model():
    return trained("translation", "small")


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    with javascript("translator.js", tmp_path_factory.mktemp("translator")) as answers:
        yield answers


def test_the_weights_are_those_of_the_steps_that_wrote_the_words(model):
    found = looking(model, "The old cat sleeps.")
    assert found[:2] == (("the", "old", "cat", "sleeps"), ("le", "vieux", "chat", "dort"))
    assert found.weights.shape == (2, 4, 4, 4)
    np.testing.assert_allclose(found.weights.sum(-1), 1, atol=1e-6)
    source = torch.tensor([ENGLISH.encode(found.source)])
    for step in range(4):  # each step alone, from what was written by then
        written = torch.tensor([[BEGIN, *FRENCH.encode(found.target[:step])]])
        with torch.no_grad(), recording(model) as seen:
            model(source, written)
        last = seen["decoder.layers.1.cross_attention"][0, :, -1]
        np.testing.assert_allclose(found.weights[1, :, step], last, atol=1e-6)


def test_the_alignment_of_a_pair_is_known_if_its_translation_is_written(model):
    pair = AGREEMENT._replace(source=("the", "cat", "sleeps"), target=("le", "chat", "dort"))
    pair = pair._replace(alignment=((0, 0), (1, 1), (2, 2)))
    assert looking(model, pair).gold == pair.alignment
    assert looking(model, pair._replace(target=("la", "chat", "dort"))).gold == ()
    assert looking(model, SHORT).gold == ()
    assert looking(model, pair._replace(alignment=())).gold == (), "a pair that nobody has aligned"


def test_the_rates_are_those_of_the_heads_one_sentence_after_the_other(model):
    pairs = sentence_pairs(torch.Generator().manual_seed(5), 24, longest=7)
    pairs = [pair for pair in pairs if looking(model, pair).gold]
    assert len({len(pair.source) for pair in pairs}) > 2
    assert len({len(pair.target) - len(pair.source) for pair in pairs}) > 1
    rates = alignment_rates(model, pairs)
    found, mean, same, gold = set(), set(), set(), set()
    for n, pair in enumerate(pairs):
        weights = looking(model, pair).weights
        found |= {(n, int(j), i) for i, j in enumerate(weights[1, 2].argmax(1))}
        mean |= {(n, int(j), i) for i, j in enumerate(weights.mean((0, 1)).argmax(1))}
        same |= {(n, i if i < len(pair.source) else 0, i) for i in range(len(pair.target))}
        gold |= {(n, j, i) for j, i in pair.alignment}
    assert len(rates) == 10
    assert rates["layer 1, head 2"] == pytest.approx(alignment_error(found, gold))
    assert rates["mean of all"] == pytest.approx(alignment_error(mean, gold))
    assert rates["same place"] == pytest.approx(alignment_error(same, gold))
    with pytest.raises(ValueError, match="pairs is empty"):
        alignment_rates(model, [])


def test_alignment_errors_by_hand(ask):
    # Rows look at columns 0, 0, 2; gold is (0, 0), (2, 2), (2, 1): two of three, on both sides.
    weights = [[0.6, 0.3, 0.1], [0.5, 0.4, 0.1], [0.1, 0.2, 0.7]]
    assert ask([["alignmentError", weights, [[0, 0], [2, 2], [2, 1]]]])[0] == pytest.approx(1 / 3)
    assert ask([["alignmentError", weights, [[0, 1]]]]) == [1]
    assert ask([["alignmentError", weights, [[0, 0]]]]) == [0.5]  # one of 3, and of 1


@pytest.mark.parametrize(
    "settings", [{}, {"layer": 1, "head": 2}, {"mean": True}, {"typed": SHORT}]
)
def test_the_browser_agrees_with_the_package(model, ask, settings):
    pair = AGREEMENT._replace(
        source=("the", "black", "cat", "sleeps"),
        target=("le", "chat", "noir", "dort"),
        alignment=((0, 0), (1, 2), (2, 1), (3, 3)),
    )
    figure = Translator(model, [pair, SHORT], **settings)
    (answer,) = ask([["compute", traits(figure)]])
    for found, expected in zip(answer["result"], figure.result, strict=True):
        np.testing.assert_allclose(found, expected, rtol=0, atol=2e-6)  # float32 in both
    assert answer["target"] == figure.translation
    assert (len(figure.errors) == 2) == ("typed" not in settings)
    lists = ask([["headByHead", answer, 1, 2]])[0]
    total = figure._every()[:, 1, 2].sum()
    assert lists[0][-1] == ["mean", f"{total:.2f} / 8 = {total / 8:.2f}"]


def test_a_figure_that_was_stored_is_made_anew_from_its_traits(model):
    figure = Translator(model, [SHORT], typed=STRANGE, mean=True)
    again = Translator.__new__(Translator)
    names = ("model", "tensors", "names", "targets", "gold", "typed", "mean")
    Figure.__init__(again, **{name: getattr(figure, name) for name in names})
    assert again.module is not model
    assert again.translation == figure.translation
    assert again.result == figure.result


def test_what_is_typed_is_translated_in_the_page_as_by_the_model(model, ask):
    figure = translator(model, [SHORT]).figure
    figure.typed = "  The big dog watches the red apple. "
    assert figure.translation == ["le", "grand", "chien", "regarde", "la", "pomme", "rouge"]
    assert figure.cells == (7, 7)
    assert figure.names == [SHORT], "the prepared ones stay the choices"
    (answer,) = ask([["compute", traits(figure)]])
    assert (answer["answered"], answer["target"]) == (True, figure.translation)
    assert answer["state"]["typed"] == figure.typed.strip()
    np.testing.assert_allclose(answer["result"][0], figure.shown, rtol=0, atol=2e-6)
    figure.typed = SHORT
    assert figure.translation == ["le", "chat", "dort"]


@pytest.mark.parametrize(
    "word",
    ["zorgle", "<b>bold</b>", "<img src=x onerror=alert(1)>"[:4], "<end>", "&amp", "z" * 10_000],
)
def test_an_unknown_word_is_marked_and_handed_on_as_text(model, ask, word):
    figure = Translator(model, [SHORT])
    figure.typed = f"the {word} sleeps"
    assert figure.translation[1:] == [word, "dort"]
    (answer,) = ask([["compute", traits(figure)]])
    assert (answer["target"], answer["unknown"]) == (figure.translation, [1])
    marked, told = ask([["marked", answer], ["ofUnknown", answer]])
    assert marked[1].endswith(" ?")
    assert "is handed on." in told
    assert len(told) < 60


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "sentence has no words: type an English one"),
        (" . ! ", "sentence has no words"),
        ("the cat " * 25, "sentence has 50 words, and at most 40 are translated here: take 10 off"),
    ],
)
def test_what_cannot_be_translated_gets_advice_and_the_last_sentence_stays(model, ask, typed, said):
    with pytest.raises(ValueError, match=said):
        looking(model, typed)
    figure = Translator(model, ["the dog sleeps", SHORT])
    (before,) = ask([["compute", traits(figure)]])
    for sentence, target in [(SHORT, ["le", "chat", "dort"]), (STRANGE, None)]:
        figure.typed = sentence
        (before,) = ask([["compute", traits(figure), before]])
        figure.typed = typed
        (answer,) = ask([["compute", traits(figure), before]])
        assert answer["note"].startswith(said)
        assert (answer["answered"], answer["result"]) == (False, before["result"])
        assert figure.translation == answer["target"] == (target or before["target"])
        before = answer
    (answer,) = ask([["compute", traits(figure)]])  # never anything else
    assert answer["target"] == ["le", "chien", "dort"]


def test_until_its_model_has_come_the_words_of_a_prepared_sentence_stand_there(model, tmp_path):
    figure = Translator(model, ["the dog sleeps", SHORT], typed=SHORT)
    said = {name: value for name, value in figure.model.items() if name != "weights"}
    with javascript("translator.js", tmp_path) as answers:
        asked = [traits(figure) | {"model": said}, traits(figure) | {"model": said, "typed": "x"}]
        found, other = answers([["compute", each] for each in asked])
    assert (found["source"], found["target"]) == (SHORT.split(), ["le", "chat", "dort"])
    assert (found["answered"], found["note"]) == (False, "French: le chat dort.")
    assert not np.any(found["result"][0])
    assert other["target"] == ["le", "chien", "dort"]


def test_a_model_that_learnt_nothing_writes_something_or_says_so():
    for seed in range(3):
        torch.manual_seed(seed)
        found = looking(untrained(), STRANGE)
        assert found.weights.shape == (2, 3, len(found.target), 3)


def test_no_text_becomes_html():
    assert "innerHTML" not in bundle("translator.js")
    assert "insertAdjacentHTML" not in bundle("translator.js")


def test_what_does_not_fit_is_named(model):
    with pytest.raises(ValueError, match="model has vocabularies of 9 and 192 tokens, and ENGLISH"):
        looking(untrained(source_vocabulary=9), SHORT)
    with pytest.raises(ValueError, match="sentences is empty or has one twice"):
        Translator(model, [])
    with pytest.raises(ValueError, match="has one twice"):
        Translator(model, [SHORT, f" {SHORT} "])
    with pytest.raises(ValueError, match="layer is 2, and must be from 0 to 1"):
        Translator(model, [SHORT], layer=2)
    with pytest.raises(ValueError, match="head is 4, and must be from 0 to 3"):
        Translator(model, [SHORT], head=4)
    with pytest.raises(TypeError, match="heat"):
        Translator(model, [SHORT], heat=1)


def test_controls_are_tied_and_reach_both_ends(model):
    figure = translator(model, [SHORT, STRANGE])
    field, sentence, layer, head, mean = figure.children[0].children
    assert (field.value, sentence._options_labels) == (SHORT, [SHORT, STRANGE])
    assert [(box.children[1].min, box.children[1].max) for box in (layer, head)] == [(0, 1), (0, 3)]
    assert mean.value is False
    assert repr(figure) == "Live translator, 2 layers of 4 heads of cross-attention"
    assert figure.figure.png().startswith(b"\x89PNG")


def test_examples():
    module = importlib.import_module("attnlab.lab.cross_attention")

    failed, tried = doctest.testmod(module)
    assert tried > 4
    assert not failed
