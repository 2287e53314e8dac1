"""The steps of a decoder: what the browser computes is softmax and a weighted sum."""

import doctest
import sys

import numpy as np
import pytest

from attnlab import attention, softmax
from attnlab.lab import DecoderSteps, Reading, decoder_steps, reading
from node import javascript, traits

SETTINGS = [
    {},
    {"step": 3, "temperature": 0.25},
    {"step": 7, "shuffled": True, "temperature": 8.0},
    {"sentence": "short", "step": 2},
    {"sentence": "short", "step": 7, "shuffled": True},  # it has fewer steps than that
]


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    with javascript("decoder_steps.js", tmp_path_factory.mktemp("decoder_steps")) as answers:
        yield answers


def made(target, source, width=11, seed=0):
    random = np.random.default_rng(seed)
    scores, states = 3 * random.normal(size=(target, source)), random.normal(size=(source, width))
    words = tuple(f"s{j}" for j in range(source)), tuple(f"t{i}" for i in range(target))
    return Reading(*words, scores, states, ((0, 0), (source - 1, target - 1)))


def live(**arguments):
    return DecoderSteps([made(7, 5), made(2, 3, seed=1)], ["long", "short"], **arguments)


def test_a_context_by_hand(ask):
    # Scores ln 3, ln 1, ln 4: weights 3/8, 1/8, 4/8 of the states 8, 16, -4.
    scores, states = np.log([[3.0, 1.0, 4.0]]), np.array([[8.0], [16.0], [-4.0]])
    figure = DecoderSteps([Reading(("a", "b", "c"), ("x",), scores, states)])
    weights, context = figure.result
    assert weights == [pytest.approx([0.375, 0.125, 0.5])]
    assert context == [[pytest.approx(3.0)]]  # 3 + 2 - 2
    assert figure.focus == [0, 2]
    (answer,) = ask([["compute", traits(figure)]])
    assert answer["context"] == pytest.approx([3.0])


@pytest.mark.parametrize("settings", SETTINGS)
def test_the_browser_agrees_with_the_package(ask, settings):
    figure = live(**settings)
    (answer,) = ask([["compute", traits(figure)]])
    asked = {"sentence": "long", "step": 1, "temperature": 1, "shuffled": False, **settings}
    assert answer["state"] == {**asked, "step": figure.row + 1}
    for found, expected in zip(answer["result"], figure.result, strict=True):
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)
    assert answer["source"] == [figure.sources[figure._place][j] for j in figure.order]


@pytest.mark.parametrize("step", range(1, 8))
def test_the_context_is_attention_over_the_states(step):
    one, chosen = made(7, 5), [2, 3, 7]
    figure = live(step=step, features=chosen)
    row = one.scores[step - 1 : step]
    expected = attention(row, np.eye(5), one.states, score=lambda query, key: query @ key.T)
    np.testing.assert_allclose(figure.context, expected[0, chosen], rtol=0, atol=1e-12)


def test_shuffling_moves_words_weights_and_gold_and_leaves_the_context(ask):
    still, moved = live(step=4), live(step=4, shuffled=True)
    assert moved.order != still.order
    np.testing.assert_allclose(moved.weights, still.weights[:, moved.order], rtol=0, atol=1e-12)
    np.testing.assert_allclose(moved.context, still.context, rtol=0, atol=1e-12)
    one, other = ask([["compute", traits(figure)] for figure in (still, moved)])
    for answer in (one, other):
        named = {(answer["target"][i], answer["source"][j]) for i, j in answer["gold"]}
        assert named == {("t0", "s0"), ("t6", "s4")}
    assert one["source"] != other["source"]


def test_the_features_that_differ_most_are_shown():
    states = np.array([[0.0, 5, 0, 1, 2], [0, -5, 3, 1, -2], [0, 5, -3, 1, 9]])
    each = Reading(("a", "b", "c"), ("x",), np.zeros((1, 3)), states)
    assert DecoderSteps([each]).features == ["0", "1", "2", "4"]
    assert DecoderSteps([each], features=[3]).features == ["3"]


def test_the_arithmetic_adds_up(ask):
    figure = live(step=2, temperature=2.0)
    (shown,) = ask([["compute", traits(figure)]])
    lines, sums = ask([["division", shown, 3], ["sums", shown, figure.features]])
    e, highest = figure.scores[0, 0, 1, 3], figure.scores[0, 0, 1].max()
    total = np.exp((figure.scores[0, 0, 1] - highest) / 2).sum()
    power = np.exp((e - highest) / 2)
    assert lines[1] == [
        "exp",
        f"exp(({e:.2f} − {highest:.2f}) / 2) = {power:.2f}".replace("-", "−"),
    ]
    assert lines[2][1] == f"{total:.2f}"
    assert lines[3][1].endswith(f"= {figure.weights[1, 3]:.2f}")
    assert [term for term, _ in sums] == [f"c, {name}" for name in figure.features]
    assert sums[0][1].endswith(f"= {figure.context[0]:.2f}".replace("-", "−"))


def test_slider_and_row_follow_each_other(ask):
    target, alphas = ["x", "y"], [[0.1, 0.9], [0.8, 0.2]]
    calls = [
        ["following", {"step": 2, "row": 0, "column": 1, "moved": "step"}, target, alphas],
        ["following", {"step": 9, "row": 0, "column": 1, "moved": "sentence"}, target, alphas],
        ["following", {"step": 1, "row": 1, "column": 1, "moved": "focus"}, target, alphas],
        ["following", {"step": 1, "row": 4, "column": 3, "moved": "shuffled"}, target, alphas],
    ]
    assert ask(calls) == [
        {"step": 2, "focus": [1, 0]},
        {"step": 2, "focus": [1, 0]},
        {"step": 2, "focus": [1, 1]},
        {"step": 1, "focus": [0, 1]},
    ]


def test_controls_are_tied_and_reach_both_ends():
    figure = decoder_steps([made(7, 5), made(2, 3)], ["long", "short"])
    sentence, step, temperature, shuffled = figure.children[0].children
    assert sentence._options_labels == ["long", "short"]
    assert (step.children[1].min, step.children[1].max) == (1, 7)
    assert (temperature.low, temperature.value, temperature.high) == (1 / 8, 1, 8)
    assert shuffled.value is False
    assert repr(figure) == "Live steps of a decoder, 2 sentences"
    assert len(decoder_steps([made(7, 5)]).children[0].children) == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"readings": []}, "readings is empty"),
        ({"names": ["a"]}, "names has 1 words, and the figure 2"),
        ({"names": ["a", "a"]}, "same name twice"),
        ({"features": [0, 11]}, r"features is \[0, 11\], and the states have 11 numbers"),
        ({"features": []}, "at least one"),
        ({"sentence": "c"}, "sentence is 'c', and must be one of"),
        ({"step": 8}, "step is 8, and must be from 1 to 7"),
        ({"step": 0}, "step is 0"),
        ({"temperature": 0}, "temperature is 0.0, and must be above 0"),
        ({"focus": [7, 0]}, r"focus is \[7, 0\]"),
    ],
)
def test_what_does_not_fit_is_named(arguments, said):
    given = {"readings": [made(7, 5), made(2, 3)], "names": ["a", "b"], **arguments}
    with pytest.raises(ValueError, match=said):
        DecoderSteps(**given)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"scores": np.zeros((5, 7))}, r"readings\[1\].scores has shape \(5, 7\), .* 7 target"),
        ({"scores": np.full((7, 5), np.nan)}, r"readings\[1\].scores holds nan"),
        ({"states": np.zeros((7, 11))}, r"readings\[1\].states has shape \(7, 11\), .* 5 source"),
        ({"states": np.zeros((5, 10))}, "readings has states of 11 and of 10 numbers"),
        ({"gold": ((5, 0),)}, r"readings\[1\].gold holds \(5, 0\)"),
    ],
)
def test_a_reading_that_does_not_fit_is_named(change, said):
    with pytest.raises(ValueError, match=said):
        DecoderSteps([made(2, 3), made(7, 5)._replace(**change)])


def test_unknown_arguments_are_named():
    with pytest.raises(TypeError, match="'steps'"):
        live(steps=2)


@pytest.mark.parametrize("settings", SETTINGS)
def test_the_picture_is_a_png(settings):
    figure = live(**settings)
    assert figure.png().startswith(b"\x89PNG")
    assert figure.png() == figure.png()


def test_a_reading_is_what_the_model_sees():
    torch = pytest.importorskip("torch")
    from attnlab.nn import Seq2Seq, Seq2SeqConfig
    from attnlab.tasks import AGREEMENT, BEGIN, ENGLISH, FRENCH

    torch.manual_seed(0)
    words = {"source_vocabulary": len(ENGLISH), "target_vocabulary": len(FRENCH)}
    model = Seq2Seq(Seq2SeqConfig(**words, d_model=5, hidden=7, dropout=0.5))
    found = reading(model, AGREEMENT)
    assert model.training  # as it was
    model.eval()
    memory = model.encode(torch.tensor([ENGLISH.encode(AGREEMENT.source)]))
    target = torch.tensor([[BEGIN, *FRENCH.encode(AGREEMENT.target)[:-1]]])
    _, alpha, _ = model.look(target, memory)
    weights = torch.tensor(softmax(found.scores), dtype=alpha.dtype)
    torch.testing.assert_close(weights, alpha[0].detach())
    np.testing.assert_allclose(found.states, memory[0].detach(), atol=1e-6)
    assert (found.source, found.target, found.gold) == AGREEMENT
    with pytest.raises(ValueError, match="no attention"):
        reading(Seq2Seq(Seq2SeqConfig(**words, d_model=5, hidden=7, attention=False)), AGREEMENT)


def test_the_examples_in_the_docstrings():
    for name in ("attnlab.lab.seq2seq_attention", "attnlab.lab.widgets.decoder_steps"):
        result = doctest.testmod(sys.modules[name])
        assert result.attempted > 0
        assert result.failed == 0
