"""The beam: the browser keeps what Python keeps, and both keep what `beams` does."""

import doctest

import numpy as np
import pytest
import torch
from matplotlib.axes import Axes
from torch import nn

from attnlab.lab import BeamTree, beam_tree
from attnlab.lab.widgets import beam_tree as module
from attnlab.tasks import BEGIN, END, PARAPHRASE_WORDS, paraphrases_of, scenes
from attnlab.training import beams
from node import javascript, traits


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    with javascript("beam_tree.js", tmp_path_factory.mktemp("beam_tree")) as answers:
        yield answers


class Ideal(nn.Module):
    """A model that gives each token exactly the chance that it has among some texts."""

    def __init__(self, told):
        super().__init__()
        self.told = {
            tuple(PARAPHRASE_WORDS.encode(text, marks=True)): chance
            for text, chance in told.items()
        }

    @property
    def decoder(self):
        return self

    def encode(self, source, _mask):
        return source

    def empty_caches(self):
        return [Written()]

    def decode(self, tokens, _memory, _mask, caches):
        written = caches[0].extend(tokens)
        logits = torch.full((len(written), 1, len(PARAPHRASE_WORDS)), -60.0, dtype=torch.float64)
        for row, beginning in enumerate(written.tolist()):
            for text, chance in self.told.items():
                if text[: len(beginning)] == tuple(beginning) and len(text) > len(beginning):
                    logits[row, 0, text[len(beginning)]] = logits[
                        row, 0, text[len(beginning)]
                    ].logaddexp(torch.tensor(chance).double().log())
        return logits


class Written:
    def __init__(self):
        self.tokens = None

    def extend(self, tokens):
        self.tokens = tokens if self.tokens is None else torch.cat([self.tokens, tokens], 1)
        return self.tokens

    def choose(self, rows):
        self.tokens = None if self.tokens is None else self.tokens[rows]


def test_a_search_by_hand(ask):
    # "a" has 0.6, but its best text only 0.35; "c" has 0.4 in one piece.
    texts = {"a b": 0.35, "a d": 0.25, "c e": 0.4}
    figure = BeamTree({"one": texts}, width=1, step=2)
    assert figure.search == [[()], [("a",)], [("a", "b")], [("a", "b", "<end>")]]
    assert figure.result == [[0.35, 0.4], [0.35], []]
    figure.width = 2
    assert figure.search[2] == [("c", "e"), ("a", "b")]
    assert figure.result[0] == [0.4, 0.4]
    (answer,) = ask([["compute", traits(figure)]])
    assert answer["result"] == figure.result
    assert [node["from"] for node in answer["nodes"]] == pytest.approx(
        [0, 0, 0, 0, 0.35, 0.35, 0.6, 0.6, 0.6]
    )


@pytest.mark.parametrize("width", [1, 2, 3, 6])
def test_the_browser_agrees_with_python_at_every_step(ask, width):
    stories = {scene: paraphrases_of(scene) for scene in scenes("test")[:4]}
    figures = [
        BeamTree(stories, name=name, width=width, step=step)
        for name in stories
        for step in range(9)
    ]
    for figure, answer in zip(figures, ask([["compute", traits(f)] for f in figures]), strict=True):
        assert answer["state"] == {"name": figure.name, "width": width, "step": figure.step}
        for found, expected in zip(answer["result"], figure.result, strict=True):
            np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)


def test_a_random_tree(ask):
    for seed in range(5):
        random = np.random.default_rng(seed)
        texts = {
            "".join(f"{word} " for word in random.integers(3, size=n)): 1.0 for n in [3, 5] * 9
        }
        for text in texts:
            texts[text] = random.random()
        total = sum(texts.values())
        texts = {text: chance / total for text, chance in texts.items()}
        figure = BeamTree({"random": texts}, width=3, step=2)
        (answer,) = ask([["compute", traits(figure)]])
        for found, expected in zip(answer["result"], figure.result, strict=True):
            np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("scene", ["cat sat mat", "dog slept roof", "goat lay bed"])
def test_it_is_the_beam_search_of_the_package(scene):
    told = paraphrases_of(scene)
    for width in (1, 2, 3):
        search = BeamTree({scene: told}, width=width).search[1:]
        marks = {"begin": BEGIN, "end": END, "most": 12}
        steps = beams(Ideal(told), torch.tensor([[4]]), width=width, **marks)
        for kept, step in zip(search, steps, strict=False):
            real = step.logs[0] > -50
            chances = step.logs[0][real].exp()
            figure = BeamTree({scene: told})
            expected = [figure._beginnings[beginning] for beginning in kept]
            np.testing.assert_allclose(chances, expected, atol=1e-6)


def test_controls_are_tied_and_reach_both_ends():
    live = beam_tree({"a": {"x y": 1.0}, "b": {"x": 0.5, "y z z": 0.5}}, width=3)
    name, width, step = live.children[0].children
    assert name._options_labels == ["a", "b"]
    assert (width.children[1].min, width.children[1].max, width.children[1].value) == (1, 6, 3)
    assert (step.children[1].min, step.children[1].max) == (0, 4)
    assert repr(live) == "Live beam of width 3 over 1 texts in 3 steps"
    assert len(beam_tree({"a": {"x y": 1.0}}).children[0].children) == 2


@pytest.mark.parametrize(
    ("stories", "traits", "said"),
    [
        ({}, {}, "stories is empty"),
        ({"a": {"": 1.0}}, {}, "empty text"),
        ({"a": {"x y": 0.5, "x  y": 0.5}}, {}, "same words twice"),
        ({"a": {"x": 0.5, "y": 0.4}}, {}, "sum to 0.9"),
        ({"a": {"x": 1.5, "y": -0.5}}, {}, "chances from -0.5"),
        ({"a": {"x": 1.0}}, {"name": "b"}, "name is 'b', and must be one of"),
        ({"a": {"x": 1.0}}, {"width": 0}, "width is 0, and must be from 1 to 6"),
        ({"a": {"x": 1.0}}, {"step": 3}, "step is 3, and must be from 0 to 2"),
        ({"a": {"x": 1.0}}, {"focus": [1, 0]}, r"focus is \[1, 0\]"),
    ],
)
def test_what_does_not_fit_is_named(stories, traits, said):
    with pytest.raises(ValueError, match=said):
        BeamTree(stories, **traits)


@pytest.mark.usefixtures("as_a_reader_runs_it")
def test_what_is_no_dictionary_is_named():
    with pytest.raises(TypeError, match="needs a dictionary"):
        BeamTree({"a": ["x y"]})
    with pytest.raises(TypeError, match="'depth'"):
        BeamTree({"a": {"x": 1.0}}, depth=2)


@pytest.mark.parametrize("settings", [{}, {"step": 2, "width": 1}, {"focus": [0, 1]}])
def test_the_picture_is_a_png(settings):
    figure = BeamTree({"a": {"$\\x$ <b>": 0.5, "z": 0.5}}, **settings)
    assert figure.png().startswith(b"\x89PNG")
    assert figure.png() == figure.png()


@pytest.mark.parametrize(("settings", "hatched"), [({"width": 1}, 1), ({"width": 2}, 0)])
def test_the_picture_hatches_what_was_cut_off(settings, hatched, monkeypatch):
    bars = []
    draw = Axes.barh
    monkeypatch.setattr(Axes, "barh", lambda *a, **look: bars.append(look) or draw(*a, **look))
    BeamTree({"a": {"x": 0.6, "y z": 0.4}}, step=3, **settings).png()
    assert sum("hatch" in look for look in bars) == hatched  # "y", but not what follows it


def test_the_example_in_the_docstring():
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0
